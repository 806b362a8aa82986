"""The agent: runs of replies and tool calls in conversations that have a folder. See ``AgentPort``."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from app.agent.branch import BranchWriter
from app.agent.live import LiveCall
from app.agent.live_calls import calls_in, results_in, spec_named, stored_calls
from app.agent.run_log import RunLog
from app.agent.run_loop import RunLoop
from app.agent.run_store import RunStore
from app.agent.tool_turn import Workshop
from app.agent.trace import Run
from app.agent.versions import Repairer
from app.chat.changes import Change
from app.chat.offer import ParserFactory, PromptTools, turn_of_call
from app.chat.ready import require_ready
from app.chat.replier import Overflow, Replier
from app.conversations.parts import CallProblem, Conversation, ReferencePart, Turn
from app.conversations.store import ConversationStore
from app.engine.engine import Engine
from app.errors import AppError
from app.settings import SettingsFile
from app.tools.tool import ToolRunner, ToolSpec, UndoOutcome

#: Checks arguments against a tool's schema; what it returns that is fatal stands against running them.
ArgumentCheck = Callable[[ToolSpec, dict[str, Any]], Sequence[CallProblem]]
#: Makes the GBNF for a reply that calls one of the tools, in the form of a model with that chat template.
GrammarFactory = Callable[[tuple[ToolSpec, ...], str], str]


class Undoer(Protocol):
    """Takes back what runs did; see ``app/tools/messages.Undo``."""

    def undo(
        self,
        workspace: str,
        run_key: str,
        on_done: Callable[[UndoOutcome], None],
        on_failed: Callable[[AppError], None],
        *,
        steps: tuple[str, ...],
        force: bool,
    ) -> None:
        """Take back steps of a run, all without ``steps``."""
        ...


class Agent:
    """One run at a time, in any conversation; ``show`` says which one is looked at.

    Args:
        system_text: What the model is told of its work; ``{folder}`` stands for the conversation's folder.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        engine: Engine,
        store: ConversationStore,
        runs: RunStore,
        replier: Replier,
        runner: ToolRunner,
        settings: SettingsFile,
        listen: Callable[[Change], None],
        *,
        make_parser: ParserFactory,
        grammar_for: GrammarFactory,
        check: ArgumentCheck,
        undoer: Undoer,
        system_text: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._store = store
        self._runs = runs
        self._replier = replier
        self._runner = runner
        self._settings = settings
        self._listen = listen
        self._make_parser = make_parser
        self._grammar_for = grammar_for
        self._check = check
        self._undoer = undoer
        self._system_text = system_text
        self._clock = clock
        self._shown: int | None = None
        self._loop: RunLoop | None = None
        self._branch = BranchWriter(store, listen, lambda: self._shown)
        self._repairer = Repairer(store, self._branch)

    # --- what is ----------------------------------------------------------------------------------------

    @property
    def active_run(self) -> Run | None:
        """The run under way, in whichever conversation."""
        return self._loop.log.run if self._loop else None

    @property
    def run(self) -> Run | None:
        """The run under way, or the last one of the conversation on show."""
        if self._loop is not None:
            return self._loop.log.run
        return None if self._shown is None else self._runs.last(self._shown)

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools offered in the conversation on show; none without a folder."""
        tools = None if self._shown is None else self.tools_for(self._store.conversation(self._shown))
        return tools.specs if tools else ()

    def tools_for(self, conversation: Conversation) -> PromptTools | None:
        """Return what prompts of a conversation say of tools; None where it has no folder, or no tool is on."""
        folder = conversation.workspace
        off = set(self._settings.settings.tools_off)
        specs = tuple(spec for spec in self._runner.specs if spec.name not in off)
        if not (folder and specs and Path(folder).is_dir()):
            return None
        return PromptTools(specs, self._system_text.replace("{folder}", folder))

    def calls_of(self, turn_id: int) -> tuple[LiveCall, ...]:
        """Return the calls of an assistant's turn with all that is known of them, running or long done."""
        calls = self._loop.calls if self._loop else None
        if calls is not None and calls.turn_id == turn_id:
            return calls.live()
        live = self._replier.turn
        if live and live.id == turn_id:
            return self._replier.live_calls()
        turn = self._store.turn(turn_id)
        return stored_calls(turn, results_in(self._store.results_turn(turn_id)), self._runner.specs)

    def run_of(self, turn_id: int) -> Run | None:
        """Return the run a turn belongs to, its spans included."""
        turn = self._store.turn(turn_id)
        made_id = turn.parent_id if turn.role == "tool" and turn.parent_id is not None else turn_id
        active = self.active_run
        if active and made_id in {active.asked_id, *(span.turn_id for span in active.spans)}:
            return active
        return self._runs.of_turn(made_id)

    def show(self, conversation_id: int | None) -> None:
        """Take note of which conversation is on show."""
        self._shown = conversation_id

    # --- runs -------------------------------------------------------------------------------------------

    def begin(self, asked: Turn, tools: PromptTools, policy: Overflow | None = None) -> Turn | None:
        """Begin a run with a reply to ``asked``; the caller tells of the new turn.

        ``asked`` is a user's turn, or the results of tools that are to be answered anew.
        """
        return self._start(asked, tools).reply_to(asked, policy, is_told=False)

    def resume(self, turn: Turn, tools: PromptTools, policy: Overflow | None = None) -> None:
        """Go on with a reply that broke off, in the run it belongs to."""
        self._continue(turn, tools).write(turn, policy)

    def stop(self) -> None:
        """End the run under way; everything that came so far is kept."""
        if self._loop is not None:
            self._loop.stop()

    def abandon_if_at(self, turn_ids: Sequence[int]) -> None:
        """End the run under way at once if it writes below one of these turns."""
        leaf = self._loop.leaf_id if self._loop else None
        if self._loop is None or leaf is None:
            return
        if not {turn.id for turn in self._store.branch_to(leaf)}.isdisjoint(turn_ids):
            self._loop.abandon()

    def abandon_in(self, conversation_id: int) -> None:
        """End the run under way at once if it is in that conversation."""
        if self._loop is not None and self._loop.log.run.conversation_id == conversation_id:
            self._loop.abandon()

    def close(self) -> None:
        """Write everything down; a run under way can be continued in the next session."""
        if self._loop is not None:
            self._loop.suspend()

    def inject(self, text: str, references: Sequence[ReferencePart] = ()) -> None:
        """Give the model a message of the user, and what it points at, before its next reply."""
        if self._loop is not None:
            self._loop.log.add_injection(text, references)

    def proceed(self) -> None:
        """Go on with a run that is paused, at a limit, stopped or interrupted, from where it stood.

        A conversation that has none gets one, which begins at its last turn. Does nothing while a run is under way, or
        where no turn is left.

        Raises:
            AppError: No model is ready, or its folder is gone.
        """
        if self._loop is not None or self._shown is None:
            return
        branch = self._store.branch(self._shown)
        if not branch:
            return
        tools = self._ready(self._shown)
        leaf = branch[-1]
        if leaf.role == "assistant":
            self._go_on_with(leaf, tools)
        elif leaf.role == "tool":
            written = branch[-2]
            if all(part.call_id in results_in(leaf) for part in calls_in(written)):
                self._continue(written, tools).reply_to(leaf)
            else:
                self._continue(written, tools).do_calls(written, leaf).advance()
        else:
            self._continue(leaf, tools).reply_to(leaf)

    def _go_on_with(self, leaf: Turn, tools: PromptTools) -> None:
        """Go on with the reply that ends a branch, or with its calls."""
        has_said = bool(leaf.text or calls_in(leaf))
        if leaf.state == "complete" and calls_in(leaf):
            self._continue(leaf, tools).do_calls(leaf).advance()
        elif leaf.state != "complete" and has_said:
            self._continue(leaf, tools).write(leaf)
        elif not has_said and leaf.parent_id is not None:
            loop = self._continue(leaf, tools)
            self._store.delete_turn(leaf.id)
            self._branch.show(leaf.conversation_id)
            loop.reply_to(self._store.turn(leaf.parent_id))
        else:
            self._continue(leaf, tools).conclude(leaf)

    # --- calls ------------------------------------------------------------------------------------------

    def approve(self, call_id: str, *, arguments: dict[str, Any] | None = None, remember: bool = False) -> None:
        """Run a call that asks; with ``arguments`` instead of the model's; ``remember``: allow it in this folder.

        Raises:
            AppError: The arguments do not fit the tool's schema, or the settings cannot be saved.
        """
        calls = self._loop.calls if self._loop else None
        live = calls.asking(call_id, "asking") if calls else None
        if self._loop is None or calls is None or live is None or live.spec is None:
            return
        if arguments is not None:
            self._require_fitting(live.spec, arguments)
        if remember and live.can_remember and arguments is None:
            self._remember(live.spec.name, self._loop.log.run.workspace)
        calls.approve(call_id, arguments)

    def deny(self, call_id: str, reason: str = "") -> None:
        """Refuse a call; the model is told, with ``reason``, and the calls after it still come."""
        if self._loop is not None and self._loop.calls is not None:
            self._loop.calls.deny(call_id, reason)

    def answer(self, call_id: str, text: str) -> None:
        """Answer a question, or answer in the place of a tool whose call asks."""
        if self._loop is not None and self._loop.calls is not None:
            self._loop.calls.answer(call_id, text)

    def cancel_call(self, call_id: str) -> None:
        """End one running tool; the run goes on with that result."""
        if self._loop is not None and self._loop.calls is not None:
            self._loop.calls.cancel(call_id)

    # --- repairs ----------------------------------------------------------------------------------------

    def fix_and_run(self, call_id: str, name: str, arguments: dict[str, Any]) -> None:
        """Run a malformed call as mended; one already told to the model gets a branch of its own.

        Raises:
            AppError: They do not fit a tool, or a reply is under way elsewhere.
        """
        turn, tools = self._repairable(call_id)
        spec = spec_named(name, tools.specs)
        if spec is None:
            raise AppError(f"There is no tool “{name}”", "It is not among those offered here.", "Choose one that is.")
        self._require_fitting(spec, arguments)
        if not self._repairer.is_told(turn):
            loop = self._continue(turn, tools)
            loop.do_calls(turn, self._store.results_turn(turn.id)).mend(call_id, name, arguments)
            return
        place = [part.call_id for part in calls_in(turn)].index(call_id)
        made, results = self._repairer.version(turn, without_result=call_id)
        loop = self._start(made, tools)
        self._branch.show(made.conversation_id)
        loop.do_calls(made, results).mend(calls_in(made)[place].call_id, name, arguments)

    def ask_again(self, call_id: str) -> None:
        """Have the reply with that call written anew, its calls held to the tools' schemas by a grammar.

        Raises:
            AppError: A reply is under way, or no model is ready.
        """
        turn, tools = self._repairable(call_id)
        if turn.parent_id is None:
            return
        parent = self._store.turn(turn.parent_id)
        grammar = self._grammar_for(tools.specs, self._replier.chat_template)
        self._start(parent, tools).reply_to(parent, grammar=grammar, is_told=False)
        self._branch.show(turn.conversation_id)

    def send_as_text(self, call_id: str) -> None:
        """Take a malformed call for plain text, in a version of the turn of its own."""
        turn, tools = self._repairable(call_id)
        made, results = self._repairer.version(turn, as_text=call_id)
        self._branch.show(made.conversation_id)
        if calls_in(made):
            self._start(made, tools).do_calls(made, results).advance()

    def undo(
        self, run_key: str, steps: tuple[str, ...], on_done: Callable[[UndoOutcome | AppError], None], *, force: bool
    ) -> None:
        """Take back steps of a run, all without ``steps``; see ``UndoOutcome`` for files changed meanwhile."""
        run = self._runs.with_key(run_key)
        if run is None:
            on_done(AppError("There is nothing to undo", "This run is not among the conversations any more."))
            return
        self._undoer.undo(run.workspace, run_key, on_done, on_done, steps=steps, force=force)

    # --- inside -----------------------------------------------------------------------------------------

    def _start(self, turn: Turn, tools: PromptTools) -> RunLoop:
        """Begin a run at a turn."""
        conversation = self._store.conversation(turn.conversation_id)
        asked = [one for one in self._store.branch_to(turn.id) if one.role == "user"]
        run = self._runs.begin(
            secrets.token_hex(8),
            conversation.id,
            asked[-1].id if asked else turn.id,
            conversation.workspace,
            self._settings.settings.run_limits,
            self._clock(),
        )
        return self._open(run, tools)

    def _continue(self, turn: Turn, tools: PromptTools) -> RunLoop:
        """Go on with the run a turn belongs to, or begin one where it belongs to none."""
        run = self._runs.of_turn(turn.id) or self._runs.last(turn.conversation_id)
        if run is None:
            return self._start(turn, tools)
        return self._open(run, tools)

    def _open(self, run: Run, tools: PromptTools) -> RunLoop:
        log = RunLog(run, self._runs, self._listen, self._clock)
        log.end_pause()
        if run.state == "running":
            log.announce()
        else:
            log.set_state("running")
        workshop = Workshop(self._runner, lambda: self._settings.settings, self._branch, self._listen, tools.specs)
        question = self._store.turn(run.asked_id).text
        self._loop = RunLoop(
            log, workshop, self._replier, self._branch, tools, self._make_parser, self._on_end, question
        )
        return self._loop

    def _on_end(self) -> None:
        self._loop = None

    def _ready(self, conversation_id: int) -> PromptTools:
        require_ready(self._engine, self._replier)
        tools = self.tools_for(self._store.conversation(conversation_id))
        if tools is None:
            folder = self._store.conversation(conversation_id).workspace
            raise AppError("The folder is gone", f"{folder or 'No folder'} cannot be opened.", "Choose a folder again.")
        return tools

    def _repairable(self, call_id: str) -> tuple[Turn, PromptTools]:
        """Return the turn of a call that never ran, when nothing is under way."""
        if self._loop is not None:
            raise AppError("A run is under way", "A call can be mended when it has ended.", "Stop it first, or wait.")
        turn = self._store.turn(turn_of_call(call_id))
        return turn, self._ready(turn.conversation_id)

    def _require_fitting(self, spec: ToolSpec, arguments: dict[str, Any]) -> None:
        problems = [problem.message for problem in self._check(spec, arguments) if problem.is_fatal]
        if problems:
            raise AppError(f"{spec.title or spec.name} cannot take these arguments", " ".join(problems))

    def _remember(self, tool: str, folder: str) -> None:
        policies = self._settings.settings.tool_policies
        self._settings.change(tool_policies={**policies, folder: {**policies.get(folder, {}), tool: "allow"}})
