"""Ctrl+C with two meanings: during a reply it stops the reply, at the prompt it ends the program."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self


class Interrupts:
    """Collects SIGINT while it is entered; ``take`` tells whether one came and forgets it."""

    def __init__(self) -> None:
        self._came = False
        self._raises = False
        self._before: object = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]  # what signal() itself returned

    def take(self) -> bool:
        """Tell whether Ctrl+C was pressed since the last time."""
        came, self._came = self._came, False
        return came

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Within this, Ctrl+C raises KeyboardInterrupt as usual."""
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self._raises or self._came:  # a second one, before the first was heard, ends the program
            raise KeyboardInterrupt
        self._came = True
