"""Where the texts of special tokens stand in other text, and which of them must not be taken for tokens there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.engine.prompts.vocab import Vocab

Span = tuple[int, int]


class SpecialTexts:
    """The special tokens of a vocabulary, as text.

    Control tokens are read from text only when asked (``parse_special``). User-defined ones, such as
    ``<tool_call>``, llama.cpp reads in any text. Of these only the ones the template itself writes are
    structure; the others (runs of spaces, HTML tags) are words like any other.
    """

    def __init__(self, vocab: Vocab, template: str) -> None:
        self._vocab = vocab
        self._template = template
        self._texts = frozenset(text for text in vocab.special_texts if len(text) > 1 and not text.isspace())
        self._lengths = sorted({len(text) for text in self._texts}, reverse=True)
        first = "".join({re.escape(text[0]) for text in self._texts})
        self._start = re.compile(f"[{first}]") if first else re.compile(r"(?!)")
        self._heads = {text[:n] for text in self._texts for n in range(1, len(text))}
        self._tails = {text[n:] for text in self._texts for n in range(1, len(text))}
        self._always: dict[str, bool] = {}

    def find(self, text: str) -> Iterator[Span]:
        """Yield where special texts stand, from left to right, the longest where several begin."""
        position = 0
        while match := self._start.search(text, position):
            start = match.start()
            length = next((n for n in self._lengths if text[start : start + n] in self._texts), 0)
            if length:
                yield start, start + length
            position = start + (length or 1)

    def unsafe(self, text: str, *, by_model: bool) -> Iterator[Span]:
        """Yield the spans of ``text`` that must not be read as tokens, alone or with what stands beside it.

        The model may write its own user-defined tokens (``by_model``), such as ``<think>``; control tokens
        nobody may.
        """
        if self._is_inside(text):
            yield 0, len(text)
            return
        found = [span for span in self.find(text) if self._is_structure(text[slice(*span)], by_model=by_model)]
        head = self._longest(text, self._tails, at_start=True)
        tail = self._longest(text, self._heads, at_start=False)
        if head and (not found or found[0][0] >= head):
            found.insert(0, (0, head))
        if tail and (not found or found[-1][1] <= len(text) - tail):
            found.append((len(text) - tail, len(text)))
        yield from found

    def _is_structure(self, special: str, *, by_model: bool) -> bool:
        if self.is_always(special):
            return not by_model and not special.isalnum() and special in self._template
        return True

    def _is_inside(self, text: str) -> bool:
        """Whether a short text is the inside of a special one, which a template could complete on both sides."""
        if not self._lengths or len(text) >= self._lengths[0] or text.isalnum() or not text:
            return False
        return any(text in special for special in self._texts)

    def is_special(self, text: str) -> bool:
        """Whether ``text`` is that of a special token."""
        return text in self._texts

    def is_always(self, text: str) -> bool:
        """Whether llama.cpp reads this special text as its token whatever it is asked."""
        if text not in self._always:
            ids = self._vocab.tokenize(text, parse_special=False, add_special=False)
            parsed = self._vocab.tokenize(text, parse_special=True, add_special=False)
            self._always[text] = ids == parsed and len(ids) == 1
        return self._always[text]

    def _longest(self, text: str, parts: set[str], *, at_start: bool) -> int:
        """Return the length of the longest beginning (or end) of ``text`` that is part of a special text."""
        longest = min(len(text), self._lengths[0] if self._lengths else 0)
        for length in range(longest, 0, -1):
            if (text[:length] if at_start else text[-length:]) in parts:
                return length
        return 0
