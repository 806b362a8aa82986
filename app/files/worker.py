"""The process that reads and writes files for the window, which so never waits for a disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from app.errors import AppError
from app.files.errors import words_of
from app.files.in_place import finish_writes
from app.files.left_over import SAVES, TEXTS
from app.files.messages import (
    Changed,
    Command,
    FileDone,
    FilePiece,
    FileWorkDone,
    FindLeft,
    ForgetText,
    Home,
    KeepText,
    LeftAll,
    LeftText,
    LookForChanges,
    NewFile,
    ReadFile,
    SaveFile,
)
from app.files.recovery import Recovery
from app.files.saving import remove_leftovers
from app.files.text_file import TextFile, is_unchanged, new_text_file, read_text_file, save_text_file
from app.ipc.job import JobEvent, serve
from app.tools.names import meant, shown

#: A text is sent in pieces of so many characters.
PIECE_CHARACTERS = 500_000


class FileWorker:
    """Does what is asked for a window."""

    def __init__(self) -> None:
        self._recovery: Recovery | None = None
        self._notes: tuple[str, ...] | None = None

    def answer(self, command: Command, send: Callable[[JobEvent], None]) -> JobEvent:
        """Do a command. Raises AppError."""
        home = command.home
        saves = str(Path(meant(home.folder), SAVES))
        if self._notes is None:
            self._notes = tuple(finish_writes(saves))  # before a file that was cut short is read
        match command:
            case ReadFile():
                file = read_text_file(meant(command.path), command.encoding)
                remove_leftovers(str(Path(file.path).resolve().parent))
                if len(file.text) <= PIECE_CHARACTERS:
                    return FileDone(file=_sent(file, file.text))
                for begin in range(0, len(file.text), PIECE_CHARACTERS):
                    send(FilePiece(text=file.text[begin : begin + PIECE_CHARACTERS]))
                return FileDone(file=_sent(file))
            case SaveFile():
                file = msgspec.structs.replace(command.file, path=meant(command.file.path))
                saved = save_text_file(
                    file,
                    _text(command.text),
                    path=meant(command.path),
                    new_format=command.new_format,
                    force=command.force,
                    backup_folder=saves,
                )
                return FileDone(file=_sent(saved))
            case NewFile():
                new = new_text_file(meant(command.path), _text(command.text), command.format, force=command.force)
                return FileDone(file=_sent(new))
            case LookForChanges():
                changed = (path for path, stamp in command.files if not is_unchanged(meant(path), stamp))
                return Changed(paths=tuple(changed))
            case KeepText() | ForgetText() | FindLeft():
                return self._recover(command, send)

    def _recover(self, command: KeepText | ForgetText | FindLeft, send: Callable[[JobEvent], None]) -> JobEvent:
        try:
            recovery = self._open(command.home)
            match command:
                case KeepText():
                    recovery.keep(command.key, msgspec.structs.replace(command.record, text=_text(command.text)))
                case ForgetText():
                    recovery.forget(command.key)
                case FindLeft():
                    left = recovery.left()
                    for record in left.records:
                        text = record.text.encode("utf-8", "surrogatepass")
                        send(LeftText(record=msgspec.structs.replace(record, text=""), text=text))
                    notes, self._notes = self._notes or (), ()
                    return LeftAll(notes=(*notes, *left.notes))
        except OSError as error:
            raise AppError(
                "Unsaved texts cannot be kept for the case of a crash",
                f"{meant(command.home.folder)}: {words_of(error)}.",
                "Save your files often until this is put right.",
            ) from error
        return FileWorkDone()

    def _open(self, home: Home) -> Recovery:
        if self._recovery is None:
            self._recovery = Recovery(Path(meant(home.folder), TEXTS), home.session)
        return self._recovery


def _sent(file: TextFile, text: str = "") -> TextFile:
    return msgspec.structs.replace(file, path=shown(file.path), text=text)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


if __name__ == "__main__":
    serve(Command, FileWorker().answer)
