"""How many prompt tokens are read again: on the next turn, when a reply is made again, after an edit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.engine.messages import ChatMessage, ChatPrompt, Finished, LoadSettings, TokensCounted
from app.engine.sampling import Sampling
from tests.bench.client import EngineClient
from tests.bench.measurement import Measurement
from tests.bench.models import tiny_path
from tests.models.build import starter_path

SYSTEM = ChatMessage(role="system", content="You answer questions about Python in a few words. " * 6)
QUESTIONS = (
    "How is a list reversed?",
    "And how is a copy of it made?",
    "What does slicing with a negative step do?",
    "Thank you. Which of these changes the list itself?",
)
EDITED = "Thank you. Which of these is the quickest for a million items, and why?"
SAMPLING = Sampling(temperature=0.0, max_tokens=24, ignore_eos=True)


def run() -> Iterator[Measurement]:
    """Hold a short conversation with a model of pure attention and with a hybrid one."""
    for name, model in (("SmolLM2 (attention)", starter_path()), ("qwen3next (hybrid)", tiny_path())):
        yield from converse(name, model)


def converse(name: str, model: Path) -> Iterator[Measurement]:
    """Ask ``QUESTIONS`` one after the other, then the last one again, then another in its place."""
    with EngineClient() as client:
        client.load(model, LoadSettings(n_ctx=4096))
        branch: list[ChatMessage] = [SYSTEM]
        in_memory = read = due = 0
        done: Finished | None = None
        for question in QUESTIONS:
            if done is not None:
                branch.append(ChatMessage(role="assistant", content="", token_ids=done.token_ids))
            branch.append(ChatMessage(role="user", content=question))
            done = client.generate(ChatPrompt(messages=tuple(branch)), SAMPLING)
            if in_memory:
                read += done.stats.processed_tokens
                due += done.stats.prompt_tokens - in_memory
            in_memory = done.stats.context_tokens
        yield Measurement(
            f"{name}: read on turns 2 to {len(QUESTIONS)}", read, "tokens", due, note="budget: the new ones"
        )
        again = client.generate(ChatPrompt(messages=tuple(branch)), SAMPLING).stats
        note = f"of {again.prompt_tokens}"
        yield Measurement(f"{name}: read to make a reply again", again.processed_tokens, "tokens", 1, note=note)
        edited = ChatPrompt(messages=(*branch[:-1], ChatMessage(role="user", content=EDITED)))
        changed = tokens_of_last_message(client, edited)
        stats = client.generate(edited, SAMPLING).stats
        note = f"of {stats.prompt_tokens}; budget: the edited message"
        yield Measurement(f"{name}: read after an edit", stats.processed_tokens, "tokens", changed, note=note)


def tokens_of_last_message(client: EngineClient, prompt: ChatPrompt) -> int:
    """Return how many tokens the last message and what follows it take."""
    counted = client.wait(client.engine.count_tokens(prompt))
    assert isinstance(counted, TokensCounted), counted
    assert counted.message_offsets, "the template does not tell where messages begin"
    return counted.tokens - counted.message_offsets[-1]
