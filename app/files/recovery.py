"""Keeps texts that are not saved yet, so that they are there again after a crash of the window or of the system.

Each window keeps them in a folder of its own and holds a lock on it, so that two cannot overwrite each other's; what
is in folders without a living window is left over from a crash. Records are files for the owner alone.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from app.files.disk import sync_folder
from app.files.errors import words_of
from app.files.left_over import TEXT_SUFFIX
from app.files.text_file import FileStamp, TextFormat

#: Records handed out at once, the newest first; the others stay for the next time.
MAX_RECORDS = 100
_NEW = ".new"
_DAMAGED = ".damaged"
_LOCK = "in-use"
#: What keys of records of windows that died begin with.
_LEFT = "left/"
#: What a record begins with, its version last; then its BLAKE2b digest, then MessagePack.
_MAGIC = b"sawhorse unsaved text 1\n"
_DIGEST_BYTES = 32


class RecoveryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was not saved.

    Attributes:
        path: Its file, absolute; empty while it has none.
        name: What it is called where it has no file.
        text: With line feeds.
        saved_at: When it was kept, in seconds since 1970.
        format: How it was to be written.
        stamp: What its file was like when it was read; None without one.
        key: By which it is kept now; set by ``keep`` and ``left``.
        page: Which of the open texts it is, the same over restarts; texts without files may share a name.
    """

    path: str
    name: str
    text: str
    saved_at: float
    format: TextFormat = TextFormat()
    stamp: FileStamp | None = None
    key: str = ""
    page: str = ""


class LeftOver(msgspec.Struct, frozen=True, kw_only=True):
    """What a crash has left; ``notes`` are sentences on what could not be used."""

    records: tuple[RecoveryRecord, ...] = ()
    notes: tuple[str, ...] = ()


class _Kept(msgspec.Struct, frozen=True):
    """A record as it is in its file; its text apart, as it may hold halves of characters, which are no UTF-8."""

    record: RecoveryRecord
    text: bytes


class Recovery:
    """The unsaved texts of one window.

    Args:
        folder: For the records of all windows.
        session: Names the window; a process that takes another's place at its work goes on by the same name.
    """

    def __init__(self, folder: Path, session: str = "") -> None:
        """Make its folder and lock it.

        Raises:
            OSError: As the system says, or another process has it.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = folder
        self._folder = folder / (session or secrets.token_hex(8))
        self._last: dict[str, RecoveryRecord] = {}
        self._lock = _locked(self._folder)
        _drop_unfinished(self._folder)

    def close(self) -> None:
        """Let go; what is still kept is left over for the next window."""
        _remove_if_empty(self._folder)
        self._lock.release()

    def keep(self, key: str, record: RecoveryRecord) -> None:
        """Keep a text in place of the one before under this key; nothing is written if it is the same.

        Raises:
            OSError: As the system says; the one before is still kept.
        """
        record = msgspec.structs.replace(record, key=key)
        before = self._last.get(key)
        if before is None or msgspec.structs.replace(record, saved_at=before.saved_at) != before:
            _write(self._path(key), record)
            self._last[key] = record

    def forget(self, key: str) -> None:
        """Keep a text no more, as it was saved or given up. Raises OSError."""
        self._last.pop(key, None)
        self._path(key).unlink(missing_ok=True)

    def left(self) -> LeftOver:
        """Return what windows that died have left, the newest first; from now on it is this window's.

        Each record has a key for ``forget``, to be called when its text is kept under another key, or given up. Until
        then it is left over for the next window, too. Damaged records are put aside and said.
        """
        notes: list[str] = []
        for folder in sorted(self._root.iterdir()):
            if folder != self._folder and folder.is_dir():
                notes += self._adopt(folder)
        found = [record for path in self._folder.glob(f"*{TEXT_SUFFIX}") if (record := _read(path)) is not None]
        found = [record for record in found if record.key.startswith(_LEFT)]
        found.sort(key=lambda record: record.saved_at, reverse=True)
        return LeftOver(records=tuple(found[:MAX_RECORDS]), notes=tuple(notes))

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}{TEXT_SUFFIX}"

    def _adopt(self, folder: Path) -> list[str]:
        """Take over the records of a window that died; return sentences on those that are damaged."""
        notes: list[str] = []
        try:
            lock = _locked(folder)
        except OSError:
            return []  # its window lives
        try:
            _drop_unfinished(folder)
            for path in sorted(folder.glob(f"*{TEXT_SUFFIX}")):
                record = _read(path)
                if record is None:
                    aside = self._root / f"{folder.name}-{path.stem}{_DAMAGED}"
                    path.replace(aside)
                    notes.append(f"A text that was not saved is damaged and cannot be shown. It is in {aside}.")
                    continue
                key = f"{_LEFT}{folder.name}/{path.stem}"
                _write(self._path(key), msgspec.structs.replace(record, key=key))
                path.unlink()
            _remove_if_empty(folder)
        except OSError as error:
            notes.append(f"Texts that were not saved could not be taken from {folder}: {words_of(error)}.")
        finally:
            lock.release()
        return notes


def _locked(folder: Path) -> FileLock:
    """Return a lock on a folder, made if need be. Raises OSError if another has it."""
    while True:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK, timeout=0, thread_local=False, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise BlockingIOError(errno.EAGAIN, "Another process uses it", str(folder)) from None
        except FileNotFoundError:
            continue  # deleted as empty since it was made
        if (folder / _LOCK).exists():
            return lock
        lock.release()


def _drop_unfinished(folder: Path) -> None:
    """Delete records that were being written when their process died."""
    for path in folder.glob(f"*{_NEW}"):
        path.unlink(missing_ok=True)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        if not any(entry.name != _LOCK for entry in folder.iterdir()):
            (folder / _LOCK).unlink(missing_ok=True)
            folder.rmdir()


def _write(path: Path, record: RecoveryRecord) -> None:
    kept = _Kept(msgspec.structs.replace(record, text=""), record.text.encode("utf-8", "surrogatepass"))
    body = msgspec.msgpack.encode(kept)
    new = path.with_name(f"{secrets.token_hex(8)}{_NEW}")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(fd, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(_MAGIC)
            file.write(_digest(body))
            file.write(body)
            file.flush()
            os.fsync(fd)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(str(path.parent))


def _read(path: Path) -> RecoveryRecord | None:
    """Return a record; None if it is damaged."""
    head = len(_MAGIC) + _DIGEST_BYTES
    try:
        data = path.read_bytes()
        body = data[head:]
        if not data.startswith(_MAGIC) or data[len(_MAGIC) : head] != _digest(body):
            return None
        kept = msgspec.msgpack.decode(body, type=_Kept)
        return msgspec.structs.replace(kept.record, text=kept.text.decode("utf-8", "surrogatepass"))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest()
