"""Where the messages stand in a rendered prompt.

A template gives text, not places. It is rendered once more with a mark for each message's text; what stands
between the marks there must stand between the texts here, and so the places are known without guessing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.prompts.specials import SpecialTexts


@dataclass(frozen=True)
class Layout:
    """The places of a rendered prompt's messages.

    Attributes:
        starts: Where each message begins, its header included; None where that is not known to be the place of
            a special token.
        generation_header: What the template writes to open a reply, such as ``<|im_start|>assistant``.
    """

    starts: tuple[int | None, ...]
    generation_header: str = ""


def find_layout(
    text: str, skeleton: str, shown: Sequence[str], marks: Sequence[str], eos_text: str, specials: SpecialTexts
) -> Layout | None:
    """Return the places of the messages in ``text``, whose contents ``shown`` stand in ``skeleton`` as ``marks``.

    One of the two texts has the header of the reply at its end, the other has not. A message whose mark is empty
    has no place of its own. None where the template treats the marks unlike the contents.
    """
    marked = [n for n, mark in enumerate(marks) if mark]
    literals = _split(skeleton, [marks[n] for n in marked])
    if literals is None:
        return None
    starts: list[int | None] = [None] * len(shown)
    position = 0
    for place, n in enumerate(marked):
        if not text.startswith(literals[place], position):
            return None
        begin = position + len(literals[place])
        following = literals[place + 1] if place + 1 < len(marked) else ""
        length = _length(text, begin, shown[n], following)
        if length is None:
            return None
        starts[n] = _message_start(text, position, begin, eos_text, specials)
        position = begin + length
    return Layout(tuple(starts), _generation_header(text[position:], literals[-1]))


def _split(skeleton: str, marks: Sequence[str]) -> list[str] | None:
    """Return the text around the marks, or None unless each stands there once, in order."""
    literals: list[str] = []
    rest = skeleton
    for mark in marks:
        before, found, rest = rest.partition(mark)
        if not found or mark in rest:
            return None
        literals.append(before)
    return [*literals, rest]


def _length(text: str, begin: int, content: str, following: str) -> int | None:
    """Return how much of ``text`` the content takes, which a template may have trimmed."""
    for form in (content, content.rstrip(), content.lstrip(), content.strip()):
        if text.startswith(form, begin) and text.startswith(following, begin + len(form)):
            return len(form)
    return None


def _message_start(text: str, begin: int, end: int, eos_text: str, specials: SpecialTexts) -> int | None:
    """Return where a message begins between the content before it and its own.

    That is at the first special token behind the end of the message before: behind the last end-of-turn token
    where there is one, else behind the first special token, which closes the turn in most other templates.
    """
    found = [(begin + a, begin + b) for a, b in specials.find(text[begin:end])]
    ends = [n for n, (a, b) in enumerate(found) if eos_text and text[a:b] == eos_text]
    if ends:
        return found[ends[-1] + 1][0] if ends[-1] + 1 < len(found) else found[ends[-1]][1]
    if begin == 0:
        return 0
    if not found:
        return None
    return found[min(1, len(found) - 1)][0]


def _generation_header(one_end: str, other_end: str) -> str:
    longer, shorter = sorted((one_end, other_end), key=len, reverse=True)
    return longer[len(shorter) :] if longer.startswith(shorter) else ""
