"""Runs the window until it is closed, with what lives around it: later starts, and faults."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from app.paths import Paths
from ui.application import SawhorseWindow
from ui.crash_report import CrashReports, Faults
from ui.single_instance import FirstWindow


def run_window(
    application: QApplication,
    paths: Paths,
    model: str,
    *,
    new: bool,
    first: FirstWindow | None = None,
    faults: Faults | None = None,
) -> int:
    """Show the window and return the exit code when it was closed.

    Args:
        application: The QApplication.
        paths: The folders to use.
        model: What to load, as for ``SawhorseWindow.start``.
        new: Begin a new conversation.
        first: Tells what later starts ask for.
        faults: Tells of exceptions that nobody expected.

    Raises:
        AppError: Another Sawhorse has the conversations open.
    """
    sawhorse = SawhorseWindow(paths)
    reports = CrashReports(faults, paths, sawhorse.window.notices, sawhorse.window.action_table, sawhorse)
    application.aboutToQuit.connect(sawhorse.close)
    sawhorse.start(model, new=new)
    reports.tell_last_crash()
    if first is not None:
        first.asked.connect(sawhorse.answer)
        first.listen_soon(application)
    code = application.exec()
    sawhorse.close()
    return code
