"""The last lines an MCP server logged or wrote to standard error."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.labels import make_button, make_label

_SIZE_STEPS = (160, 110)


class LogDialog(QDialog):
    """Shows lines as they are when it is opened or asked again."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: Callable[[], Sequence[str]] = tuple
        self.setObjectName("mcp_log_dialog")
        self.resize(theme.space(_SIZE_STEPS[0]), theme.space(_SIZE_STEPS[1]))
        self._about = make_label("", "muted", wrap=True)
        self._text = QPlainTextEdit()
        self._text.setObjectName("mcp_log")
        self._text.setAccessibleName("What the server said")
        self._text.setProperty("role", "code")
        self._text.setReadOnly(True)
        buttons = QHBoxLayout()
        buttons.addWidget(make_button("Refresh", "ghost", self._fill, "mcp_log_refresh_button"))
        buttons.addStretch(1)
        close = make_button("Close", "", self.accept, "mcp_log_close_button")
        close.setDefault(True)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.space(5),) * 4)
        layout.setSpacing(theme.space(3))
        layout.addWidget(self._about)
        layout.addWidget(self._text, 1)
        layout.addLayout(buttons)

    def show_log(self, name: str, about: str, lines: Callable[[], Sequence[str]]) -> None:
        """Show the lines that a server has said by now."""
        self.setWindowTitle(f"What “{name}” said")
        self._about.setText(about)
        self._about.setVisible(bool(about))
        self._lines = lines
        self._fill()
        self.open()

    def _fill(self) -> None:
        self._text.setPlainText("\n".join(self._lines()) or "Nothing so far.")
        bar = self._text.verticalScrollBar()
        bar.setValue(bar.maximum())
