"""Tells of faults of our own: one that has just happened, and a crash of the run before; each with a report to copy.

Nothing is sent anywhere. The report is copied by a person, who can read it first.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMessageBox

from app import crash_log
from app.errors import AppError
from app.paths import Paths
from ui.widgets.actions import Action, ActionTable
from ui.widgets.notice import Notice, NoticeAction
from ui.widgets.notices import Notices


class Faults(QObject):
    """Where the exception hook says what it caught. It lives before any window does.

    Signals:
        caught(str): An exception that nobody expected, as a traceback.
    """

    caught = Signal(str)

    def hear(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Pass an exception on to the window, if there is one."""
        self.caught.emit("".join(traceback.format_exception(kind, error, trace)))


class CrashReports(QObject):
    """Shows notices about faults, and adds the actions that help with one.

    Args:
        faults: Where exceptions are heard of; None if nobody listens for them.
        paths: Where the logs are.
        notices: Where it is told.
        actions: Gets "Copy a report of a problem" and "Open the data folder".
    """

    def __init__(
        self, faults: Faults | None, paths: Paths, notices: Notices, actions: ActionTable, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._paths = paths
        self._notices = notices
        self._is_telling = False
        if faults is not None:
            faults.caught.connect(self._on_faults_caught)
        actions.add(Action("help.report", "Copy a report of a problem", "bug", "", self.copy_report, "Help"))
        actions.add(Action("help.data", "Open the data folder", "folder-open", "", self.open_data, "Help"))

    def tell_last_crash(self) -> None:
        """Say that the run before crashed, if it did; once."""
        crash = crash_log.take_last(self._paths.logs)
        if crash:
            self._tell(
                "Sawhorse crashed when it was last open", "What was typed and written up to then is here.", crash
            )

    def copy_report(self) -> None:
        """Copy a report without a fault: versions and the end of the log."""
        self._copy("A report of Sawhorse")
        self._notices.show_info(
            "The report was copied", "It holds versions and the end of the log. Read it before you send it."
        )

    def open_data(self) -> None:
        """Show the folder of conversations in the system's file manager."""
        _open_folder(self._paths.data)

    def _on_faults_caught(self, trace: str) -> None:
        if self._is_telling:  # telling is what went wrong: the log has it
            return
        self._is_telling = True
        try:
            self._tell("Something in Sawhorse failed", trace.strip().splitlines()[-1], trace)
        finally:
            self._is_telling = False

    def _tell(self, title: str, message: str, detail: str) -> None:
        told = [notice.title for notice in self._notices.notices()]
        if title in told:  # a fault in a timer comes every second
            return
        self._notices.show_notice(
            Notice(
                "error",
                title,
                message,
                "This is a fault of Sawhorse. Nothing was sent; a report can be copied and read before you pass it on.",
                detail,
                (
                    NoticeAction("Copy report", lambda: self._copy(f"{title}\n\n{detail}")),
                    NoticeAction("Open logs", lambda: _open_folder(self._paths.logs)),
                ),
            )
        )

    def _copy(self, what: str) -> None:
        from ui.settings.about_page import versions  # noqa: PLC0415 - a start has no use for it

        QGuiApplication.clipboard().setText(crash_log.report(what, versions(), self._paths.logs))


def show_failure(error: AppError) -> None:
    """Say in a window of its own why Sawhorse does not start, to somebody who has no terminal to read it in."""
    box = QMessageBox(QMessageBox.Icon.Critical, "Sawhorse", error.title)
    box.setObjectName("failure_box")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText("\n\n".join(part for part in (error.message, error.hint) if part))
    box.exec()


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
