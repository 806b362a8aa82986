"""What a notice says, as a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Level = Literal["info", "success", "warning", "error"]

INFO_MS = 6_000


@dataclass(frozen=True)
class NoticeAction:
    """A button of a notice; the notice goes when it is clicked."""

    text: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Notice:
    """What a card says.

    Attributes:
        level: Errors and warnings stay until they are dismissed; the others fade.
        title: What happened, without a full stop.
        message: Why, with numbers.
        hint: What to do next.
        detail: For "copy details" only.
        actions: Buttons.
        stay_ms: How long it stays; 0 until dismissed, None by its level.
    """

    level: Level
    title: str
    message: str = ""
    hint: str = ""
    detail: str = ""
    actions: tuple[NoticeAction, ...] = ()
    stay_ms: int | None = None

    @property
    def shown_ms(self) -> int:
        """How long the card stays, in milliseconds; 0 until it is dismissed."""
        if self.stay_ms is not None:
            return self.stay_ms
        return INFO_MS if self.level in {"info", "success"} else 0
