"""Functions, classes and the like in a text: where each begins and ends. Pure.

Python is read by its own parser, and by its indentation where the parser does not understand it. Languages with
braces are read by the words that begin a definition and by the brace that ends it; what does not end at the
indentation it began with is not taken for one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.files.fence_info import words

_PYTHON = re.compile(r"^(?P<indent>[ \t]*)(?:async[ \t]+def|def|class)[ \t]+(?P<name>\w+)")
_MODIFIERS = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override|virtual|inline|"
    r"pub(?:\([\w:]+\))?|unsafe|const|extern|open|sealed|data|suspend|declare|readonly|get|set|partial)\s+)*"
)
_BRACED = re.compile(
    rf"^(?P<indent>[ \t]*){_MODIFIERS}(?:"
    r"(?:function\b\s*\*?|class|interface|enum|struct|trait|union|namespace|module|object|fun|fn|func(?:\s*\([^)]*\))?|"
    r"type|protocol|extension|record)\s+(?P<word>\w+)"
    r"|(?:const|let|var)\s+(?P<variable>\w+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:function\b|\(|\w+\s*=>|<|class\b)"
    r"|impl\b(?:<[^>]*>)?\s+(?P<impl>[\w:<>, ]+?)\s*(?=\{)"
    r"|(?:[\w:<>\[\],?]+(?:[ \t]*[*&]+[ \t]*|[ \t]+))*(?P<method>[A-Za-z_]\w*)\s*\([^;{}]*\)?[^;{}()=]*\{?\s*$)"
)
#: Words before a bracket that begin no definition.
_NO_NAMES = words("if for while switch catch return else do with try when match sizeof throw await new elif")
_SKIPPED = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`", re.DOTALL)
#: Longer lines begin no definition that a person wrote.
_LONGEST_LINE = 500
PYTHON = frozenset({"py", "pyi", "python", "python3"})
BRACED = words(
    "js mjs cjs jsx ts tsx java kt c h cc cpp hpp cs go rs php swift scala dart javascript typescript rust golang "
    "kotlin csharp c++ node"
)


@dataclass(frozen=True)
class Definition:
    """A function, class or the like.

    Attributes:
        name: What it is called.
        first, last: Its lines, from 0, decorators included.
        indent: The blanks it begins with.
    """

    name: str
    first: int
    last: int
    indent: str


def find_definitions(text: str, kind: str) -> list[Definition]:
    """Return the definitions of a text, those inside others too, in order.

    Args:
        kind: Extension of the file's name, or a language.
    """
    kind = kind.lower()
    if kind in PYTHON:
        return _in_python(text)
    if kind in BRACED:
        return list(_in_braces(text))
    return []


def parses(text: str, kind: str) -> bool | None:
    """Tell whether a text is valid; None where that is not known."""
    if kind.lower() not in PYTHON:
        return None
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _in_python(text: str) -> list[Definition]:
    lines = text.split("\n")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return list(_by_indent(lines))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)]) - 1
            line = lines[node.lineno - 1]
            indent = line[: len(line) - len(line.lstrip())]
            found.append(Definition(node.name, first, (node.end_lineno or node.lineno) - 1, indent))
    return sorted(found, key=lambda one: one.first)


def _by_indent(lines: Sequence[str]) -> Iterator[Definition]:
    for number, line in enumerate(lines):
        match = _PYTHON.match(line)
        if not match:
            continue
        width = len(match["indent"])
        first = number
        while first and lines[first - 1].startswith(match["indent"] + "@"):
            first -= 1
        last = number
        for later in range(number + 1, len(lines)):
            text = lines[later]
            is_inside = len(text) - len(text.lstrip()) > width
            if text.strip() and not is_inside and text.strip()[:1] not in {")", "]", "}"}:
                break
            if text.strip():
                last = later
        yield Definition(match["name"], first, last, match["indent"])


def _in_braces(text: str) -> Iterator[Definition]:
    lines = text.split("\n")
    bare = _SKIPPED.sub(_blank, text).split("\n")
    for number, line in enumerate(bare):
        match = _BRACED.match(line) if len(line) <= _LONGEST_LINE else None
        if not match:
            continue
        name = match["word"] or match["variable"] or match["impl"] or match["method"]
        if not name or name in _NO_NAMES or line.split()[0] in _NO_NAMES:
            continue
        last = _end_of(bare, number, match["indent"])
        if last is not None:
            first = number
            while first and lines[first - 1].startswith((match["indent"] + "@", match["indent"] + "#[")):
                first -= 1
            yield Definition(name, first, last, match["indent"])


def _end_of(bare: Sequence[str], number: int, indent: str) -> int | None:
    """Return the line with the brace that ends what begins in a line; None if it has none, or not clearly."""
    depth, opened = 0, False
    for later in range(number, len(bare)):
        for one in bare[later]:
            if one in "{([":
                depth += 1
                opened |= one == "{"
            elif one in "})]":
                depth -= 1
            elif one == ";" and depth == 0:
                return later if opened else None
        if depth < 0:
            return None
        if opened and depth == 0:
            text = bare[later]
            is_aligned = later == number or text[: len(text) - len(text.lstrip())] == indent
            return later if is_aligned else None
        if not opened and depth == 0 and later > number + 1:
            return None
    return None


def _blank(match: re.Match[str]) -> str:
    return "".join("\n" if one == "\n" else " " for one in match[0])
