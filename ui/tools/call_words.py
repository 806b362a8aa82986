"""A call in words: what it is about, how it stands, what came of it. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from app.conversations.parts import ToolResultPart
from app.tools.line_diff import count_changes
from app.tools.views import (
    AnswerView,
    DiffView,
    FileView,
    MatchesView,
    TerminalView,
    TodoView,
    TreeView,
)
from app.tools.visible import one_line
from ui.tools.shown_call import ShownCall

#: Words for how a call ended, where "done" would not be true.
_OUTCOMES = {
    "failed": ("failed", "danger"),
    "denied": ("denied", "warning"),
    "answered": ("answered by you", "text.muted"),
    "cancelled": ("stopped", "warning"),
    "timed_out": ("time limit", "danger"),
    "invalid": ("malformed", "danger"),
    "not_run": ("not run", "text.muted"),
}
_STATES = {
    "queued": ("queued", "text.muted"),
    "asking": ("needs your approval", "warning"),
    "question": ("asks you", "accent"),
    "invalid": ("malformed", "danger"),
}
#: Larger texts are not compared just for a figure in a folded card.
_MOST_COUNTED = 50_000


def title_of(shown: ShownCall) -> str:
    """Return what people call the tool."""
    spec, name = shown.live.spec, shown.live.part.name
    title = spec.title or spec.name if spec else name
    return one_line(title, 60) or "tool call"


def icon_of(shown: ShownCall) -> str:
    """Return the name of the tool's icon."""
    return shown.live.spec.icon if shown.live.spec else "tool"


def arguments_of(shown: ShownCall) -> dict[str, Any]:
    """Return what was run, or is to be run."""
    result = shown.live.result
    return result.arguments if result and result.arguments is not None else shown.live.part.arguments


def main_argument_of(shown: ShownCall) -> str:
    """Return the argument that says most, on one line; while it is written, as far as it has come."""
    key = shown.live.spec.main_argument if shown.live.spec else ""
    arguments = arguments_of(shown)
    if shown.live.state == "writing" and not arguments:
        return one_line(_written(shown.written, key))
    if key in arguments:
        return one_line(text_of(arguments[key]))
    view = shown.live.result.view if shown.live.result else None
    if isinstance(view, TodoView):
        return one_line(next((item.text for item in view.items if item.state == "in_progress"), ""))
    return one_line(next((value for value in arguments.values() if isinstance(value, str)), ""))


def text_of(value: Any) -> str:
    """Return an argument as text: a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def pretty(value: Any) -> str:
    """Return a JSON value over several lines."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def readable(value: Any) -> str:
    """Return a value as text: a string as it is, anything else as JSON over several lines."""
    return value if isinstance(value, str) else pretty(value)


def state_of(shown: ShownCall) -> tuple[str, str]:
    """Return how a call stands, and the colour token of the words."""
    live = shown.live
    if live.state == "writing":
        count = sum(map(len, shown.written.values()))
        return (f"writing \u2026 {count:,} characters" if count > 200 else "writing \u2026"), "accent"
    if live.state == "running":
        return f"running  {duration(int(shown.seconds))}", "accent"
    if live.state == "done":
        return _ending(live.result)
    return _STATES[live.state]


def summary_of(result: ToolResultPart | None) -> str:
    """Return what came of a call in a few words; empty where there is nothing to say."""
    match result.view if result else None:
        case DiffView(before=before, after=after) as view:
            return _changes(before or "", after or "", is_new=before is None, is_gone=view.after is None)
        case FileView(text=text, total_lines=total):
            shown = text.count("\n") + (not text.endswith("\n") and bool(text))
            return f"{shown:,} of {total:,} lines" if total > shown else _plural(shown, "line")
        case MatchesView(total=total, files=files):
            return f"{_plural(total, 'match', 'matches')} in {_plural(files, 'file')}" if total else "no matches"
        case TreeView(total=total):
            return _plural(total, "entry", "entries")
        case TodoView(items=items):
            return f"{sum(item.state == 'done' for item in items)} of {len(items)} done"
        case TerminalView(exit_code=int(code)):
            return f"exit {code}"
        case AnswerView(answer=answer):
            return one_line(answer, 40)
    return ""


def duration(seconds: float) -> str:
    """Return a time a person can take in: "0.4 s", "12 s", "2 min 5 s"."""
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def sandbox_words(sandbox: str) -> tuple[str, str]:
    """Return what held a command, and the level of a badge that says it."""
    return ("not sandboxed", "warning") if sandbox in {"", "none"} else (f"sandboxed: {sandbox}", "success")


def sandboxing_of(shown: ShownCall) -> tuple[bool, bool]:
    """Return whether a command ran or is to run (outside, inside) of a sandbox; neither for what runs nothing."""
    live = shown.live
    if live.result is not None:
        held = live.result.sandbox
        return held == "none", held not in {"", "none"}
    is_command = live.spec is not None and live.spec.kind == "command" and live.state in {"asking", "running"}
    is_outside = live.reach == "unsandboxed"
    return is_command and is_outside, is_command and not is_outside and live.state == "running"


REACH_WORDS = {
    "sandbox": ("in the sandbox", "success"),
    "network": ("in the sandbox, with the network", "warning"),
    "unsandboxed": ("without a sandbox", "danger"),
}


def _ending(result: ToolResultPart | None) -> tuple[str, str]:
    if result is None:
        return "no result", "text.muted"
    took = duration(result.seconds) if result.seconds >= 0.05 else ""
    if result.outcome == "done":
        has_failed = isinstance(result.view, TerminalView) and bool(result.view.exit_code)
        return took or "done", "warning" if has_failed else "text.muted"
    words, color = _OUTCOMES[result.outcome]
    return f"{words}  {took}".strip(), color


def _changes(before: str, after: str, *, is_new: bool, is_gone: bool) -> str:
    if len(before) + len(after) > _MOST_COUNTED:
        return "new file" if is_new else "deleted" if is_gone else ""
    added, removed = count_changes(before, after)
    pieces = ["new file" if is_new else "deleted" if is_gone else ""]
    pieces += [f"+{added}" if added else "", f"\u2212{removed}" if removed else ""]
    return "  ".join(piece for piece in pieces if piece) or "no changes"


def _written(written: dict[str, str], key: str) -> str:
    """Return the beginning of an argument under way; in JSON it is looked for by its name."""
    if key in written:
        return written[key].lstrip("\n")[:500]
    raw = written.get("", "")[:4000]
    match = re.search(rf'"{re.escape(key)}"\s*:\s*"((?:[^"\\]|\\.)*)', raw) if key and raw else None
    if match:
        return match[1].replace("\\n", "\n").replace('\\"', '"')
    return "" if key and written else next(iter(written.values()), "")[:500]


def _plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
