"""Tokenises rendered text in which marks stand for text that must stay plain."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.prompts.marks import Marks
from app.engine.prompts.specials import SpecialTexts
from app.engine.prompts.vocab import Vocab


class MarkedTokenizer:
    """Tokenises pieces of a prompt, each only once as long as the next prompt has it again."""

    def __init__(self, vocab: Vocab, specials: SpecialTexts) -> None:
        self._vocab = vocab
        self._specials = specials
        self._known: dict[tuple[str, bool], list[int]] = {}
        self._used: dict[tuple[str, bool], list[int]] = {}

    def begin_prompt(self) -> None:
        """Start a prompt: what the prompt before the last one used is forgotten."""
        self._known, self._used = self._used, {}

    def ids(self, text: str, marks: Marks) -> list[int]:
        """Return the ids of a piece of rendered text: the template's special tokens parsed, what is marked not.

        A piece without marks comes out as if tokenised whole. Where there are marks, the text between two control
        tokens is tokenised as one, so that words next to a mark come out as they always do.
        """
        if not marks.pattern.search(text):
            return self._ids(text, parse_special=True)
        return [token for stretch in self._stretches(text) for token in self._stretch_ids(stretch, marks)]

    def _stretches(self, text: str) -> Iterator[str]:
        """Yield the control tokens in ``text`` and the text between them."""
        position = 0
        for start, end in self._specials.find(text):
            if self._specials.is_always(text[start:end]):
                continue
            yield text[position:start]
            yield text[start:end]
            position = end
        yield text[position:]

    def _stretch_ids(self, stretch: str, marks: Marks) -> list[int]:
        if not marks.pattern.search(stretch):
            return self._ids(stretch, parse_special=True) if stretch else []
        return [token for text in self._cut(stretch, marks) for token in self._ids(text, parse_special=False)]

    def _cut(self, stretch: str, marks: Marks) -> Iterator[str]:
        """Yield the stretch with its marks resolved, cut inside each text that is a token wherever it stands whole."""
        pending = ""
        position = 0
        for match in marks.pattern.finditer(stretch):
            pending += stretch[position : match.start()]
            marked = marks.text(match)
            if self._specials.is_special(marked) and self._specials.is_always(marked):
                yield pending + marked[:1]
                pending = marked[1:]
            else:
                pending += marked
            position = match.end()
        pending += stretch[position:]
        if pending:
            yield pending

    def _ids(self, text: str, *, parse_special: bool) -> list[int]:
        key = (text, parse_special)
        ids = self._used.get(key) or self._known.get(key)
        if ids is None:
            ids = self._vocab.tokenize(text, parse_special=parse_special, add_special=False)
        self._used[key] = ids
        return ids
