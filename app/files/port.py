"""What the editor asks of whoever reads and writes files for it; ``FileService`` does so in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from app.errors import AppError
from app.files.recovery import LeftOver, RecoveryRecord
from app.files.text_file import TextFile, TextFormat


class FilesPort(Protocol):
    """Answers come on the thread that asked, once for each question, in the order of the questions."""

    def read(self, path: str, encoding: str, on_done: Callable[[TextFile | AppError], None]) -> None:
        """Read a file; see ``read_text_file``."""
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
        """Write a file; see ``save_text_file``. Errors are of its kinds."""
        ...

    def find_changed(self, files: Sequence[TextFile], on_done: Callable[[tuple[str, ...] | AppError], None]) -> None:
        """Tell the paths of those files that are not on disk as they were."""
        ...

    def keep(self, key: str, record: RecoveryRecord, on_done: Callable[[AppError | None], None]) -> None:
        """Keep a text that is not saved, in place of the one before under this key; ``on_done`` hears of a failure."""
        ...

    def forget(self, key: str) -> None:
        """Keep it no more."""
        ...

    def find_left(self, on_done: Callable[[LeftOver | AppError], None]) -> None:
        """Find the texts that earlier windows have left."""
        ...
