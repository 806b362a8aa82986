"""An agent on a real store, with an engine and tools that do only what the test says."""

from __future__ import annotations

import contextlib
import itertools
import json
from pathlib import Path

import jsonschema

from app.agent.agent import Agent
from app.agent.run_store import RunStore
from app.chat.changes import CallChanged, RunChanged
from app.chat.session import ChatSession
from app.conversations.parts import CallProblem
from app.conversations.store import ConversationStore
from app.settings import SettingsFile
from app.tools.tool import SandboxState, ToolResult, ToolSpec
from tests.agent.branch_reader import BranchReader
from tests.agent.tiny_parser import TinyParser
from tests.app.chats import Chat

BUBBLEWRAP = SandboxState(kind="bubblewrap", can_cut_network=True, message="Held.")


def _spec(name, kind, *required, **properties):
    schema = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return ToolSpec(
        name=name, description=f"Does {name}.", parameters=schema, kind=kind, main_argument=next(iter(properties), "")
    )


TEXT = {"type": "string"}
SPECS = (
    _spec("read_file", "read", "path", path=TEXT),
    _spec("write_file", "write", "path", path=TEXT, content=TEXT),
    _spec(
        "run_command",
        "command",
        "command",
        command=TEXT,
        permissions={"enum": ["sandbox", "network", "unsandboxed"]},
    ),
    _spec("ask_user", "talk", "question", question=TEXT),
    _spec("todo", "talk", items={"type": "array"}),
)


class ScriptedRunner:
    """A ``ToolRunner`` that remembers what it was asked; the test says what came of it."""

    def __init__(self):
        self.specs = SPECS
        self.sandbox = BUBBLEWRAP
        self.runs = []
        self.cancelled = []
        self._numbers = itertools.count(1)
        self._waiting = {}

    def run(self, run, on_output, on_done):
        number = next(self._numbers)
        self.runs.append(run)
        self._waiting[number] = (on_output, on_done)
        return number

    def cancel(self, request):
        self.cancelled.append(request)

    @property
    def last(self):
        return max(self._waiting)

    @property
    def is_running(self):
        return bool(self._waiting)

    def prints(self, text):
        self._waiting[self.last][0](text)

    def ends(self, content="ok", **fields):
        """Say what came of the call that was run last."""
        self._waiting.pop(self.last)[1](ToolResult(content=content, **fields))


class Undoer:
    """Remembers what was to be undone."""

    def __init__(self):
        self.asked = []

    def undo(self, workspace, run_key, on_done, on_failed, *, steps, force):
        self.asked.append((workspace, run_key, steps, force))


def check(spec, arguments):
    """Check arguments as the parser's own module does."""
    errors = jsonschema.Draft202012Validator(spec.parameters).iter_errors(arguments)
    return [CallProblem(code="wrong_type", message=error.message) for error in errors]


class Scene(BranchReader, Chat):
    """A chat with an agent in a folder."""

    def __init__(self, store, folder, settings):
        super().__init__(store)
        self.folder = str(folder)
        self.runner = ScriptedRunner()
        self.undoer = Undoer()
        self.settings = SettingsFile(settings)
        self.agent = Agent(
            self.engine,
            store,
            RunStore(store),
            self.replier,
            self.runner,
            self.settings,
            self.changes.append,
            make_parser=TinyParser,
            grammar_for=lambda specs, _template: f"root ::= {len(specs)}",
            check=check,
            undoer=self.undoer,
            system_text="Work in {folder}.",
            clock=self._tick,
        )
        self.session = ChatSession(self.engine, store, self.replier, self.changes.append, self.agent)

    def _tick(self):
        self.now += 0.01
        return self.now

    def ask(self, text="Do it."):
        """Have something done in the folder."""
        if not self.session.workspace:
            self.session.set_workspace(self.folder)
        self.session.send(text)

    def call(self, name, text="", **arguments):
        """Have the model say something and call a tool."""
        self.say(text + written(name, **arguments))

    def calls(self):
        """Return the calls of the branch by their states, as a window asks for them."""
        turns = [turn for turn in self.session.branch if turn.role == "assistant"]
        return [call for turn in turns for call in self.agent.calls_of(turn.id)]

    @property
    def states(self):
        return [call.state for call in self.calls()]

    @property
    def id(self):
        """The id of the call that was told of last."""
        return self.heard(CallChanged)[-1].call.part.call_id

    @property
    def run_state(self):
        return self.agent.run.state

    @property
    def told_states(self):
        """The states the run was told to be in, each once in a row."""
        return [state for state, _ in itertools.groupby(change.run.state for change in self.heard(RunChanged))]


def written(name, **arguments):
    """Return a call as the tiny parser reads it."""
    return f"[{name} {json.dumps(arguments)}]\n"


@contextlib.contextmanager
def open_scene(home: Path):
    """Open a scene whose conversations and settings are in ``home``; a second time it is the next session."""
    folder = home / "work"
    folder.mkdir(exist_ok=True)
    with contextlib.closing(ConversationStore(home / "conversations.db")) as store:
        yield Scene(store, folder, home / "settings.json")
