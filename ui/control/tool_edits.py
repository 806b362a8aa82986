"""Tells the editor which files tools, undoing and reviews wrote, so that open ones show it at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.agent.live import LiveCall
from app.agent.trace import Run
from app.tools.names import meant
from app.tools.tool import FileChange
from app.tools.views import DiffView, TerminalView
from ui.tools.run_review import ChangeStore

if TYPE_CHECKING:
    from ui.editor.desk import EditorDesk  # brings the whole editor, which a start does not need

#: Steps that were told already are remembered, so many.
_MOST_REMEMBERED = 1000


class ToolEdits(QObject):
    """Each file is told once for each step that changed it; none while no file is open."""

    def __init__(self, desk: EditorDesk, store: ChangeStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._store = store
        self._told: dict[tuple[str, str], None] = {}

    def take_step(self, run: Run, call: LiveCall) -> None:
        """Take a call that changed files; a slot of ``AgentControl.step_made``."""
        result = call.result
        if result is None or (run.key, result.step) in self._told:
            return
        self._told[run.key, result.step] = None
        if len(self._told) > _MOST_REMEMBERED:
            del self._told[next(iter(self._told))]
        if not self._desk.open_paths:
            return
        match result.view:
            case DiffView(path=path):
                self._tell(run, [path])
            case TerminalView(changed_total=0, changed_files=paths) if paths:
                self._tell(run, paths)
            case _:
                self._ask(run, result.step)

    def take_paths(self, paths: Iterable[str]) -> None:
        """Take files that were undone or reviewed; a slot of ``RunChanges.files_written``."""
        for path in dict.fromkeys(paths):
            self._desk.taken_back(path)

    def _ask(self, run: Run, step: str) -> None:
        def take(changes: tuple[FileChange, ...]) -> None:
            self._tell(run, [change.path for change in changes if change.step == step])

        # Without an answer an open file is still noticed to have changed on disk.
        self._store.changes(run.workspace, run.key, take, lambda _error: None)

    def _tell(self, run: Run, paths: Iterable[str]) -> None:
        for path in dict.fromkeys(str(Path(run.workspace) / meant(path)) for path in paths):
            self._desk.tool_changed(path)
