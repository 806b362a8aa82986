"""A model in memory with everything that belongs to it: context, vocabulary, cache, template."""

from __future__ import annotations

import ctypes
import math
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama

from app.engine.llama.infill import NoInfill, infill_context, make_infill_reader
from app.engine.llama.logs import LlamaLog, memory_by_device
from app.engine.llama.reader import Reader
from app.engine.llama.vocab import LlamaVocab
from app.engine.messages import InfillPrompt, LoadSettings, ModelInfo
from app.engine.prompts.assemble import AssembledPrompt, PromptAssembler
from app.engine.prompts.chatml import CHATML_TEMPLATE
from app.engine.prompts.fold import reads_tools
from app.engine.prompts.infill import InfillAssembler, budget_for
from app.engine.prompts.renderer import Renderer

#: ``general.sampling.*`` of a GGUF, by our field names.
_SAMPLING_KEYS = {
    "temp": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "xtc_probability": "xtc_probability",
    "xtc_threshold": "xtc_threshold",
    "penalty_last_n": "repeat_last_n",
    "penalty_repeat": "repeat_penalty",
    "mirostat": "mirostat",
    "mirostat_tau": "mirostat_tau",
    "mirostat_eta": "mirostat_eta",
}
_INTEGERS = frozenset({"top_k", "repeat_last_n", "mirostat"})


class LoadedModel:
    """Owns a ``llama_model`` and its contexts: ``close`` frees them.

    Attributes:
        reader: Reads and remembers the conversation.
    """

    def __init__(
        self, path: Path, model: Any, context: Any, settings: LoadSettings, log: LlamaLog, renderer: Renderer
    ) -> None:
        self._model = model
        self.vocab = LlamaVocab(model)
        self.reader = Reader(
            context, model, checkpoint_bytes=settings.checkpoint_bytes, saved_bytes=settings.prompt_cache_bytes
        )
        self.n_ctx = self.reader.n_ctx
        self.n_ctx_train = int(llama.llama_model_n_ctx_train(model))
        self._is_recurrent = bool(llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model))
        template = llama.llama_model_chat_template(model, None)
        self._template = template.decode(errors="replace") if template else ""
        self.assembler = PromptAssembler(self.vocab, self._template, renderer)
        self._path = path
        self._settings = settings
        self._memory = memory_by_device(log.lines)
        self._infill_reader: Reader | None = None
        tokens = self.vocab.infill_tokens
        if tokens is None and "codestral" in self._meta("general.name").lower():
            tokens = self.vocab.suffix_first_tokens
        self._infill = InfillAssembler(self.vocab, tokens) if tokens else None
        self.infill_ends = tokens.all if tokens else frozenset()

    @property
    def has_own_template(self) -> bool:
        """Whether the chat template came with the model."""
        return bool(self._template)

    def assemble_infill(self, prompt: InfillPrompt) -> AssembledPrompt:
        """Return the tokens of a completion in the editor.

        Raises:
            NoInfill: The model has no tokens for that.
        """
        if self._infill is None:
            raise NoInfill
        own = self._infill_reader
        speed = (own.prefill.tokens_per_second if own else 0.0) or self.reader.prefill.tokens_per_second
        return self._infill.assemble(prompt, budget_for(infill_context(self.n_ctx), speed))

    def infill_reader(self) -> Reader:
        """Return what reads and remembers completions in the editor; the first call makes it.

        Raises:
            NoRoomForInfill: There is not enough memory for another context.
        """
        if self._infill_reader is None:
            self._infill_reader = make_infill_reader(self._model, self._settings, self.n_ctx, self._memory)
        return self._infill_reader

    def info(self, load_seconds: float) -> ModelInfo:
        """Return what was loaded, for the application."""
        model = self._model
        architecture = self._meta("general.architecture")
        template = self._template or CHATML_TEMPLATE
        return ModelInfo(
            path=str(self._path),
            name=self._meta("general.name") or self._path.stem,
            fingerprint=self.vocab.fingerprint(template, architecture),
            architecture=architecture,
            description=_text(lambda buffer, size: llama.llama_model_desc(model, buffer, size)),
            size_bytes=int(llama.llama_model_size(model)),
            n_params=int(llama.llama_model_n_params(model)),
            n_layer=int(llama.llama_model_n_layer(model)),
            n_ctx=self.n_ctx,
            n_ctx_train=self.n_ctx_train,
            n_vocab=self.vocab.size,
            chat_template=template,
            has_own_template=self.has_own_template,
            is_recurrent=self._is_recurrent,
            supports_tools=reads_tools(self._template),
            supports_infill=self._infill is not None,
            memory=self._memory,
            sampling=self._sampling_advice(),
            load_seconds=load_seconds,
            settings=self._settings,
        )

    def close(self) -> None:
        """Give the memory back; the object is of no use afterwards."""
        for reader in (self.reader, self._infill_reader):
            if reader is not None:
                reader.close()
        llama.llama_model_free(self._model)

    def _meta(self, key: str) -> str:
        return _text(lambda buffer, size: llama.llama_model_meta_val_str(self._model, key.encode(), buffer, size))

    def _sampling_advice(self) -> dict[str, float]:
        advice: dict[str, float] = {}
        for key, name in _SAMPLING_KEYS.items():
            text = self._meta(f"general.sampling.{key}")
            try:
                value = int(text) if name in _INTEGERS else float(text)
            except ValueError:
                continue
            if math.isfinite(value):  # a file may say anything, and JSON has no word for NaN
                advice[name] = value
        return advice


def _text(read: Any) -> str:
    """Call a C function that fills a buffer and returns the length it wanted, negative for nothing."""
    buffer = ctypes.create_string_buffer(256)
    wanted = read(buffer, len(buffer))
    if wanted >= len(buffer):
        buffer = ctypes.create_string_buffer(wanted + 1)
        read(buffer, len(buffer))
    return buffer.value.decode(errors="replace") if wanted >= 0 else ""
