"""What a conversation is made of: turns, and the parts of a turn. Pure values; identity is storage's concern."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from app.engine.messages import Role, Stats
from app.tools.tool import Outcome
from app.tools.views import AnyView

TurnState = Literal["streaming", "complete", "stopped", "failed", "interrupted"]
NoticeLevel = Literal["info", "warning", "error"]


class Part(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One piece of a turn."""


class TextPart(Part, tag="text", frozen=True, kw_only=True):
    """Markdown a person or a model wrote."""

    text: str


class ReasoningPart(Part, tag="reasoning", frozen=True, kw_only=True):
    """What a model thought before it answered."""

    text: str


class CallProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with a tool call.

    Attributes:
        code: Stable: "truncated", "unknown_tool", "bad_json", "missing", "wrong_type", "unexpected",
            "duplicate", "stray_markup", "missing_opener", "not_closed", "suspected".
        message: What is wrong and where, for people and for the model.
        start, end: The characters of the call's ``raw`` it is about; both 0 when it is about no place.
        is_fatal: The call must not run. Others are remarks on what was tolerated.
    """

    code: str
    message: str
    start: int = 0
    end: int = 0
    is_fatal: bool = True


class ToolCallPart(Part, tag="tool_call", frozen=True, kw_only=True):
    """A call of a tool: what the model wrote (``raw``, markup included) and what was understood.

    Attributes:
        format: The form it was found in, a ``CallFormat``.
    """

    call_id: str
    name: str
    arguments: dict[str, Any]
    raw: str = ""
    problems: tuple[CallProblem, ...] = ()
    format: str = ""

    @property
    def can_run(self) -> bool:
        """Whether nothing stands against running it."""
        return not any(problem.is_fatal for problem in self.problems)


class ToolResultPart(Part, tag="tool_result", frozen=True, kw_only=True):
    """What came back from a tool.

    Attributes:
        content: What the model reads.
        view: What a person sees; None to show ``content``.
        outcome: How the call ended.
        arguments: What was run, where a person changed what the model had asked for.
        step: Names the checkpoint that undoes it; empty when it changed nothing.
        sandbox: What held it; empty for tools that run nothing.
    """

    call_id: str
    name: str
    content: str
    is_error: bool = False
    view: AnyView | None = None
    outcome: Outcome = "done"
    arguments: dict[str, Any] | None = None
    step: str = ""
    sandbox: str = ""
    seconds: float = 0.0


class ReferencePart(Part, tag="reference", frozen=True, kw_only=True):
    """Something a person pointed at beside what they wrote: a file, a folder, or some lines.

    Attributes:
        path: Below the folder that was open, else absolute.
        first_line, last_line: Of "lines", from 1; both 0 otherwise.
        text: What it said when the message was sent; of a folder, its list of files. The model reads this.
        is_cut: ``text`` is only the beginning.
    """

    path: str
    target: Literal["file", "folder", "lines"] = "file"
    first_line: int = 0
    last_line: int = 0
    text: str = ""
    is_cut: bool = False


class NoticePart(Part, tag="notice", frozen=True, kw_only=True):
    """Something Sawhorse says in the transcript, such as why a reply stopped; never sent to a model.

    ``code`` is stable: "engine_died", "failed", "context_dropped", "context_summarised", "context_full",
    "no_template", "interrupted".
    """

    level: NoticeLevel
    code: str
    title: str
    message: str = ""
    hint: str = ""
    detail: str = ""


class ContextCutPart(Part, frozen=True, kw_only=True, tag="context_cut"):
    """From this turn on, the model no longer reads the turns before ``first_kept_id``.

    Kept with the turn that needed the room, so that every later prompt begins with the same text and
    finds it in the cache. ``summary`` stands in for what was left out; empty when it was dropped.
    """

    first_kept_id: int
    dropped_turns: int
    summary: str = ""


AnyPart = TextPart | ReasoningPart | ToolCallPart | ToolResultPart | ReferencePart | NoticePart | ContextCutPart


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One message in the tree of a conversation.

    Attributes:
        id: Its row number; also its order in time, since clocks change.
        parent_id: The turn it answers; None for a first one.
        created_at: Seconds since the epoch, UTC.
        token_ids: The ids the model generated for it; None when it was written or edited by a person.
        fingerprint: The ``ModelInfo.fingerprint`` those ids are valid for.
        model: The name of the model that wrote it.
        sampling: The sampling it was made with, as a JSON object.
    """

    id: int
    conversation_id: int
    parent_id: int | None
    role: Role
    parts: tuple[AnyPart, ...]
    state: TurnState
    created_at: float
    token_ids: tuple[int, ...] | None = None
    fingerprint: str = ""
    model: str = ""
    stats: Stats | None = None
    sampling: dict[str, Any] = {}

    @property
    def text(self) -> str:
        """Its text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation without its turns.

    Attributes:
        leaf_id: The last turn of the branch that is shown; None while it is empty.
        system_prompt: Text of its system message; empty for none.
        sampling: The user's own sampling values for it, by field name.
        draft: What was typed and not sent.
        overflow: What to do when a prompt does not fit the context.
        workspace: The folder that tools act in, absolute; empty: the model has no tools.
        draft_references: What the draft points at, with absolute paths; of lines, what they said then.
    """

    id: int
    title: str
    created_at: float
    updated_at: float
    leaf_id: int | None = None
    system_prompt: str = ""
    sampling: dict[str, Any] = {}
    draft: str = ""
    overflow: Literal["stop", "drop_oldest", "summarise"] = "stop"
    workspace: str = ""
    draft_references: tuple[ReferencePart, ...] = ()
