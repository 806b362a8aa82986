"""What the transcript knows of a call and its card must not forget when it is far from the screen."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from app.agent.live import LiveCall

#: Characters of live output that are kept; a card shows their last lines.
MAX_OUTPUT_CHARACTERS = 200_000


@dataclass
class ShownCall:
    """A call with what streamed in since it was last told, and with how its card stands.

    Attributes:
        written: The arguments as they grow, by parameter; "" for a form that does not tell.
        output: The end of what it printed.
        since: When it entered its state, of ``time.monotonic()``.
        is_unfolded: What the person chose; None: by its state.
        drafts: What was typed into its fields and not sent, by the field's name.
    """

    live: LiveCall
    written: dict[str, str] = field(default_factory=dict)
    output: str = ""
    since: float = field(default_factory=time.monotonic)
    is_unfolded: bool | None = None
    drafts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.output = self.live.output

    def update(self, live: LiveCall) -> None:
        """Take what is known now; what a person chose for another state of it no longer counts."""
        if live.state != self.live.state:
            self.since = time.monotonic()
            # Folded because it needs nothing any more, or unfolded because it does; what was opened stays open.
            if needs_person(live) or (needs_person(self.live) and self.is_unfolded is not True):
                self.is_unfolded = None
            if live.state != "running":
                self.drafts.clear()
        if live.output:
            self.output = live.output[-MAX_OUTPUT_CHARACTERS:]
        self.live = live

    def grow(self, key: str, text: str) -> None:
        """Note more of an argument."""
        self.written[key] = self.written.get(key, "") + text

    def print(self, text: str) -> None:
        """Note more output."""
        output = self.output + text
        # Cut seldom, so that growing by little costs little.
        is_long = len(output) > 2 * MAX_OUTPUT_CHARACTERS
        self.output = output[-MAX_OUTPUT_CHARACTERS:] if is_long else output

    @property
    def shows_body(self) -> bool:
        """Whether its card is unfolded: as the person chose, otherwise where the person is needed."""
        return needs_person(self.live) if self.is_unfolded is None else self.is_unfolded

    @property
    def seconds(self) -> float:
        """How long it has been in its state."""
        return time.monotonic() - self.since


def needs_person(live: LiveCall) -> bool:
    """Tell whether a call waits for a person; a malformed one does no longer once the model was told of it."""
    if live.is_record:
        return False
    return live.state in {"asking", "question"} or (live.state == "invalid" and live.result is None)
