"""Puts the end of an engine's process into words: what happened, why as far as it left word, what next. Pure."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from app.ipc.transport import ChildExit

GB = 1e9
RELOAD = "Load the model again to go on; the conversation is kept."
#: Windows' NTSTATUS codes, as ``GetExitCodeProcess`` returns them.
_WINDOWS = {
    0xC0000005: "segv",
    0xC0000409: "abort",
    0xC000001D: "ill",
    0xC0000017: "memory",
    0xC000012D: "memory",
    0x40000015: "abort",
}
_SIGNALS = {
    "SIGKILL": "kill",
    "SIGABRT": "abort",
    "SIGSEGV": "segv",
    "SIGBUS": "bus",
    "SIGILL": "ill",
    "SIGFPE": "segv",
    "SIGTERM": "term",
}


@dataclass(frozen=True)
class ExitReason:
    """Why an engine ended, in the parts of ``AppError``."""

    title: str
    message: str
    hint: str
    detail: str


def explain_exit(end: ChildExit, *, rss_bytes: int = 0, available_bytes: int = 0, total_bytes: int = 0) -> ExitReason:
    """Return the reason for ``end``.

    Args:
        rss_bytes: The engine's memory when it was last heard of; 0 for unknown.
        available_bytes: What the system has free now.
        total_bytes: What the system has.
    """
    detail = "\n".join(end.stderr_tail.splitlines()[-80:])
    if end.error:
        return ExitReason(
            "The engine could not be started",
            f"The system says: {end.error}.",
            "Reinstall Sawhorse, or see the log.",
            detail,
        )
    lines = end.stderr_tail.splitlines()
    # Only an end of its own making: a load that failed and was survived leaves such lines too.
    is_own = kind_of(end) in {"abort", "error", "memory", "segv"}
    by_kind = _by_kind(end, lines, rss_bytes, available_bytes, total_bytes)
    title, message, hint = (_out_of_memory(lines) if is_own else None) or by_kind
    return ExitReason(title, message, hint, detail)


def kind_of(end: ChildExit) -> str:
    """Return the kind of end: "kill", "abort", "segv", "bus", "ill", "term", "memory", "error" or "quit"."""
    if end.signal is not None:
        return _SIGNALS.get(signal_name(end.signal), "signal")
    if end.code is None or end.code == 0:
        return "quit"
    return _WINDOWS.get(end.code & 0xFFFFFFFF, "error")


def signal_name(number: int) -> str:
    """Return a signal's name, such as SIGKILL."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _by_kind(end: ChildExit, lines: Sequence[str], rss: int, available: int, total: int) -> tuple[str, str, str]:
    kind = kind_of(end)
    match kind:
        case "kill":
            return _killed(rss, available, total)
        case "memory":
            return (
                "The engine ran out of memory",
                "The system could not give it any more.",
                "Choose a smaller context size or quantization. " + RELOAD,
            )
        case "abort":
            return _aborted(lines)
        case "bus":
            return (
                "The engine stopped because its model file changed",
                "The file was shortened or replaced on disk while it was in use, or its disk failed.",
                "Check the file, download it again if it is damaged, then load it again.",
            )
        case "ill":
            return (
                "The engine uses instructions this processor does not have",
                "Its build of llama.cpp was made for a newer processor.",
                "Reinstall llama-cpp-python so that it is built for this machine.",
            )
        case "segv":
            return (
                "The engine crashed",
                "It touched memory that is not its own: a fault in llama.cpp, a driver, or a damaged model file.",
                "Load the model again. If it happens again, try other load settings or another file of this model.",
            )
        case "term":
            return ("The engine was ended from outside", "Another program asked it to stop.", RELOAD)
        case "quit":
            return ("The engine ended", "It stopped by itself, without giving a reason.", RELOAD)
        case "signal":
            name = signal_name(end.signal or 0)
            return (f"The engine was stopped by {name}", "It came from outside or from a fault.", RELOAD)
        case _:
            return _failed(lines)


def _killed(rss: int, available: int, total: int) -> tuple[str, str, str]:
    numbers = ""
    if rss and total:
        numbers = f" It last used {rss / GB:,.1f} GB; {available / GB:,.1f} of {total / GB:,.1f} GB are free now."
    if rss and total and rss > total / 2:
        return (
            "The engine was stopped, most likely for lack of memory",
            f"The system ends the largest program when memory runs out.{numbers}",
            "Choose a smaller context size or quantization, or close other programs. " + RELOAD,
        )
    return (
        "The engine was stopped from outside",
        f"It was killed by another program, or by the system for lack of memory.{numbers}",
        RELOAD,
    )


def _aborted(lines: Sequence[str]) -> tuple[str, str, str]:
    wanted = re.compile(r"GGML_ASSERT\(.*|GGML_ABORT.*|terminate called.*|what\(\):.*|.*fatal error.*", re.IGNORECASE)
    found = [match[0].strip() for line in lines if (match := wanted.search(line))]
    said = f"llama.cpp gave up: {'; '.join(found[-2:])}" if found else "llama.cpp met a state it cannot go on from."
    return (
        "The engine gave up",
        said,
        "The same settings will most likely fail again: change the load settings or the prompt, then load again.",
    )


def _failed(lines: Sequence[str]) -> tuple[str, str, str]:
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    if "ModuleNotFoundError" in last or "ImportError" in last:
        return (
            "The engine's libraries are not complete",
            last,
            "Reinstall with the commands of the README.",
        )
    return ("The engine ended with an error", last or "It left no word.", RELOAD)


def _out_of_memory(lines: Sequence[str]) -> tuple[str, str, str] | None:
    words = re.compile(r"cudaMalloc failed|out of memory|OutOfDeviceMemory|bad_alloc|MemoryError", re.IGNORECASE)
    said = next((line.strip() for line in reversed(lines) if words.search(line)), "")
    if not said:
        return None
    if re.search(r"CUDA|HIP|ROCm|Vulkan|vk::|Metal|SYCL", said, re.IGNORECASE):
        hint = "Put fewer layers on the GPU, keep more MoE expert layers on the CPU, or choose a smaller context size."
        return ("The engine ran out of GPU memory", said, hint)
    return ("The engine ran out of memory", said, "Choose a smaller context size or quantization. " + RELOAD)
