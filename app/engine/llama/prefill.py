"""Reads a prompt: in segments that can be cancelled, with progress, and checkpoints on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import llama_cpp.llama_cpp as llama

from app.engine.llama.cache import PromptCache
from app.errors import Cancelled

#: A segment is sized to take about this long: progress is told, and a cancel heard, between segments.
SEGMENT_SECONDS = 0.3
#: One that takes longer, as the first may on a slow machine, is aborted when a cancel comes. What an abort
#: leaves of recurrent state is unknown, so that the way back to a checkpoint may cost what was read since.
ABORT_AFTER_SECONDS = 0.4
MIN_SEGMENT = 32
#: Without user messages or other natural places, a checkpoint is taken every so many tokens.
CHECKPOINT_INTERVAL = 4096
#: Of the user messages in a long prompt that is read for the first time, only the last ones get a checkpoint.
LAST_BOUNDARIES = 4

_ABORTED = 2  # llama_decode: aborted by the callback


class DecodeError(RuntimeError):
    """``llama_decode`` failed; the code is llama.cpp's."""

    def __init__(self, code: int) -> None:
        super().__init__(f"llama_decode returned {code}")
        self.code = code


@dataclass(frozen=True)
class PrefillProgress:
    """How far a prompt has been read; ``done`` counts the reused tokens too."""

    done: int
    total: int
    reused: int
    tokens_per_second: float


class Prefill:
    """Reads prompts into one context."""

    def __init__(self, context: Any, cache: PromptCache, n_batch: int, n_ubatch: int) -> None:
        self._context = context
        self._cache = cache
        self._n_batch = n_batch
        self._n_ubatch = n_ubatch
        self._segment_begun = 0.0
        self._tokens_per_second = 0.0  # of the latest segments, to size the next one

    @property
    def tokens_per_second(self) -> float:
        """How fast the latest full segment was read; 0 before there was one."""
        return self._tokens_per_second

    def run(
        self,
        prompt: Sequence[int],
        boundaries: Iterable[int],
        on_progress: Callable[[PrefillProgress], None],
        is_cancelled: Callable[[], bool],
    ) -> None:
        """Decode what of ``prompt`` is not in the cache yet, leaving the logits of its last token.

        Raises:
            Cancelled: ``is_cancelled`` became true; the cache tells truly what was read.
            DecodeError: llama.cpp failed.
        """
        reused = len(self._cache.tokens)
        begun = time.monotonic()
        stops = self._stops(reused, len(prompt), boundaries)
        abort = llama.ggml_abort_callback(lambda _data: is_cancelled() and self._segment_age() > ABORT_AFTER_SECONDS)
        llama.llama_set_abort_callback(self._context, abort, None)
        try:
            while (at := len(self._cache.tokens)) < len(prompt):
                if is_cancelled():
                    raise Cancelled
                end = min(at + self._segment_size(), next(stop for stop in stops if stop > at))
                self._decode(prompt[at:end])
                if end in stops and end < len(prompt):
                    self._cache.checkpoint()
                speed = (end - reused) / max(time.monotonic() - begun, 1e-6)
                on_progress(PrefillProgress(end, len(prompt), reused, speed))
        finally:
            llama.llama_set_abort_callback(self._context, llama.ggml_abort_callback(), None)

    def _decode(self, segment: Sequence[int]) -> None:
        self._segment_begun = begun = time.monotonic()
        array = (llama.llama_token * len(segment))(*segment)
        code = llama.llama_decode(self._context, llama.llama_batch_get_one(array, len(segment)))
        if code:
            self._cache.forget_failed_decode()
            raise Cancelled if code == _ABORTED else DecodeError(code)
        self._cache.extend(segment)
        # Short segments run less efficiently and would mislead; the latest full one counts.
        if len(segment) >= MIN_SEGMENT or not self._tokens_per_second:
            self._tokens_per_second = len(segment) / max(time.monotonic() - begun, 1e-6)

    def _segment_age(self) -> float:
        return time.monotonic() - self._segment_begun

    def _segment_size(self) -> int:
        """Return tokens for about ``SEGMENT_SECONDS``, in whole micro-batches where they are that quick."""
        if not self._tokens_per_second:
            return min(self._n_ubatch, self._n_batch, 128)
        size = int(self._tokens_per_second * SEGMENT_SECONDS)
        if size >= self._n_ubatch:
            size -= size % self._n_ubatch
        return min(max(size, MIN_SEGMENT), self._n_batch)

    def _stops(self, reused: int, length: int, boundaries: Iterable[int]) -> list[int]:
        """Return, ascending, the positions a segment must end at; the last is the prompt's end."""
        if not self._cache.needs_checkpoints:
            return [length]
        ahead = sorted({boundary for boundary in boundaries if reused < boundary < length})
        natural = {*ahead[:1], *ahead[-LAST_BOUNDARIES:], length - 1}
        regular = range(reused + CHECKPOINT_INTERVAL, length - CHECKPOINT_INTERVAL // 4, CHECKPOINT_INTERVAL)
        return sorted(stop for stop in {*natural, *regular, length} if stop > reused)
