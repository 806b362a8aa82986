"""The heading of a group in a panel, which may be folded away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ui.theme import Theme
from ui.widgets.labels import make_label


class SectionHeader(QWidget):
    """A title with room for small buttons on the right.

    Signals:
        folded_changed(bool): The group was folded away (True) or opened.
    """

    folded_changed = Signal(bool)

    def __init__(self, theme: Theme, title: str, *, foldable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = title
        self._fold_button: QToolButton | None = None
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, theme.space(1), 0, theme.space(1))
        self._layout.setSpacing(theme.space(1))
        if foldable:
            self._fold_button = self._make_fold_button()
            self._layout.addWidget(self._fold_button)
        else:
            self._layout.addWidget(make_label(title, "section"))
        self._layout.addStretch(1)
        self._draw()
        theme.changed.connect(self._draw)

    def add_widget(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        self._layout.addWidget(widget)

    def is_folded(self) -> bool:
        """Whether the group is folded away."""
        return self._fold_button is not None and not self._fold_button.isChecked()

    def set_folded(self, folded: bool) -> None:
        """Fold the group away or open it."""
        if self._fold_button is not None:
            self._fold_button.setChecked(not folded)

    def _make_fold_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"section_{self._title.lower().replace(' ', '_')}")
        button.setText(self._title)
        button.setAccessibleName(self._title)
        button.setProperty("role", "fold")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(self._theme.space(3), self._theme.space(3)))
        button.setCheckable(True)
        button.setChecked(True)
        button.toggled.connect(self._on_fold_button_toggled)
        return button

    def _on_fold_button_toggled(self, opened: bool) -> None:
        self._draw()
        self.folded_changed.emit(not opened)

    def _draw(self) -> None:
        if self._fold_button is not None:
            name = "chevron-down" if self._fold_button.isChecked() else "chevron-right"
            self._fold_button.setIcon(self._theme.icon(name, on_color="text.muted"))
