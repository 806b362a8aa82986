"""One window for each data folder: a second start hands over what it was asked to open, and ends.

The first window holds a lock for as long as it lives and listens at a local socket; both are named after the data
folder and belong to one user. Qt's network module is imported only when it is needed: by a second start at once, by
the first when its window is up.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QLockFile, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent

from app.errors import AppError

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

#: A path has at most 4,096 bytes; in JSON some of them take six.
MOST_BYTES = 32 * 1024
#: The first window listens only once it is up, which takes a second, on a slow disk several.
ANSWER_SECONDS = 15.0
_RETRY_MS = 50
_AFTER_START_MS = 400
_TALK_MS = 3_000
_THANKS = b"ok\n"
#: By these a desktop lets a program that was just started come to the front; the window that is there needs them.
_ACTIVATION = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a second start wants of the window that is there, apart from coming to the front.

    Attributes:
        model: As for ``--model``: the path of a file or "starter"; empty for none.
        new: Begin a new conversation.
        activation: The variables of ``_ACTIVATION`` that the second start was given.
    """

    model: str = ""
    new: bool = False
    activation: dict[str, str] = {}


@dataclass(frozen=True)
class Meeting:
    """Where starts with one data folder find each other.

    Attributes:
        lock: The file the first one holds.
        socket: Its server's name: the path of a socket, or the name of a pipe on Windows.
    """

    lock: Path
    socket: str


def meeting_of(data: Path, environment: Mapping[str, str] | None = None) -> Meeting | None:
    """Return where starts with this data folder meet; None if there is no place that is the user's alone."""
    environment = os.environ if environment is None else environment
    folder = _private_folder(environment)
    if folder is None:
        return None
    name = "sawhorse-" + hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]
    socket = f"{name}-{environment.get('USERNAME', '')}" if os.name == "nt" else str(folder / f"{name}.sock")
    return Meeting(folder / f"{name}.lock", socket)


def _private_folder(environment: Mapping[str, str]) -> Path | None:
    """Return a short folder on this machine that is gone after a restart: a socket's path has at most 107 bytes."""
    if os.name == "nt":
        return Path(tempfile.gettempdir())
    runtime = Path(environment.get("XDG_RUNTIME_DIR") or "relative")
    if runtime.is_absolute() and _is_ours(runtime):
        return runtime
    folder = Path(tempfile.gettempdir()) / f"sawhorse-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return folder if _is_ours(folder) else None


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def take_place(meeting: Meeting) -> QLockFile | None:
    """Become the first for as long as the lock lives; None if another process is. A dead one's lock does not count."""
    lock = QLockFile(str(meeting.lock))
    lock.setStaleLockTime(0)  # a window may be open for weeks; one whose process has ended is noticed all the same
    if lock.tryLock(0):
        return lock
    # A folder that cannot be written holds nobody up: the database has a lock of its own.
    return None if lock.error() == QLockFile.LockError.LockFailedError else lock


def hand_over(meeting: Meeting, request: Request, wait_s: float = ANSWER_SECONDS) -> None:
    """Give a request to the window that is there.

    Raises:
        AppError: It does not answer.
    """
    from PySide6.QtNetwork import QLocalSocket  # noqa: PLC0415 - see the module's own words

    activation = {name: os.environ[name] for name in _ACTIVATION if os.environ.get(name)}
    message = msgspec.json.encode(msgspec.structs.replace(request, activation=activation)) + b"\n"
    until = time.monotonic() + wait_s
    while True:
        socket = QLocalSocket()
        socket.connectToServer(meeting.socket)
        if socket.waitForConnected(_TALK_MS) and _talk(socket, message):
            return
        if time.monotonic() >= until:
            raise AppError(
                "Sawhorse is running already and does not answer",
                f"Its window was asked to come to the front and gave no answer for {wait_s:.0f} seconds.",
                "Close it, or end its process, and start Sawhorse again.",
            )
        time.sleep(_RETRY_MS / 1000)


def _talk(socket: QLocalSocket, message: bytes) -> bool:
    socket.write(message)
    answer = b""
    while not answer.endswith(b"\n") and socket.waitForReadyRead(_TALK_MS):
        answer += bytes(socket.readAll().data())
    socket.disconnectFromServer()
    return answer == _THANKS


class FirstWindow(QObject):
    """Listens for later starts with the same data folder.

    macOS starts no second process for a file that is opened with the program, but sends an event: as an event filter
    of the application it takes those for the same.

    Signals:
        asked(Request): A later start wants something; the window should come to the front.
    """

    asked: ClassVar[Signal] = Signal(object)

    def __init__(self, meeting: Meeting, lock: QLockFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._meeting = meeting
        self._lock = lock
        self._server: QLocalServer | None = None

    def listen_soon(self, application: QCoreApplication) -> None:
        """Listen once the window had time to come up."""
        if sys.platform == "darwin":
            application.installEventFilter(self)
        QTimer.singleShot(_AFTER_START_MS, self, self.listen)

    def listen(self) -> None:
        """Answer from now on; a socket that a process left behind that is no more is taken over."""
        from PySide6.QtNetwork import QLocalServer  # noqa: PLC0415 - see the module's own words

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_new_connection)
        QLocalServer.removeServer(self._meeting.socket)  # the lock is ours, so it is nobody's
        self._server.listen(self._meeting.socket)

    def close(self) -> None:
        """Listen no more and let the next start be the first; safe to call twice."""
        if self._server is not None:
            self._server.close()
        self._lock.unlock()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See a file that macOS wants opened."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.asked.emit(Request(model=event.file()))
            return True
        return super().eventFilter(watched, event)

    def _on_new_connection(self) -> None:
        if self._server is None:
            return
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > MOST_BYTES:
                socket.abort()
            return
        line = bytes(socket.readLine(MOST_BYTES).data())
        try:
            request = msgspec.json.decode(line, type=Request)
        except msgspec.DecodeError:
            socket.abort()
            return
        socket.write(_THANKS)
        socket.flush()
        for name in _ACTIVATION:
            if name in request.activation:
                os.environ[name] = request.activation[name]  # Qt reads it there when a window is to be activated
        self.asked.emit(request)
