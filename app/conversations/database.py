"""The database file: opened safely, checked, set aside when damaged, backed up, written to disk on time.

The connection that serves the window commits without waiting for the disk (WAL, ``synchronous=NORMAL``:
such a database cannot be corrupted by a crash, only its last commits can be lost to a power cut). A
thread of its own then writes the log to disk every second, so no more than that second is at stake and
the window never waits for an fsync.
"""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import apsw
from filelock import FileLock, Timeout

from app.conversations.migrations import MIGRATIONS, migrate, version_of
from app.errors import AppError

SYNC_INTERVAL_S = 1.0
BACKUP_INTERVAL_S = 24 * 3600
KEPT_BACKUPS = 3
BUSY_TIMEOUT_MS = 2000


@dataclass
class Database:
    """An open database.

    Attributes:
        connection: For the owner's thread alone.
        is_read_only: It belongs to a newer Sawhorse and is only shown.
        notices: What the user should know about how it was opened.
    """

    path: Path
    connection: apsw.Connection
    is_read_only: bool
    notices: list[AppError]
    _lock: FileLock
    _keeper: _Keeper | None

    def close(self) -> None:
        """Write everything to disk and close; safe to call twice."""
        if self._keeper is not None:
            self._keeper.stop()
            self._keeper = None
        self.connection.close()
        self._lock.release()


def open_database(path: Path) -> Database:
    """Open the database at ``path``, making or repairing it as needed.

    Raises:
        AppError: Another process has it open, or its folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(path)
    try:
        notices: list[AppError] = []
        if path.exists() and not _is_sound(path):
            notices.append(_set_aside(path))
        connection = _connect(path)
        is_newer = version_of(connection) > len(MIGRATIONS)
        if is_newer:
            connection.close()
            connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            notices.append(_newer(path))
        else:
            migrate(connection)
    except BaseException:
        lock.release()
        raise
    keeper = None if is_newer else _Keeper(path)
    return Database(path, connection, is_newer, notices, lock, keeper)


def _lock(path: Path) -> FileLock:
    lock = FileLock(f"{path}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise AppError(
            "Sawhorse is already running",
            f"Another Sawhorse has the conversations in {path.parent} open.",
            "Use its window, or set SAWHORSE_HOME to another folder for a second one.",
        ) from error
    except OSError as error:
        raise AppError(
            "The conversations cannot be opened", f"{path.parent}: {error.strerror}.", "Check the folder's permissions."
        ) from error
    return lock


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "normal")
    connection.pragma("foreign_keys", "on")
    connection.pragma("wal_autocheckpoint", 0)  # the keeper does it, off the window's thread
    return connection


def _is_sound(path: Path) -> bool:
    try:
        connection = apsw.Connection(str(path))
    except apsw.Error:
        return False
    try:
        return list(connection.execute("PRAGMA quick_check(1)")) == [("ok",)]
    except apsw.Error:
        return False
    finally:
        connection.close()


def _backup_folder(path: Path) -> Path:
    return path.parent / "backups"


def _backups(path: Path) -> list[Path]:
    """Return the backups, newest first."""
    return sorted(_backup_folder(path).glob(f"{path.stem}-*.db"), reverse=True)


def _set_aside(path: Path) -> AppError:
    """Move a damaged database out of the way, bring back the newest sound backup, and say so."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    restored = next((backup for backup in _backups(path) if _is_sound(backup)), None)
    if restored is not None:
        shutil.copyfile(restored, path)
    became = f"The backup {restored.name} took its place." if restored else "An empty one took its place."
    return AppError(
        "The conversations were damaged",
        f"The database did not pass its check and was set aside as {aside.name}. {became}",
        f"Nothing was deleted: the damaged file is in {path.parent}.",
    )


def _newer(path: Path) -> AppError:
    return AppError(
        "The conversations belong to a newer Sawhorse",
        f"{path.name} was last used by a version that stores more. It is shown here, but not changed.",
        "Update Sawhorse to go on with these conversations.",
    )


class _Keeper:
    """A thread that writes the log to disk every second and makes a backup every day."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        connection = _connect(self._path)
        connection.pragma("synchronous", "full")
        try:
            self._back_up(connection)
            while not self._stop.wait(SYNC_INTERVAL_S):
                self._sync(connection)
            self._sync(connection)
        finally:
            connection.close()

    def _sync(self, connection: apsw.Connection) -> None:
        try:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except (apsw.BusyError, apsw.LockedError):
            return  # the next second will do
        except (apsw.FullError, apsw.IOError):
            return  # the disk is full: the log keeps what it has, and the next write tells the user

    def _back_up(self, connection: apsw.Connection) -> None:
        newest = next(iter(_backups(self._path)), None)
        if newest is not None and time.time() - newest.stat().st_mtime < BACKUP_INTERVAL_S:
            return
        folder = _backup_folder(self._path)
        folder.mkdir(exist_ok=True)
        stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
        target = folder / f"{self._path.stem}-{stamp}.db"
        try:
            connection.execute("VACUUM INTO ?", (str(target),))
        except apsw.Error:
            target.unlink(missing_ok=True)  # half a backup is worse than none
            return
        for old in _backups(self._path)[KEPT_BACKUPS:]:
            old.unlink(missing_ok=True)
