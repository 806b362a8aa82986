"""What the rest of the window may ask of the editor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ui.editor.code_editor import CodeEditor


class EditorDesk(Protocol):
    """The files that are open. Paths are absolute; a text without a file has none (empty)."""

    @property
    def current_editor(self) -> CodeEditor | None:
        """The editor that has, or last had, the keyboard; None while nothing is open."""
        ...

    @property
    def current_path(self) -> str:
        """Its file."""
        ...

    @property
    def open_paths(self) -> tuple[str, ...]:
        """The files that are open, the one used last first."""
        ...

    def text_of(self, path: str) -> str | None:
        """Return the text of an open file with what is not saved yet; None if it is not open."""
        ...

    def open_file(self, path: str, line: int = 0, column: int = 1) -> None:
        """Open a file, or bring it to the front, at a line from 1 (0: where it was left); errors are shown."""
        ...

    def open_text(self, text: str, name: str = "") -> None:
        """Open a new text that is no file yet; ``name`` proposes one, and says the language."""
        ...

    def change_text(self, path: str, text: str) -> None:
        """Open a file where another text begins to differ, and give it that as one step to undo; it is not saved."""
        ...

    def tool_changed(self, path: str) -> None:
        """Show at once, and mark, what a tool just wrote into a file, if it is open."""
        ...

    def taken_back(self, path: str) -> None:
        """Show at once what a person took back, or again, of a tool's changes: marked as the tool's no more."""
        ...


class DiffAsker(Protocol):
    """Shows a change before it is made."""

    def ask(
        self,
        title: str,
        path: str,
        before: str,
        after: str,
        accept_words: str,
        on_accept: Callable[[str], None],
    ) -> None:
        """Show a change, hunk by hunk; ``on_accept`` hears the text that the accepted hunks make, if any."""
        ...
