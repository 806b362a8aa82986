"""The window in which a change is looked at hunk by hunk before it is made."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.files.hunks import Hunk, apply_hunks
from ui.editor.diff_look import DiffLook
from ui.editor.diff_pane import DiffPane
from ui.editor.hunk_bar import HunkWords
from ui.theme import Theme
from ui.widgets.labels import make_button, make_label, make_line

_SIZE = QSize(1080, 720)
_WORDS = HunkWords("Include this change", "Leave this change out", "Included", "Left out")


class DiffQuestion(QDialog):
    """Not modal. Enter alone agrees to nothing; Ctrl+Enter does."""

    def __init__(self, theme: Theme, look: DiffLook, title: str, accept_words: str, window: QWidget) -> None:
        super().__init__(window)
        self._before = ""
        #: What is kept of the pane, which forgets when the window closes.
        self._hunks: tuple[Hunk, ...] = ()
        self._chosen: frozenset[int] = frozenset()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("diff_dialog")
        self.setAccessibleName(title)
        self.setWindowTitle(title)
        self.resize(_SIZE.boundedTo(window.size()) if window.isVisible() else _SIZE)
        self.pane = DiffPane(theme, look, words=_WORDS)
        self.pane.shown.connect(self._on_pane_shown)
        self.pane.decided.connect(self._count)
        self._words = make_label("", "muted")
        self._words.setObjectName("diff_count")
        self._accept = make_button(accept_words, "primary", self._agree, "diff_accept_button")
        self._accept.setToolTip("Ctrl+Return")
        self._accept.setEnabled(False)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.space(4), theme.space(3), theme.space(4), theme.space(3))
        foot.setSpacing(theme.space(2))
        foot.addWidget(self._words, 1)
        foot.addWidget(make_button("Cancel", "", self.reject, "diff_cancel_button"))
        foot.addWidget(self._accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        words = make_label(title, "muted", wrap=True)  # the frame's title is easily overlooked, and may be cut
        words.setObjectName("diff_title")
        words.setContentsMargins(theme.space(3), theme.space(3), theme.space(3), 0)
        layout.addWidget(words)
        layout.addWidget(self.pane, 1)
        layout.addWidget(make_line())
        layout.addLayout(foot)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self._agree)
        self.pane.listen_in(self)
        self.finished.connect(self.pane.stop)

    def show_change(self, path: str, before: str, after: str) -> None:
        """Show a change, all of it to be made."""
        self._before = before
        self.pane.show_diff(path, before, after)

    def text(self) -> str:
        """Return what the hunks make that were not left out."""
        return apply_hunks(self._before, self._hunks, self._chosen)

    def _on_pane_shown(self) -> None:
        self.pane.set_states(["accepted"] * len(self.pane.diff.hunks))
        self._count()
        self.pane.view.setFocus()

    def _count(self, _hunk: int = 0) -> None:
        self._hunks, self._chosen = self.pane.diff.hunks, self.pane.accepted
        taken, total = len(self._chosen), len(self._hunks)
        self._accept.setEnabled(taken > 0)
        changes = "1 change" if total == 1 else f"{total:,} changes"
        self._words.setText(
            "" if not total else f"{taken:,} of {changes}" if taken < total else f"{changes}, all included"
        )

    def _agree(self) -> None:
        if self._accept.isEnabled():
            self.accept()
