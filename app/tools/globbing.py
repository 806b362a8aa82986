"""Glob patterns as ripgrep has them: ``*``, ``?``, ``[a-z]``, ``{a,b}`` and ``**`` for any folders. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.tools.context import ToolError

#: Alternatives that braces may multiply to.
_MAX_ALTERNATIVES = 64
#: More ``**`` than this only serve to make matching slow.
_MAX_ANY_FOLDERS = 4


def compile_glob(pattern: str) -> Callable[[str], bool]:
    """Return whether a path below the folder matches; a pattern without "/" is about the name alone.

    Raises:
        ToolError: It cannot be understood.
    """
    pattern = pattern.removeprefix("./")
    if not pattern.strip("/"):
        raise ToolError("The pattern is empty. Use one such as **/*.py.")
    names_only = "/" not in pattern
    parts = [_regex(alternative.strip("/")) for alternative in _alternatives(pattern)]
    matches = re.compile("|".join(f"(?:{part})" for part in parts), re.DOTALL).fullmatch
    if names_only:
        return lambda path: matches(path.rpartition("/")[2]) is not None
    return lambda path: matches(path) is not None


def _alternatives(pattern: str) -> list[str]:
    """Return the patterns that braces stand for."""
    match = re.search(r"\{([^{}]*)\}", pattern)
    if match is None:
        return [pattern]
    found: list[str] = []
    for choice in match[1].split(","):
        found += _alternatives(pattern[: match.start()] + choice + pattern[match.end() :])
        if len(found) > _MAX_ALTERNATIVES:
            raise ToolError("The pattern has too many alternatives in braces.")
    return found


def _regex(pattern: str) -> str:
    names = [name for name in pattern.split("/") if name]
    if names.count("**") > _MAX_ANY_FOLDERS:
        raise ToolError(f"The pattern has more than {_MAX_ANY_FOLDERS} **.")
    pieces = []
    for index, name in enumerate(names):
        is_last = index == len(names) - 1
        if name == "**":
            pieces.append(".+" if is_last else "(?:[^/]+/)*")
        else:
            pieces.append(_name_regex(name) + ("" if is_last else "/"))
    return "".join(pieces)


def _name_regex(name: str) -> str:
    """Return the expression for one name; what stands between two stars is taken where it first fits, for good.

    So the time grows with the name's length only, whatever the number of stars (atomic groups, Python 3.11).
    """
    chunks = _chunks(name)
    if len(chunks) == 1:
        return chunks[0]
    first, *middle, last = chunks
    return first + "".join(f"(?>[^/]*?{chunk})" for chunk in middle) + "[^/]*" + last


def _chunks(name: str) -> list[str]:
    """Return the expressions for what stands before, between and after the stars of a name."""
    chunks, at = [""], 0
    while at < len(name):
        character, piece = name[at], ""
        at += 1
        if character == "*":
            chunks.append("")
        elif character == "?":
            piece = "[^/]"
        elif character == "\\" and at < len(name):
            piece = re.escape(name[at])
            at += 1
        elif character == "[" and (end := name.find("]", at + 1 + (name[at : at + 1] in {"!", "^"}))) > 0:
            piece = _class_regex(name[at:end])
            at = end + 1
        else:
            piece = re.escape(character)
        chunks[-1] += piece
    return chunks


def _class_regex(inner: str) -> str:
    negated = inner[:1] in {"!", "^"}
    inner = re.sub(r"([\\\[\]&~|^])", r"\\\1", inner[1:] if negated else inner)
    expression = f"(?!/)[{'^' if negated else ''}{inner}]"
    try:
        re.compile(expression)
    except re.error:
        raise ToolError(f"[{inner}] in the pattern is no set of characters.") from None
    return expression
