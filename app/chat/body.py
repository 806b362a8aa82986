"""The answer of a reply while it grows: text and calls in the order the model wrote them."""

from __future__ import annotations

from collections.abc import Callable

from app.agent.call_events import ArgumentDelta, CallEvent, CallFinished, CallStarted, Text
from app.chat.offer import CallParser
from app.conversations.parts import CallProblem, TextPart, ToolCallPart

TRUNCATED = CallProblem(code="truncated", message="The reply ended inside this call, so it is not run.")


class Body:
    """Takes the text of an answer; ``parts`` is what it amounts to so far.

    Args:
        parser: Finds the calls; None where no tools were offered: then all is text.
        name_call: Gives the id of the reply's call with an index.
    """

    def __init__(self, parser: CallParser | None, name_call: Callable[[int], str]) -> None:
        self._parser = parser
        self._name_call = name_call
        self._format = parser.format if parser is not None else ""
        self._parts: list[TextPart | ToolCallPart] = []
        self._texts: list[str] = []  # of the text part under way
        self._open: CallStarted | None = None
        self._pending: list[str] = []  # fed, and not yet in a part

    def feed(self, text: str) -> list[CallEvent]:
        """Return what the model's next words are."""
        if self._parser is None:
            return self._take([Text(text)])
        self._pending.append(text)
        return self._take(self._parser.feed(text))

    def finish(self, *, is_truncated: bool) -> list[CallEvent]:
        """Return what was held back; calls that began have ended."""
        return self._take(self._parser.finish(is_truncated=is_truncated)) if self._parser is not None else []

    @property
    def open_call(self) -> str:
        """The id of the call that is being written; empty for none."""
        return self._name_call(self._open.index) if self._open else ""

    def parts(self, *, with_held: bool = False) -> list[TextPart | ToolCallPart]:
        """Return the parts so far; ``with_held``: with text that may still turn out to begin a call."""
        parts = [*self._parts, *self._text_part()]
        if self._open is not None:
            part = ToolCallPart(
                call_id=self._name_call(self._open.index),
                name=self._open.name,
                arguments={},
                raw="".join(self._pending),
                problems=(TRUNCATED,),
                format=self._format,
            )
            return [*parts, part]
        if with_held and self._pending:
            return [*self._parts, TextPart(text="".join([*self._texts, *self._pending]))]
        return parts

    def _text_part(self) -> list[TextPart]:
        text = "".join(self._texts)
        return [TextPart(text=text)] if text else []

    def _take(self, events: list[CallEvent]) -> list[CallEvent]:
        for event in events:
            match event:
                case Text(text):
                    self._texts.append(text)
                    self._account_for(text)
                case CallStarted():
                    self._open = event
                case CallFinished():
                    self._close(event)
                case ArgumentDelta():
                    pass
        return [event for event in events if not (isinstance(event, Text) and not event.text)]

    def _close(self, event: CallFinished) -> None:
        self._parts += self._text_part()
        self._texts.clear()
        self._open = None
        self._account_for(event.raw)
        part = ToolCallPart(
            call_id=self._name_call(event.index),
            name=event.name,
            arguments=event.arguments,
            raw=event.raw,
            problems=event.problems,
            format=self._format,
        )
        self._parts.append(part)

    def _account_for(self, text: str) -> None:
        """Take ``text`` off the pending; a parser may have left out white space before it."""
        pending = "".join(self._pending)
        rest = pending[max(pending.find(text), 0) + len(text) :]
        self._pending = [rest] if rest else []
