"""What can be done with whole runs: export, open a file, replay; as actions for menus and the palette."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.agent.export import MAX_BYTES, RunExport, run_from_json, run_to_json
from app.errors import AppError
from app.settings import write_atomically
from ui.widgets.actions import Action, ActionTable
from ui.widgets.notices import Notices

NEED_RUN = ("run.export_json", "run.export_html", "run.replay")


class RunActions(QObject):
    """Adds the actions to a table and does them."""

    def __init__(
        self,
        table: ActionTable,
        window: QWidget,
        notices: Notices,
        current: Callable[[], RunExport | None],
        replay: Callable[[RunExport], object],
    ) -> None:
        """Add the actions.

        Args:
            table: The window's.
            window: Owns the dialogs, and this.
            notices: Tells what worked and what did not.
            current: Returns the run on show with its turns and tools; None where there is none.
            replay: Opens a window that replays a run.
        """
        super().__init__(window)
        self._table = table
        self._window = window
        self._notices = notices
        self._current = current
        self._replay = replay
        table.add(
            Action("run.export_json", "Export run as JSON …", "export", "", self.export_json, "Tools"),
            Action("run.export_html", "Export run as HTML …", "export", "", self.export_html, "Tools"),
            Action("run.replay", "Replay run", "file-play", "", self.replay_current, "Tools"),
            Action("run.open", "Open run file …", "folder-open", "", self.open_file, "Tools"),
        )
        self.refresh()

    def refresh(self) -> None:
        """Enable what there is a run for; call it when another run is on show."""
        self._table.set_enabled(NEED_RUN, self._current() is not None)

    def export_json(self) -> None:
        """Ask for a file and write the run to it as JSON."""
        self._ask_where("json", run_to_json)

    def export_html(self) -> None:
        """Ask for a file and write the run to it as a page."""
        from app.agent.export_html import run_to_html  # noqa: PLC0415 - a start has no use for it

        self._ask_where("html", run_to_html)

    def replay_current(self) -> None:
        """Replay the run on show."""
        export = self._current()
        if export is not None:
            self._replay(export)

    def open_file(self) -> None:
        """Ask for an exported run and replay it."""
        dialog = QFileDialog(self._window, "Open run file")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter("Exported runs (*.json)")
        dialog.fileSelected.connect(lambda path: self.open(Path(path)))
        dialog.open()

    def open(self, path: Path) -> None:
        """Replay an exported run."""
        try:
            self._replay(read_run(path))
        except AppError as error:
            self._notices.show_error(error)

    def write(self, path: Path, export: RunExport, to_bytes: Callable[[RunExport], bytes]) -> None:
        """Write a run to a file."""
        try:
            write_atomically(path, to_bytes(export))
        except OSError as error:
            self._notices.show_error(AppError("The run could not be exported", f"{path}: {error.strerror}."))
            return
        self._notices.show_info("Run exported", str(path))

    def _ask_where(self, suffix: str, to_bytes: Callable[[RunExport], bytes]) -> None:
        export = self._current()
        if export is None:
            return
        dialog = QFileDialog(self._window, "Export run")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{file_name_of(export)}.{suffix}")
        dialog.fileSelected.connect(lambda path: self.write(Path(path), export, to_bytes))
        dialog.open()


def read_run(path: Path) -> RunExport:
    """Return an exported run.

    Raises:
        AppError: The file cannot be read, or holds no run.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise AppError("This run file cannot be opened", f"{path}: {error.strerror}.") from error
    return run_from_json(data)


def file_name_of(export: RunExport) -> str:
    """Return a name for a run's file, from the task that began it."""
    asked = next((turn.text for turn in export.turns if turn.id == export.run.asked_id), "")
    return re.sub(r"[^\w\- ]+", "", asked)[:60].strip() or "run"
