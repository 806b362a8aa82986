"""Finds the tool calls in what a model writes, while it writes them. Sans-IO.

What counts as a call: the form that the model's chat template teaches, standing by itself. What stands in a code
block, in backticks or in the middle of a sentence is text. A call that was not understood is never run and never
hidden: it is an event with its raw text and its problems.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from typing import Any

from app.agent.call_events import CallEvent, CallFormat
from app.agent.formats import hermes, json_fence, llama3, mistral, qwen3_coder
from app.agent.formats.dialect import DIALECTS, detect_format
from app.agent.formats.reading import Reading
from app.agent.formats.reply import ReplyReader
from app.agent.formats.sink import Sink
from app.agent.formats.source import Source
from app.agent.tool_table import ToolTable
from app.tools.tool import ToolSpec

__all__ = ["ToolCallParser", "detect_format", "render_call"]


class ToolCallParser:
    """Reads one reply, fed in pieces of any length; the same text gives the same events however it is cut.

    The same up to where a fragment ends: neighbouring ``Text`` events, and ``ArgumentDelta`` events of one
    parameter, may come joined or apart.

    Args:
        format: The form of the calls; "auto" goes by ``template`` and, where that shows none, by the first
            opening tag in the reply.
        tools: What may be called, as ``ToolSpec`` or as schemas in OpenAI's form.
    """

    def __init__(
        self,
        format: CallFormat,  # noqa: A002 - the interface's own word for it
        tools: Iterable[ToolSpec | Mapping[str, Any]],
        *,
        template: str = "",
    ) -> None:
        self.format: CallFormat = detect_format(template) if format == "auto" else format
        self._source = Source()
        self._sink = Sink(self._source, ToolTable(tools))
        reading = Reading(self._source, self._sink)
        reader = ReplyReader(reading, DIALECTS[self.format], is_auto=self.format == "auto")
        self._steps: Generator[None, None, None] | None = reader.run()

    def feed(self, text: str) -> list[CallEvent]:
        """Take more of the reply; return what is certain by now."""
        if text:
            self._source.feed(text)
            self._go_on()
        return self._sink.take()

    def finish(self, *, is_truncated: bool = False) -> list[CallEvent]:
        """Take the end of the reply; return the events that waited for it.

        ``is_truncated``: the reply was cut off, so a call without its closing tag may not be complete.
        """
        self._source.is_ended = True
        self._source.is_cut = is_truncated
        self._go_on()
        return self._sink.take()

    def _go_on(self) -> None:
        if self._steps is not None and next(self._steps, True):
            self._steps = None


def render_call(format: CallFormat, name: str, arguments: Mapping[str, Any]) -> str:  # noqa: A002 - as above
    """Return a call as a model of that format writes it; "auto" as Hermes does."""
    match format:
        case "qwen3-coder":
            return qwen3_coder.render(name, arguments)
        case "json-fence":
            return json_fence.render(name, arguments)
        case "llama3":
            return llama3.render(name, arguments)
        case "mistral":
            return mistral.render(name, arguments)
        case "hermes" | "auto":
            return hermes.render(name, arguments)
