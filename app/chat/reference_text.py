"""What a model reads of the files, folders and lines that a person pointed at. Pure.

Prompts are made anew from what is stored, and their beginning is found again in the engine's cache token by token. So
the same reference gives the same characters for ever: nothing here asks a library, and a change of a single character
would have every conversation with references read again from its first one on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.conversations.parts import AnyPart, ReferencePart, TextPart

UNSAVED = "unsaved text"
_BACKTICKS = re.compile(r"`{3,}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_EXTENSION = re.compile(r"[a-z0-9]{1,12}")
#: Words behind a fence where they are not simply the name's extension.
_LANGUAGES = {
    "bash": "bash",
    "bat": "batch",
    "cc": "cpp",
    "cjs": "javascript",
    "cs": "csharp",
    "cxx": "cpp",
    "erl": "erlang",
    "ex": "elixir",
    "exs": "elixir",
    "h": "c",
    "hh": "cpp",
    "hpp": "cpp",
    "hs": "haskell",
    "htm": "html",
    "hxx": "cpp",
    "jl": "julia",
    "js": "javascript",
    "kt": "kotlin",
    "kts": "kotlin",
    "log": "",
    "md": "markdown",
    "mjs": "javascript",
    "ml": "ocaml",
    "pl": "perl",
    "ps1": "powershell",
    "py": "python",
    "pyi": "python",
    "rb": "ruby",
    "rs": "rust",
    "rst": "rst",
    "sh": "bash",
    "ts": "typescript",
    "txt": "",
    "yml": "yaml",
    "zsh": "bash",
}
_NAMES = {"dockerfile": "dockerfile", "makefile": "makefile", "gnumakefile": "makefile", "cmakelists.txt": "cmake"}


def message_text(parts: Iterable[AnyPart]) -> str:
    """Return what a person's turn says to a model: what was pointed at, and then the person's own words.

    The words come last: to ask something else about the same files, only the words are read anew.
    """
    parts = tuple(parts)
    text = "".join(part.text for part in parts if isinstance(part, TextPart))
    return "\n\n".join(piece for piece in (references_text(parts), text) if piece)


def references_text(parts: Iterable[AnyPart]) -> str:
    """Return what a model reads of the references among ``parts``."""
    return "\n\n".join(reference_text(part) for part in parts if isinstance(part, ReferencePart))


def reference_text(reference: ReferencePart) -> str:
    """Return a reference with the line that names it."""
    language = "" if reference.target == "folder" else language_of(reference.path)
    return f"{heading_of(reference)}\n{fenced(reference.text, language)}"


def heading_of(reference: ReferencePart) -> str:
    """Return the line that says what follows: the path, the lines, and whether it is only the beginning."""
    path = _CONTROLS.sub("?", reference.path) or UNSAVED
    cut = " (only the beginning)" if reference.is_cut else ""
    if reference.target == "folder":
        return f"Folder: {path}, its files{cut}"
    if reference.target == "file":
        return f"File: {path}{cut}"
    lines = (
        f"line {reference.first_line}"
        if reference.first_line == reference.last_line
        else f"lines {reference.first_line}-{reference.last_line}"
    )
    return f"File: {path}, {lines}{cut}"


def language_of(path: str) -> str:
    """Return the word behind the fence for a file's name; empty where the name says nothing."""
    name = re.split(r"[/\\]", path)[-1].lower()
    if name in _NAMES:
        return _NAMES[name]
    _stem, dot, extension = name.rpartition(".")
    if not dot or not _EXTENSION.fullmatch(extension):
        return ""
    return _LANGUAGES.get(extension, extension)


def fenced(text: str, language: str) -> str:
    """Fence a text with more backticks than stand together anywhere in it."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=2)
    fence = "`" * (longest + 1)
    body = text if text.endswith("\n") or not text else f"{text}\n"
    return f"{fence}{language}\n{body}{fence}"


def title_of_references(references: Sequence[ReferencePart]) -> str:
    """Return a few words for a message that is nothing but references; empty without any."""
    if not references:
        return ""
    path = _CONTROLS.sub("?", references[0].path)
    name = re.split(r"[/\\]", path.rstrip("/\\"))[-1] or UNSAVED
    others = len(references) - 1
    return name if not others else f"{name} and {others} other{'s' if others > 1 else ''}"
