"""The engine in its child process: started when needed, watched, put into words when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil

from app.engine.engine import EngineState
from app.engine.exit_reasons import explain_exit
from app.engine.messages import (
    AnyCommand,
    AnyEvent,
    Cancel,
    CountTokens,
    Devices,
    Died,
    Failed,
    Finished,
    Generate,
    Hello,
    InfillPrompt,
    ListDevices,
    Load,
    Loaded,
    LoadSettings,
    ModelInfo,
    Notice,
    Ping,
    Pong,
    Prompt,
    Render,
    Rendered,
    TokensCounted,
    Unload,
    Unloaded,
)
from app.engine.sampling import Sampling
from app.ipc.codec import FrameDecoder, FrameError, encode
from app.ipc.launch import child_command
from app.ipc.transport import ChildExit, Transport

PING_INTERVAL_S = 1.0
#: An engine that has not answered for so long is called frozen; it hears commands even while it computes.
FROZEN_AFTER_S = 5.0
UNANSWERED_PINGS = 3
#: Until it has said its first word it may be reading libraries from a slow disk.
START_LIMIT_S = 60.0

#: The events that end a request.
LAST_EVENTS = (Loaded, Unloaded, Finished, TokensCounted, Rendered, Devices, Failed)


@dataclass
class _Request:
    command: AnyCommand
    cancelled_at: float | None = None

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def is_infill(self) -> bool:
        return isinstance(self.command, Generate) and isinstance(self.command.prompt, InfillPrompt)


class EngineProcess:
    """``Engine`` in a child process.

    Every verb starts the child if there is none. Events come to ``on_event`` on the thread that owns the
    transport; of a cancelled request only its last one does. ``tick`` is to be called about once a second.
    """

    def __init__(
        self,
        transport: Transport,
        on_event: Callable[[AnyEvent], None],
        *,
        command: Sequence[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._on_event = on_event
        self._command = list(command or child_command("app.engine.llama.worker"))
        self._clock = clock
        self._decoder: FrameDecoder[AnyEvent] = FrameDecoder(AnyEvent)
        self._requests: dict[int, _Request] = {}
        self._next_request = 1
        self._model: ModelInfo | None = None
        self._is_running = False
        self._is_ready = False
        self._is_closed = False
        self._is_frozen = False
        self._stuck_request = 0  # the cancelled request it does not end, if that is how it is frozen
        self._has_failed = False
        self._asked_since = 0.0  # when the first unanswered ping was sent; before the first word, the start
        self._unanswered = 0
        self._pinged_at = 0.0
        self._damage = ""
        self.rss_bytes = 0
        self.last_load: tuple[str, LoadSettings] | None = None

    @property
    def state(self) -> EngineState:
        """What the engine is doing."""
        if not self._is_running:
            return "failed" if self._has_failed else "stopped"
        if self._is_frozen:
            return "frozen"
        if not self._is_ready:
            return "starting"
        commands = [request.command for request in self._requests.values() if not request.is_infill]
        if any(isinstance(command, Load) for command in commands):
            return "loading"
        if any(isinstance(command, Generate) for command in commands):
            return "generating"
        return "ready" if self._model else "idle"

    @property
    def model(self) -> ModelInfo | None:
        """The model that is loaded."""
        return self._model

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._transport.pid

    # --- verbs ------------------------------------------------------------------------------------------

    def load(self, path: str, settings: LoadSettings) -> int:
        """Load a model, starting the engine if need be; the present one is unloaded first."""
        self.last_load = (path, settings)
        self._model = None
        self._drop_infills()
        return self._ask(Load(request=self._take_number(), path=path, settings=settings))

    def unload(self) -> int:
        """Give back the model's memory."""
        self._model = None
        self._drop_infills()
        return self._ask(Unload(request=self._take_number()))

    def generate(self, prompt: Prompt, sampling: Sampling) -> int:
        """Answer a prompt; a completion in the editor that is under way is dropped for it."""
        self._drop_infills()
        return self._ask(Generate(request=self._take_number(), prompt=prompt, sampling=sampling))

    def count_tokens(self, prompt: Prompt) -> int:
        """Count a prompt's tokens."""
        return self._ask(CountTokens(request=self._take_number(), prompt=prompt))

    def render(self, prompt: Prompt) -> int:
        """Show a prompt as text and token ids."""
        return self._ask(Render(request=self._take_number(), prompt=prompt))

    def list_devices(self) -> int:
        """Name the devices."""
        return self._ask(ListDevices(request=self._take_number()))

    def cancel(self, request: int) -> None:
        """Stop a request; of what it still sends, only its last event is passed on."""
        if request in self._requests and not self._requests[request].is_cancelled:
            self._requests[request].cancelled_at = self._clock()
            self._transport.write(encode(Cancel(request=request)))

    def _drop_infills(self) -> None:
        """Make way: nothing that a person asked for waits for a completion."""
        for number, request in self._requests.items():
            if request.is_infill:
                self.cancel(number)

    def kill(self) -> None:
        """End a child that does not answer; ``Died`` follows."""
        self._transport.kill()

    def close(self) -> None:
        """End the engine; its child ends when the transport is closed, and no event comes any more."""
        self._is_closed = True
        self._requests.clear()
        if self._is_running:
            self._transport.kill()

    def tick(self) -> None:
        """Ask whether the child hears, and notice when it has not answered, or not stopped, for long."""
        if not self._is_running or self._is_closed:
            return
        now = self._clock()
        if not self._is_frozen:
            self._look_for_a_freeze(now)
        is_silent = self._is_frozen and not self._stuck_request  # it has enough to answer when it wakes
        if self._is_ready and not is_silent and now - self._pinged_at >= PING_INTERVAL_S:
            self._pinged_at = now
            self._asked_since = self._asked_since if self._unanswered else now
            self._unanswered += 1
            self._transport.write(encode(Ping(request=0)))

    def _look_for_a_freeze(self, now: float) -> None:
        silent_s = now - self._asked_since
        limit_s = FROZEN_AFTER_S if self._is_ready else START_LIMIT_S
        # Several questions: after a pause of its own the owner has not yet read the answer to the first.
        was_asked = self._unanswered >= UNANSWERED_PINGS or not self._is_ready
        if was_asked and silent_s > limit_s:
            self._freeze(f"The engine has not answered for {silent_s:.0f} seconds.")
        elif stuck := self._overdue_request(now):
            self._freeze(f"The engine has not stopped within {FROZEN_AFTER_S:.0f} seconds.", stuck)

    def _overdue_request(self, now: float) -> int:
        """Return the cancelled request that should have ended by now; those behind the first only wait, 0: none."""
        for number, request in self._requests.items():
            is_overdue = request.cancelled_at is not None and now - request.cancelled_at > FROZEN_AFTER_S
            return number if is_overdue else 0
        return 0

    def _freeze(self, what: str, stuck_request: int = 0) -> None:
        self._is_frozen, self._stuck_request = True, stuck_request
        self._on_event(Notice(code="engine_frozen", text=f"{what} Wait, or end it and load again."))

    # --- the child --------------------------------------------------------------------------------------

    def _take_number(self) -> int:
        number, self._next_request = self._next_request, self._next_request + 1
        return number

    def _ask(self, command: AnyCommand) -> int:
        self._requests[command.request] = _Request(command)
        if not self._is_running:
            self._start()
        self._transport.write(encode(command))
        return command.request

    def _start(self) -> None:
        self._decoder = FrameDecoder(AnyEvent)
        self._is_running, self._is_ready, self._is_frozen, self._has_failed = True, False, False, False
        self._asked_since = self._pinged_at = self._clock()
        self._unanswered = 0
        self._damage = ""
        self._stuck_request = 0
        self._transport.start(self._command, self._on_bytes, self._on_exit)

    def _on_bytes(self, data: bytes) -> None:
        if self._is_closed or self._damage:
            return
        self._unanswered = 0
        try:
            for event in self._decoder.feed(data):
                self._take(event)
        except FrameError as error:
            self._damage = str(error)
            self._transport.kill()

    def _take(self, event: AnyEvent) -> None:
        if self._is_closed:  # by whoever heard the event before
            return
        if self._is_frozen and (not self._stuck_request or _ends(event, self._stuck_request)):
            self._is_frozen, self._stuck_request = False, 0
            self._on_event(Notice(code="engine_thawed", text="The engine answers again."))
        match event:
            case Hello():
                self._is_ready = True
            case Pong(rss_bytes=rss):
                self.rss_bytes = rss
            case _ if event.request:
                self._take_answer(event)
                return
            case _:
                pass
        self._on_event(event)

    def _take_answer(self, event: AnyEvent) -> None:
        request = self._requests.get(event.request)
        if request is None:
            return  # of a request that has ended
        is_last = isinstance(event, LAST_EVENTS)
        if is_last:
            del self._requests[event.request]
        if isinstance(event, Loaded):
            self._model = event.model
        elif is_last and isinstance(request.command, Load):
            self._model = None  # whether it had come from the load before: the engine unloads that first
        if is_last or not request.is_cancelled:
            self._on_event(event)

    def _on_exit(self, end: ChildExit) -> None:
        self._is_running = self._is_ready = self._is_frozen = False
        lost, self._requests = tuple(self._requests), {}
        self._model = None
        if self._is_closed:
            return
        self._has_failed = True
        memory = psutil.virtual_memory()
        reason = explain_exit(
            end, rss_bytes=self.rss_bytes, available_bytes=int(memory.available), total_bytes=int(memory.total)
        )
        self.rss_bytes = 0
        message = f"What it sent could not be understood: {self._damage}." if self._damage else reason.message
        title = "The engine sent something damaged" if self._damage else reason.title
        self._on_event(Died(title=title, message=message, hint=reason.hint, detail=reason.detail, lost=lost))


def _ends(event: AnyEvent, request: int) -> bool:
    return event.request == request and isinstance(event, LAST_EVENTS)
