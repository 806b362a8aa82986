"""Asks a real engine and keeps all it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.engine.messages import (
    AnyEvent,
    ChatMessage,
    ChatPrompt,
    Delta,
    Failed,
    Finished,
    Prompt,
    PromptProgress,
    TextPrompt,
    TokenProbability,
)
from app.engine.sampling import Sampling
from tests.bench.client import EngineClient

GREEDY = Sampling(temperature=0.0, max_tokens=24)


@dataclass(frozen=True)
class Reply:
    """What one generation said."""

    text: str
    end: Finished
    probabilities: tuple[TokenProbability, ...]
    progress: tuple[PromptProgress, ...]
    deltas: tuple[Delta, ...]


def reply(
    client: EngineClient,
    prompt: Prompt | str,
    sampling: Sampling = GREEDY,
    on_event: Callable[[AnyEvent, int], None] | None = None,
) -> Reply:
    """Generate; anything but Finished is an error. ``on_event`` gets each event and the request."""
    seen: list[AnyEvent] = []
    request = client.engine.generate(_prompt(prompt), sampling)

    def take(event: AnyEvent) -> None:
        seen.append(event)
        if on_event is not None:
            on_event(event, request)

    end = client.wait(request, take)
    assert isinstance(end, Finished), end
    deltas = tuple(event for event in seen if isinstance(event, Delta))
    return Reply(
        "".join(delta.text for delta in deltas),
        end,
        tuple(one for delta in deltas for one in delta.probabilities),
        tuple(event for event in seen if isinstance(event, PromptProgress)),
        deltas,
    )


def failure(client: EngineClient, prompt: Prompt | str, sampling: Sampling = GREEDY) -> Failed:
    """Generate, expecting it to fail; the engine must be of use afterwards."""
    end = client.wait(client.engine.generate(_prompt(prompt), sampling))
    assert isinstance(end, Failed), end
    reply(client, "Still there?", Sampling(temperature=0.0, max_tokens=1))
    return end


def chat(*turns: str | Finished, system: str = "You are helpful.") -> ChatPrompt:
    """Return a conversation: texts are the user's, ends of replies the assistant's."""
    messages = [ChatMessage(role="system", content=system)] if system else []
    for turn in turns:
        if isinstance(turn, Finished):
            messages.append(ChatMessage(role="assistant", content="", token_ids=turn.token_ids))
        else:
            messages.append(ChatMessage(role="user", content=turn))
    return ChatPrompt(messages=tuple(messages))


def _prompt(prompt: Prompt | str) -> Prompt:
    return TextPrompt(text=prompt) if isinstance(prompt, str) else prompt
