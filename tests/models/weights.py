"""Random weights, the same on every machine, that give a model replies a person can look at.

Left to chance, a random model repeats one token for ever. Here the output head is a walk: each word's successor
is another word, while the layers add enough of the context to leave the walk now and then. So greedy replies
are varied, depend on everything before them (a wrong cache shows), hold no broken UTF-8, and end by themselves.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from tests.models.gguf import Tensor
from tests.models.vocabulary import Vocabulary

#: One word in this many is followed by the end of the turn.
ENDS_EVERY = 40


class RandomWeights:
    """Fills the tensors of a model with a vocabulary; equal seeds give equal bytes."""

    def __init__(self, vocabulary: Vocabulary, seed: int = 1) -> None:
        self._vocabulary = vocabulary
        self._seed = seed

    def fill(self, tensor: Tensor) -> bytes:
        """Return a tensor's data; its type must be F32 or F16."""
        kind = {"F32": np.float32, "F16": np.float16}[tensor.type]
        return self._values(tensor).astype(kind).tobytes()

    def _values(self, tensor: Tensor) -> NDArray[np.float64]:
        name = tensor.name.split(".", 2)[-1] if tensor.name.startswith("blk.") else tensor.name
        if name == "token_embd.weight":
            return self._embedding(tensor.shape[0])
        if name == "output.weight":
            return self._walk(self._embedding(tensor.shape[0]))
        shape = tensor.shape[::-1]
        if "norm" in name:
            return np.ones(shape)
        random = self._random(tensor.name)
        if name == "ssm_a":
            return -random.uniform(0.05, 1.0, shape)  # how fast each head forgets
        if name == "ssm_dt.bias":
            return random.uniform(-3.0, 0.0, shape)
        gain = {"ssm_out.weight": 6.0, "attn_output.weight": 6.0}.get(name, 1.0)
        return random.normal(0.0, gain / tensor.shape[0] ** 0.5, shape)

    def _random(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self._seed, zlib.crc32(name.encode())])

    def _embedding(self, width: int) -> NDArray[np.float64]:
        return self._random("token_embd.weight").standard_normal((len(self._vocabulary.tokens), width))

    def _walk(self, embedding: NDArray[np.float64]) -> NDArray[np.float64]:
        words = self._words()
        order = self._random("walk").permutation(words)
        output = np.zeros_like(embedding)
        output[np.roll(order, -1)] = embedding[order]
        starts = [self._vocabulary.id(token) for token in ("\u010a", "\u0120", "<|im_start|>")]
        output[order[: len(starts)]] += embedding[starts]
        enders = order[::ENDS_EVERY]
        output[self._vocabulary.id("<|im_end|>")] = embedding[enders].sum(axis=0) / np.sqrt(len(enders))
        return output

    def _words(self) -> NDArray[np.int64]:
        """Return the ids of the tokens worth saying: whole words of ASCII letters."""
        normal = self._vocabulary.tokens.index("<|endoftext|>")
        ids = [n for n, token in enumerate(self._vocabulary.tokens[:normal]) if _is_word(token)]
        return np.array(ids)


def _is_word(token: str) -> bool:
    return len(token) > 2 and token[0] == "\u0120" and token[1:].isascii() and token[1:].isalpha()
