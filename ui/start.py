"""Starts the window: log files, the last resort for mistakes of ours, and the QApplication."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import os
import signal
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app import crash_log
from app.errors import AppError
from app.models import STARTER
from app.paths import Paths, find_paths
from ui.crash_report import Faults, show_failure
from ui.single_instance import FirstWindow, Request, hand_over, meeting_of, take_place

LOG_BYTES = 2_000_000
KEPT_LOGS = 3


def open_window(model: str, *, new: bool) -> int:
    """Open the window, or bring the one to the front that is open; return the exit code when it is closed.

    Raises:
        AppError: There is no display, or another Sawhorse has the conversations open.
    """
    require_display()
    try:
        return _open_window(model, new=new)
    except AppError as error:
        if getattr(sys, "frozen", False) and not (sys.stderr and sys.stderr.isatty()):
            _application = QApplication.instance() or make_application()
            show_failure(error)
        raise


def _open_window(model: str, *, new: bool) -> int:
    paths = find_paths()
    meeting = meeting_of(paths.data)
    lock = take_place(meeting) if meeting else None
    if meeting and lock is None:
        hand_over(meeting, Request(model=_from_anywhere(model), new=new))
        return 0
    faults = start_logging(paths)
    application = make_application()
    close_when_told()
    from ui.run_window import run_window  # noqa: PLC0415 - widgets come after the application's attributes

    first = FirstWindow(meeting, lock) if meeting and lock else None
    try:
        return run_window(application, paths, model, new=new, first=first, faults=faults)
    finally:
        if first is not None:
            first.close()


def _from_anywhere(model: str) -> str:
    """Return a model's path as a process in another folder understands it."""
    return str(Path(model).expanduser().absolute()) if model and model != STARTER else model


def require_display() -> None:
    """Raise an ``AppError`` where no window can be opened, before Qt ends the program without a word."""
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    if sys.platform == "linux" and not has_display:
        raise AppError(
            "There is no display",
            "Neither DISPLAY nor WAYLAND_DISPLAY is set.",
            "Run it on a desktop, or see it at work with: sawhorse tour",
        )


def make_application() -> QApplication:
    """Return the QApplication with Sawhorse's name and scaling."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QCoreApplication.setApplicationName("Sawhorse")
    QGuiApplication.setApplicationDisplayName("Sawhorse")
    QGuiApplication.setDesktopFileName("sawhorse")
    return QApplication(sys.argv[:1])


def close_when_told() -> None:
    """Close the window as its button does when the session ends, a terminal is closed, or Ctrl+C is pressed in it.

    Python hears a signal the next time any of it runs, which the window's timers see to within a second.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda _number, _frame: QCoreApplication.quit())


def start_logging(paths: Paths) -> Faults:
    """Write logs with rotation, crashes included; return what tells of unexpected errors, which go there too."""
    handler = logging.handlers.RotatingFileHandler(
        paths.logs / "sawhorse.log", maxBytes=LOG_BYTES, backupCount=KEPT_LOGS, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    faulthandler.enable(crash_log.begin(paths.logs))
    qInstallMessageHandler(_log_qt)
    faults = Faults()

    def log_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger("sawhorse").critical("unexpected error", exc_info=(kind, error, trace))
        sys.__excepthook__(kind, error, trace)
        faults.hear(kind, error, trace)

    sys.excepthook = log_unexpected
    return faults


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Qt's own warnings belong in the log: who starts a window by double click never sees standard error."""
    levels = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}
    level = levels.get(kind, logging.CRITICAL if kind == QtMsgType.QtFatalMsg else logging.WARNING)
    logging.getLogger("qt").log(level, "%s: %s", context.category, text)
