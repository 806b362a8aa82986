"""Runs blocks of replies and files of the editor through the tools that models have, in the sandbox, on a click."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from app.agent.policy import REACH_ARGUMENT, Decision, decide
from app.errors import AppError
from app.files.block_source import BlockSource
from app.files.runnable import Runnable, run_of_block, run_of_file
from app.settings import SettingsFile
from app.tools.tool import Reach, SandboxState, ToolResult, ToolRun, ToolRunner, UndoOutcome
from app.tools.visible import hidden_characters
from ui.chat.block_offers import Offer
from ui.editor.output_panel import OutputPanel
from ui.editor.output_run import OutputRun, question_about
from ui.tools.change_list import outcome_words
from ui.widgets.notice import Notice
from ui.widgets.notices import Notices

if TYPE_CHECKING:
    from ui.editor.desk import EditorDesk

#: Older runs are forgotten.
MAX_RUNS = 12
_NAMED_CHARACTERS = 6


class Tools(Protocol):
    """Sawhorse's own tools, as far as this needs them beside running: see ``ToolProcess``."""

    def probe(self, on_done: Callable[[SandboxState], None], on_failed: Callable[[AppError], None]) -> None:
        """Find out what commands are held by here."""
        ...

    def undo(
        self,
        workspace: str,
        run_key: str,
        on_done: Callable[[UndoOutcome], None],
        on_failed: Callable[[AppError], None],
    ) -> None:
        """Take back what a run changed."""
        ...


