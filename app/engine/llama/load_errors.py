"""Puts what llama.cpp says when a model cannot be loaded into words for people. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from re import Match

GB = 1e9


@dataclass(frozen=True)
class LoadProblem:
    """Why a model was not loaded; ``code`` is one of ``Failed``'s."""

    code: str
    title: str
    message: str
    hint: str


def _out_of_memory(match: Match[str]) -> LoadProblem:
    size = match.groupdict().get("bytes")
    mib = match.groupdict().get("mib")
    needed = int(size) / GB if size else float(mib) * 1024 * 1024 / GB if mib else 0
    device = match.groupdict().get("device") or "the"
    where = f"{device} memory" if device != "the" else "memory"
    amount = f"llama.cpp asked for {needed:,.1f} GB of {where} in one piece and did not get it." if needed else (
        f"llama.cpp could not get the {where} it asked for."
    )  # fmt: skip
    return LoadProblem(
        "out_of_memory",
        "Not enough memory to load this model",
        amount,
        "Choose a smaller context size or quantization, put fewer layers on the GPU, or load it mapped from disk "
        "without repacking.",
    )


def _unknown_architecture(match: Match[str]) -> LoadProblem:
    return LoadProblem(
        "bad_file",
        f"This llama.cpp does not know the architecture “{match['name']}”",
        "The file may be newer than the engine, or not a language model.",
        "Update llama-cpp-python, or choose another model.",
    )


def _incomplete(match: Match[str]) -> LoadProblem:
    return LoadProblem(
        "bad_file",
        "The model file is incomplete or damaged",
        f"The tensor {match['name']} lies beyond the end of the file.",
        "Download the file again.",
    )


def _missing_tensor(match: Match[str]) -> LoadProblem:
    return LoadProblem(
        "bad_file",
        "The model file lacks a part it should have",
        f"The tensor {match['name']} is missing.",
        "Download the file again, or choose another conversion of this model.",
    )


def _quantised_v(_match: Match[str]) -> LoadProblem:
    return LoadProblem(
        "load_failed",
        "A quantized V cache needs flash attention",
        "Flash attention is off, or this model or device cannot use it.",
        "Set flash attention to auto or on, or the V cache type to f16.",
    )


def _bad_override(match: Match[str]) -> LoadProblem:
    return LoadProblem(
        "load_failed",
        "A tensor override is not a regular expression",
        f"llama.cpp says: {match['why'].strip()}",
        "Correct the pattern in the load settings.",
    )


def _bad_header(match: Match[str]) -> LoadProblem:
    return LoadProblem(
        "bad_file",
        "The model file's header cannot be read",
        f"llama.cpp says: {match[0].strip()}",
        "The file is damaged or not a GGUF model. Download it again.",
    )


_RULES: Sequence[tuple[str, Callable[[Match[str]], LoadProblem]]] = (
    (r"failed to allocate (?P<device>\S+) buffer of size (?P<bytes>\d+)", _out_of_memory),
    (r"allocating (?P<mib>[\d.]+) MiB on device .*out of memory", _out_of_memory),
    (r"unable to allocate (?P<device>\S+) buffer", _out_of_memory),
    (r"(?i)out of memory|cannot allocate memory|bad_alloc|failed to (?:re)?allocate", _out_of_memory),
    (r"unknown model architecture: '(?P<name>[^']*)'", _unknown_architecture),
    (r"tensor '(?P<name>[^']+)' data is not within the file bounds", _incomplete),
    (r"missing tensor '(?P<name>[^']+)'", _missing_tensor),
    (r"V cache quantization requires flash_attn|quantized V cache", _quantised_v),
    (r"error loading model: (?P<why>.*(?:regular expression|expression contained).*)", _bad_override),
    (r"gguf_init_from_\w+: .+|invalid magic.*|key not found in model: .*|error loading model \w+: .*", _bad_header),
)


def explain(lines: Sequence[str], what: str) -> LoadProblem:
    """Return the problem that ``lines`` of llama.cpp's log speak of.

    Args:
        what: What was attempted, as the object of "could not", for a log that no rule knows.
    """
    text = "\n".join(lines)
    for pattern, put in _RULES:
        if match := re.search(pattern, text):
            return put(match)
    if match := re.search(r"error loading model: (.+)", text):
        return LoadProblem(
            "load_failed",
            f"llama.cpp could not {what}",
            f"llama.cpp says: {match[1].strip()}",
            "The file may be damaged, or newer than the engine. Download it again, or choose another model.",
        )
    errors = [line for line in lines if re.search(r"error|fail|invalid|unable", line, re.IGNORECASE)]
    said = f"llama.cpp says: {errors[-1].strip()}" if errors else "llama.cpp gives no reason."
    return LoadProblem("load_failed", f"llama.cpp could not {what}", said, "Other load settings may work; see the log.")
