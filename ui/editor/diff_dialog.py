"""A change to a file before it is made: looked at hunk by hunk, then made or not."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.tools.views import DiffView
from ui.chat.highlight import find_lexer_for_path
from ui.theme import Theme
from ui.tools.line_makers import diff_lines
from ui.tools.lines_pane import LinesPane
from ui.widgets.labels import make_button, make_label

SIZE = QSize(1040, 680)


class DiffDialog:
    """A ``DiffAsker``: each question gets a window of its own, which leaves the rest of the program in use."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        """Ask above ``window``."""
        self._theme = theme
        self._window = window

    def ask(
        self,
        title: str,
        path: str,
        before: str,
        after: str,
        accept_words: str,
        on_accept: Callable[[str], None],
    ) -> None:
        """Show a change; ``on_accept`` hears the text to be had if the person agrees."""
        dialog = _Question(self._theme, title, path, accept_words, self._window)
        dialog.show_change(path, before, after)
        dialog.accepted.connect(lambda: on_accept(after))
        dialog.show()


class _Question(QDialog):
    def __init__(self, theme: Theme, title: str, path: str, accept_words: str, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("diff_dialog")
        self.setAccessibleName(title)
        self.setWindowTitle(title)
        self.resize(SIZE)
        self._pane = LinesPane(theme, "diff_lines", f"Change of {path}")
        self._pane.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(make_button("Cancel", "", self.reject, "diff_cancel_button"))
        foot.addWidget(make_button(accept_words, "primary", self.accept, "diff_accept_button"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.space(5),) * 4)
        layout.addWidget(make_label(path, "strong"))
        layout.addWidget(self._pane, 1)
        layout.addLayout(foot)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.accept)

    def show_change(self, path: str, before: str, after: str) -> None:
        lines = diff_lines(DiffView(path=path, before=before, after=after))
        self._pane.show_lines(lines, find_lexer_for_path(path))
