"""The seam between a supervisor and the operating system: start a child, send it bytes, hear it end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ChildExit:
    """How a child process ended.

    Attributes:
        code: Its exit code when it ended by itself, else None.
        signal: The number of the signal that ended it (POSIX), else None.
        stderr_tail: The last lines it wrote to standard error (at most 64 KiB).
        error: Why it could not be started, else empty.
    """

    code: int | None
    signal: int | None = None
    stderr_tail: str = ""
    error: str = ""

    @property
    def said(self) -> list[str]:
        """Its last lines to standard error that hold something."""
        return [line.strip() for line in self.stderr_tail.splitlines() if line.strip()]

    @property
    def why(self) -> str:
        """Why it ended, as far as can be told; words for people, without a full stop."""
        if self.error:
            return f"It could not be started: {self.error}"
        if self.said:
            return f"It said: {self.said[-1]}"
        return "The system or somebody ended it" if self.signal is not None else "It left no word"


class Transport(Protocol):
    """One child process at a time; callbacks come on the thread that owns the transport."""

    def start(
        self, command: Sequence[str], on_bytes: Callable[[bytes], None], on_exit: Callable[[ChildExit], None]
    ) -> None:
        """Start ``command``; its standard output reaches ``on_bytes``, its end ``on_exit`` exactly once."""
        ...

    def write(self, data: bytes) -> None:
        """Queue ``data`` for the child's standard input; never blocks; ignored after its end."""
        ...

    def kill(self) -> None:
        """End the child at once; ``on_exit`` still comes."""
        ...

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        ...
