"""A run of about thirty steps, as an agent makes it: failures, a refusal, a malformed call, long waits for a person."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from app.agent.export import RunExport
from app.agent.trace import Run, Span
from app.conversations.parts import CallProblem, TextPart, ToolCallPart, ToolResultPart, Turn
from app.engine.messages import Stats
from app.tools.tool import ToolSpec
from app.tools.views import DiffView, FileView, TerminalView

PATH = {"type": "string", "description": "Path below the workspace."}


def spec(name, kind, main_argument, icon, properties, required):
    """Return a tool."""
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return ToolSpec(
        name=name,
        description=f"The tool {name}.",
        parameters=schema,
        kind=kind,
        main_argument=main_argument,
        icon=icon,
    )


TOOLS = (
    spec("list_dir", "read", "path", "folder", {"path": PATH, "depth": {"type": "integer", "minimum": 1}}, ["path"]),
    spec(
        "read_file",
        "read",
        "path",
        "file-text",
        {"path": PATH, "first_line": {"type": "integer", "description": "From 1."}, "lines": {"type": "integer"}},
        ["path"],
    ),
    spec(
        "edit_file",
        "write",
        "path",
        "pencil",
        {"path": PATH, "old": {"type": "string"}, "new": {"type": "string"}, "all": {"type": "boolean"}},
        ["path", "old", "new"],
    ),
    spec(
        "run_command",
        "command",
        "command",
        "terminal",
        {"command": {"type": "string"}, "time_limit_s": {"type": "number"}},
        ["command"],
    ),
    spec(
        "search", "read", "pattern", "search", {"pattern": {"type": "string"}, "glob": {"type": "string"}}, ["pattern"]
    ),
    spec("ask_user", "talk", "question", "message-square", {"question": {"type": "string"}}, ["question"]),
)

_EDIT = {
    "path": "src/words/count.py",
    "old": "    return len(text.split(' '))",
    "new": "    # Any white space parts words, not only blanks.\n    return len(text.split())",
}
_FAILING = "\x1b[31mF\x1b[0m....\nE  assert count_words('a\\n b') == 2\n\x1b[31m1 failed\x1b[0m, 4 passed in 0.31s\n"
_PASSING = "\x1b[32m.....\x1b[0m\n\x1b[32m5 passed\x1b[0m in 0.28s\n"
#: What the model says and calls, step by step.
SCRIPT = [
    ("I'll look at the project first.", [("list_dir", {"path": ".", "depth": 2}, "done", "src/\ntests/\nREADME.md")]),
    (
        "",
        [
            ("read_file", {"path": "README.md"}, "done", "# Words\nCounts words.\n"),
            (
                "read_file",
                {"path": "src/words/count.py", "first_line": 1, "lines": 40},
                "done",
                "def count_words(text):\n",
            ),
        ],
    ),
    ("Let me see the test fail.", [("run_command", {"command": "python -m pytest -q"}, "failed", _FAILING)]),
    ("The split is on blanks alone.", [("edit_file", _EDIT, "done", "1 replacement in src/words/count.py.")]),
    ("", [("run_command", {"command": "python -m pytest -q", "time_limit_s": 60}, "done", _PASSING)]),
    ("", [("run_command", {"command": "pip install black"}, "denied", "The person refused: no network, please.")]),
    ("", [("ask_user", {"question": "Shall I also change the command line?"}, "answered", "Yes, and its help text.")]),
]


@dataclass
class Builder:
    """Puts a run together on a clock of its own."""

    now: float = 0.0
    turns: list[Turn] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    calls: int = 0
    context: int = 2_400

    def turn(self, role, parts, **fields):
        """Add a turn."""
        number = len(self.turns) + 1
        self.turns.append(
            Turn(
                id=number,
                conversation_id=1,
                parent_id=number - 1 if number > 1 else None,
                role=role,
                parts=tuple(parts),
                state="complete",
                created_at=1_764_000_000.0 + self.now,
                **fields,
            )
        )
        return number

    def span(self, kind, seconds, **fields):
        """Add a span and let its time pass."""
        start, self.now = self.now, self.now + seconds
        self.spans.append(
            Span(number=len(self.spans), kind=kind, start=round(start, 3), end=round(self.now, 3), **fields)
        )

    def reply(self, text, calls, chance):
        """Add a reply of the model, with its calls and their results."""
        number = len(self.turns) + 1
        new, written = round(chance.uniform(40, 900)), 20 + len(text) // 4 + sum(len(str(c[1])) // 3 for c in calls)
        self.span("prompt", new / 300, turn_id=number, tokens=new, reused_tokens=self.context, outcome="read")
        self.span("generate", written / 22, turn_id=number, tokens=written, outcome="eos")
        self.context += new + written
        parts = [TextPart(text=text)] if text else []
        made = [self.call(name, arguments) for name, arguments, _outcome, _content in calls]
        stats = Stats(
            prompt_tokens=self.context - written,
            reused_tokens=self.context - written - new,
            processed_tokens=new,
            prompt_seconds=new / 300,
            generated_tokens=written,
            generate_seconds=written / 22,
            context_tokens=self.context,
        )
        self.turn("assistant", [*parts, *made], model="Qwen3-Coder-Next Q4_K_M", stats=stats)
        results = [
            self.result(number, part, outcome, content, chance)
            for part, (_name, _arguments, outcome, content) in zip(made, calls, strict=True)
        ]
        if results:
            self.turn("tool", results)

    def call(self, name, arguments):
        """Return a call as Qwen3-Coder writes it."""
        self.calls += 1
        values = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in arguments.items())
        raw = f"<tool_call>\n<function={name}>\n{values}</function>\n</tool_call>"
        return ToolCallPart(
            call_id=f"call{self.calls:05d}", name=name, arguments=arguments, raw=raw, format="qwen3-coder"
        )

    def result(self, turn_id, part, outcome, content, chance):
        """Wait for the person where one is needed, run the tool, and return what came of it."""
        fields = {"turn_id": turn_id, "call_id": part.call_id, "title": part.name}
        if part.name == "ask_user":
            self.span("question", 95.0, outcome="answered", **fields)
        elif part.name in {"edit_file", "run_command"} and self.calls < 12:
            self.span("approval", 240.0 if outcome == "denied" else 6.5, outcome="approved", **fields)
        seconds = chance.uniform(0.8, 5.0) if part.name == "run_command" else chance.uniform(0.004, 0.09)
        if outcome in {"done", "failed"}:
            self.span("tool", seconds, outcome=outcome, **fields)
        return ToolResultPart(
            call_id=part.call_id,
            name=part.name,
            content=content,
            is_error=outcome not in {"done", "answered"},
            view=_view(part, outcome, content),
            outcome=outcome,
            step=part.call_id if part.name == "edit_file" else "",
            sandbox="bubblewrap" if part.name == "run_command" and outcome != "denied" else "",
            seconds=seconds if outcome in {"done", "failed"} else 0.0,
        )


def _view(part, outcome, content):
    if outcome not in {"done", "failed"}:
        return None
    if part.name == "run_command":
        code = 1 if "failed" in content else 0
        return TerminalView(command=part.arguments["command"], output=content, exit_code=code, sandbox="bubblewrap")
    if part.name == "read_file":
        return FileView(path=part.arguments["path"], text=content, total_lines=content.count("\n"))
    if part.name == "edit_file":
        return DiffView(path=part.arguments["path"], before=part.arguments["old"], after=part.arguments["new"])
    return None


def demo_run(steps=30, seed=7):
    """Return a run of so many steps; the same numbers give the same run."""
    chance = random.Random(seed)
    builder = Builder()
    builder.turn("user", [TextPart(text="Fix the failing test of count_words, then tidy up.")])
    for number in range(steps - 1):
        text, calls = SCRIPT[number % len(SCRIPT)]
        builder.reply(text, calls, chance)
        builder.now += chance.uniform(0.0, 0.05)
    builder.reply("Words are parted by any white space now, and all tests pass.", [], chance)
    run = Run(
        id=3,
        key="d3m0",
        conversation_id=1,
        asked_id=1,
        state="complete",
        started_at=1_764_000_000.0,
        workspace="/srv/words",
        spans=tuple(builder.spans),
    )
    return RunExport(run=run, turns=tuple(builder.turns), tools=TOOLS)


def malformed_call():
    """Return a call with problems at places of its raw text."""
    raw = (
        "<function=read_file>\n<parameter=path>\nsrc/words/count.py\n</parameter>\n"
        "<parameter=lines>\nforty\n</parameter>\n</function>\n</tool_call>"
    )
    place = raw.index("forty")
    return ToolCallPart(
        call_id="call90001",
        name="read_file",
        arguments={"path": "src/words/count.py", "lines": "forty"},
        raw=raw,
        format="qwen3-coder",
        problems=(
            CallProblem(
                code="missing_opener", message="The call begins without <tool_call>.", start=0, end=20, is_fatal=False
            ),
            CallProblem(
                code="wrong_type",
                message="lines is to be an integer, not \u201cforty\u201d.",
                start=place,
                end=place + 5,
            ),
        ),
    )


def token_text(text, prefix=""):
    """Return made-up tokens that spell a text: words and marks, as a tokenizer would cut them."""
    import re

    from app.agent.token_pieces import TokenText

    whole = prefix + text
    pieces = re.findall(r"<\w+|</\w+|\s+\w+|\w{1,6}|\s+|[^\w\s]{1,2}", whole)
    assert "".join(pieces) == whole
    ends, total = [], 0
    for piece in pieces:
        total += len(piece)
        ends.append(total)
    return TokenText(whole, tuple(1000 + len(piece) * 37 + n for n, piece in enumerate(pieces)), tuple(ends))
