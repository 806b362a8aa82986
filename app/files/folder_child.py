"""The child process that lists the open folder, changes it and asks git, so that the window never waits for a disk."""

from __future__ import annotations

from collections.abc import Callable

from app.files.folder_changes import delete_entry, make_entry, rename_entry
from app.files.folder_listing import list_folder
from app.files.folder_messages import (
    Changed,
    DeleteEntry,
    FolderCommand,
    ListFolder,
    MakeEntry,
    ReadGit,
    RenameEntry,
)  # fmt: skip
from app.files.git_status import read_git
from app.ipc.job import JobEvent, serve


def answer(command: FolderCommand, _send: Callable[[JobEvent], None]) -> JobEvent:
    """Do what is asked.

    Raises:
        AppError: It cannot be done.
    """
    match command:
        case ListFolder():
            return list_folder(command.root, command.path, with_ignored=command.with_ignored, limit=command.limit)
        case ReadGit():
            return read_git(command.root)
        case MakeEntry():
            make_entry(command.root, command.path, is_folder=command.is_folder)
            return Changed(path=command.path)
        case RenameEntry():
            rename_entry(command.root, command.path, command.new_path)
            return Changed(path=command.new_path)
        case DeleteEntry():
            delete_entry(command.root, command.path, for_good=command.for_good)
            return Changed(path=command.path)


if __name__ == "__main__":
    serve(FolderCommand, answer)
