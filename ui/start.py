"""Starts the window: log files, the last resort for mistakes of ours, and the QApplication."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import os
import signal
import sys
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.errors import AppError
from app.paths import Paths, find_paths

LOG_BYTES = 2_000_000
KEPT_LOGS = 3


def open_window(model: str, *, new: bool) -> int:
    """Open the window; return the exit code when it is closed.

    Raises:
        AppError: There is no display, or another Sawhorse has the conversations open.
    """
    require_display()
    paths = find_paths()
    start_logging(paths)
    application = make_application()
    close_when_told()
    from ui.application import run_window  # noqa: PLC0415 - widgets come after the application's attributes

    return run_window(application, paths, model, new=new)


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


def start_logging(paths: Paths) -> None:
    """Write logs with rotation, tracebacks of crashes included; unexpected errors go there and to stderr."""
    handler = logging.handlers.RotatingFileHandler(
        paths.logs / "sawhorse.log", maxBytes=LOG_BYTES, backupCount=KEPT_LOGS, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    crash = (paths.logs / "crash.log").open("a", encoding="utf-8")
    faulthandler.enable(crash)
    qInstallMessageHandler(_log_qt)
    sys.excepthook = _log_unexpected


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Qt's own warnings belong in the log: who starts a window by double click never sees standard error."""
    levels = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}
    level = levels.get(kind, logging.CRITICAL if kind == QtMsgType.QtFatalMsg else logging.WARNING)
    logging.getLogger("qt").log(level, "%s: %s", context.category, text)


def _log_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("sawhorse").critical("unexpected error", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)
