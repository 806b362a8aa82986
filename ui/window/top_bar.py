"""The slim bar above the chat: the conversation's title, the model, and what opens beside the chat."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from ui.theme import Theme
from ui.widgets.elided_button import ElidedButton
from ui.widgets.escape import keeps_escape
from ui.widgets.icon_button import IconButton

BAR_STEPS = 12
_TITLE_MOST_STEPS = 140
NO_MODEL = "Choose a model"


class TopBar(QFrame):
    """Shows the title and the model's name; both can be clicked.

    Signals:
        title_edited(str): Another title was typed.
        model_requested(): The model's button was clicked.
    """

    title_edited = Signal(str)
    model_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "topbar")
        self.setObjectName("top_bar")
        self._theme = theme
        self._title = ""
        self._leading = QHBoxLayout()
        self._trailing = QHBoxLayout()
        self._title_field = QLineEdit()
        self.model_button = ElidedButton(theme, NO_MODEL)
        self.more_button = IconButton(theme, "more", "More about this conversation")
        self._build()
        theme.changed.connect(self._draw_icons)

    def set_title(self, title: str, *, can_edit: bool) -> None:
        """Show the title of the conversation."""
        self._title = title
        if self._title_field.hasFocus() and not self._title_field.isModified():
            self._title_field.setText(title)
        self._show_title_at_rest()
        self._title_field.setReadOnly(not can_edit)
        self._title_field.setFocusPolicy(Qt.FocusPolicy.StrongFocus if can_edit else Qt.FocusPolicy.NoFocus)
        self._title_field.setToolTip("Click to rename this conversation" if can_edit else "")

    def edit_title(self) -> None:
        """Put the cursor into the title."""
        if not self._title_field.isReadOnly():
            self._title_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._title_field.selectAll()

    def set_model(self, name: str) -> None:
        """Show the name of the model in use; empty for none."""
        self.model_button.set_text(name or NO_MODEL)
        self.model_button.setAccessibleName(f"Model: {name}" if name else NO_MODEL)
        self.model_button.setToolTip(name)

    def add_leading(self, widget: QWidget) -> None:
        """Put a widget before the title."""
        self._leading.addWidget(widget)

    def add_trailing(self, widget: QWidget) -> None:
        """Put a widget at the right end, before the menu button."""
        self._trailing.insertWidget(self._trailing.count() - 1, widget)

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        field = self._title_field
        field.setObjectName("conversation_title")
        field.setAccessibleName("Title of the conversation")
        field.setProperty("role", "quiet")
        field.setMaxLength(200)
        field.setMaximumWidth(theme.space(_TITLE_MOST_STEPS))
        field.setMinimumWidth(theme.space(20))
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        field.editingFinished.connect(self._on_title_field_editing_finished)
        field.installEventFilter(self)
        self.set_title("", can_edit=False)
        self.model_button.setObjectName("model_button")
        self.model_button.setProperty("role", "ghost")
        self.model_button.clicked.connect(self.model_requested)
        self.set_model("")
        self.model_button.setIconSize(QSize(theme.control("icon"), theme.control("icon")))
        self.more_button.setObjectName("more_button")
        self.more_button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.hide()
        self._trailing.addWidget(self.more_button)
        for row in (self._leading, self._trailing):
            row.setSpacing(theme.space(1))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.space(2), 0, theme.space(2), 0)
        layout.setSpacing(theme.space(2))
        layout.addLayout(self._leading)
        layout.addWidget(field, 1)
        layout.addStretch(0)
        layout.addWidget(self.model_button)
        layout.addLayout(self._trailing)
        self.setFixedHeight(theme.space(BAR_STEPS))
        self._draw_icons()

    def _draw_icons(self) -> None:
        self.model_button.setIcon(self._theme.icon("model"))

    def _on_title_field_editing_finished(self) -> None:
        typed = " ".join(self._title_field.text().split())
        if typed and typed != self._title and self._title_field.isModified():
            self._title = typed
            self.title_edited.emit(typed)
        self._show_title_at_rest()

    def _show_title_at_rest(self) -> None:
        if not self._title_field.hasFocus():
            self._show_title()

    def _show_title(self) -> None:
        """Show as much of the title as there is room for."""
        room = self._title_field.width() - self._theme.space(6)
        elided = self._title_field.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room)
        self._title_field.setText(elided)
        self._title_field.setCursorPosition(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the title with Enter, and without a change with Escape."""
        if watched is self._title_field and keeps_escape(event):
            return True
        if watched is self._title_field and event.type() == QEvent.Type.FocusIn:
            self._title_field.setText(self._title)
        if watched is self._title_field and event.type() in {QEvent.Type.FocusOut, QEvent.Type.Resize}:
            QTimer.singleShot(0, self, self._show_title_at_rest)
        if watched is self._title_field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self._title_field.setText(self._title)
                self._title_field.clearFocus()
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._title_field.clearFocus()
                return True
        return super().eventFilter(watched, event)
