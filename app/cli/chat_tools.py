"""``sawhorse chat --tools``: the same agent as in the window, in a terminal or for a script."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from app.agent.agent import Agent
from app.agent.forms import parser_for, problems_of
from app.agent.live import LiveCall
from app.agent.run_store import RunStore
from app.chat.changes import CallChanged, Change, TextAppended
from app.chat.replier import Replier
from app.chat.session import ChatSession
from app.cli.chat_output import Writer, shown
from app.cli.interrupts import Interrupts
from app.cli.waiting import TICK_S, WaitingEngine
from app.cli.waiting_tools import WaitingTools, waiting_tools
from app.conversations.parts import NoticePart
from app.conversations.store import ConversationStore
from app.engine.messages import AnyEvent, Finished
from app.errors import AppError
from app.paths import find_paths
from app.settings import SettingsFile
from app.tools.tool import SandboxState

_NOBODY = "Nobody can be asked here."


class Approver:
    """Decides on calls that ask: by asking in the terminal, or by what was allowed beforehand.

    Args:
        may_ask: Somebody sits at the terminal.
        in_sandbox: Allow what changes files, and commands that the sandbox holds; never more.
    """

    def __init__(self, interrupts: Interrupts, *, may_ask: bool, in_sandbox: bool) -> None:
        self._interrupts = interrupts
        self._may_ask = may_ask
        self._in_sandbox = in_sandbox

    def decide(self, call: LiveCall, sandbox: SandboxState | None, agent: Agent) -> None:
        """Say what becomes of a call that waits."""
        identity = call.part.call_id
        if call.state == "question":
            self._answer(call, agent)
        elif (self._in_sandbox and _is_held(call, sandbox)) or (self._may_ask and self._says_yes(call)):
            agent.approve(identity)
        else:
            agent.deny(identity, "" if self._may_ask else _NOBODY)

    def _answer(self, call: LiveCall, agent: Agent) -> None:
        if not self._may_ask:
            agent.deny(call.part.call_id, _NOBODY)
            return
        question = call.part.arguments.get(call.spec.main_argument if call.spec else "", "")
        agent.answer(call.part.call_id, self._line(f"{shown({'question': question})}\n> "))

    def _says_yes(self, call: LiveCall) -> bool:
        title = call.spec.title or call.spec.name if call.spec else call.part.name
        print(f"{title}: {shown(call.part.arguments)}\n{call.reason}", file=sys.stderr)
        return self._line("Run it? [y/N] ").strip().lower() in {"y", "yes"}

    def _line(self, prompt: str) -> str:
        print(prompt, end="", file=sys.stderr, flush=True)
        try:
            with self._interrupts.raising():
                return input()
        except EOFError:
            return ""


def _is_held(call: LiveCall, sandbox: SandboxState | None) -> bool:
    kind = call.spec.kind if call.spec else ""
    if kind == "command":
        return call.reach == "sandbox" and sandbox is not None and sandbox.kind != "none"
    return kind == "write"


class _ToolConversation:
    def __init__(
        self,
        engine: WaitingEngine,
        tools: WaitingTools,
        store: ConversationStore,
        write: Writer,
        approver: Approver,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._engine = engine
        self._tools = tools
        self._write = write
        self._approver = approver
        self._is_stopped = is_stopped
        self._asking: list[LiveCall] = []
        self._told: set[str] = set()
        self._ends: list[Finished] = []
        text = (files("resources") / "prompts" / "agent.md").read_text("utf-8").strip()
        self.replier = Replier(engine.engine, store, self._listen, "")
        self._agent = Agent(
            engine.engine,
            store,
            RunStore(store),
            self.replier,
            tools.process,
            SettingsFile(find_paths().settings),
            self._listen,
            make_parser=parser_for,
            grammar_for=lambda _specs, _template: "",
            check=problems_of,
            undoer=tools.process,
            system_text=text,
        )
        self.session = ChatSession(engine.engine, store, self.replier, self._listen, self._agent)

    def say(self, text: str, **options: Any) -> None:
        """Have a message answered, with all the steps that takes."""
        self._ends.clear()
        self.session.send(text, **options)
        while self.session.is_busy:
            self._go_on()
        last = self.session.branch[-1]
        run = self._agent.run
        if last.state == "failed":
            raise _failure(last.parts)
        if self._ends:
            self._write.turn_end(last.text, self._ends[-1], self._ends[:-1])
        if run and run.reason:
            print(f"note: {run.reason}", file=sys.stderr)

    def _go_on(self) -> None:
        if self._is_stopped():
            self.session.stop()
        for event in self._engine.pump(TICK_S):
            self._hear(event)
        self._tools.pump(0.0)
        while self._asking:
            self._approver.decide(self._asking.pop(0), self._tools.process.sandbox, self._agent)

    def _hear(self, event: AnyEvent) -> None:
        if isinstance(event, Finished):
            self._ends.append(event)
        self.replier.handle(event)

    def _listen(self, change: Change) -> None:
        match change:
            case TextAppended(text=text):
                self._write.delta(text)
            case CallChanged(call):
                self._show(call)
            case _:
                pass

    def _show(self, call: LiveCall) -> None:
        if call.state == "writing":
            return
        if call.part.call_id not in self._told:
            self._told.add(call.part.call_id)
            self._write.tool_call(call.part)
        if call.state in {"asking", "question"}:
            self._asking.append(call)
        if call.result is not None:
            self._write.tool_result(call.result)


def _failure(parts: Any) -> AppError:
    notice = next((part for part in parts if isinstance(part, NoticePart)), None)
    if notice is None:
        return AppError("The reply failed")
    return AppError(notice.title, notice.message, notice.hint, notice.detail)


@contextlib.contextmanager
def tool_conversation(
    engine: WaitingEngine,
    folder: str,
    advised: Mapping[str, Any],
    sampling: Mapping[str, Any],
    system: str,
    write: Writer,
    approver: Approver,
    interrupts: Interrupts,
) -> Iterator[Callable[[str], None]]:
    """Open a conversation whose tools act in ``folder``; yields what says something in it.

    Args:
        advised: Sampling values of the model's card or file, by field name.
        sampling: Those of the user.

    Raises:
        AppError: There is no such folder, or tools cannot be run; later, a reply failed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="sawhorse-chat-") as place,
        contextlib.closing(ConversationStore(Path(place) / "conversations.db")) as store,
        waiting_tools() as tools,
    ):
        conversation = _ToolConversation(engine, tools, store, write, approver, interrupts.take)
        conversation.session.set_workspace(folder)
        conversation.replier.card_sampling = advised
        state = tools.probe()
        if state.kind == "none":
            print(f"note: {state.message}", file=sys.stderr)
        yield lambda text: conversation.say(text, system_prompt=system, sampling=sampling)
