"""What the editor asks of whoever reads and writes files for it, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from app.errors import AppError
from app.files.editing import Indent
from app.files.text_file import FileStamp, TextFile, TextFormat


class KeptText(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is not saved, as it is kept for the next start.

    Attributes:
        key: Of the tab it was in.
        path: Its file; empty for a text that is no file yet.
        name: What it was called while it had no path.
        format: How it was to be written.
        stamp: What its file was like when it was read; None where there was none.
        language: Pygments' name of a language that was chosen by hand; empty to go by the name.
    """

    key: str
    path: str
    name: str
    text: str
    format: TextFormat = TextFormat()
    indent: Indent = Indent()
    stamp: FileStamp | None = None
    language: str = ""


class FilesPort(Protocol):
    """Answers come later, on the thread that asked, in the order of the questions."""

    def read(self, path: str, encoding: str, on_done: Callable[[TextFile | AppError], None]) -> None:
        """Read a file; ``encoding`` overrules what its bytes look like unless it is empty."""
        ...

    def save(
        self,
        file: TextFile,
        text: str,
        on_done: Callable[[TextFile | AppError], None],
        *,
        path: str = "",
        new_format: TextFormat | None = None,
        force: bool = False,
    ) -> None:
        """Write a text; see ``save_text_file``. A ``FileChangedOutsideError`` arrives as one."""
        ...

    def has_changed(self, files: Sequence[TextFile], on_done: Callable[[Sequence[str]], None]) -> None:
        """Tell the paths of those that are not on disk as they were read, deleted ones among them."""
        ...

    def keep(self, kept: KeptText) -> None:
        """Keep a text for the next start, in place of what was kept under its key."""
        ...

    def forget(self, key: str) -> None:
        """Keep nothing under that key."""
        ...

    def kept(self, on_done: Callable[[Sequence[KeptText]], None]) -> None:
        """Tell everything that is kept."""
        ...
