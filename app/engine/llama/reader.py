"""A ``llama_context`` with what belongs to it: what is in its memory, and the way new tokens get there."""

from __future__ import annotations

from typing import Any

import llama_cpp.llama_cpp as llama

from app.engine.llama.cache import PromptCache, can_cut
from app.engine.llama.prefill import Prefill


class Reader:
    """Owns a ``llama_context``: ``close`` frees it, before its model."""

    def __init__(self, context: Any, model: Any, *, checkpoint_bytes: int, saved_bytes: int) -> None:
        self.context = context
        self.n_ctx = int(llama.llama_n_ctx(context))
        self.cache = PromptCache(
            context, can_cut=can_cut(model), checkpoint_bytes=checkpoint_bytes, saved_bytes=saved_bytes
        )
        self.prefill = Prefill(context, self.cache, llama.llama_n_batch(context), llama.llama_n_ubatch(context))

    def close(self) -> None:
        """Give its memory back."""
        self.cache.clear()
        llama.llama_free(self.context)
