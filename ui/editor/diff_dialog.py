"""A change to a file before it is made: looked at hunk by hunk, then made or not."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from ui.editor.diff_look import DiffLook
from ui.theme import Theme


class DiffDialog:
    """A ``DiffAsker``: each question gets a window of its own, which leaves the rest of the program in use."""

    def __init__(self, theme: Theme, window: QWidget, look: DiffLook | None = None) -> None:
        """Ask above ``window``; ``look`` is shared with what else shows diffs."""
        self._theme = theme
        self._window = window
        self._look = look or DiffLook()

    def ask(
        self,
        title: str,
        path: str,
        before: str,
        after: str,
        accept_words: str,
        on_accept: Callable[[str], None],
    ) -> None:
        """Show a change; ``on_accept`` hears the text that the hunks make which were not left out, if any."""
        from ui.editor.diff_question import DiffQuestion  # noqa: PLC0415 - nothing may ever be asked

        question = DiffQuestion(self._theme, self._look, title, accept_words, self._window)
        question.show_change(path, before, after)
        question.accepted.connect(lambda: on_accept(question.text()))
        question.show()