class RunBlockControl(QObject):
    """A click runs what is held by a sandbox; what is not, or wants the network, is asked about in the panel.

    Args:
        panel: Where output is shown.
        show_panel: Brings it on the screen.
        runner: Runs tools.
        tools: Finds the sandbox, and takes back what a run changed.
        folder: The open folder, absolute; empty for none: runs are in an empty one of Sawhorse's own then.
        block_folder: The same for blocks of replies, which may be about another one.
        clock: In seconds.
        parent: Qt's owner.

    Attributes:
        panel: The same.

    Signals:
        ask_requested(str): The text of a message about an output, for the composer.
    """

    ask_requested = Signal(str)

    def __init__(
        self,
        panel: OutputPanel,
        show_panel: Callable[[], None],
        desk: EditorDesk,
        runner: ToolRunner,
        tools: Tools,
        folder: Callable[[], str],
        settings: SettingsFile,
        notices: Notices,
        parent: QObject | None = None,
        *,
        block_folder: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self.panel = panel
        self._show_panel = show_panel
        self._desk = desk
        self._runner = runner
        self._tools = tools
        self._folder = folder
        self._block_folder = block_folder or folder
        self._settings = settings
        self._notices = notices
        self._clock = clock
        self._runs: list[OutputRun] = []
        self._own_folder: tempfile.TemporaryDirectory[str] | None = None
        self._is_stopped = False
        panel.action_requested.connect(self._on_panel_action_requested)

    # --- what can be run --------------------------------------------------------------------------------------

    def offer(self, source: BlockSource) -> Offer | None:
        """Return what running a block is; None where there is nothing to run."""
        runnable = run_of_block(source)
        if runnable is None:
            return None
        folder = self._block_folder()
        where = f"in {folder}" if folder else "in an empty folder, for none is open"
        decision = self._decide(runnable, "sandbox", folder)
        if decision.verdict == "deny":
            return Offer("run", "Run", "Run", "play", decision.reason.rstrip("."))
        is_held = decision.reach == "sandbox"
        words = f"Run it {where}, in the sandbox" if is_held else f"Run it {where}"
        tip = "" if is_held else "There is no sandbox here, so you are asked first"
        return Offer("run", words, "Run", "play", tip=tip)

    def run_block(self, source: BlockSource) -> None:
        """Run a block: the click is the yes that a sandboxed command needs."""
        runnable = run_of_block(source)
        if runnable is not None:
            self._begin(runnable, "sandbox", self._block_folder())

    def run_file(self) -> None:
        """Run the file in the editor, with what is not saved yet."""
        editor, path = self._desk.current_editor, self._desk.current_path
        runnable = None
        if editor is not None:
            is_saved = not editor.document().isModified()
            language = editor.language_name
            runnable = run_of_file(path, self._folder(), editor.text(), is_saved=is_saved, language=language)
        if runnable is None:
            words = "It runs Python and shell files." if editor is not None else "No file is open in the editor."
            self._notices.show_notice(Notice("warning", "There is nothing to run", words))
            return
        self._begin(runnable, "sandbox", self._folder())

    @property
    def runs(self) -> tuple[OutputRun, ...]:
        """What was run, the latest last."""
        return tuple(self._runs)

    def stop_last(self) -> None:
        """Stop the latest run that is not over."""
        for run in reversed(self._runs):
            if run.request is not None and not run.is_over:
                self._runner.cancel(run.request)
                return

    def stop(self) -> None:
        """End what runs, and forget the folder of Sawhorse's own; before the tools' process is closed."""
        self._is_stopped = True
        for run in self._runs:
            if run.request is not None and not run.is_over:
                self._runner.cancel(run.request)
        if self._own_folder is not None:
            self._own_folder.cleanup()
            self._own_folder = None

    # --- running ----------------------------------------------------------------------------------------------

    def _begin(self, runnable: Runnable, reach: Reach, folder: str) -> None:
        run = OutputRun(
            runnable,
            key=f"inline-{uuid.uuid4().hex}",
            folder=folder or self._made_folder(),
            is_own_folder=not folder,
            reach=reach,
            sandbox=self._runner.sandbox,
        )
        self._runs.append(run)
        over = [one for one in self._runs if one.is_over]
        for old in over[: max(0, len(self._runs) - MAX_RUNS)]:
            self._runs.remove(old)
        self.panel.show_runs(self._runs, run)
        self._show_panel()
        if run.sandbox is None:
            self._tools.probe(lambda _sandbox: self._check(run), lambda error: self._refuse(run, str(error.message)))
        else:
            self._check(run)

    def _check(self, run: OutputRun) -> None:
        """Let a run begin, ask about it, or refuse it."""
        if self._is_stopped or run.is_over:
            return
        run.sandbox = self._runner.sandbox
        decision = self._decide(run.runnable, run.reach, run.folder)
        if decision.verdict == "deny":
            self._refuse(run, decision.reason)
            return
        hidden = hidden_characters(run.runnable.shown)
        if decision.reach == "sandbox" and run.sandbox is not None and not hidden:
            self._start(run)
            return
        reasons = [decision.reason] if decision.reach != "sandbox" else []
        if hidden:
            reasons.append(f"It contains characters that cannot be seen: {', '.join(hidden[:_NAMED_CHARACTERS])}.")
        run.reach, run.reason, run.state = decision.reach, " ".join(reasons), "asking"
        self.panel.refresh(run)

    def _decide(self, runnable: Runnable, reach: Reach, folder: str) -> Decision:
        spec = next((spec for spec in self._runner.specs if spec.name == runnable.tool), None)
        if spec is None:
            return Decision("deny", f"There is no tool {runnable.tool}.")
        arguments = {**runnable.arguments, REACH_ARGUMENT: reach}
        return decide(spec, arguments, folder, self._settings.settings.tool_policies, self._runner.sandbox)

    def _start(self, run: OutputRun) -> None:
        is_first = not any(other.state == "running" for other in self._runs)
        run.state = "running" if is_first else "waiting"
        run.began = self._clock()
        call = ToolRun(
            call_id=run.key,
            name=run.runnable.tool,
            arguments=run.runnable.arguments,
            workspace=run.folder,
            run_key=run.key,
            reach=run.reach,
            time_limit_s=self._settings.settings.tool_seconds,
        )
        run.request = self._runner.run(
            call, lambda text: self._on_output(run, text), lambda result: self._on_done(run, result)
        )
        self.panel.refresh(run)

    def _refuse(self, run: OutputRun, reason: str) -> None:
        run.state, run.reason = "refused", reason
        self.panel.refresh(run)

    def _on_output(self, run: OutputRun, text: str) -> None:
        if not self._is_stopped:
            run.print(text)
            self.panel.print(run, text)

    def _on_done(self, run: OutputRun, result: ToolResult) -> None:
        if self._is_stopped:
            return
        run.result, run.state = result, "ended"
        run.can_undo = bool(result.step)
        self.panel.refresh(run)
        following = next((other for other in self._runs if other.state == "waiting"), None)
        if following is not None:
            following.state, following.began = "running", self._clock()
            self.panel.refresh(following)
        for path in self._open_of(run, run.view.changed_files if run.view is not None else ()):
            self._desk.tool_changed(path)

    def _open_of(self, run: OutputRun, names: tuple[str, ...]) -> list[str]:
        """Return which of the files that a run changed are open."""
        changed = {str(Path(run.folder, name)) for name in names}
        return [path for path in self._desk.open_paths if path in changed]

    def _made_folder(self) -> str:
        if self._own_folder is None:
            self._own_folder = tempfile.TemporaryDirectory(prefix="sawhorse-run-", ignore_cleanup_errors=True)
        return str(Path(self._own_folder.name).resolve())

    # --- the panel --------------------------------------------------------------------------------------------

    def _on_panel_action_requested(self, action: str, run: OutputRun) -> None:
        match action:
            case "stop" if run.request is not None:
                self._runner.cancel(run.request)
            case "again":
                self._begin(run.runnable, "network" if run.reach == "network" else "sandbox", _place_of(run))
            case "network":
                self._begin(run.runnable, "network", _place_of(run))
            case "yes" if run.state == "asking":
                self._start(run)
            case "no" if run.state == "asking":
                self._refuse(run, "You did not let it run.")
            case "undo" if run.can_undo:
                self._undo(run)
            case "ask":
                self.ask_requested.emit(question_about(run))
            case "clear":
                self._runs = [one for one in self._runs if not one.is_over]
                self.panel.show_runs(self._runs, self._runs[-1] if self._runs else None)

    def _undo(self, run: OutputRun) -> None:
        def take(outcome: UndoOutcome) -> None:
            if self._is_stopped:
                return
            run.can_undo = bool(outcome.conflicts)
            self.panel.refresh(run)
            title, message = outcome_words(outcome)
            self._notices.show_notice(Notice("warning" if outcome.conflicts else "info", title, message))
            for path in self._open_of(run, outcome.restored):
                self._desk.taken_back(path)

        self._tools.undo(run.folder, run.key, take, self._notices.show_error)


def _place_of(run: OutputRun) -> str:
    """Return the folder that a run was in; empty where that was none of the person's."""
    return "" if run.is_own_folder else run.folder
