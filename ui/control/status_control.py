"""Keeps the status bar and the composer's figures true: engine, context, speed, memory, length of the draft."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import psutil
from PySide6.QtCore import QObject, QTimer

from app.chat.changes import PromptRead, TextAppended
from app.chat.session import ChatSession
from app.conversations.parts import ReferencePart
from app.engine.messages import AnyEvent, Stats, TokensCounted
from app.engine.process import EngineProcess
from ui.chat.composer import ComposerPanel
from ui.chat.composer_foot import USUAL_HINT
from ui.control.chat_control import ChatControl
from ui.control.model_control import ModelControl
from ui.control.sampling_control import SamplingControl
from ui.main_window import MainWindow
from ui.status.values import EngineState, StatusValues
from ui.widgets.throttle import Throttle

MEMORY_INTERVAL_MS = 2000
REFRESH_INTERVAL_MS = 250
COUNT_INTERVAL_MS = 400
SPEED_WINDOW_S = 2.0

_STATES: dict[str, EngineState] = {
    "stopped": "none",
    "starting": "starting",
    "idle": "none",
    "loading": "loading",
    "ready": "ready",
    "generating": "generating",
    "frozen": "silent",
    "failed": "stopped",
}


class StatusControl(QObject):
    """Shows what is going on; asks the engine how long the prompt would be.

    Attributes:
        taken_references: What the composer's text points at, as far as its texts are known.
    """

    def __init__(
        self,
        engine: EngineProcess,
        session: ChatSession,
        window: MainWindow,
        composer: ComposerPanel,
        chat: ChatControl,
        model: ModelControl,
        sampling: SamplingControl,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.taken_references: Callable[[], tuple[ReferencePart, ...]] = tuple
        self._engine = engine
        self._session = session
        self._window = window
        self._composer = composer
        self._model = model
        self._sampling = sampling
        self._prompt: PromptRead | None = None
        self._arrivals: deque[tuple[float, int]] = deque()
        self._count_request = 0
        self._counted: int | None = None
        self._last_stats: Stats | None = None
        self._process = psutil.Process()
        self._window_bytes = self._process.memory_info().rss
        self._refresh = Throttle[None](REFRESH_INTERVAL_MS, lambda _none: self._show(), self)
        self._count = Throttle[None](COUNT_INTERVAL_MS, lambda _none: self._ask_count(), self)
        self._memory_timer = QTimer(self)
        self._memory_timer.setInterval(MEMORY_INTERVAL_MS)
        self._memory_timer.timeout.connect(self._on_memory_timer_timeout)
        self._memory_timer.start()
        chat.progressed.connect(self._on_chat_progressed)
        chat.generation_changed.connect(self._on_chat_generation_changed)
        chat.conversation_changed.connect(self._on_changed)
        model.model_changed.connect(self._on_changed)
        model.progressed.connect(lambda: self._refresh.call(None))
        composer.edit.textChanged.connect(lambda: self._count.call(None))
        self._show()

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        if isinstance(event, TokensCounted) and event.request == self._count_request:
            self._counted = event.tokens
            self._composer.set_token_count(event.tokens, event.n_ctx)
        self._refresh.call(None)

    def recount(self) -> None:
        """Count the prompt anew: what is offered with it is another."""
        self._count.call(None)

    def stop(self) -> None:
        """Look at nothing any more: the store is about to be closed."""
        self._memory_timer.stop()
        self._refresh.drop()
        self._count.drop()

    # --- inside -----------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        self._last_stats = next((turn.stats for turn in reversed(self._session.branch) if turn.stats), None)
        self._show_hint()
        self._refresh.call(None)
        self._count.call(None)

    def _on_chat_generation_changed(self) -> None:
        if self._session.generating_turn is None:
            self._prompt = None
        else:
            self._arrivals.clear()
        self._on_changed()

    def _on_chat_progressed(self, change: PromptRead | TextAppended) -> None:
        if isinstance(change, PromptRead):
            self._prompt = change
        else:
            now = time.monotonic()
            self._arrivals.append((now, change.tokens))
            while now - self._arrivals[0][0] > SPEED_WINDOW_S:
                self._arrivals.popleft()
        self._refresh.call(None)

    def _on_memory_timer_timeout(self) -> None:
        self._window_bytes = self._process.memory_info().rss
        self._refresh.call(None)

    def _ask_count(self) -> None:
        """Have the prompt counted as it would be sent now; while a reply is made its own figures count."""
        if self._engine.state == "ready":
            self._engine.cancel(self._count_request)
            system = str(self._sampling.new_conversation()["system_prompt"])
            prompt = self._session.prompt_with(self._composer.text(), system, self.taken_references())
            self._count_request = self._engine.count_tokens(prompt)
        elif self._engine.model is None:
            self._counted = None
            self._composer.set_token_count(None, 0)

    def _show_hint(self) -> None:
        if self._session.generating_turn is not None:
            self._composer.set_hint("Esc stops")
        elif self._engine.model is not None:
            self._composer.set_hint(USUAL_HINT)
        elif self._model.load_share is not None:
            self._composer.set_hint("The model is being loaded; you can write already")
        else:
            self._composer.set_hint("No model is loaded.", "Choose one", self._model.open_menu)

    def _show(self) -> None:
        state = _STATES[self._engine.state]
        prompt = self._prompt
        is_reading = state == "generating" and (prompt is None or prompt.done < prompt.total)
        model = self._engine.model
        last = self._last_stats
        self._window.status.refresh(
            StatusValues(
                engine="reading" if is_reading else state,
                model=self._model.model_name,
                load_share=self._model.load_share,
                context_tokens=self._context_tokens(last.context_tokens if last else None),
                context_size=model.n_ctx if model else None,
                reused_tokens=prompt.reused if prompt else last.reused_tokens if last else None,
                processed_tokens=prompt.total - prompt.reused if prompt else last.processed_tokens if last else None,
                reuse_reason=last.reuse_reason if last else "",
                tokens_per_second=self._speed() or _speed_of(last.generated_tokens, last.generate_seconds)
                if last
                else self._speed(),
                prompt_tokens_per_second=prompt.tokens_per_second if prompt else None,
                prompt_done=prompt.done if prompt and is_reading else None,
                prompt_total=prompt.total if prompt and is_reading else None,
                engine_bytes=self._engine.rss_bytes or None,
                window_bytes=self._window_bytes,
            )
        )

    def _context_tokens(self, last: int | None) -> int | None:
        if self._engine.model is None:
            return None
        if self._prompt is not None:
            return self._prompt.done + sum(tokens for _when, tokens in self._arrivals)
        return self._counted if self._counted is not None else last

    def _speed(self) -> float | None:
        if self._engine.state != "generating" or len(self._arrivals) < 2:
            return None
        (first, _tokens), *rest = self._arrivals
        return _speed_of(sum(tokens for _when, tokens in rest), self._arrivals[-1][0] - first)


def _speed_of(tokens: int, seconds: float) -> float | None:
    return tokens / seconds if seconds > 0 else None
