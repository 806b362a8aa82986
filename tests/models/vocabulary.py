"""A byte-level BPE vocabulary in Qwen's layout: bytes, merges, then Qwen's special tokens at the end.

The merges come from a small corpus, so that common words are single tokens and any text round-trips; beyond
them, runs of letters fill a vocabulary up to any size.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise, product
from pathlib import Path
from string import ascii_lowercase

from tests.models.gguf import Array, Scalar

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5

#: Qwen's special tokens, in the order of their ids.
CONTROL_TOKENS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
    "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
USER_DEFINED_TOKENS = (
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>",
    "<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>", "<think>", "</think>",
)  # fmt: skip

#: How Qwen2 cuts text before merging, as far as the standard library can say it (llama.cpp has the exact rule).
_WORDS = re.compile(
    r"(?:[^\r\n\w]|_)?[^\W\d_]+"  # letters, with one mark or space before them
    r"|\d"
    r"| ?(?:[^\s\w]|_)+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@dataclass(frozen=True)
class Vocabulary:
    """The tokens in the order of their ids, their types, and the merges that build them."""

    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...]

    def id(self, token: str) -> int:
        """Return the id of a token as it is written in the vocabulary."""
        return self.tokens.index(token)

    def metadata(self) -> dict[str, Scalar | Array]:
        """Return the ``tokenizer.ggml`` keys."""
        return {
            "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": "qwen2",
            "tokenizer.ggml.tokens": Array("str", self.tokens),
            "tokenizer.ggml.token_type": Array("i32", self.types),
            "tokenizer.ggml.merges": Array("str", self.merges),
            "tokenizer.ggml.eos_token_id": self.id("<|im_end|>"),
            "tokenizer.ggml.padding_token_id": self.id("<|endoftext|>"),
            "tokenizer.ggml.add_bos_token": False,
        }


@cache
def small() -> Vocabulary:
    """Return the vocabulary of the tiny models."""
    return _assemble(trained_merges(), padding=0)


@cache
def full() -> Vocabulary:
    """Return one with Qwen3-Coder's counts: 151,936 tokens, of which 151,387 are merged; other words than Qwen's."""
    trained = trained_merges()
    wanted = 151_387
    filler = islice(_filler(set(trained)), wanted - len(trained))
    return _assemble((*trained, *filler), padding=267)


def _assemble(merges: tuple[tuple[str, str], ...], padding: int) -> Vocabulary:
    normal = [*byte_letters().values(), *(left + right for left, right in merges)]
    pads = [f"[PAD{len(normal) + len(CONTROL_TOKENS) + len(USER_DEFINED_TOKENS) + n}]" for n in range(padding)]
    types = [NORMAL] * len(normal) + [CONTROL] * len(CONTROL_TOKENS)
    types += [USER_DEFINED] * len(USER_DEFINED_TOKENS) + [UNUSED] * padding
    return Vocabulary(
        tokens=(*normal, *CONTROL_TOKENS, *USER_DEFINED_TOKENS, *pads),
        types=tuple(types),
        merges=tuple(f"{left} {right}" for left, right in merges),
    )


@cache
def byte_letters() -> dict[int, str]:
    """Return the letter that stands for each byte: itself where it is visible, else one above U+0100 (GPT-2)."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + n) for n, byte in enumerate(hidden)}


@cache
def trained_merges() -> tuple[tuple[str, str], ...]:
    """Return the merges of the corpus: the most frequent pair first, as long as a pair comes twice."""
    corpus = Path(__file__).with_name("corpus.txt").read_text(encoding="utf-8")
    letters = byte_letters()
    words = Counter(tuple(letters[byte] for byte in word.encode()) for word in _WORDS.findall(corpus))
    merges: list[tuple[str, str]] = []
    while pair := _commonest_pair(words):
        merges.append(pair)
        words = Counter({_merged(word, pair): count for word, count in words.items()})
    return tuple(merges)


def _commonest_pair(words: Counter[tuple[str, ...]]) -> tuple[str, str] | None:
    pairs: Counter[tuple[str, str]] = Counter()
    for word, count in words.items():
        for pair in pairwise(word):
            pairs[pair] += count
    best = min(pairs.items(), key=lambda entry: (-entry[1], entry[0]), default=None)
    return best[0] if best and best[1] > 1 else None


def _merged(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    out: list[str] = []
    for letter in word:
        if out and (out[-1], letter) == pair:
            out[-1] += letter
        else:
            out.append(letter)
    return tuple(out)


def _filler(known_merges: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield merges that build every run of 2, 3, … letters, with and without a space before it."""
    known = {left + right for left, right in known_merges}
    runs = ["", "\u0120"]  # U+0120 stands for the space
    while True:
        longer = []
        for run, letter in product(runs, ascii_lowercase):
            longer.append(run + letter)
            if run and run + letter not in known:
                yield run, letter
        runs = longer
