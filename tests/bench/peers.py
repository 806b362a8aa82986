"""The peers the engine is measured against, each a child that answers "TOKENS" lines with a "SECONDS" line.

``bare``: what llama.cpp itself can do from Python, ``llama_decode`` and the C sampler chain and nothing else, no
text, no messages. ``high_level``: what a program gets that uses llama-cpp-python as its documentation shows.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import llama_cpp
import llama_cpp.llama_cpp as llama

from app.engine.messages import LoadSettings
from app.engine.sampling import Sampling

#: A small model goes on counting until it is stopped, so that every contender makes as many tokens as it is asked for.
PROMPT = "Counting: " + " ".join(f"{number}," for number in range(1, 40))
SAMPLING = Sampling(temperature=0.8, top_k=40, top_p=0.95, min_p=0.05, seed=1)


class Peer:
    """A peer in its child process, its model loaded."""

    def __init__(self, command: list[str]) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    @classmethod
    def of_kind(cls, kind: str, model: Path, settings: LoadSettings) -> Self:
        """Return the peer "bare" or "high_level" of this module."""
        command = [sys.executable, "-m", "tests.bench.peers", kind, str(model)]
        command += ["--n-ctx", str(settings.n_ctx), "--n-threads", str(settings.n_threads)]
        command += ["--n-batch", str(settings.n_batch), "--n-ubatch", str(settings.n_ubatch)]
        command += ["--repack"] if settings.use_extra_bufts else []
        return cls(command)

    def __enter__(self) -> Self:
        self.generate(8)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._process:
            self._process.kill()

    def generate(self, tokens: int) -> None:
        """Return when the peer has made so many tokens after ``PROMPT``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{tokens}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer == f"{tokens}\n", f"asked for {tokens} tokens, got {answer!r}"


def bare(options: argparse.Namespace) -> Callable[[int], int]:
    """Return a generator of N tokens made of nothing but llama.cpp's own functions."""
    llama.llama_log_set(_quiet, None)
    llama.llama_backend_init()
    parameters = llama.llama_model_default_params()
    parameters.use_extra_bufts = options.repack
    model = llama.llama_model_load_from_file(str(options.model).encode(), parameters)
    context = llama.llama_init_from_model(model, _context_parameters(options))
    chain = _chain()
    prompt = _tokenise(llama.llama_model_get_vocab(model), PROMPT.encode())
    memory = llama.llama_get_memory(context)
    token = (llama.llama_token * 1)()
    batch = llama.llama_batch_get_one(token, 1)
    assert llama.llama_decode(context, llama.llama_batch_get_one(prompt, len(prompt))) == 0

    def generate(tokens: int) -> int:
        llama.llama_memory_seq_rm(memory, 0, len(prompt) - 1, -1)
        token[0] = prompt[-1]
        for _ in range(tokens):
            assert llama.llama_decode(context, batch) == 0
            token[0] = llama.llama_sampler_sample(chain, context, -1)
        return tokens

    return generate


@llama.llama_log_callback  # type: ignore[untyped-decorator]  # ctypes made it
def _quiet(_level: int, _text: bytes, _data: object) -> None:
    """Keep llama.cpp's log off the screen."""


def _context_parameters(options: argparse.Namespace) -> Any:
    parameters = llama.llama_context_default_params()
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = options.n_ctx, options.n_batch, options.n_ubatch
    parameters.n_threads = parameters.n_threads_batch = options.n_threads
    return parameters


def _chain() -> Any:
    chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    for sampler in (
        llama.llama_sampler_init_top_k(SAMPLING.top_k),
        llama.llama_sampler_init_top_p(SAMPLING.top_p, 1),
        llama.llama_sampler_init_min_p(SAMPLING.min_p, 1),
        llama.llama_sampler_init_temp(SAMPLING.temperature),
        llama.llama_sampler_init_dist(SAMPLING.seed),
    ):
        llama.llama_sampler_chain_add(chain, sampler)
    return chain


def _tokenise(vocab: Any, text: bytes) -> Any:
    ids = (llama.llama_token * (len(text) + 8))()
    count = llama.llama_tokenize(vocab, text, len(text), ids, len(ids), True, True)
    return (llama.llama_token * count)(*ids[:count])


def high_level(options: argparse.Namespace) -> Callable[[int], int]:
    """Return a generator of N tokens by ``Llama.create_completion(stream=True)``."""
    model = llama_cpp.Llama(
        str(options.model),
        n_ctx=options.n_ctx,
        n_batch=options.n_batch,
        n_ubatch=options.n_ubatch,
        n_threads=options.n_threads,
        n_threads_batch=options.n_threads,
        verbose=False,
    )

    def generate(tokens: int) -> int:
        stream: Iterator[Any] = model.create_completion(  # type: ignore[assignment]  # stream=True decides the type
            PROMPT,
            max_tokens=tokens,
            temperature=SAMPLING.temperature,
            top_k=SAMPLING.top_k,
            top_p=SAMPLING.top_p,
            min_p=SAMPLING.min_p,
            seed=SAMPLING.seed,
            stream=True,
        )
        # The last piece only says why it ended.
        return sum(1 for piece in stream if piece["choices"][0]["finish_reason"] is None)

    return generate


def main() -> None:
    """Answer requests until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["bare", "high_level"])
    parser.add_argument("model", type=Path)
    for name in ("--n-ctx", "--n-threads", "--n-batch", "--n-ubatch"):
        parser.add_argument(name, type=int)
    parser.add_argument("--repack", action="store_true")
    options = parser.parse_args()
    generate = {"bare": bare, "high_level": high_level}[options.kind](options)
    for line in sys.stdin:
        print(generate(int(line)), flush=True)


if __name__ == "__main__":
    main()
