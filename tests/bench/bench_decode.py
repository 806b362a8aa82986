"""How fast tokens come out of the engine's process, against the bare loop and llama-cpp-python's high level."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator

import msgspec

from app.engine.messages import LoadSettings, TextPrompt
from tests.bench.client import EngineClient
from tests.bench.measurement import Measurement
from tests.bench.peers import PROMPT, SAMPLING, Peer
from tests.models.build import starter_path

SHORT_TOKENS, SHORT_PAIRS = 400, 7
LONG_TOKENS, LONG_PAIRS = 2000, 3


def run() -> Iterator[Measurement]:
    """Compare on the starter model; contenders take turns, so that a slow moment of the machine hits both."""
    model = starter_path()
    with EngineClient() as client:
        settings = client.load(model, LoadSettings()).model.settings

        def engine(tokens: int) -> None:
            sampling = msgspec.structs.replace(SAMPLING, max_tokens=tokens, ignore_eos=True)
            done = client.generate(TextPrompt(text=PROMPT), sampling)
            assert done.stats.generated_tokens == tokens, done

        engine(8)
        with Peer.of_kind("high_level", model, settings) as high_level:
            ours, theirs = take_turns(engine, high_level.generate, LONG_TOKENS, LONG_PAIRS)
        long = f"{LONG_TOKENS:,} tokens"
        yield Measurement(f"engine, {long}", LONG_TOKENS / statistics.median(ours), "tokens/s")
        yield Measurement(f"high-level streaming, {long}", LONG_TOKENS / statistics.median(theirs), "tokens/s")
        yield Measurement("engine / high-level streaming", ratio(ours, theirs), "", 1.15, "at least")

        with Peer.of_kind("bare", model, settings) as bare:
            ours, theirs = take_turns(engine, bare.generate, SHORT_TOKENS, SHORT_PAIRS)
            yield Measurement("engine", SHORT_TOKENS / statistics.median(ours), "tokens/s")
            yield Measurement(
                "bare llama_decode + C sampler loop", SHORT_TOKENS / statistics.median(theirs), "tokens/s"
            )
            yield Measurement("engine / bare loop", ratio(ours, theirs), "", 0.97, "at least", f"{SHORT_PAIRS} pairs")
            with Peer([sys.executable, "-m", "tests.bench.window_peer"]) as window:
                ours, theirs = take_turns(window.generate, bare.generate, SHORT_TOKENS, SHORT_PAIRS)
            yield Measurement("window open and streaming", SHORT_TOKENS / statistics.median(ours), "tokens/s")
            note = f"{SHORT_PAIRS} pairs"
            yield Measurement("window open and streaming / bare loop", ratio(ours, theirs), "", 0.97, "at least", note)


def take_turns(
    ours: Callable[[int], None], theirs: Callable[[int], None], tokens: int, pairs: int
) -> tuple[list[float], list[float]]:
    """Return the seconds of each, pair by pair; who goes first changes from pair to pair."""
    our_times: list[float] = []
    their_times: list[float] = []
    for pair in range(pairs):
        contenders = [(ours, our_times), (theirs, their_times)]
        for generate, times in contenders if pair % 2 else reversed(contenders):
            begun = time.perf_counter()
            generate(tokens)
            times.append(time.perf_counter() - begun)
    return our_times, their_times


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return how much faster ours is: the median over the pairs."""
    return statistics.median(their / our for our, their in zip(ours, theirs, strict=True))
