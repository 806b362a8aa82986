"""What servers say, made fit to be read: nothing hidden in it, no control tokens, of a bounded length. Pure."""

from __future__ import annotations

import re
import unicodedata

#: ECMA-48 escape sequences: CSI, OSC and the like up to their end, and two-character ones.
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[ -/]*[0-~])")
#: The spelling of control tokens in the templates of the common model families.
_CONTROL_TOKEN = re.compile(
    r"<(?=\|[^|>\n]{1,40}\|>)"
    r"|<(?=/?(?:tool_call|tool_response|tools|think|start_of_turn|end_of_turn|s|bos|eos|pad|unk)>)"
    r"|<(?=\uff5c[^\uff5c>\n]{1,40}\uff5c>)"
    r"|\[(?=/?(?:INST|TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS|SYSTEM_PROMPT)\])"
)
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
_KEPT_CONTROLS = "\n\t"
_PLAIN_REST = {"<": "\u2039", "[": "\u2045"}


def reveal(text: str) -> str:
    """Return ``text`` with every character that is not seen written as ⟨U+200B⟩; line ends are made the same.

    Joiners that shape the character before them (emoji, Persian, Indic scripts) stay as they are.
    """
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    before = ""
    for character in text:
        shown.append(character if _is_seen(character, before) else f"\u27e8U+{ord(character):04X}\u27e9")
        before = character
    return "".join(shown)


def without_escapes(text: str) -> str:
    """Return ``text`` without terminal escape sequences, and with what else is hidden in it made visible."""
    return reveal(_ESCAPE_SEQUENCE.sub("", text))


def for_model(text: str) -> str:
    """Return a description as a model may read it: nothing hidden, and nothing spelt like a control token."""
    return _CONTROL_TOKEN.sub(lambda match: _PLAIN_REST[match[0]], without_escapes(text))


def suspicions(text: str) -> tuple[str, ...]:
    """Return what a reader of ``text`` should know about it, in words; empty when there is nothing."""
    found = []
    if _ESCAPE_SEQUENCE.search(text):
        found.append("terminal escape sequences")
    hidden = reveal(_ESCAPE_SEQUENCE.sub("", text)).count("\u27e8U+") - text.count("\u27e8U+")
    if hidden > 0:
        found.append(f"{hidden:,} hidden character{'s' if hidden > 1 else ''}")
    if _CONTROL_TOKEN.search(text):
        found.append("text spelt like a model's control tokens")
    return tuple(found)


def cut(text: str, limit: int) -> str:
    """Return ``text``, or its beginning and its end with the count of what is missing between."""
    if len(text) <= limit:
        return text
    missing = len(text) - limit
    head = limit * 3 // 4
    return f"{text[:head]}\n[… {missing:,} characters left out …]\n{text[len(text) - (limit - head) :]}"


def one_line(text: str, limit: int = 300) -> str:
    """Return ``text`` as one line of at most ``limit`` characters, nothing hidden in it."""
    line = " ".join(without_escapes(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _is_seen(character: str, before: str) -> bool:
    if character in _JOINERS:
        return bool(before) and not before.isascii() and before not in _JOINERS
    if character in _KEPT_CONTROLS:
        return True
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"}:
        return False
    # Variation selectors and Hangul fillers are letters or marks by category, and draw nothing.
    return not ("\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef") and character not in (
        "\u115f\u1160\u3164\uffa0\u2800"
    )
