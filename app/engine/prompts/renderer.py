"""Renders chat templates in a child process that is killed when it takes too long or too much."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, Self

import psutil

from app.engine.prompts.render_messages import (
    MAX_MEMORY_BYTES,
    RenderedText,
    RenderProblem,
    RenderReply,
    RenderRequest,
)
from app.errors import AppError
from app.ipc.codec import FrameDecoder, FrameError, encode
from app.ipc.launch import child_command, clean_environment

MAX_SECONDS = 2.0
#: How often a render that takes long is looked at.
_WATCH_SECONDS = 0.05
#: How long the first render waits for the child itself, which has Jinja to import.
_START_SECONDS = 20.0
_OTHER_FILE = "Try another file of this model, from a source you trust."


class TemplateFailed(AppError):  # noqa: N818 - reads as the event it is, beside Cancelled
    """A chat template gave no text; ``refused`` when that was its own decision, in its own words."""

    def __init__(self, title: str, message: str = "", hint: str = _OTHER_FILE, *, refused: bool = False) -> None:
        super().__init__(title, message, hint)
        self.refused = refused


class TemplateOverrun(TemplateFailed):
    """A chat template took more time or memory than it may; trying again would take as much."""


class Renderer(Protocol):
    """Whatever renders a chat template."""

    def render(self, template: str, variables: Mapping[str, Any]) -> str:
        """Return the template's text for ``variables``.

        Raises:
            TemplateFailed: It has none.
        """
        ...


class TemplateRenderer:
    """Renders in a child process, started when first needed and again after it was killed.

    The date that templates may ask for is the day this renderer was made: a prompt whose first lines change at
    midnight would be read anew. Calls may come from any thread, one at a time.
    """

    def __init__(self, command: Sequence[str] | None = None, max_seconds: float = MAX_SECONDS) -> None:
        self._command = tuple(command or child_command("app.engine.prompts.render_child"))
        self._max_seconds = max_seconds
        self._today = datetime.now().astimezone().date().isoformat()
        self._child: subprocess.Popen[bytes] | None = None
        self._decoder: FrameDecoder[RenderReply] = FrameDecoder(RenderReply)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the child now, so that the first render need not wait for it."""
        with self._lock:
            self._started()

    def close(self) -> None:
        """End the child; a later render starts another."""
        with self._lock:
            self._end()

    def render(self, template: str, variables: Mapping[str, Any]) -> str:
        """Return the template's text for ``variables``.

        Raises:
            TemplateFailed: The template refused, is wrong, or overran its limits; always in words.
        """
        request = encode(RenderRequest(template, dict(variables), self._today))
        with self._lock:
            reply = self._ask(request)
        if isinstance(reply, RenderedText):
            return reply.text
        raise _failure(reply)

    def _ask(self, request: bytes) -> RenderReply:
        child = self._started()
        watch = _Watch(child, self._max_seconds)
        try:
            with watch:
                return _exchange(child, self._decoder, request)
        except (OSError, EOFError, FrameError) as error:
            self._end()
            raise watch.verdict() from error

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = self._new_child()
        return self._child

    def _new_child(self) -> subprocess.Popen[bytes]:
        """Start a child and wait for its first answer, so that its start counts against no template."""
        self._decoder = FrameDecoder(RenderReply)
        try:
            self._child = _start(self._command)
            with _Watch(self._child, _START_SECONDS):
                _exchange(self._child, self._decoder, encode(RenderRequest("", {}, self._today)))
        except (OSError, EOFError, FrameError) as error:
            self._end()
            raise TemplateFailed(
                "The process that renders chat templates did not start",
                f"{self._command[0]} is missing, ended, or did not answer within {_START_SECONDS:.0f} seconds",
                "Check the installation with: sawhorse doctor",
            ) from error
        return self._child

    def _end(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        self._child = None


class _Watch:
    """Kills a child that takes more than its time or memory while a ``with`` block waits for it."""

    def __init__(self, child: subprocess.Popen[bytes], max_seconds: float) -> None:
        self._child = child
        self._max_seconds = max_seconds
        self._done = threading.Event()
        self._overrun: TemplateOverrun | None = None
        self._thread = threading.Thread(target=self._look, name="template-watch", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def verdict(self) -> TemplateFailed:
        """Return why the child gave no answer."""
        if self._overrun is not None:
            return self._overrun
        return TemplateFailed("The model's chat template made its renderer crash", "It is damaged or hostile")

    def _look(self) -> None:
        end = time.monotonic() + self._max_seconds
        while not self._done.wait(_WATCH_SECONDS):
            if time.monotonic() >= end:
                self._kill(_too_slow(self._max_seconds))
                return
            if _resident_bytes(self._child.pid) > MAX_MEMORY_BYTES:
                self._kill(_too_large())
                return

    def _kill(self, overrun: TemplateOverrun) -> None:
        self._overrun = overrun
        self._child.kill()


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=clean_environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _exchange(child: subprocess.Popen[bytes], decoder: FrameDecoder[RenderReply], request: bytes) -> RenderReply:
    """Send a request and wait for its reply.

    Raises:
        OSError, EOFError: The child ended.
        FrameError: What it said is no reply.
    """
    if child.stdin is None or child.stdout is None:
        raise EOFError
    view = memoryview(request)
    while view:
        view = view[os.write(child.stdin.fileno(), view) :]
    while data := os.read(child.stdout.fileno(), 1 << 20):
        for reply in decoder.feed(data):
            return reply
    raise EOFError


def _resident_bytes(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _failure(problem: RenderProblem) -> TemplateFailed:
    place = f"Line {problem.line}: " if problem.line else ""
    said = f"{place}{problem.message}"
    failures: dict[str, Callable[[], TemplateFailed]] = {
        "refused": lambda: TemplateFailed(
            "The model's chat template refuses this conversation", said, "Change what it objects to.", refused=True
        ),
        "syntax": lambda: TemplateFailed("The model's chat template is not valid", said),
        "forbidden": lambda: TemplateFailed("The model's chat template tried something it may not do", said),
        "error": lambda: TemplateFailed("The model's chat template failed", said),
        "memory": _too_large,
        "output": lambda: TemplateOverrun(
            "The model's chat template wrote too much", f"It was stopped after {problem.message} characters"
        ),
    }
    return failures[problem.problem]()


def _too_slow(seconds: float) -> TemplateOverrun:
    return TemplateOverrun("The model's chat template took too long", f"It was stopped after {seconds:g} seconds")


def _too_large() -> TemplateOverrun:
    return TemplateOverrun(
        "The model's chat template needs too much memory",
        f"It was stopped at {MAX_MEMORY_BYTES // 1024**2} MiB",
    )
