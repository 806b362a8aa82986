"""Deletes a downloaded model, in a child process: the files of a large model take a file system a second or two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.errors import AppError
from app.ipc.job import JobCommand, JobEvent, JobFailed, serve

MODULE = "app.catalog.removal"


class RemoveFiles(JobCommand, tag="remove_files", frozen=True, kw_only=True):
    """Delete files; answered by ``FilesRemoved``.

    Attributes:
        root: Only what lies below it is touched.
        files: Absolute paths; one that is not there any more is no failure.
    """

    root: str
    files: tuple[str, ...]


class FilesRemoved(JobEvent, tag="files_removed", frozen=True, kw_only=True):
    """They are gone; ``freed_bytes`` is what they took."""

    freed_bytes: int


RemovalEvent = FilesRemoved | JobFailed


def remove_files(root: Path, files: tuple[Path, ...]) -> int:
    """Delete files below ``root``, what Sawhorse keeps beside them, and folders that are empty then.

    Returns:
        What they took, in bytes.

    Raises:
        AppError: A file lies elsewhere, or cannot be deleted.
    """
    root = root.resolve()
    for file in files:
        if root not in file.parent.resolve().parents and root != file.parent.resolve():
            raise AppError("The model was not deleted", f"{file} is not in {root}.", "Delete it where it was made.")
    freed = 0
    for file in files:
        try:
            freed += file.stat().st_size if file.exists() else 0
            file.unlink(missing_ok=True)
            for beside in _beside(file):
                beside.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise AppError("The model could not be deleted", f"{file}: {reason}.", "Close what uses it.") from error
        _remove_empty(file.parent, root)
    return freed


def answer(command: RemoveFiles, _send: Callable[[JobEvent], None]) -> JobEvent:
    """Do a command."""
    return FilesRemoved(freed_bytes=remove_files(Path(command.root), tuple(map(Path, command.files))))


def _remove_empty(folder: Path, root: Path) -> None:
    while folder.resolve() != root and root in folder.resolve().parents:
        try:
            folder.rmdir()
        except OSError:
            return  # not empty
        folder = folder.parent


def _beside(file: Path) -> tuple[Path, ...]:
    """Return what the download kept beside a file: its manifest, a partial file and that one's journal."""
    hidden = file.with_name(f".{file.name}.sawhorse.json")
    return hidden, file.with_name(f"{file.name}.sawhorse-part"), file.with_name(f"{file.name}.sawhorse-journal")


if __name__ == "__main__":
    serve(RemoveFiles, answer)
