"""Which of the forms a model's template makes it write, and how its format is recognised. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.agent.call_events import CallFormat
from app.agent.formats import hermes, llama3, mistral

_FUNCTION = (b"<function=", b"<function name=")


@dataclass(frozen=True)
class Dialect:
    """What begins a call in a reply.

    Attributes:
        openers: Words that begin one wherever they stand outside code and running text.
        aliases: Tags that begin one only at the beginning of a line, around a well-formed call of a known tool.
        blocks: Bare JSON and fences: never calls, when the "whole" reply is nothing else, or when "last" in it.
        lead: What a reply may begin with and then is a call whatever follows: JSON and Python calls.
        hints: A last block that looks like a call of a known tool, but is none by these rules, is pointed out.
    """

    openers: tuple[bytes, ...]
    aliases: tuple[bytes, ...] = ()
    blocks: Literal["none", "whole", "last"] = "none"
    lead: bool = False
    hints: bool = False


DIALECTS: dict[CallFormat, Dialect] = {
    "qwen3-coder": Dialect((hermes.OPENER, *_FUNCTION)),
    "hermes": Dialect((hermes.OPENER, *_FUNCTION), hermes.ALIASES, "whole", hints=True),
    "json-fence": Dialect((hermes.OPENER,), hermes.ALIASES, "last", hints=True),
    "llama3": Dialect((*llama3.TAGS, *_FUNCTION), blocks="whole", lead=True, hints=True),
    "mistral": Dialect((mistral.OPENER,), blocks="whole"),
    "auto": Dialect(
        (hermes.OPENER, *_FUNCTION, mistral.OPENER, *llama3.TAGS), hermes.ALIASES, "whole", lead=True, hints=True
    ),
}


def dialect_of(opener: bytes, data: bytes) -> CallFormat:
    """Return the format whose calls begin with an opener; ``data`` is what the model wrote for one."""
    if opener == mistral.OPENER:
        return "mistral"
    if opener in llama3.TAGS:
        return "llama3"
    return "qwen3-coder" if b"<function" in data[:200] else "hermes"


def detect_format(template: str) -> CallFormat:
    """Return the format a chat template teaches; "auto" where it shows none that is known."""
    if "<function=" in template and "<parameter=" in template:
        return "qwen3-coder"
    if "[TOOL_CALLS]" in template:
        return "mistral"
    if "<tool_call>" in template:
        return "hermes"
    if "<|python_tag|>" in template or "<|python_start|>" in template or "<function=" in template:
        return "llama3"
    # Llama 3.2's own template has no tag, only this form in its instructions.
    if "<|start_header_id|>" in template and '"parameters"' in template:
        return "llama3"
    return "json-fence" if "```json" in template and "arguments" in template else "auto"
