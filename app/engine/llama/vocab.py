"""The vocabulary of a loaded model: text to token ids and back, and which tokens are special."""

from __future__ import annotations

import ctypes
import hashlib
from functools import cached_property
from typing import Any

import llama_cpp.llama_cpp as llama

from app.engine.prompts.infill import InfillTokens

#: Markup that some vocabularies declare as control tokens although it is part of what a reply says.
SPOKEN_CONTROL = frozenset(
    {
        "<think>",
        "</think>",
        "<tool_call>",
        "</tool_call>",
        "<tool_response>",
        "</tool_response>",
        "[TOOL_CALLS]",
        "[ARGS]",
        "<|python_tag|>",
    }
)
_PIECE_BYTES = 256


class LlamaVocab:
    """Wraps ``llama_vocab``; valid while its model is loaded."""

    def __init__(self, model: Any) -> None:
        self._vocab = llama.llama_model_get_vocab(model)
        self.size = int(llama.llama_vocab_n_tokens(self._vocab))
        self.adds_bos = bool(llama.llama_vocab_get_add_bos(self._vocab))
        bos = self._known(llama.llama_vocab_bos(self._vocab))
        self.bos_id = bos if self.adds_bos else None
        # llama.cpp names some token for every vocabulary; where that is an ordinary one there is none.
        self.bos_text = self.text_of(bos) if bos is not None and llama.llama_vocab_is_control(self._vocab, bos) else ""
        self.eos_text = self.text_of(self._known(llama.llama_vocab_eos(self._vocab)))
        self._pieces: list[bytes | None] = [None] * self.size

    @property
    def handle(self) -> Any:
        """The ``llama_vocab`` pointer."""
        return self._vocab

    def _known(self, token: int) -> int | None:
        return token if 0 <= token < self.size else None

    def text_of(self, token: int | None) -> str:
        """Return a token's own text as the vocabulary holds it; empty for None."""
        if token is None:
            return ""
        text: bytes = llama.llama_vocab_get_text(self._vocab, token)
        return text.decode(errors="replace")

    @cached_property
    def special_texts(self) -> tuple[str, ...]:
        """The texts that ``parse_special`` turns into one token each."""
        special = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_USER_DEFINED | llama.LLAMA_TOKEN_ATTR_UNKNOWN
        return tuple(
            self.text_of(token)
            for token in range(self.size)
            if llama.llama_vocab_get_attr(self._vocab, token) & special
        )

    @cached_property
    def end_tokens(self) -> frozenset[int]:
        """The tokens that end a generation."""
        return frozenset(token for token in range(self.size) if llama.llama_vocab_is_eog(self._vocab, token))

    @cached_property
    def infill_tokens(self) -> InfillTokens | None:
        """The fill-in-the-middle tokens that llama.cpp knows by their ids or texts; None for a model without."""
        names = ("pre", "suf", "mid", "rep", "sep", "pad")
        found = [self._known(getattr(llama, f"llama_vocab_fim_{name}")(self._vocab)) for name in names]
        prefix, suffix, middle, *rest = found
        if prefix is None or suffix is None or middle is None:
            return None
        return InfillTokens(prefix, suffix, middle, *rest)

    @cached_property
    def suffix_first_tokens(self) -> InfillTokens | None:
        """Those of Mistral's vocabularies, which many models have that were never trained with them."""
        prefix, suffix = map(self._control_token, ("[PREFIX]", "[SUFFIX]"))
        return None if prefix is None or suffix is None else InfillTokens(prefix, suffix, None)

    def _control_token(self, text: str) -> int | None:
        ids = self.tokenize(text, parse_special=True, add_special=False)
        is_token = len(ids) == 1 and bool(llama.llama_vocab_is_control(self._vocab, ids[0]))
        return ids[0] if is_token else None

    def tokenize(self, text: str, *, parse_special: bool, add_special: bool) -> list[int]:
        """Return the ids of ``text``.

        Args:
            parse_special: Texts of special tokens become those tokens; otherwise they are plain text.
            add_special: Add the tokens the vocabulary wants at the beginning and end.
        """
        data = text.encode("utf-8", errors="surrogateescape")
        capacity = len(data) + 8
        while True:
            buffer = (llama.llama_token * capacity)()
            count = llama.llama_tokenize(self._vocab, data, len(data), buffer, capacity, add_special, parse_special)
            if count >= 0:
                return buffer[:count]
            capacity = -count

    def piece(self, token: int) -> bytes:
        """Return the bytes a token adds to a reply; nothing for a control token that is not spoken."""
        known = self._pieces[token]
        if known is None:
            spoken = bool(llama.llama_vocab_is_control(self._vocab, token)) and self.text_of(token) in SPOKEN_CONTROL
            known = self._pieces[token] = self._render(token, special=spoken)
        return known

    def _render(self, token: int, *, special: bool) -> bytes:
        capacity = _PIECE_BYTES
        while True:
            buffer = ctypes.create_string_buffer(capacity)
            count = llama.llama_token_to_piece(self._vocab, token, buffer, capacity, 0, special)
            if count >= 0:
                return buffer.raw[:count]
            capacity = -count

    def shown(self, token: int) -> str:
        """Return a token's text for people, special tokens included."""
        return self.spelling(token).decode(errors="replace")

    def spelling(self, token: int) -> bytes:
        """Return a token's bytes for people, special tokens included."""
        return self._render(token, special=True)

    def fingerprint(self, template: str, architecture: str) -> str:
        """Return a name for this tokenizer and template: ids are valid between models that share it."""
        digest = hashlib.sha256(f"{architecture}\0{self.size}\0{template}\0".encode())
        # Every 97th token and all special ones tell vocabularies apart without hashing 150,000 texts.
        for token in range(0, self.size, 97):
            digest.update(self.text_of(token).encode() + b"\0")
        digest.update("\0".join(self.special_texts).encode())
        return digest.hexdigest()[:24]
