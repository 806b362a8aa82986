"""Turns a chat prompt into tokens: what the model wrote keeps its ids, what others wrote stays plain text.

The template is rendered with a mark in place of each reply whose ids are known; the text between the marks is
tokenised and the ids go back in. So the prompt of the next turn begins with exactly the tokens the model has
already seen, whatever a tokenizer would make of its reply now. Marks also carry every special token's text in
what people and tools wrote past the template, to be tokenised as the plain text it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.engine.messages import ChatMessage, ChatPrompt
from app.engine.prompts.chatml import CHATML_TEMPLATE
from app.engine.prompts.fold import folded, reads_tools
from app.engine.prompts.normalise import normalised, shapes
from app.engine.prompts.renderer import Renderer, TemplateFailed, TemplateOverrun
from app.engine.prompts.rendering import MarkedRenderer, Rendering
from app.engine.prompts.specials import SpecialTexts
from app.engine.prompts.tokens import MarkedTokenizer
from app.engine.prompts.vocab import Vocab


@dataclass(frozen=True)
class AssembledPrompt:
    """A prompt, ready to decode.

    Attributes:
        text: The prompt as rendered; a reply with known ids stands in it as its message's content.
        message_offsets: The token at which each message of the prompt begins; empty where the template, or a
            message it joined or moved, leaves that unknown.
        boundaries: Tokens before which a checkpoint is worth taking: after the system message and the tools,
            and before each of the user's messages. Each is the place of a special token, so that the tokens
            before it are the same whatever follows.
    """

    token_ids: tuple[int, ...]
    text: str
    message_offsets: tuple[int, ...] = ()
    boundaries: tuple[int, ...] = ()


class PromptAssembler:
    """Assembles prompts for one loaded model."""

    def __init__(self, vocab: Vocab, template: str, renderer: Renderer) -> None:
        """Take the model's own template; empty for ChatML."""
        self._vocab = vocab
        template = template or CHATML_TEMPLATE
        self._reads_tools = reads_tools(template)
        specials = SpecialTexts(vocab, template)
        self._tokenizer = MarkedTokenizer(vocab, specials)
        self._marked = MarkedRenderer(renderer, template, vocab, specials)

    def assemble(self, prompt: ChatPrompt) -> AssembledPrompt:
        """Return the tokens of ``prompt``.

        Raises:
            TemplateFailed: The template has no text for it in any form.
        """
        rendering = self._rendered(prompt)
        self._tokenizer.begin_prompt()
        ids: list[int] = []
        offsets: dict[int, int] = {}
        for piece in rendering.pieces:
            if piece.message is not None:
                offsets.setdefault(piece.message, len(ids))
            ids += self._tokenizer.ids(piece.text, rendering.marks) if piece.token_ids is None else piece.token_ids
        added = self._missing_bos(ids)
        offsets = {message: offset + len(added) if offset else 0 for message, offset in offsets.items()}
        return AssembledPrompt(
            token_ids=(*added, *ids),
            text=rendering.marks.restored("".join(piece.text for piece in rendering.pieces)),
            message_offsets=_message_offsets(offsets, rendering.messages, self._told(prompt.messages, prompt)),
            boundaries=_boundaries(offsets, rendering.messages),
        )

    def _rendered(self, prompt: ChatPrompt) -> Rendering:
        """Render in the first form the template accepts, with as many replies kept as it lets through."""
        failure: TemplateFailed | None = None
        for messages in shapes(self._told(normalised(prompt.messages), prompt)):
            for kept in _keepable(messages):
                try:
                    return self._with_marks_found(prompt, messages, kept)
                except TemplateOverrun:
                    raise
                except TemplateFailed as error:
                    failure = failure or error
        raise failure or TemplateFailed("There is nothing to send to the model", "The prompt has no messages", "")

    def _told(self, messages: tuple[ChatMessage, ...], prompt: ChatPrompt) -> tuple[ChatMessage, ...]:
        """Return the messages in the words this template has for tools, or has not."""
        return messages if self._reads_tools else folded(messages, prompt.tools)

    def _with_marks_found(
        self, prompt: ChatPrompt, messages: tuple[ChatMessage, ...], kept: frozenset[int]
    ) -> Rendering:
        rendering = self._marked.render(prompt, messages, kept)
        while rendering.lost:
            kept -= rendering.lost
            rendering = self._marked.render(prompt, messages, kept)
        return rendering

    def _missing_bos(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Return what the vocabulary wants first and the template has not written."""
        bos = self._vocab.bos_id
        if not self._vocab.adds_bos or bos is None or (ids and ids[0] == bos):
            return ()
        return (bos,)


def _keepable(messages: Sequence[ChatMessage]) -> Iterator[frozenset[int]]:
    """Yield which replies to keep: all with ids; then, for templates that look for the calls, those without any.

    The ids of a reply hold its calls as the model wrote them, so a kept reply is rendered without its calls.
    """
    with_ids = frozenset(n for n, message in enumerate(messages) if _has_ids(message))
    yield with_ids
    without_calls = frozenset(n for n in with_ids if not messages[n].tool_calls)
    if without_calls != with_ids:
        yield without_calls


def _has_ids(message: ChatMessage) -> bool:
    return message.role == "assistant" and message.token_ids is not None


def _message_offsets(
    offsets: dict[int, int], rendered: Sequence[ChatMessage], asked: Sequence[ChatMessage]
) -> tuple[int, ...]:
    """Return the places of all messages; results that a template puts together share the place of the first."""
    if [message.role for message in rendered] != [message.role for message in asked]:
        return ()
    places: list[int] = []
    for n, message in enumerate(rendered):
        shared = places[-1] if places and message.role == rendered[n - 1].role == "tool" else None
        place = offsets.get(n, shared)
        if place is None:
            return ()
        places.append(place)
    return tuple(places)


def _boundaries(offsets: dict[int, int], messages: Sequence[ChatMessage]) -> tuple[int, ...]:
    first = next((n for n, message in enumerate(messages) if message.role != "system"), None)
    worth = {n for n, message in enumerate(messages) if message.role == "user"} | {first}
    return tuple(sorted({offset for n, offset in offsets.items() if n in worth and offset > 0}))
