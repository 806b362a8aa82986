"""Errors that are shown to people.

``AppError`` is *expected*: it says what happened, why, and what to do next, and is caught once, at the
boundary of a command. ``Cancelled`` is silent. Any other exception is a bug and rises to the excepthook.
"""

from __future__ import annotations


class AppError(Exception):
    """A failure a person can act on.

    Attributes:
        title: What happened, as a person would say it, without a full stop.
        message: Why, with numbers.
        hint: What to do next; empty when there is nothing to add.
        detail: Text for the log and the "copy details" button; never shown by itself.
    """

    def __init__(self, title: str, message: str = "", hint: str = "", detail: str = "") -> None:
        super().__init__(title, message, hint)
        self.title = title
        self.message = message
        self.hint = hint
        self.detail = detail

    def __str__(self) -> str:
        return ". ".join(part.rstrip(".") for part in (self.title, self.message, self.hint) if part)


class Cancelled(Exception):  # noqa: N818 - a cancel is not an error
    """The user asked for the work to stop."""
