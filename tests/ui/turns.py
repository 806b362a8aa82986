"""Turns for tests of the transcript, and the transcript's parts by the names a person would give them."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from app.conversations.parts import TextPart, Turn
from app.engine.messages import Stats
from ui.chat.turn_view import TurnView

STATS = Stats(
    prompt_tokens=120,
    reused_tokens=100,
    processed_tokens=20,
    generated_tokens=50,
    prompt_seconds=0.5,
    generate_seconds=2.0,
    context_tokens=170,
)


def turn(number, *parts, role="assistant", state="complete", **fields):
    """Return a turn; parts that are texts are text parts."""
    made = tuple(TextPart(text=part) if isinstance(part, str) else part for part in parts)
    parent = number - 1 if number > 1 else None
    return Turn(
        id=number, conversation_id=1, parent_id=parent, role=role, parts=made, state=state, created_at=0.0, **fields
    )


def view(number, *parts, is_last=False, sibling_index=0, sibling_count=1, **fields):
    """Return a turn with its place."""
    return TurnView(turn(number, *parts, **fields), sibling_index, sibling_count, is_last)


def chat(count, text="Some words of a message."):
    """Return a conversation of ``count`` turns, by turns of both."""
    roles = ("user", "assistant")
    return [view(n, f"{n}: {text}", role=roles[(n - 1) % 2], is_last=n == count) for n in range(1, count + 1)]


def words_in(widget):
    """Return the words of the labels that can be seen."""
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]


def button(widget, name):
    """Return a button by name, None if it is not there to be clicked."""
    found = widget.findChild(QToolButton, name) or widget.findChild(QPushButton, name)
    return found if found is not None and found.isVisible() else None


def overlaps(widgets):
    """Tell whether any of the widgets, top to bottom, lies over the next."""
    return any(above.geometry().bottom() >= below.geometry().top() for above, below in pairwise(widgets))
