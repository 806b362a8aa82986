"""The model's memory of what it has read: which tokens are in it, and states to return to.

Attention memory can be cut at any token. Recurrent state (and sliding-window memory) cannot; there a
ring of checkpoints, copies of that state alone, leads back. Whole states of other conversations are kept
as well, so that going back and forth does not read anything twice. See ``llama_state_seq_*_ext`` and
``llama_memory_seq_rm`` in llama.h; restoring before removing is what makes the removal possible.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from app.engine.llama.cache_plan import WORTHWHILE_TOKENS, Plan, common_prefix, plan_reuse, to_evict

_PARTIAL = llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
_SEQUENCE = 0
Blob = NDArray[np.uint8]


def can_cut(model: Any) -> bool:
    """Return whether the memory of a model can be cut at any token: pure attention without a window."""
    is_recurrent = llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model)
    return not is_recurrent and llama.llama_model_n_swa(model) == 0


@dataclass
class SavedSequence:
    """A conversation that is not in memory now: its tokens, whole state and checkpoints."""

    tokens: list[int]
    state: Blob
    checkpoints: dict[int, Blob] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """Memory it takes."""
        return self.state.nbytes + sum(blob.nbytes for blob in self.checkpoints.values())


class PromptCache:
    """Knows what is in the context's memory. ``tokens`` is the truth: every decode is told to it.

    Args:
        context: The ``llama_context``.
        can_cut: Memory can be cut at any token.
        checkpoint_bytes: Most memory for checkpoints of the conversation in memory.
        saved_bytes: Most memory for states of other conversations.
    """

    def __init__(self, context: Any, *, can_cut: bool, checkpoint_bytes: int, saved_bytes: int) -> None:
        self._context = context
        self._memory = llama.llama_get_memory(context)
        self._can_cut = can_cut
        self._checkpoint_bytes = checkpoint_bytes
        self._saved_bytes = saved_bytes
        self._saved: list[SavedSequence] = []  # least recently used first
        self._checkpoints: dict[int, Blob] = {}
        self.tokens: list[int] = []
        self._has_logits = False

    @property
    def needs_checkpoints(self) -> bool:
        """Whether going back depends on checkpoints."""
        return not self._can_cut

    @property
    def checkpoint_positions(self) -> list[int]:
        """Where the checkpoints are, ascending."""
        return sorted(self._checkpoints)

    @property
    def held_bytes(self) -> int:
        """Memory taken by checkpoints and saved conversations."""
        return sum(blob.nbytes for blob in self._checkpoints.values()) + sum(s.size_bytes for s in self._saved)

    def prepare(self, prompt: Sequence[int]) -> Plan:
        """Bring memory to the longest usable beginning of ``prompt``; return what was done."""
        prompt = list(prompt)  # slices of a list and a tuple are never equal
        if self._has_logits and prompt == self.tokens:
            return Plan(len(prompt))  # a reply is gone on with where it stopped: its next token can be chosen at once
        plan = plan_reuse(self.tokens, self.checkpoint_positions, prompt, can_cut=self._can_cut)
        plan = self._exchange(prompt, plan)
        if not self._go_to(plan):
            self.clear()
            return Plan(0, reason="the state in memory could not be returned to")
        return plan

    def extend(self, tokens: Sequence[int]) -> None:
        """Note that ``tokens`` were decoded."""
        self.tokens += tokens
        self._has_logits = True

    def checkpoint(self) -> None:
        """Keep the state as it is after all ``tokens``, if that is of use and there is room."""
        position = len(self.tokens)
        if self._can_cut or not position or position in self._checkpoints:
            return
        size = llama.llama_state_seq_get_size_ext(self._context, _SEQUENCE, _PARTIAL)
        if not 0 < size <= self._checkpoint_bytes:
            return
        self._checkpoints[position] = self._state(_PARTIAL)
        while sum(blob.nbytes for blob in self._checkpoints.values()) > self._checkpoint_bytes:
            positions = self.checkpoint_positions
            del self._checkpoints[positions[to_evict(positions)]]

    def forget_failed_decode(self) -> None:
        """After a decode that was aborted half way: return to a state that is known to be true."""
        self._has_logits = False
        position = len(self.tokens)
        if self._can_cut and self._remove_from(position):
            return
        usable = [at for at in self.checkpoint_positions if at <= position]
        if not usable or not self._go_to(Plan(usable[-1], checkpoint=usable[-1])):
            self.clear()

    def clear(self) -> None:
        """Forget the conversation in memory; saved ones stay."""
        llama.llama_memory_clear(self._memory, True)
        self.tokens = []
        self._checkpoints = {}
        self._has_logits = False

    # --- inside -----------------------------------------------------------------------------------------

    def _go_to(self, plan: Plan) -> bool:
        self._has_logits = False
        if plan.keep == 0:
            self.clear()
            return True
        if plan.checkpoint is not None and not self._restore(self._checkpoints[plan.checkpoint], _PARTIAL):
            return False
        if plan.keep < len(self.tokens) and not self._remove_from(plan.keep):
            return False
        del self.tokens[plan.keep :]
        self._checkpoints = {at: blob for at, blob in self._checkpoints.items() if at <= plan.keep}
        return True

    def _remove_from(self, position: int) -> bool:
        return bool(llama.llama_memory_seq_rm(self._memory, _SEQUENCE, position, -1))

    def _state(self, flags: int) -> Blob:
        size = llama.llama_state_seq_get_size_ext(self._context, _SEQUENCE, flags)
        blob = np.empty(size, np.uint8)
        written = llama.llama_state_seq_get_data_ext(self._context, _pointer(blob), size, _SEQUENCE, flags)
        return blob[:written]

    def _restore(self, blob: Blob, flags: int) -> bool:
        read = llama.llama_state_seq_set_data_ext(self._context, _pointer(blob), blob.nbytes, _SEQUENCE, flags)
        return bool(read == blob.nbytes)

    def _exchange(self, prompt: Sequence[int], plan: Plan) -> Plan:
        """Save the conversation in memory if it is about to be lost, and fetch a better match if there is one."""
        is_other = common_prefix(self.tokens, prompt) < min(len(self.tokens), len(prompt)) // 2
        best = self._best_saved(prompt)
        if best is None or best[1].keep < plan.keep + WORTHWHILE_TOKENS:
            if is_other:
                self._save()
            return plan
        saved, better = best
        self._saved.remove(saved)
        if is_other:
            self._save()
        self.clear()
        if not self._restore(saved.state, 0):
            self.clear()
            return Plan(0, reason="a saved conversation could not be brought back")
        self.tokens, self._checkpoints = saved.tokens, saved.checkpoints
        return better

    def _best_saved(self, prompt: Sequence[int]) -> tuple[SavedSequence, Plan] | None:
        plans = [
            (saved, plan_reuse(saved.tokens, sorted(saved.checkpoints), prompt, can_cut=self._can_cut))
            for saved in self._saved
        ]
        return max(plans, key=_kept, default=None)

    def _save(self) -> None:
        size = llama.llama_state_seq_get_size_ext(self._context, _SEQUENCE, 0)
        if len(self.tokens) < WORTHWHILE_TOKENS or size > self._saved_bytes:
            return
        self._saved.append(SavedSequence(list(self.tokens), self._state(0), dict(self._checkpoints)))
        while self._saved and sum(saved.size_bytes for saved in self._saved) > self._saved_bytes:
            del self._saved[0]


def _pointer(blob: Blob) -> Any:
    return blob.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))


def _kept(match: tuple[SavedSequence, Plan]) -> int:
    return match[1].keep
