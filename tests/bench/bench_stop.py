"""How long it takes from "stop" until the engine says that it has stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from app.engine.messages import AnyEvent, Delta, Finished, LoadSettings, PromptProgress, TextPrompt
from app.engine.sampling import Sampling
from tests.bench.client import EngineClient
from tests.bench.measurement import Measurement, percentile
from tests.models.build import starter_path

TIMES = 40
LONG_WORDS = 6000


def run() -> Iterator[Measurement]:
    """Stop many times, each time at another moment; tell the slowest of each kind."""
    with EngineClient() as client:
        client.load(starter_path(), LoadSettings(n_ctx=8192))
        decoding = [
            stop(client, f"Story {number}:", Delta, after=1 + number % 7, pause_ms=number % 20)[0]
            for number in range(TIMES)
        ]
        yield Measurement("stop while decoding, p99", percentile(decoding, 99), "ms", 200, note=f"{TIMES} stops")
        reading, usable = [], []
        for number in range(TIMES):
            prompt = f"{number} " + "words to be read " * (LONG_WORDS // 4)
            stopped_ms, next_ms = stop(client, prompt, PromptProgress, after=1 + number % 2, pause_ms=number * 7 % 300)
            reading.append(stopped_ms)
            usable.append(next_ms)
        yield Measurement("stop in prompt processing, p99", percentile(reading, 99), "ms", 500, note=f"{TIMES} stops")
        yield Measurement("first token of another prompt after that stop, p99", percentile(usable, 99), "ms")


def stop(client: EngineClient, text: str, kind: type[Any], *, after: int, pause_ms: int) -> tuple[float, float]:
    """Stop a request some ms after its n-th event of ``kind``; return ms until it ended and until a next one did."""
    sampling = Sampling(temperature=0.0, max_tokens=2000, ignore_eos=True)
    begun: list[float] = []
    request = client.engine.generate(TextPrompt(text=text), sampling)
    done = client.wait(request, _stopper(client, request, kind, after, pause_ms, begun))
    ended = time.perf_counter()
    assert isinstance(done, Finished), done
    assert done.reason == "cancelled", done
    client.generate(TextPrompt(text="Next"), Sampling(temperature=0.0, max_tokens=1))
    return (ended - begun[0]) * 1000, (time.perf_counter() - ended) * 1000


def _stopper(
    client: EngineClient, request: int, kind: type[Any], after: int, pause_ms: int, begun: list[float]
) -> Callable[[AnyEvent], None]:
    seen = 0

    def on_event(event: AnyEvent) -> None:
        nonlocal seen
        seen += isinstance(event, kind) and event.request == request
        if seen == after and not begun:
            time.sleep(pause_ms / 1000)  # any moment, not just the one right after an event
            begun.append(time.perf_counter())
            client.engine.cancel(request)

    return on_event
