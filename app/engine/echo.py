"""A scripted engine for tests, benches and the tour's trickier steps: real events, no model.

It keeps to the ``Engine`` interface, with a clock that is moved by hand (``advance``), so that a test can
stand still between two tokens, and a bench can ask for any speed.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.engine.engine import EngineState
from app.engine.messages import (
    AnyEvent,
    ChatPrompt,
    Delta,
    Devices,
    Died,
    Failed,
    Finished,
    InfillPrompt,
    Loaded,
    LoadProgress,
    LoadSettings,
    ModelInfo,
    Prompt,
    PromptProgress,
    Rendered,
    Stats,
    StopReason,
    TextPrompt,
    TokensCounted,
    Unloaded,
)
from app.engine.sampling import Sampling

FINGERPRINT = "echo"
_WORDS = re.compile(r"\s*\S+|\s+")
Fault = Literal["none", "die", "freeze", "fail"]


@dataclass(frozen=True)
class Script:
    """What to answer to one prompt.

    Attributes:
        text: The reply; None repeats the last message.
        fault: What goes wrong after ``fault_at`` tokens.
    """

    text: str | None = None
    fault: Fault = "none"
    fault_at: int = 0


@dataclass
class _Work:
    request: int
    is_infill: bool = False
    events: deque[tuple[float, AnyEvent]] = field(default_factory=deque)  # (seconds after the one before, event)


class EchoEngine:
    """``Engine`` that answers from scripts, in order; without one left it echoes the last message.

    Args:
        tokens_per_second: Speed of replies.
        prompt_tokens_per_second: Speed of prompt processing.
        n_ctx: The context it claims; longer prompts overflow.
        supports_infill: Whether it claims to fill in the middle; without a script it writes "pass" there.
    """

    def __init__(
        self,
        on_event: Callable[[AnyEvent], None],
        scripts: Sequence[Script] = (),
        *,
        tokens_per_second: float = 250.0,
        prompt_tokens_per_second: float = 5000.0,
        n_ctx: int = 8192,
        supports_infill: bool = True,
    ) -> None:
        self._supports_infill = supports_infill
        self._on_event = on_event
        self._scripts = deque(scripts)
        self._seconds_per_token = 1 / tokens_per_second
        self._seconds_per_prompt_token = 1 / prompt_tokens_per_second
        self._n_ctx = n_ctx
        self._numbers = itertools.count(1)
        self._model: ModelInfo | None = None
        self._work: deque[_Work] = deque()
        self._cached: list[int] = []
        self._words: dict[str, int] = {}
        self._owed = 0.0
        self.is_frozen = False
        self.has_died = False
        self.prompts: list[Prompt] = []

    # --- Engine -----------------------------------------------------------------------------------------

    @property
    def state(self) -> EngineState:
        """What the engine is doing."""
        if self.has_died:
            return "failed"
        if self.is_frozen:
            return "frozen"
        if any(not work.is_infill for work in self._work):
            return "generating" if self._model else "loading"
        return "ready" if self._model else "idle"

    @property
    def model(self) -> ModelInfo | None:
        """The model it pretends to have."""
        return self._model

    def load(self, path: str, settings: LoadSettings) -> int:
        """Pretend to load."""
        self._drop_infills()
        self.has_died = self.is_frozen = False
        self._model = None
        request = next(self._numbers)
        loaded = Loaded(request=request, model=_model_info(path, settings, self._n_ctx, self._supports_infill))
        self._plan(request, [(0.0, LoadProgress(request=request, fraction=0.5)), (0.0, loaded)])
        return request

    def unload(self) -> int:
        """Pretend to unload."""
        self._drop_infills()
        self._model = None
        request = next(self._numbers)
        self._plan(request, [(0.0, Unloaded(request=request))])
        return request

    def generate(self, prompt: Prompt, sampling: Sampling) -> int:
        """Answer with the next script."""
        self._drop_infills()
        self.prompts.append(prompt)
        request = next(self._numbers)
        ids = self._prompt_ids(prompt)
        is_infill = isinstance(prompt, InfillPrompt)
        is_unknown = is_infill and not self._supports_infill
        if self._model is None or is_unknown or len(ids) >= self._n_ctx:
            self._plan(request, [(0.0, self._refusal(request, len(ids), is_unknown=is_unknown))])
            return request
        script = self._scripts.popleft() if self._scripts else Script()
        text = script.text if script.text is not None else _last_text(prompt)
        self._plan(request, self._reply(request, ids, text, script, sampling), is_infill=is_infill)
        return request

    def count_tokens(self, prompt: Prompt) -> int:
        """Count words."""
        request = next(self._numbers)
        offsets: list[int] = []
        total = 0
        for message in prompt.messages if isinstance(prompt, ChatPrompt) else ():
            offsets.append(total)
            total += len(_WORDS.findall(message.content))
        tokens = len(self._prompt_ids(prompt))
        counted = TokensCounted(request=request, tokens=tokens, n_ctx=self._n_ctx, message_offsets=tuple(offsets))
        self._plan(request, [(0.0, counted)])
        return request

    def render(self, prompt: Prompt) -> int:
        """Show the words."""
        request = next(self._numbers)
        text = _text_of(prompt)
        ends = tuple(itertools.accumulate(map(len, _WORDS.findall(text))))
        rendered = Rendered(request=request, text=text, token_ids=tuple(self._ids(text)), token_ends=ends)
        self._plan(request, [(0.0, rendered)])
        return request

    def list_devices(self) -> int:
        """Name none."""
        request = next(self._numbers)
        devices = Devices(request=request, devices=(), llama_cpp_version="echo", system_info="")
        self._plan(request, [(0.0, devices)])
        return request

    def cancel(self, request: int) -> None:
        """End a reply after what it has said so far."""
        for work in self._work:
            last = work.events[-1][1] if work.events else None
            if work.request == request and isinstance(last, Finished):
                left = sum(event.tokens for _delay, event in work.events if isinstance(event, Delta))
                said = last.token_ids[: len(last.token_ids) - left]
                work.events.clear()
                work.events.append((0.0, _finished(request, "cancelled", said, last.stats)))

    def close(self) -> None:
        """Forget everything."""
        self._work.clear()

    # --- the hand that moves the clock ------------------------------------------------------------------

    def advance(self, seconds: float) -> int:
        """Let time pass; return how many events that led to."""
        self._owed += seconds
        count = 0
        while self._work and not (self.is_frozen or self.has_died):
            work = self._work[0]
            if not work.events:
                self._work.popleft()
                continue
            delay, event = work.events[0]
            if delay > self._owed:
                break
            self._owed -= delay
            work.events.popleft()
            self._take(event)
            count += 1
        if not self._work:
            self._owed = 0.0
        return count

    def finish(self) -> None:
        """Let as much time pass as everything under way takes."""
        while self.advance(1e9):
            pass

    # --- inside -----------------------------------------------------------------------------------------

    def _plan(self, request: int, events: Sequence[tuple[float, AnyEvent]], *, is_infill: bool = False) -> None:
        self._work.append(_Work(request, is_infill, deque(events)))

    def _drop_infills(self) -> None:
        for work in self._work:
            if work.is_infill:
                self.cancel(work.request)

    def _take(self, event: AnyEvent) -> None:
        if isinstance(event, Loaded):
            self._model = event.model
        if isinstance(event, Died):
            self.has_died, self._model = True, None
            self._work.clear()
        self._on_event(event)

    def _refusal(self, request: int, tokens: int, *, is_unknown: bool = False) -> Failed:
        if self._model is None:
            return Failed(request=request, code="not_loaded", title="No model is loaded")
        if is_unknown:
            return Failed(request=request, code="no_infill", title="This model has no fill-in-the-middle tokens")
        return Failed(
            request=request,
            code="context_overflow",
            title="The prompt does not fit the context",
            prompt_tokens=tokens,
            n_ctx=self._n_ctx,
        )

    def _reply(
        self, request: int, prompt: list[int], text: str, script: Script, sampling: Sampling
    ) -> list[tuple[float, AnyEvent]]:
        words = _WORDS.findall(text)
        reason: StopReason = "eos"
        if 0 <= sampling.max_tokens < len(words):
            words, reason = words[: sampling.max_tokens], "max_tokens"
        ids = [self._id(word) for word in words]
        reused = min(_shared(self._cached, prompt), max(len(prompt) - 1, 0))
        read_s = (len(prompt) - reused) * self._seconds_per_prompt_token
        progress = PromptProgress(
            request=request,
            done=len(prompt),
            total=len(prompt),
            reused=reused,
            tokens_per_second=1 / self._seconds_per_prompt_token,
        )
        deltas = [(self._seconds_per_token, Delta(request=request, text=word, tokens=1)) for word in words]
        stats = Stats(
            prompt_tokens=len(prompt),
            reused_tokens=reused,
            processed_tokens=len(prompt) - reused,
            prompt_seconds=read_s,
            generated_tokens=len(ids),
            generate_seconds=len(ids) * self._seconds_per_token,
            context_tokens=len(prompt) + len(ids),
        )
        self._cached = prompt + ids
        events: list[tuple[float, AnyEvent]] = [(read_s, progress), *deltas]
        if script.fault != "none":
            return events[: 1 + script.fault_at] + self._fault(request, script.fault)
        return [*events, (0.0, _finished(request, reason, tuple(ids), stats))]

    def _fault(self, request: int, fault: Fault) -> list[tuple[float, AnyEvent]]:
        if fault == "die":
            died = Died(
                title="The engine was stopped from outside",
                message="It was killed.",
                hint="Load the model again to go on.",
                lost=(request,),
            )
            return [(0.0, died)]
        if fault == "fail":
            return [(0.0, Failed(request=request, code="decode", title="The model could not go on"))]
        return [(float("inf"), Failed(request=request, code="internal", title="Never sent: the engine is frozen"))]

    def _prompt_ids(self, prompt: Prompt) -> list[int]:
        """Return the ids of a prompt; replies that it made itself keep theirs."""
        if not isinstance(prompt, ChatPrompt):
            return self._ids(_text_of(prompt))
        ids: list[int] = []
        for message in prompt.messages:
            ids += self._ids(message.content) if message.token_ids is None else message.token_ids
        return ids

    def _ids(self, text: str) -> list[int]:
        return [self._id(word) for word in _WORDS.findall(text)]

    def _id(self, word: str) -> int:
        return self._words.setdefault(word, len(self._words))


def _finished(request: int, reason: StopReason, ids: tuple[int, ...], stats: Stats) -> Finished:
    return Finished(request=request, reason=reason, token_ids=ids, stats=stats)


def _shared(a: Sequence[int], b: Sequence[int]) -> int:
    return next((index for index, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _text_of(prompt: Prompt) -> str:
    if isinstance(prompt, ChatPrompt):
        return "".join(message.content for message in prompt.messages)
    if isinstance(prompt, InfillPrompt):
        return prompt.before + prompt.after
    return prompt.text if isinstance(prompt, TextPrompt) else " x" * len(prompt.token_ids)


def _last_text(prompt: Prompt) -> str:
    if isinstance(prompt, InfillPrompt):
        return "pass"
    return prompt.messages[-1].content if isinstance(prompt, ChatPrompt) else _text_of(prompt)


def _model_info(path: str, settings: LoadSettings, n_ctx: int, supports_infill: bool) -> ModelInfo:
    return ModelInfo(
        path=path,
        name="Echo",
        fingerprint=FINGERPRINT,
        architecture="echo",
        description="a scripted engine",
        size_bytes=0,
        n_params=0,
        n_layer=0,
        n_ctx=n_ctx,
        n_ctx_train=n_ctx,
        n_vocab=0,
        chat_template="",
        has_own_template=True,
        is_recurrent=False,
        supports_tools=False,
        supports_infill=supports_infill,
        memory={},
        sampling={},
        load_seconds=0.0,
        settings=settings,
    )
