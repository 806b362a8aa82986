"""A chat session on a real store, with an engine that says only what the test says."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from app.chat.changes import Change
from app.chat.replier import Replier
from app.chat.session import ChatSession
from app.conversations.parts import ContextCutPart, NoticePart, Turn
from app.conversations.store import ConversationStore
from app.engine.echo import EchoEngine
from app.engine.messages import (
    AnyEvent,
    ChatPrompt,
    Delta,
    Died,
    Failed,
    Finished,
    LoadSettings,
    ModelInfo,
    Stats,
    StopReason,
    TokensCounted,
)
from app.engine.sampling import Sampling

INSTRUCTION = "Summarise this."
STATS = Stats(
    prompt_tokens=9,
    reused_tokens=5,
    processed_tokens=4,
    prompt_seconds=0.1,
    generated_tokens=2,
    generate_seconds=0.2,
    context_tokens=11,
)


def echo_model() -> ModelInfo:
    """Return what the scripted engine says of its model."""
    engine = EchoEngine(lambda _event: None)
    engine.load("echo.gguf", LoadSettings())
    engine.finish()
    assert engine.model is not None
    return engine.model


class Hand:
    """An engine that only remembers what it was asked; the test speaks for it."""

    state = "ready"

    def __init__(self) -> None:
        self.model: ModelInfo | None = echo_model()
        self.prompts: list[ChatPrompt] = []
        self.samplings: list[Sampling] = []
        self.counted: list[ChatPrompt] = []
        self.cancelled: list[int] = []
        self.last_request = 0

    def _take_number(self) -> int:
        self.last_request += 1
        return self.last_request

    def generate(self, prompt: ChatPrompt, sampling: Sampling) -> int:
        self.prompts.append(prompt)
        self.samplings.append(sampling)
        return self._take_number()

    def count_tokens(self, prompt: ChatPrompt) -> int:
        self.counted.append(prompt)
        return self._take_number()

    def cancel(self, request: int) -> None:
        self.cancelled.append(request)

    def change_model(self, fingerprint: str) -> None:
        """Pretend that a model with another tokenizer was loaded."""
        self.model = msgspec.structs.replace(echo_model(), fingerprint=fingerprint)


class Chat:
    """A session with all it needs, and short words for what the engine says about its last request."""

    def __init__(self, store: ConversationStore) -> None:
        self.now = 1000.0
        self.store = store
        self.engine = Hand()
        self.changes: list[Change] = []
        self.replier = Replier(self.engine, store, self.changes.append, INSTRUCTION, clock=lambda: self.now)
        self.session = ChatSession(self.engine, store, self.replier, self.changes.append)

    # --- the engine says --------------------------------------------------------------------------------

    def hear(self, event: AnyEvent) -> None:
        self.replier.handle(event)

    def delta(self, text: str, tokens: int = 1) -> None:
        self.hear(Delta(request=self.engine.last_request, text=text, tokens=tokens))

    def finish(self, reason: StopReason = "eos", ids: tuple[int, ...] = (7,)) -> None:
        self.hear(Finished(request=self.engine.last_request, reason=reason, token_ids=ids, stats=STATS))

    def say(self, text: str, reason: StopReason = "eos", ids: tuple[int, ...] = (7,)) -> None:
        """Say a whole reply."""
        self.delta(text, len(ids))
        self.finish(reason, ids)

    def fail(self, code: str = "decode", **numbers: int) -> None:
        self.hear(Failed(request=self.engine.last_request, code=code, title="It failed", **numbers))

    def overflow(self, prompt_tokens: int = 1200, n_ctx: int = 1000) -> None:
        self.fail("context_overflow", prompt_tokens=prompt_tokens, n_ctx=n_ctx)

    def count(self, *offsets: int, tokens: int = 1200, n_ctx: int = 1000) -> None:
        request = self.engine.last_request
        self.hear(TokensCounted(request=request, tokens=tokens, n_ctx=n_ctx, message_offsets=offsets))

    def die(self) -> None:
        self.engine.model = None
        self.hear(Died(title="The engine gave up", message="", hint="Load again.", lost=(self.engine.last_request,)))

    # --- what is ----------------------------------------------------------------------------------------

    def talk(self, *texts: str, **options: Any) -> list[Turn]:
        """Hold a conversation: every second text is the model's; return its turns."""
        for index, text in enumerate(texts):
            if index % 2:
                self.say(text)
            else:
                self.session.send(text, **options)
        return self.branch

    @property
    def branch(self) -> list[Turn]:
        """The turns on show as they are stored."""
        shown = self.session.shown_id
        return [] if shown is None else self.store.branch(shown)

    @property
    def last(self) -> Turn:
        return self.branch[-1]

    @property
    def texts(self) -> list[str]:
        return [turn.text for turn in self.branch]

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Roles and texts of the prompt that was sent last."""
        return [(message.role, message.content) for message in self.engine.prompts[-1].messages]

    def heard(self, kind: type) -> list[Any]:
        return [change for change in self.changes if isinstance(change, kind)]


def notices(turn: Turn) -> list[str]:
    """Return the codes of what the transcript says at a turn."""
    return [part.code for part in turn.parts if isinstance(part, NoticePart)]


def cuts(turn: Turn) -> list[ContextCutPart]:
    """Return what was left out to make room for a turn."""
    return [part for part in turn.parts if isinstance(part, ContextCutPart)]


@contextlib.contextmanager
def open_chat(folder: Path) -> Iterator[Chat]:
    """Open a chat whose conversations are in ``folder``."""
    with contextlib.closing(ConversationStore(folder / "conversations.db")) as store:
        yield Chat(store)
