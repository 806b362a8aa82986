"""One thing that a message points at, as a chip: icon, name, lines, what it costs, and a way to take it out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from app.conversations.parts import ReferencePart
from ui.chat.reference_words import icon_of, lines_of, name_of, whole_name_of
from ui.theme import Theme
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_label, plain_tip, set_property

_HEIGHT_STEPS = 6.5
_NAME_STEPS = 60
_MOVES = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Tab: 1}


class ReferenceChip(QFrame):
    """A chip; its ``button`` has the keyboard.

    Signals:
        opened(): It is to be shown where it comes from.
        removed(): It is to be taken out of the message.
        moved(int): The keyboard goes to the chip before (-1) or after (+1).
    """

    opened = Signal()
    removed = Signal()
    moved = Signal(int)

    def __init__(
        self, theme: Theme, reference: ReferencePart, path: str = "", *, can_remove: bool, parent: QWidget | None = None
    ) -> None:
        """Build the chip; ``path`` is the whole path, for the tip."""
        super().__init__(parent)
        self._theme = theme
        self._reference = reference
        self._can_remove = can_remove
        self._path = path
        self.setObjectName("reference_chip")
        self.setProperty("role", "chip")
        self.setFixedHeight(theme.space(_HEIGHT_STEPS))
        self.button = QToolButton()
        self.button.setObjectName("reference_open")
        self.button.setProperty("role", "chip")
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setIcon(theme.icon(icon_of(reference)))
        self.button.setIconSize(QSize(theme.space(3.5), theme.space(3.5)))
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.clicked.connect(self.opened)
        self.button.installEventFilter(self)
        self._cost = make_label("")
        self._cost.hide()
        row = QHBoxLayout(self)
        right = theme.space(0.5) if can_remove else theme.space(2)
        row.setContentsMargins(theme.space(1), 0, right, 0)
        row.setSpacing(theme.space(1))
        for widget in (self.button, self._cost):
            row.addWidget(widget)
        if can_remove:
            close = IconButton(theme, "close", f"Take {name_of(reference)} out", size=theme.space(5))
            close.setObjectName("reference_remove")
            close.setIconSize(QSize(theme.space(3), theme.space(3)))
            close.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard has Delete for it
            close.clicked.connect(self.removed)
            row.addWidget(close)
        self._show_name()
        self.show_cost("")
        theme.changed.connect(self._restyle)

    @property
    def reference(self) -> ReferencePart:
        """What it stands for."""
        return self._reference

    def show_cost(self, words: str, problem: str = "") -> None:
        """Say what it costs, or what is wrong with it."""
        self._cost.setText(words)
        self._cost.setVisible(bool(words))
        level = "danger" if problem else ""
        for widget in (self, self._cost):
            set_property(widget, "level", level)
        keys = "Enter opens it, Delete takes it out" if self._can_remove else "Click to open it"
        lines = [self._path or whole_name_of(self._reference), problem or keys]
        self.setToolTip(plain_tip("\n".join(lines)))
        said = [whole_name_of(self._reference), problem or words]
        self.button.setAccessibleName(", ".join(piece for piece in said if piece))

    def take_focus(self) -> None:
        """Take the keyboard."""
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_name(self) -> None:
        self.button.ensurePolished()
        room = self._theme.space(_NAME_STEPS)
        name = self.button.fontMetrics().elidedText(name_of(self._reference), Qt.TextElideMode.ElideMiddle, room)
        lines = lines_of(self._reference)
        name = f"{name}:{lines}" if lines else name
        words = f" {name}"
        self.button.setText(words.replace("&", "&&"))
        # The style asks for more than icon, name and padding.
        width = self.button.iconSize().width() + self.button.fontMetrics().horizontalAdvance(words)
        self.button.setFixedWidth(width + self._theme.space(3.5))

    def _restyle(self) -> None:
        self.button.setIcon(self._theme.icon(icon_of(self._reference)))
        self._show_name()

    # --- Qt ---------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._can_remove:
            key = Qt.Key(event.key())
            if key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
                self.removed.emit()
                return True
            if key in _MOVES:
                self.moved.emit(_MOVES[key])
                return True
            if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.opened.emit()
                return True
        return super().eventFilter(watched, event)
