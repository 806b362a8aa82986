"""Short work in a child process: ask, and be called back; a child that hangs or dies is an answer too."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, cast

import msgspec

from app.errors import AppError
from app.ipc.child import Channel, open_channel
from app.ipc.codec import FrameDecoder, FrameError, encode
from app.ipc.launch import child_command
from app.ipc.transport import ChildExit, Transport

DEFAULT_LIMIT_S = 60.0
_LAST_LINES = 20


class JobCommand(msgspec.Struct, frozen=True, kw_only=True, tag_field="command"):
    """Something a child is asked to do; ``request`` is set by ``JobProcess.ask``."""

    request: int = 0


class JobEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something a child answers; the first event that ``is_last`` ends its request."""

    is_last: ClassVar[bool] = True

    request: int = 0


class JobFailed(JobEvent, tag="failed", frozen=True, kw_only=True):
    """The work failed; the fields are those of ``AppError``, ``code`` is stable ("timeout", "ended", "internal" …)."""

    code: str
    title: str
    message: str = ""
    hint: str = ""
    detail: str = ""

    def error(self) -> AppError:
        """Return it as an error for people."""
        return AppError(self.title, self.message, self.hint, self.detail)


E = TypeVar("E", bound=JobEvent)


@dataclass
class _Request(Generic[E]):
    command: JobCommand
    on_event: Callable[[E | JobFailed], None]
    limit_s: float
    heard_at: float


class JobProcess(Generic[E]):
    """One child that works through requests in turn; started when first asked, started anew after its end.

    Callbacks come on the thread that owns the transport. ``tick`` is to be called about once a second: it
    ends a child that has been silent for longer than the limit of the request it is at.

    Args:
        module: The child's module, one of ``CHILD_MODULES``.
        event_type: The tagged union of its events, ``JobFailed`` included.
        what: What the child does, as the subject of an error: "The header reader".
    """

    def __init__(
        self,
        transport: Transport,
        module: str,
        event_type: Any,
        what: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._module = module
        self._event_type = event_type
        self._what = what
        self._clock = clock
        self._decoder: FrameDecoder[E | JobFailed] = FrameDecoder(event_type)
        self._requests: dict[int, _Request[E]] = {}
        self._next_request = 1
        self._is_running = False
        self._is_closed = False
        self._is_resting = False  # ended by us with nothing to do, its end not yet heard
        self._killed_for = ""

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._transport.pid

    def ask(
        self,
        command: JobCommand,
        on_event: Callable[[E | JobFailed], None],
        *,
        limit_s: float = DEFAULT_LIMIT_S,
    ) -> int:
        """Ask the child; ``on_event`` hears every event of the request, the last one or ``JobFailed`` exactly once.

        Args:
            limit_s: How long the child may be silent once it is this request's turn.
        """
        number, self._next_request = self._next_request, self._next_request + 1
        command = msgspec.structs.replace(command, request=number)
        self._requests[number] = _Request(command, on_event, limit_s, self._clock())
        if self._is_resting:
            return number  # it is written to the next child, as soon as this one has ended
        if not self._is_running:
            self._start()
        self._transport.write(encode(command))
        return number

    def forget(self, request: int) -> None:
        """Want a request's answer no more; a child that works at nothing else is ended."""
        self._requests.pop(request, None)
        self.rest()

    def rest(self) -> None:
        """End the child if it has nothing to do, for the memory it takes; the next request starts another."""
        if not self._requests and self._is_running and not self._is_resting:
            self._is_resting = True
            self._transport.kill()

    def tick(self) -> None:
        """Notice a child that has been silent for too long."""
        current = next(iter(self._requests.values()), None)
        if current is None or self._killed_for or self._clock() - current.heard_at <= current.limit_s:
            return
        self._killed_for = f"It gave no answer for {current.limit_s:.0f} seconds and was ended."
        self._transport.kill()

    def close(self) -> None:
        """End the child; no callback comes any more."""
        self._is_closed = True
        self._requests.clear()
        if self._is_running:
            self._transport.kill()

    def _start(self) -> None:
        self._decoder = FrameDecoder(self._event_type)
        self._is_running, self._killed_for = True, ""
        self._transport.start(child_command(self._module), self._on_bytes, self._on_exit)

    def _start_again(self) -> None:
        self._start()
        for request in self._requests.values():
            request.heard_at = self._clock()
            self._transport.write(encode(request.command))

    def _on_bytes(self, data: bytes) -> None:
        if self._is_closed or self._killed_for:
            return
        try:
            for event in self._decoder.feed(data):
                self._take(event)
        except FrameError as error:
            self._killed_for = f"What it sent could not be understood: {error}."
            self._transport.kill()

    def _take(self, event: E | JobFailed) -> None:
        request = self._requests.get(event.request)
        if request is None:
            return  # nobody wants it any more
        request.heard_at = self._clock()
        if event.is_last:
            del self._requests[event.request]
            if following := next(iter(self._requests.values()), None):
                following.heard_at = self._clock()  # only now is it its turn
        request.on_event(event)

    def _on_exit(self, end: ChildExit) -> None:
        self._is_running = False
        if self._is_resting:
            self._is_resting = False
            if self._requests and not self._is_closed:
                self._start_again()
            return
        current, *waiting = self._requests.values() or (None,)
        self._requests = {request.command.request: request for request in waiting if request is not None}
        if self._is_closed:
            return
        if waiting:  # the one it was at may have been its end; the others are asked again
            self._start_again()
        if current is not None:
            current.on_event(self._failure(current.command.request, end))

    def _failure(self, request: int, end: ChildExit) -> JobFailed:
        code = "timeout" if self._killed_for else "ended"
        said = end.said
        why = self._killed_for or end.error or (f"It said: {said[-1]}" if said else "It left no word.")
        return JobFailed(
            request=request,
            code=code,
            title=f"{self._what} ended before it was done",
            message=why,
            hint="Try again. If it happens again, see the log.",
            detail="\n".join(said[-_LAST_LINES:]),
        )


def serve(
    command_type: Any,
    answer: Callable[[Any, Callable[[JobEvent], None]], JobEvent],
    *,
    oom_score_adj: int | None = None,
) -> None:
    """Be such a child: answer commands in turn until the parent closes the pipe.

    Args:
        command_type: The tagged union of commands.
        answer: Does one command and returns its last event; sends events before that through its second argument.
            What it raises is told as ``JobFailed``.
        oom_score_adj: As in ``open_channel``.
    """
    channel: Channel[JobCommand] = open_channel(command_type, oom_score_adj=oom_score_adj)
    for command in channel:
        request = command.request

        def send(event: JobEvent, request: int = request) -> None:
            channel.send(msgspec.structs.replace(event, request=request))

        try:
            send(answer(command, send))
        except Exception as error:  # noqa: BLE001 - reported to the parent, where people can read it
            send(failed_by(error))


def failed_by(error: Exception) -> JobFailed:
    """Return how a failure is told to the parent; what is no ``AppError`` is a fault of Sawhorse."""
    if isinstance(error, AppError):
        code = cast("str", getattr(error, "code", "failed"))
        return JobFailed(code=code, title=error.title, message=error.message, hint=error.hint, detail=error.detail)
    return JobFailed(
        code="internal",
        title="Something in Sawhorse failed",
        message=f"{type(error).__name__}: {error}",
        hint="This is a fault of Sawhorse; please report it.",
        detail=repr(error),
    )
