"""Opens a model file for its vocabulary and template alone, in a few milliseconds."""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp.llama_cpp as llama

from app.engine.llama.logs import LlamaLog
from app.engine.llama.vocab import LlamaVocab

_LOG = LlamaLog()  # llama.cpp keeps a pointer to it


class OpenVocab:
    """A vocabulary and the chat template beside it."""

    def __init__(self, path: Path) -> None:
        llama.llama_backend_init()
        parameters = llama.llama_model_default_params()
        parameters.vocab_only = True
        self._model = llama.llama_model_load_from_file(str(path).encode(), parameters)
        self.vocab = LlamaVocab(self._model)
        buffer = ctypes.create_string_buffer(1 << 16)
        llama.llama_model_meta_val_str(self._model, b"tokenizer.chat_template", buffer, len(buffer))
        self.template = buffer.value.decode()

    def said(self, ids: tuple[int, ...]) -> str:
        """Return what the tokens say, special ones included."""
        buffer = ctypes.create_string_buffer(1 << 20)
        tokens = (llama.llama_token * len(ids))(*ids)
        length = llama.llama_detokenize(self.vocab.handle, tokens, len(ids), buffer, len(buffer), False, True)
        return buffer.raw[:length].decode()

    def close(self) -> None:
        """Free the model."""
        llama.llama_model_free(self._model)
