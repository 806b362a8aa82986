"""One run of a block or a file, and how it is told: where, held by what, how it ended. No widgets."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.files.runnable import Runnable
from app.tools.tool import Reach, SandboxState, ToolResult
from app.tools.views import TerminalView
from app.tools.visible import make_visible
from ui.tools.call_words import duration
from ui.tools.sgr import without_sgr

#: "asking": a person has to say yes; "waiting": another run is before it; "refused": it did not run.
RunState = Literal["asking", "waiting", "running", "ended", "refused"]
#: What is kept of an output to be looked at again, and what of it goes into a question.
MAX_KEPT_CHARACTERS = 200_000
MAX_ASKED_CHARACTERS = 4_000
_NOT_FOUND, _NOT_RUNNABLE, _SIGNALS = 127, 126, 128
_WANTS_INPUT = re.compile(
    r"EOFError: EOF when reading a line|(?:EOF|end of file) (?:on|when reading) (?:std)?input", re.IGNORECASE
)
_WANTS_NETWORK = re.compile(
    r"could not resolve|name resolution|network is unreachable|temporary failure in name|getaddrinfo failed",
    re.IGNORECASE,
)


@dataclass
class OutputRun:
    """A run.

    Attributes:
        key: Under which what it changes can be undone.
        folder: Where it runs, absolute.
        is_own_folder: That is an empty folder of Sawhorse's own, for none is open.
        reach: What it may do.
        sandbox: What holds it; None until that is known.
        reason: Why it asks, or why it was refused.
        can_undo: It has changed files that are not put back.
    """

    runnable: Runnable
    key: str
    folder: str
    is_own_folder: bool = False
    reach: Reach = "sandbox"
    sandbox: SandboxState | None = None
    state: RunState = "waiting"
    reason: str = ""
    result: ToolResult | None = None
    can_undo: bool = False
    request: int | None = None
    began: float = 0.0
    _pieces: list[str] = field(default_factory=list)
    _kept: int = 0

    @property
    def output(self) -> str:
        """What it has printed, its end at least."""
        view = self.view
        return view.output if view is not None else "".join(self._pieces)

    @property
    def view(self) -> TerminalView | None:
        """What the tool says of it in the end."""
        view = self.result.view if self.result is not None else None
        return view if isinstance(view, TerminalView) else None

    @property
    def is_over(self) -> bool:
        """Whether it will print no more."""
        return self.state in {"ended", "refused"}

    def print(self, text: str) -> None:
        """Take more output."""
        self._pieces.append(text)
        self._kept += len(text)
        while self._kept > MAX_KEPT_CHARACTERS and len(self._pieces) > 1:
            self._kept -= len(self._pieces.pop(0))


def state_words(run: OutputRun, seconds: float = 0.0) -> tuple[str, str]:
    """Return how a run stands, and the level of a badge that says it.

    Args:
        seconds: How long it has been running.
    """
    match run.state:
        case "asking":
            return "Waits for your answer", "warning"
        case "waiting":
            return "Waits for the run before it", ""
        case "running":
            return f"Running  {duration(int(seconds))}" if seconds >= 1 else "Running", "accent"
        case "refused":
            return "Did not run", ""
    return _end_words(run)


def _end_words(run: OutputRun) -> tuple[str, str]:
    result, view = run.result, run.view
    if result is None or view is None:
        return ("Stopped", "warning") if result is not None and result.outcome == "cancelled" else ("Failed", "danger")
    took = duration(result.seconds)
    match view.ended:
        case "time limit":
            return f"Ended at its time limit, after {took}", "danger"
        case "stopped":
            return f"Stopped after {took}", "warning"
        case "memory":
            return f"Ended after {took}: it took too much memory", "danger"
        case "processes":
            return f"Ended after {took}: it had too many processes", "danger"
    if view.exit_code == 0:
        return f"Finished in {took}", "success"
    return f"{_exit_words(view.exit_code or 0)} after {took}", "danger"


def _exit_words(code: int) -> str:
    if code == _NOT_FOUND:
        return "Command not found (exit code 127)"
    if code == _NOT_RUNNABLE:
        return "Cannot be executed (exit code 126)"
    if code > _SIGNALS or code < 0:
        number = abs(code) if code < 0 else code - _SIGNALS
        try:
            return f"Ended by {signal.Signals(number).name} (exit code {code})"
        except ValueError:
            pass
    return f"Failed with exit code {code}"


def hint_of(run: OutputRun) -> str:
    """Return what should be known of a run's end; empty for nothing."""
    hints = [run.view.note] if run.view is not None and run.view.note else []
    if run.result is not None and run.view is None:
        hints.append(run.result.content)
    tail = run.output[-2_000:] if run.is_over else ""
    if _WANTS_INPUT.search(tail):
        hints.append("It asked for input, which cannot be given here.")
    elif run.view is not None and run.view.ended == "time limit":
        hints.append("If it waited for input: none can be given here. The limit is in Settings, Tools.")
    if run.reach == "sandbox" and run.result is not None and _WANTS_NETWORK.search(tail):
        hints.append("It has no network here.")
    return " ".join(hints)


def place_words(run: OutputRun, home: Path) -> str:
    """Return where a run runs, and what holds it there."""
    folder = Path(run.folder)
    if run.is_own_folder:
        place = "in an empty folder that goes when Sawhorse closes"
    elif folder != home and folder.is_relative_to(home):
        place = f"in ~/{folder.relative_to(home).as_posix()}"
    else:
        place = f"in {folder}"
    return f"{place}  \u00b7  {held_words(run)}"


def held_words(run: OutputRun) -> str:
    """Return what holds a run."""
    kind = run.result.sandbox if run.result is not None and run.result.sandbox else ""
    if run.reach == "unsandboxed" or kind == "none":
        return "without a sandbox"
    if run.sandbox is None:
        return "in the sandbox"
    if run.reach == "network":
        return f"in {run.sandbox.kind}, with the network"
    return f"in {run.sandbox.kind}, {'no network' if run.sandbox.can_cut_network else 'the network is not cut off'}"


def command_words(run: OutputRun) -> str:
    """Return what runs, on one line."""
    lines = make_visible(run.runnable.shown.strip()[:MAX_ASKED_CHARACTERS]).split("\n")
    more = f"  \u2026 {len(lines) - 1} more line{'s' if len(lines) > 2 else ''}" if len(lines) > 1 else ""
    return lines[0] + more


def question_about(run: OutputRun) -> str:
    """Return a message's text that tells a model what ran and what came of it."""
    output = without_sgr(run.output).rstrip("\n")
    if len(output) > MAX_ASKED_CHARACTERS:
        output = f"[\u2026]\n{output[-MAX_ASKED_CHARACTERS:].split(chr(10), 1)[-1]}"
    ended = state_words(run)[0]
    code = _fenced(run.runnable.shown.rstrip("\n"), run.runnable.language)
    said = f"It printed:\n\n{_fenced(output, 'text')}" if output else "It printed nothing."
    return f"I ran this:\n\n{code}\n\n{ended}. {said}\n\n"


def _fenced(text: str, language: str) -> str:
    longest = max((len(ticks) for ticks in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
