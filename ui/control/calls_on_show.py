"""The transcript as the agent's control sees it."""

from __future__ import annotations

from typing import Protocol

from app.agent.live import LiveCall


class CallsOnShow(Protocol):
    """The transcript, as far as it shows calls; what is not on show is ignored."""

    def show_call(self, live: LiveCall) -> None:
        """Show a call as it stands now."""
        ...

    def grow_call(self, turn_id: int, call_id: str, key: str, text: str) -> None:
        """Let a call that is being written grow."""
        ...

    def print_tool(self, turn_id: int, call_id: str, text: str) -> None:
        """Let a running call's output grow."""
        ...

    def scroll_to_turn(self, turn_id: int) -> None:
        """Bring a turn on the screen."""
        ...

    def approve_asking(self) -> None:
        """Approve the call that asks if the person has seen it; otherwise bring it on the screen."""
        ...

    def deny_asking(self) -> None:
        """Refuse the call that asks."""
        ...
