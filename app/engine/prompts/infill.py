"""Makes the prompt of a fill-in-the-middle completion: token ids, with the model's own tokens between the parts.

The order of the parts is that of the models' papers and of llama.cpp's ``/infill``: with other files first
(Qwen2.5-Coder's report, arXiv 2409.12186, 3.2.2), then prefix, suffix, middle. Codestral has no token for the middle
and reads the suffix first. Texts are shortened where the window of the model is, in steps and at line starts, so that
the prompt of the next key press begins with the tokens of this one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.messages import InfillPrompt
from app.engine.prompts.assemble import AssembledPrompt
from app.engine.prompts.specials import SpecialTexts
from app.engine.prompts.vocab import Vocab

#: Tokens kept free for the completion.
ROOM = 160
#: Most tokens before and after the cursor, and of all other files.
MOST_BEFORE, MOST_AFTER, MOST_OTHERS = 2048, 512, 512
LEAST_AFTER = 64
#: What follows the cursor is read again with every key press, and may take about so long.
AFTER_SECONDS = 0.35
#: A text that has outgrown its window loses half a window at once: until the next time it keeps its beginning, and
#: smaller steps would have the rest read again so much oftener.
_STEPS = 2
#: A cut moves on by at most so many tokens to come to a line's start.
_LINE_TOKENS = 96
#: Tokens between the places in a file that are worth a checkpoint of recurrent state.
_CHECKPOINT_STEP = 512


@dataclass(frozen=True)
class InfillTokens:
    """The fill-in-the-middle tokens of a vocabulary.

    Attributes:
        middle: None for models that read the suffix first and go on after the prefix, such as Codestral.
        repository, file: What begins the name of a repository and of a file; None where there is none.
    """

    prefix: int
    suffix: int
    middle: int | None
    repository: int | None = None
    file: int | None = None
    pad: int | None = None

    @property
    def all(self) -> frozenset[int]:
        """All of them: none has a place in a completion."""
        known = (self.prefix, self.suffix, self.middle, self.repository, self.file, self.pad)
        return frozenset(token for token in known if token is not None)


@dataclass(frozen=True)
class InfillBudget:
    """Most tokens of each part."""

    before: int
    after: int
    others: int


def budget_for(n_ctx: int, tokens_per_second: float = 0.0) -> InfillBudget:
    """Return how much of each part a context has room for.

    Args:
        n_ctx: Tokens of the whole context.
        tokens_per_second: How fast prompts are read, 0 for unknown; a slow machine reads less after the cursor, in
            powers of two, lest each measurement changed the prompt.
    """
    room = max(0, n_ctx - ROOM)
    after = MOST_AFTER
    if tokens_per_second > 0:
        seen = max(LEAST_AFTER, int(tokens_per_second * AFTER_SECONDS))
        after = min(MOST_AFTER, 1 << (seen.bit_length() - 1))
    after = min(after, room // 6)
    before = min(MOST_BEFORE, room * 2 // 3)
    return InfillBudget(before=before, after=after, others=min(MOST_OTHERS, max(0, room - before - after - 64)))


class InfillAssembler:
    """Assembles such prompts for one loaded model."""

    def __init__(self, vocab: Vocab, tokens: InfillTokens) -> None:
        self._vocab = vocab
        self._tokens = tokens
        self._specials = SpecialTexts(vocab, "")

    def assemble(self, prompt: InfillPrompt, budget: InfillBudget) -> AssembledPrompt:
        """Return the tokens of ``prompt``; its boundaries are where text begins that changes while one types."""
        head, boundaries = self._files(prompt, budget.others)
        before, line = self._before(prompt.before, budget.before)
        after = self._after(prompt.after, budget.after)
        tokens = self._tokens
        if tokens.middle is None:
            head += [tokens.suffix, *after, tokens.prefix]
            tail = line
        else:
            head.append(tokens.prefix)
            tail = [*line, tokens.suffix, *after, tokens.middle]
        start = len(head)
        boundaries += [start + at for at in range(_CHECKPOINT_STEP, len(before), _CHECKPOINT_STEP)]
        ids = (*head, *before, *tail)
        text = f"{prompt.before}\u2038{prompt.after}"
        return AssembledPrompt(token_ids=ids, text=text, boundaries=(*boundaries, start + len(before)))

    # --- the parts --------------------------------------------------------------------------------------

    def _files(self, prompt: InfillPrompt, budget: int) -> tuple[list[int], list[int]]:
        """Return what stands before the file itself, and the boundary after the others."""
        bos = self._vocab.bos_id
        ids = [bos] if self._vocab.adds_bos and bos is not None else []
        file = self._tokens.file
        if file is None or not prompt.others:
            return ids, []
        if self._tokens.repository is not None:
            ids += [self._tokens.repository, *self._plain("project\n")]
        for path, text in prompt.others:
            part = [file, *self._plain(f"{path}\n{text.rstrip()}\n")]
            if len(part) > budget:
                break
            budget -= len(part)
            ids += part
        boundary = len(ids)
        return [*ids, file, *self._plain(f"{prompt.path or 'untitled'}\n")], [boundary]

    def _before(self, text: str, budget: int) -> tuple[list[int], list[int]]:
        """Return the lines before the cursor's and the cursor's own up to it."""
        cut = text.rfind("\n") + 1
        lines, line = self._plain(text[:cut]), self._plain(text[cut:])[-budget:]
        step = max(1, budget // _STEPS)
        excess = len(lines) + len(line) - budget
        if excess <= 0:
            return lines, line
        begin = min(len(lines), math.ceil(excess / step) * step)
        return lines[self._line_start(lines, begin) :], line

    def _line_start(self, ids: Sequence[int], begin: int) -> int:
        for at in range(begin, min(len(ids), begin + _LINE_TOKENS)):
            if self._vocab.piece(ids[at - 1]).endswith(b"\n"):
                return at
        return begin

    def _after(self, text: str, budget: int) -> list[int]:
        ids = self._plain(text)
        if len(ids) <= budget:
            return ids
        ends = [at for at in range(budget // 2, budget + 1) if self._vocab.piece(ids[at - 1]).endswith(b"\n")]
        return ids[: ends[-1] if budget and ends else budget]

    def _plain(self, text: str) -> list[int]:
        """Tokenise a text that must not yield special tokens, whatever it contains.

        llama.cpp reads user-defined ones in any text; there the text is cut inside of them.
        """
        ids: list[int] = []
        position = 0
        for start, end in self._specials.find(text):
            if start >= position and self._specials.is_always(text[start:end]):
                ids += self._ids(text[position : start + 1])
                position = start + 1
        return ids + self._ids(text[position:])

    def _ids(self, text: str) -> list[int]:
        return self._vocab.tokenize(text, parse_special=False, add_special=False) if text else []
