"""A run as a JSON file that can be read back: its spans, its turns and the tools it had."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from app.agent.live import LiveCall
from app.agent.live_calls import calls_in, stored_calls
from app.agent.trace import Run
from app.conversations.parts import ToolResultPart, Turn
from app.errors import AppError
from app.tools.tool import ToolSpec

VERSION = 1
#: Far more than a long run has; a file beyond it is not one of ours, or not for this window.
MAX_BYTES = 256 * 1024**2
MAX_TURNS = 20_000
MAX_SPANS = 100_000
#: Qt passes numbers of turns on as 32 bits.
MAX_ID = 2**31 - 1
#: A run of a year: times beyond it would make an axis of nothing.
MAX_SECONDS = 366 * 24 * 3600.0


class RunExport(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's file holds.

    Attributes:
        form: Tells it from other JSON.
        turns: Of the branch the run is on, from the user's turn that began it.
        tools: Those the model was offered, for the schema check.
    """

    form: str = "sawhorse-run"
    version: int = VERSION
    run: Run
    turns: tuple[Turn, ...]
    tools: tuple[ToolSpec, ...] = ()


def run_to_json(export: RunExport) -> bytes:
    """Return a run with everything that is known of it."""
    return msgspec.json.format(msgspec.json.encode(export), indent=2)


def run_from_json(data: bytes) -> RunExport:
    """Return what ``run_to_json`` wrote.

    Raises:
        AppError: It is something else, was damaged, or is too large to be shown.
    """
    if len(data) > MAX_BYTES:
        raise _refusal(f"It has {len(data):,} bytes, and {MAX_BYTES:,} are the most that is read.")
    try:
        export = msgspec.json.decode(data, type=RunExport)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal("It is not a run that Sawhorse exported, or it was changed since.", str(error)) from error
    _check(export)
    return export


def turns_of_run(branch: Sequence[Turn], run: Run) -> tuple[Turn, ...]:
    """Return the turns of a run: from the user's that began it to the last one before somebody else's task.

    Args:
        branch: The turns of its branch, from the first to the last.
        run: Whose ``asked_id`` stands in it; else the whole branch is returned.
    """
    first = next((place for place, turn in enumerate(branch) if turn.id == run.asked_id), 0)
    known = {span.turn_id for span in run.spans}
    last = max((place for place, turn in enumerate(branch) if turn.id in known), default=len(branch) - 1)
    while last + 1 < len(branch) and branch[last + 1].role == "tool":
        last += 1
    return tuple(branch[first : last + 1])


def calls_of(turns: Iterable[Turn], tools: Iterable[ToolSpec] = ()) -> dict[int, tuple[LiveCall, ...]]:
    """Return the calls of turns, by turn, each with its result where it has one; they are records."""
    turns, tools = tuple(turns), tuple(tools)
    results = {part.call_id: part for turn in turns for part in turn.parts if isinstance(part, ToolResultPart)}
    return {
        turn.id: tuple(replace(call, is_record=True) for call in stored_calls(turn, results, tools))
        for turn in turns
        if calls_in(turn)
    }


def _check(export: RunExport) -> None:
    """Refuse what would decode and still make no sense.

    Raises:
        AppError: With what is wrong.
    """
    if export.form != "sawhorse-run":
        raise _refusal("It is JSON, but no run.")
    if export.version > VERSION:
        raise _refusal(
            f"It has version {export.version}, and this Sawhorse reads up to {VERSION}.", hint="Use a newer Sawhorse."
        )
    if len(export.turns) > MAX_TURNS or len(export.run.spans) > MAX_SPANS:
        raise _refusal(f"It has {len(export.turns):,} turns and {len(export.run.spans):,} spans, which is too much.")
    turns, spans = [turn.id for turn in export.turns], [span.number for span in export.run.spans]
    if len(set(turns)) != len(turns) or len(set(spans)) != len(spans):
        raise _refusal("Two of its turns or spans have the same number.")
    if not all(0 <= number <= MAX_ID for number in (*turns, *spans, *(span.turn_id for span in export.run.spans))):
        raise _refusal("Some of its turns or spans have numbers that none can have.")
    times = [time for span in export.run.spans for time in (span.start, span.start if span.end is None else span.end)]
    if not all(math.isfinite(time) and 0 <= time <= MAX_SECONDS for time in times):
        raise _refusal("Some of its times are no times of a run.")
    if any(span.end is not None and span.end < span.start for span in export.run.spans):
        raise _refusal("Some of its spans end before they begin.")
    if any(span.tokens < 0 or span.reused_tokens < 0 for span in export.run.spans):
        raise _refusal("Some of its spans have fewer than no tokens.")


def _refusal(
    message: str, detail: str = "", hint: str = "Choose a file that \u201cExport run as JSON\u201d wrote."
) -> AppError:
    return AppError("This run file cannot be opened", message, hint, detail)
