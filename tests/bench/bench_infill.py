"""Completion in the editor: how soon ghost text is there, and what it costs the conversation.

With ``SAWHORSE_TEST_MODEL`` set to a coding model its figures are those of a person; without it, a model with random
weights shows that the tokens read are right.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from app.engine.messages import (
    AnyEvent,
    ChatMessage,
    ChatPrompt,
    Delta,
    Finished,
    InfillPrompt,
    LoadSettings,
    TextPrompt,
    TokensCounted,
)
from app.engine.sampling import Sampling
from app.infill.rules import sampling_for
from tests.bench.client import EngineClient
from tests.bench.measurement import Measurement, percentile
from tests.bench.models import tiny_path

FILE_TOKENS = 1950  # and a few of the function that is being written
TYPED = "total = sum(account.balance for account in accounts)"
MIB = 1024 * 1024


def run() -> Iterator[Measurement]:
    """Complete in a file of nearly 2,000 tokens, key press after key press, with a conversation beside it."""
    name = os.environ.get("SAWHORSE_TEST_MODEL", "")
    with EngineClient() as client:
        client.load(Path(name) if name else tiny_path(), LoadSettings(n_ctx=8192))
        before = file_of(client, FILE_TOKENS)
        after = "\n\n\ndef last(account):\n    return account.balance - 1\n" * 40
        yield from measure(client, before, after)


def measure(client: EngineClient, before: str, after: str) -> Iterator[Measurement]:
    """The first completion in a file, those after it, and the conversation's next turn."""
    note = f"load average {os.getloadavg()[0]:.1f}"
    question = ChatMessage(role="user", content="What is a list? " * 20)
    reply = client.generate(ChatPrompt(messages=(question,)), Sampling(temperature=0, max_tokens=16))
    rss = memory(client)
    seconds, first = complete(client, before, after)
    yield Measurement("memory of the completions' context", (memory(client) - rss) / MIB, "MiB")
    yield Measurement("first ghost text in a file not read before", seconds, "s", note=note)
    yield Measurement("  tokens read for it", first.stats.processed_tokens, "tokens")
    times, read = [], []
    for end in range(4, len(TYPED), 6):
        seconds, done = complete(client, before + TYPED[:end], after)
        times.append(seconds)
        read.append(done.stats.processed_tokens)
    yield Measurement("first ghost text after that, median", percentile(times, 50), "s", 1, note=note)
    yield Measurement("first ghost text after that, slowest", max(times), "s", note=f"{len(times)} completions")
    yield Measurement("  tokens read for each, most", max(read), "tokens", 100)
    said = ChatMessage(role="assistant", content="", token_ids=reply.token_ids)
    more = ChatMessage(role="user", content="And a tuple?")
    turn = client.generate(ChatPrompt(messages=(question, said, more)), Sampling(temperature=0, max_tokens=4)).stats
    due = turn.prompt_tokens - reply.stats.context_tokens
    yield Measurement("read on the conversation's next turn", turn.processed_tokens, "tokens", due)


def complete(client: EngineClient, before: str, after: str) -> tuple[float, Finished]:
    """Return the seconds until the first text, or the end where there is none, and the end."""
    begun = time.perf_counter()
    first: list[float] = []

    def note(event: AnyEvent) -> None:
        if isinstance(event, Delta) and event.text and not first:
            first.append(time.perf_counter() - begun)

    prompt = InfillPrompt(before=before, after=after)
    finished = client.wait(client.engine.generate(prompt, sampling_for("line")), note)
    assert isinstance(finished, Finished), finished
    return first[0] if first else time.perf_counter() - begun, finished


def file_of(client: EngineClient, tokens: int) -> str:
    """Return Python of about so many tokens, ending in the middle of a function."""
    text = ""
    number = length = 0
    while length < tokens:
        text += (
            f'def balance_{number}(account):\n    """Return a balance."""\n    return account.balance + {number}\n\n\n'
        )
        number += 1
        counted = client.wait(client.engine.count_tokens(TextPrompt(text=text, add_special=False)))
        assert isinstance(counted, TokensCounted)
        length = counted.tokens
    return text + "def total(accounts):\n    "


def memory(client: EngineClient) -> int:
    """Return the engine's resident memory in bytes."""
    pid = client.engine.pid
    assert pid is not None
    return int(psutil.Process(pid).memory_info().rss)
