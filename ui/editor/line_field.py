"""A small field over the text in which to type the line to go to."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from ui.theme import Theme
from ui.widgets.escape import keeps_escape
from ui.widgets.labels import make_label

_PLACE = re.compile(r"\s*(\d{1,9})(?:\s*[:,]\s*(\d{0,9}))?\s*")


class LineField(QFrame):
    """Signals: chosen(line, column), from 1; closed()."""

    chosen = Signal(int, int)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "find-bar")
        self.setObjectName("line_bar")
        self.setAccessibleName("Go to line")
        self.setAutoFillBackground(True)
        self._label = make_label("Go to line", "muted")
        self.field = QLineEdit(self)
        self.field.setObjectName("line_field")
        self.field.setAccessibleName("Line, and column after a colon")
        self.field.installEventFilter(self)
        self.field.textEdited.connect(self._on_edited)
        self._hint = make_label("", "faint")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(3), theme.space(1.5), theme.space(3), theme.space(1.5))
        row.setSpacing(theme.space(2))
        row.addWidget(self._label)
        row.addWidget(self.field, 1)
        row.addWidget(self._hint)
        self.hide()

    def open_field(self, line: int, lines: int) -> None:
        """Show the field with the line the cursor is in, and take the keyboard."""
        self._hint.setText(f"1 to {lines:,}")
        self.field.setText(str(line))
        self.show()
        self.field.selectAll()
        self.field.setFocus()

    def close_field(self) -> None:
        """Hide the field and give the keyboard back."""
        self.hide()
        self.closed.emit()

    def _on_edited(self, text: str) -> None:
        match = _PLACE.fullmatch(text)
        if match and int(match[1]):
            self.chosen.emit(int(match[1]), int(match[2] or 1) or 1)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if keeps_escape(event):
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                if event.key() != Qt.Key.Key_Escape:
                    self._on_edited(self.field.text())
                self.close_field()
                return True
        elif isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() == Qt.FocusReason.MouseFocusReason:
            self.close_field()
        return False
