"""A child process on Qt's event loop: the window's way to an engine, without a thread of Python's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from app.ipc.transport import ChildExit

STDERR_TAIL_BYTES = 64 * 1024


class QtProcessTransport(QObject):
    """``app.ipc.transport.Transport`` on QProcess. One child at a time."""

    def __init__(self, environment: Mapping[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._environment = dict(environment)
        self._process: QProcess | None = None
        self._on_bytes: Callable[[bytes], None] = lambda _data: None
        self._on_exit: Callable[[ChildExit], None] = lambda _exit: None
        self._stderr = bytearray()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        if self._process is None or self._process.state() == QProcess.ProcessState.NotRunning:
            return None
        return int(self._process.processId()) or None

    def start(
        self, command: Sequence[str], on_bytes: Callable[[bytes], None], on_exit: Callable[[ChildExit], None]
    ) -> None:
        """Start ``command``; its standard output reaches ``on_bytes``, its end ``on_exit`` exactly once."""
        self._on_bytes, self._on_exit = on_bytes, on_exit
        self._stderr.clear()
        process = QProcess(self)
        environment = QProcessEnvironment()
        for name, value in self._environment.items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._on_process_output)
        process.readyReadStandardError.connect(self._on_process_error_output)
        process.errorOccurred.connect(self._on_process_error)
        process.finished.connect(self._on_process_finished)
        self._process = process
        process.start(command[0], list(command[1:]))

    def write(self, data: bytes) -> None:
        """Queue ``data`` for the child's standard input; QProcess writes it when the child reads."""
        if self._process is not None and self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.write(data)

    def kill(self) -> None:
        """End the child at once; ``on_exit`` still comes."""
        if self._process is not None:
            self._process.kill()

    def close(self, wait_ms: int = 2000) -> None:
        """End the child: first by closing its standard input, after ``wait_ms`` by force. Waits for its end."""
        process, self._process = self._process, None
        if process is None:
            return
        process.readyReadStandardOutput.disconnect(self._on_process_output)
        process.readyReadStandardError.disconnect(self._on_process_error_output)
        process.errorOccurred.disconnect(self._on_process_error)
        process.finished.disconnect(self._on_process_finished)
        process.closeWriteChannel()
        if not process.waitForFinished(wait_ms):
            process.kill()
            process.waitForFinished(wait_ms)
        process.deleteLater()

    def _on_process_output(self) -> None:
        if self._process is not None:
            self._on_bytes(bytes(self._process.readAllStandardOutput().data()))

    def _on_process_error_output(self) -> None:
        if self._process is not None:
            self._stderr += self._process.readAllStandardError().data()
            del self._stderr[:-STDERR_TAIL_BYTES]

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        # Every other error is followed by finished(); a child that never started is not.
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._end(ChildExit(code=None, error=self._process.errorString()))

    def _on_process_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._on_process_output()
        self._on_process_error_output()
        tail = self._stderr.decode(errors="replace")
        crashed = status == QProcess.ExitStatus.CrashExit
        if crashed and sys.platform != "win32":
            self._end(ChildExit(code=None, signal=code, stderr_tail=tail))  # QProcess reports the signal here
        else:
            self._end(ChildExit(code=code, stderr_tail=tail))

    def _end(self, child_exit: ChildExit) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
            self._on_exit(child_exit)
