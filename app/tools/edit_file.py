"""The tool edit_file: replaces a piece of text that occurs exactly once, or everywhere."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from app.tools.context import ToolContext, ToolError
from app.tools.diff import diff_view
from app.tools.edit_hints import not_found
from app.tools.names import shown
from app.tools.text import decode, read_bytes, text_argument
from app.tools.tool import ToolResult, ToolSpec

#: Line numbers named where a text occurs more than once.
_NAMED_LINES = 10

SPEC = ToolSpec(
    name="edit_file",
    title="Edit file",
    description=(
        "Replace old_text by new_text in a file. old_text must match the file exactly, indentation included and "
        "without line numbers, and only once unless replace_all is set: take in enough lines around the change."
    ),
    parameters={
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "File, relative to the workspace"},
            "old_text": {"type": "string", "description": "Text to replace"},
            "new_text": {"type": "string", "description": "Text to put in its place"},
            "replace_all": {"type": "boolean", "description": "Replace every occurrence, default false"},
        },
        "required": ["path", "old_text", "new_text"],
        "additionalProperties": False,
    },
    kind="write",
    main_argument="path",
    icon="pencil",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Edit a file; see ``SPEC``. Raises ToolError."""
    path = str(arguments["path"])
    old_text, new_text = text_argument(arguments, "old_text"), text_argument(arguments, "new_text")
    workspace = context.workspace
    name = shown(workspace.relative(path))
    if old_text == "":
        raise ToolError("old_text is empty. To make a file or replace all of it use write_file.")
    if old_text == new_text:
        raise ToolError("old_text and new_text are the same; nothing would change.")
    workspace.check_writable(path)
    file = decode(read_bytes(workspace, path))
    if file is None:
        raise ToolError(f"{name} is binary and cannot be edited as text.")
    places = find(file.text, old_text)
    if not places:
        raise ToolError(not_found(name, file.text.replace("\r\n", "\n"), old_text.replace("\r\n", "\n")))
    lines = [file.text.count("\n", 0, start) + 1 for start, _ in places[: _NAMED_LINES + 1]]
    if len(places) > 1 and not arguments.get("replace_all"):
        raise ToolError(
            f"old_text occurs {len(places)} times in {name}, {_lines(lines)}. Take in more of the lines around the "
            "one you mean, or set replace_all."
        )
    text = replace(file.text, places, new_text, crlf=file.has_crlf)
    if text == file.text:
        raise ToolError("Apart from line endings old_text and new_text are the same; nothing would change.")
    data = file.encode(text)
    context.recorder.before_write(path)
    workspace.write_file(path, data)
    step, _ = context.recorder.finish()
    count = "1 occurrence" if len(places) == 1 else f"{len(places)} occurrences"
    return ToolResult(
        content=f"Replaced {count} in {name}, {_lines(lines)}.",
        view=diff_view(name, file.text, text),
        step=step,
    )


def find(text: str, wanted: str) -> list[tuple[int, int]]:
    """Return the (begin, end) of every occurrence in ``text``; line endings of either kind match each other."""
    plain, wanted = text.replace("\r\n", "\n"), wanted.replace("\r\n", "\n")
    # Where, in ``plain``, a line feed lost its carriage return: each one before a place moves it by one.
    shortened: list[int] = []
    at = text.find("\r\n")
    while at >= 0:
        shortened.append(at - len(shortened))
        at = text.find("\r\n", at + 2)
    places = []
    start = plain.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        places.append((start + bisect_left(shortened, start), end + bisect_left(shortened, end)))
        start = plain.find(wanted, end)
    return places


def replace(text: str, places: list[tuple[int, int]], new: str, *, crlf: bool) -> str:
    """Return ``text`` with each place replaced; new lines end as those they replace, or as most in the file."""
    unix = new.replace("\r\n", "\n")
    pieces, done = [], 0
    for start, end in places:
        old = text[start:end]
        is_crlf = "\r\n" in old if "\n" in old else crlf
        pieces += [text[done:start], unix.replace("\n", "\r\n") if is_crlf else unix]
        done = end
    return "".join((*pieces, text[done:]))


def _lines(lines: list[int]) -> str:
    if len(lines) == 1:
        return f"line {lines[0]}"
    named = ", ".join(str(line) for line in lines[:_NAMED_LINES])
    return f"lines {named}{' and more' if len(lines) > _NAMED_LINES else ''}"
