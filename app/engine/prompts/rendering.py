"""Renders a prompt's messages with marks in place of what must not pass through the template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import msgspec

from app.engine.messages import ChatMessage, ChatPrompt, ToolCall
from app.engine.prompts.layout import Layout, find_layout
from app.engine.prompts.marks import Marks
from app.engine.prompts.normalise import as_variables
from app.engine.prompts.renderer import Renderer, TemplateFailed
from app.engine.prompts.specials import SpecialTexts
from app.engine.prompts.vocab import Vocab


@dataclass(frozen=True)
class Piece:
    """A stretch of a prompt.

    Attributes:
        text: Rendered text, marks in it.
        message: The message that begins here, None inside one.
        token_ids: The ids that stand here instead of the text's own.
    """

    text: str
    message: int | None = None
    token_ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Rendering:
    """A rendered prompt.

    Attributes:
        pieces: Its text and known ids in order.
        lost: Replies whose mark did not come out exactly once; then there are no pieces.
    """

    messages: tuple[ChatMessage, ...]
    marks: Marks
    pieces: tuple[Piece, ...] = ()
    lost: frozenset[int] = frozenset()


class MarkedRenderer:
    """Renders with one model's template."""

    def __init__(self, renderer: Renderer, template: str, vocab: Vocab, specials: SpecialTexts) -> None:
        self._renderer = renderer
        self._template = template
        self._vocab = vocab
        self._specials = specials

    def render(self, prompt: ChatPrompt, messages: tuple[ChatMessage, ...], kept: frozenset[int]) -> Rendering:
        """Render ``messages`` with the tools of ``prompt``, keeping the ids of the replies ``kept``.

        Raises:
            TemplateFailed: The template has no text for them.
        """
        draft = _Draft(self._specials, self._template, prompt, messages, kept)
        open_end = len(messages) - 1 if prompt.continue_last and messages and messages[-1].role == "assistant" else None
        held = kept if open_end is None else kept | {open_end}
        shown = [draft.marks_of[n] if n in held else content for n, content in enumerate(draft.contents)]
        text = self._text(draft, shown, add_generation_prompt=open_end is None)
        places = draft.marks.places(text)
        lost = frozenset(n for n in held if len(places.get(draft.marks_of[n], ())) != 1)
        if open_end is not None and open_end in lost:
            return self._with_end_by_hand(prompt, messages, kept)
        if lost:
            return Rendering(messages, draft.marks, lost=lost)
        layout = self._layout(draft, text, shown, add_generation_prompt=open_end is not None)
        if open_end is not None:
            mark = draft.marks_of[open_end]
            text = text[: places[mark][0]] + (mark if open_end in kept else draft.contents[open_end])
        return Rendering(messages, draft.marks, tuple(draft.pieces(text, layout)))

    def _text(self, draft: _Draft, shown: Sequence[str], *, add_generation_prompt: bool) -> str:
        variables = draft.variables | {
            "messages": [
                as_variables(message, content) for message, content in zip(draft.messages, shown, strict=True)
            ],
            "add_generation_prompt": add_generation_prompt,
            "bos_token": self._vocab.bos_text,
            "eos_token": self._vocab.eos_text,
        }
        return self._renderer.render(self._template, variables)

    def _layout(self, draft: _Draft, text: str, shown: Sequence[str], *, add_generation_prompt: bool) -> Layout:
        """Find the places of the messages; a template that treats the marks otherwise leaves them unknown.

        Many write an empty message like any other, so it too is marked at first.
        """
        written = tuple(mark if content.strip() else "" for mark, content in zip(draft.marks_of, shown, strict=True))
        for marks in dict.fromkeys((draft.marks_of, written)):
            forms = [mark or content for mark, content in zip(marks, shown, strict=True)]
            try:
                skeleton = self._text(draft, forms, add_generation_prompt=add_generation_prompt)
            except TemplateFailed:
                continue
            if layout := find_layout(text, skeleton, shown, marks, self._vocab.eos_text, self._specials):
                return layout
        return Layout((None,) * len(shown))

    def _with_end_by_hand(
        self, prompt: ChatPrompt, messages: tuple[ChatMessage, ...], kept: frozenset[int]
    ) -> Rendering:
        """Put the reply that is to be continued behind the header of a new one; the template hides its place."""
        last = len(messages) - 1
        before = self.render(msgspec.structs.replace(prompt, continue_last=False), messages[:last], kept - {last})
        if before.lost:
            return before
        reply = messages[last]
        content = guarded(reply.content, before.marks, self._specials, by_model=True)
        end = Piece(content, last, reply.token_ids if last in kept else None)
        return Rendering(messages, before.marks, (*before.pieces, end))


