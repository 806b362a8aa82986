"""What llama.cpp says in its log: kept for error reports, and read for the memory it allocated."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable

import llama_cpp.llama_cpp as llama

MIB = 1024 * 1024
KEPT_LINES = 600
_DEBUG, _CONT = 1, 5  # enum ggml_log_level
#: Parts as they are called in ``ModelInfo.memory``, by llama.cpp's own words.
PARTS = {"model": "weights", "KV": "kv_cache", "RS": "recurrent_state", "compute": "compute", "output": "output"}
_BUFFER = re.compile(r"(\S+)\s+(model|KV|RS|compute|output)\s+buffer size\s*=\s*([\d.]+) MiB")


class LlamaLog:
    """Takes over llama.cpp's log of this process: the last lines in memory, all of them on standard error.

    Args:
        with_debug: Keep all lines, and those of the level DEBUG too, which say where each tensor and layer goes;
            a dry run reads them. None of them goes to standard error then.
    """

    def __init__(self, *, with_debug: bool = False) -> None:
        self._lines: deque[str] = deque(maxlen=None if with_debug else KEPT_LINES)
        self._open = ""
        self._is_debug = False
        self._with_debug = with_debug
        # The C side keeps only a pointer: this reference is what keeps the callback alive.
        self._callback = llama.llama_log_callback(self._take)
        llama.llama_log_set(self._callback, None)

    def mark(self) -> None:
        """Forget what was said before: the lines that follow belong to a new undertaking."""
        self._lines.clear()

    @property
    def lines(self) -> list[str]:
        """The lines since the last mark."""
        return list(self._lines)

    def _take(self, level: int, text: bytes, _data: object) -> None:
        # GGML_LOG_LEVEL_CONT goes on with the line before; a line for every tensor (DEBUG) helps nobody.
        self._is_debug = self._is_debug if level == _CONT else level == _DEBUG
        if self._is_debug and not self._with_debug:
            return
        if not self._with_debug:
            os.write(2, text)
        *lines, self._open = (self._open + text.decode(errors="replace")).split("\n")
        self._lines.extend(lines)


def memory_by_device(lines: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return bytes by device and part from the buffer sizes llama.cpp logs while it loads."""
    memory: dict[str, dict[str, int]] = {}
    for line in lines:
        if match := _BUFFER.search(line):
            device, part, mib = match.groups()
            parts = memory.setdefault(device, {})
            parts[PARTS[part]] = parts.get(PARTS[part], 0) + round(float(mib) * MIB)
    return memory
