"""Small stand-ins for the agent, the tools and the checkpoint store: they remember what they were asked."""

from __future__ import annotations

from msgspec.structs import replace

from app.agent.live import LiveCall
from app.agent.trace import Run, RunLimits, Span
from app.conversations.parts import ToolCallPart, ToolResultPart
from app.errors import AppError
from app.tools.tool import FileChange, RunFile, SandboxState, ToolSpec, UndoOutcome

BUBBLEWRAP = SandboxState(kind="bubblewrap", can_cut_network=True, message="Commands see only the folder.")
NO_SANDBOX = SandboxState(kind="none", can_cut_network=False, message="Nothing holds commands.", hint="Install bwrap.")
DEFAULTS = {"read": "allow", "talk": "allow", "write": "ask", "command": "ask", "external": "ask"}


def spec(name, kind="read", *, source="sawhorse", title="", description="Does something. At length.", main="path"):
    """Return a tool."""
    schema = {"type": "object", "properties": {main: {"type": "string"}}}
    return ToolSpec(
        name=name, kind=kind, source=source, title=title, description=description, parameters=schema, main_argument=main
    )


READ, WRITE = spec("read_file", title="Read a file"), spec("write_file", "write", title="Write a file")
COMMAND, ASK = spec("run_command", "command", title="Run a command", main="command"), spec("ask_user", "talk")
REMOTE = spec("fs_read", "external", source="mcp:files")
SPECS = (READ, WRITE, COMMAND, ASK, REMOTE)


def default_of(one):
    """Return what a tool may do where nothing was chosen."""
    return DEFAULTS[one.kind]


def call(turn_id, call_id="c1", state="done", tool=COMMAND, *, step="", **arguments):
    """Return a call; with a step, one that changed something."""
    part = ToolCallPart(call_id=call_id, name=tool.name, arguments=arguments)
    result = ToolResultPart(call_id=call_id, name=tool.name, content="ok", step=step) if state == "done" else None
    return LiveCall(turn_id, part, state, spec=tool, result=result)


def run(state="running", *, conversation=1, asked=1, key="k", spans=(), **fields):
    """Return a run that began at second 1000."""
    return Run(
        id=7, key=key, conversation_id=conversation, asked_id=asked, state=state, started_at=1000.0,
        workspace="/home/you/project", spans=tuple(spans), **fields,
    )  # fmt: skip


def span(number, kind, start, end=None, **fields):
    """Return a span."""
    return Span(number=number, kind=kind, start=start, end=end, **fields)


def file_change(path, step, before, after, *, is_text=True):
    """Return a change of a file."""
    return FileChange(path=path, step=step, before=before, after=after, is_text=is_text)


class FakePort:
    """An agent that only remembers; ``refusal`` is raised by every verb that may raise."""

    def __init__(self):
        self.run = None
        self.specs = ()
        self.calls = {}
        self.runs = {}
        self.asked = []
        self.refusal = None
        self.undos = []

    def calls_of(self, turn_id):
        return tuple(self.calls.get(turn_id, ()))

    def run_of(self, turn_id):
        return self.runs.get(turn_id)

    def _take(self, *what):
        self.asked.append(what)
        if self.refusal:
            raise self.refusal

    def approve(self, call_id, *, arguments=None, remember=False):
        self._take("approve", call_id, arguments, remember)

    def deny(self, call_id, reason=""):
        self._take("deny", call_id, reason)

    def answer(self, call_id, text):
        self._take("answer", call_id, text)

    def fix_and_run(self, call_id, name, arguments):
        self._take("fix", call_id, name, arguments)

    def ask_again(self, call_id):
        self._take("ask_again", call_id)

    def send_as_text(self, call_id):
        self._take("as_text", call_id)

    def cancel_call(self, call_id):
        self._take("cancel", call_id)

    def inject(self, text, references=()):
        self._take("inject", text, *references)

    def proceed(self):
        self._take("proceed")

    def undo(self, run_key, steps, on_done, *, force):
        self.asked.append(("undo", run_key, steps, force))
        self.undos.append(on_done)


class FakeCalls:
    """A transcript that only remembers what it was told of calls."""

    def __init__(self):
        self.told = []

    def show_call(self, live):
        self.told.append(("show", live))

    def grow_call(self, turn_id, call_id, key, text):
        self.told.append(("grow", turn_id, call_id, key, text))

    def print_tool(self, turn_id, call_id, text):
        self.told.append(("print", turn_id, call_id, text))

    def scroll_to_turn(self, turn_id):
        self.told.append(("scroll", turn_id))

    def approve_asking(self):
        self.told.append(("approve",))

    def deny_asking(self):
        self.told.append(("deny",))


class FakeStore:
    """A checkpoint store that answers at once, from ``kept`` and ``data``; ``error`` instead if there is one.

    ``now`` is what stands in files that are not as the run left them, by path; ``written`` what a review wrote.
    """

    def __init__(self):
        self.kept = ()
        self.data = {}
        self.error = None
        self.listed = []
        self.now = {}
        self.written = []
        self.waits = False
        self.waiting = []

    def files(self, workspace, run_key, on_done, on_failed):
        paths = dict.fromkeys(change.path for change in self.kept)
        self._answer(tuple(map(self._file, paths)), on_done, on_failed)

    def review(self, workspace, run_key, path, now, wanted, on_done, on_failed):
        self.written.append((path, now, wanted))
        file = self._file(path)
        if file.now != now:
            on_failed(refusal("The file was changed meanwhile"))
            return
        if isinstance(wanted, bytes):
            name = f"written {len(self.written)}"
            self.data[name], self.now[path] = wanted, name
        else:
            self.now[path] = getattr(file, wanted)
        self._answer(self._file(path), on_done, on_failed)

    def _file(self, path):
        own = [change for change in self.kept if change.path == path]
        before, after = own[0].before, own[-1].after
        now = self.now.get(path, after)
        state = {before: "before", after: "after"}.get(now, "other")
        is_text = all(change.is_text for change in own)
        return RunFile(path=path, before=before, after=after, now=now, state=state, is_text=is_text, added=1, removed=2)

    def changes(self, workspace, run_key, on_done, on_failed):
        self.listed.append((workspace, run_key))
        self._answer(tuple(self.kept), on_done, on_failed)

    def contents(self, workspace, name, on_done, on_failed):
        self._answer(self.data.get(name), on_done, on_failed)

    def _answer(self, answer, on_done, on_failed):
        if self.error:
            on_failed(self.error)
        elif self.waits:
            self.waiting.append(lambda: on_done(answer))
        else:
            on_done(answer)


class FakeRunner:
    """Tools that are only listed."""

    def __init__(self, specs=SPECS, sandbox=BUBBLEWRAP):
        self.specs = specs
        self.sandbox = sandbox

    def run(self, run, on_output, on_done):
        raise AssertionError("the window runs nothing by itself")

    def cancel(self, request):
        raise AssertionError("the window runs nothing by itself")


def undone(*restored, conflicts=()):
    """Return what an undo did."""
    return UndoOutcome(restored=restored, conflicts=tuple(conflicts))


def limits(**fields):
    """Return limits, the rest as they are by default."""
    return replace(RunLimits(), **fields)


def refusal(title="Not now"):
    """Return an error for people."""
    return AppError(title, "Because.", "Wait.")