class _Draft:
    """Messages ready to be rendered: what is unsafe in them marked, and a mark for each one's whole content."""

    def __init__(
        self,
        specials: SpecialTexts,
        template: str,
        prompt: ChatPrompt,
        messages: tuple[ChatMessage, ...],
        kept: frozenset[int],
    ) -> None:
        said = (f"{message.content}{message.tool_calls}{message.name}" for message in messages)
        self.marks = Marks("".join((template, str(prompt.tools), str(prompt.template_arguments), *said)))
        guard = partial(guarded, marks=self.marks, specials=specials)
        self.contents = tuple(guard(message.content, by_model=message.role == "assistant") for message in messages)
        self.marks_of = tuple(self.marks.put(content) for content in self.contents)
        self.messages = tuple(
            msgspec.structs.replace(
                message,
                tool_calls=() if n in kept else _guarded_calls(message, guard),
                name=guard(message.name, by_model=False),
            )
            for n, message in enumerate(messages)
        )
        tools = [guarded_value(tool, partial(guard, by_model=False)) for tool in prompt.tools]
        self.variables: dict[str, Any] = prompt.template_arguments | {"tools": tools or None}
        self._kept = kept

    def pieces(self, text: str, layout: Layout) -> Iterator[Piece]:
        """Cut a rendered text where messages begin and around the replies that keep their ids."""
        starts = {start: n for n, start in enumerate(layout.starts) if start is not None}
        places = self.marks.places(text)
        replies = {places[self.marks_of[n]][0]: n for n in self._kept}
        ends = {begin + len(self.marks_of[n]) for begin, n in replies.items()}
        for begin, end in pairwise(sorted({0, len(text), *starts, *replies, *ends})):
            message = starts.get(begin)
            if begin in replies:
                yield Piece(self.contents[replies[begin]], message, self.messages[replies[begin]].token_ids or ())
            elif message is not None and replies.get(end) == message:
                yield Piece(_header(text[begin:end], layout.generation_header), message)
            else:
                yield Piece(text[begin:end], message)


def guarded(text: str, marks: Marks, specials: SpecialTexts, *, by_model: bool) -> str:
    """Return ``text`` with a mark for everything in it that must not become a special token."""
    parts: list[str] = []
    position = 0
    for begin, end in specials.unsafe(text, by_model=by_model):
        parts += (text[position:begin], marks.put(text[begin:end]))
        position = end
    return "".join(parts) + text[position:]


def guarded_value(value: Any, guard: Callable[[str], str]) -> Any:
    """Return a JSON value with every text in it guarded, and every member's name that is not a plain word."""
    match value:
        case str():
            return guard(value)
        case dict():
            names = {key: key if key.isidentifier() else guard(key) for key in value}
            return {names[key]: guarded_value(item, guard) for key, item in value.items()}
        case list() | tuple():
            return [guarded_value(item, guard) for item in value]
        case _:
            return value


def _guarded_calls(message: ChatMessage, guard: Callable[..., str]) -> tuple[ToolCall, ...]:
    by_model = partial(guard, by_model=True)
    return tuple(
        ToolCall(name=by_model(call.name), arguments=guarded_value(call.arguments, by_model), id=call.id)
        for call in message.tool_calls
    )


def _header(header: str, generation_header: str) -> str:
    """Return the header a kept reply was generated behind, where the template now writes another.

    Templates of reasoning models open a reply with ``<think>`` but leave it out of past turns; the ids that
    follow were generated behind it.
    """
    first_line = generation_header.partition("\n")[0]
    return generation_header if first_line and header.startswith(first_line) else header
