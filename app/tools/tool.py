"""What a tool is, what it is asked and what it answers: the words that agent, tools and window share. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

from app.tools.views import AnyView

#: What a tool does to the world; the approval policy's defaults go by it. "talk" tools ask or tell a person and
#: are answered in the window; "external" ones belong to an MCP server.
ToolKind = Literal["read", "write", "command", "talk", "external"]
#: What a command may do. "sandbox": inside it; "network": inside it, with the network; "unsandboxed": anything.
Reach = Literal["sandbox", "network", "unsandboxed"]
#: How a call ended. "denied": the person refused; "answered": the person answered in the tool's place;
#: "invalid": the call was malformed and never ran; "not_run": the run ended before its turn came.
Outcome = Literal["done", "failed", "denied", "answered", "cancelled", "timed_out", "invalid", "not_run"]


class ToolSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as a model and a person are told of it.

    Attributes:
        name: What the model calls; letters, digits, "_" and "-".
        parameters: JSON Schema (2020-12) of an object.
        main_argument: The argument that says most, shown in a folded card; empty for none.
        icon: Name of an icon in ``resources/icons``.
        source: "sawhorse", or "mcp:" and the server's name.
        title: What people call it; empty for ``name``.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    kind: ToolKind
    main_argument: str = ""
    icon: str = "tool"
    source: str = "sawhorse"
    title: str = ""

    @property
    def schema(self) -> dict[str, Any]:
        """Its schema as chat templates take it (OpenAI's form), always with the same bytes."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}


class ToolRun(msgspec.Struct, frozen=True, kw_only=True):
    """One approved call to be run.

    Attributes:
        call_id: Unique in its conversation.
        arguments: Already checked against the tool's schema.
        workspace: Absolute path of the folder it acts in.
        run_key: The agent run it belongs to, which can be undone as a whole.
        reach: What was approved; tools that run no commands ignore it.
        time_limit_s: After so long it is ended.
    """

    call_id: str
    name: str
    arguments: dict[str, Any]
    workspace: str
    run_key: str
    reach: Reach = "sandbox"
    time_limit_s: float = 120.0


class ToolResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a call.

    Attributes:
        content: What the model reads; bounded by the tool.
        view: What a person sees; None to show ``content``.
        outcome: "done" also for a command with an exit code that is not 0.
        step: Names the checkpoint that undoes it; empty when it changed nothing.
        sandbox: What held it, as in ``TerminalView``; empty for tools that run nothing.
    """

    content: str
    view: AnyView | None = None
    outcome: Outcome = "done"
    step: str = ""
    sandbox: str = ""
    seconds: float = 0.0

    @property
    def is_error(self) -> bool:
        """Whether the model is told that it failed."""
        return self.outcome not in {"done", "answered"}


class SandboxState(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe found out by running it.

    Attributes:
        kind: The strongest that works here.
        can_cut_network: Commands in it can be kept off the network.
        message: What it does and does not hold back here, for people; with a reason where a stronger one fails.
        hint: What would make it better; empty when nothing would.
    """

    kind: Literal["bubblewrap", "landlock", "sandbox-exec", "none"]
    can_cut_network: bool
    message: str
    hint: str = ""


class UndoOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What undoing did; paths below the workspace.

    Attributes:
        conflicts: Files changed since by someone else; left as they are unless ``force``.
        redo_key: The run key under which what was replaced is kept: undoing that takes back the undo. Empty when
            nothing was replaced.
    """

    restored: tuple[str, ...]
    conflicts: tuple[str, ...] = ()
    redo_key: str = ""


class FileChange(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a step added (``before`` None), changed or deleted (``after`` None).

    Attributes:
        before, after: Names of the contents in the checkpoint store.
        is_text: Both contents can be shown as text.
        is_review: A person changed it when reviewing the run.
    """

    path: str
    step: str
    before: str | None
    after: str | None
    is_text: bool = True
    is_review: bool = False


#: What a reviewed file is now: as the run left it, as it was before the run, or neither.
FileState = Literal["after", "before", "other"]
#: What is to stand there: bytes, what was there before the run, or what the run left.
Wanted = bytes | Literal["before", "after"]


class RunFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a run changed, as it is reviewed.

    Attributes:
        before, after: Names of its contents before the run and as the run left it; None: there was no file.
        now: The same of what stands there now.
        is_text: All of them can be shown as text.
        added, removed: Lines that the run added and removed; -1 where they were not counted.
    """

    path: str
    before: str | None
    after: str | None
    now: str | None
    state: FileState
    is_text: bool = True
    added: int = -1
    removed: int = -1


class ToolRunner(Protocol):
    """Runs tools outside this process. Verbs return at once; callbacks come on the caller's own thread, once each."""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools there are now, always in the same order while the set is the same."""
        ...

    @property
    def sandbox(self) -> SandboxState | None:
        """What commands are held by; None until the probe has answered."""
        ...

    def run(self, run: ToolRun, on_output: Callable[[str], None], on_done: Callable[[ToolResult], None]) -> int:
        """Run a call; ``on_output`` hears what it prints. The death of the process that runs it is a result too."""
        ...

    def cancel(self, request: int) -> None:
        """End a call and everything it started; ``on_done`` still hears its result."""
        ...
