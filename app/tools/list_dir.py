"""The tool list_dir: what is in a folder, as a tree with sizes."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from typing import Any

from app.tools.context import MAX_RESULT_CHARACTERS, ToolContext, ToolError
from app.tools.names import shown
from app.tools.text import size_words
from app.tools.tool import ToolResult, ToolSpec
from app.tools.tree import Parts
from app.tools.views import Entry, TreeView
from app.tools.walk import Found, walk

MAX_ENTRIES = 500
MAX_DEPTH = 10
#: Entries are counted up to here; a larger folder is only known to have more.
_COUNTED = 20_000
#: Room for what is said about the list: its folder's path, which may be long, and counts.
_HEAD_CHARACTERS = 6_000

SPEC = ToolSpec(
    name="list_dir",
    title="List folder",
    description="List files and folders with sizes. Leaves out what .gitignore ignores, and says how much.",
    parameters={
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "Folder, default the workspace"},
            "depth": {"type": "integer", "minimum": 1, "maximum": MAX_DEPTH, "description": "Levels, default 1"},
            "all": {"type": "boolean", "description": "Also list what is ignored, default false"},
        },
        "additionalProperties": False,
    },
    kind="read",
    main_argument="path",
    icon="folder-open",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """List a folder; see ``SPEC``. Raises ToolError."""
    path = str(arguments.get("path") or "")
    base = folder_argument(path, context)
    depth = min(max(int(arguments.get("depth") or 1), 1), MAX_DEPTH)
    ignored: list[Parts] = []
    found: list[Found] = []
    entries = walk(
        context.workspace.tree,
        base,
        context.is_cancelled,
        depth=depth,
        with_ignored=bool(arguments.get("all")),
        on_ignored=ignored.append,
    )
    for entry in entries:
        found.append(entry)
        if len(found) >= _COUNTED:
            break
    listed = _level_by_level(found, len(base), context)
    name = shown("/".join(base)) or "."
    content = "\n".join([f"{name}/: {_count_words(found, ignored)}", *(line for _, line in listed)])
    if len(listed) < len(found):
        content += f"\n({len(found) - len(listed):,} more entries not listed; list a folder below, or use glob)"
    view = TreeView(root=name, entries=tuple(_entry(entry) for entry, _ in listed), total=len(found))
    return ToolResult(content=content, view=view)


def folder_argument(path: str, context: ToolContext) -> Parts:
    """Return the names that lead to a folder. Raises ToolError: it is none."""
    status = context.workspace.status(path)
    if status is None:
        raise ToolError(f"There is no folder {shown(path)}.")
    if not stat.S_ISDIR(status.st_mode):
        raise ToolError(f"{shown(path)} is not a folder.")
    return context.workspace.parts(path)


def _level_by_level(found: list[Found], base_depth: int, context: ToolContext) -> list[tuple[Found, str]]:
    """Return what is listed, in order: where not all fits, the upper levels first, so that none hides another."""
    room = MAX_RESULT_CHARACTERS - _HEAD_CHARACTERS
    chosen: dict[int, str] = {}
    for index in sorted(range(len(found)), key=lambda index: len(found[index].parts)):
        line = _line(found[index], base_depth, context)
        room -= len(line) + 1
        if len(chosen) >= MAX_ENTRIES or room < 0:
            break
        chosen[index] = line
    return [(found[index], chosen[index]) for index in sorted(chosen)]


def _line(entry: Found, base_depth: int, context: ToolContext) -> str:
    indent = "  " * (len(entry.parts) - base_depth - 1)
    name = shown(entry.parts[-1])
    if entry.is_folder:
        return f"{indent}{name}/"
    if entry.is_file:
        return f"{indent}{name} {size_words(entry.status.st_size)}"
    if stat.S_ISLNK(entry.status.st_mode):
        return f"{indent}{name} -> {_target(entry, context)}"
    return f"{indent}{name} (not a file)"


def _target(entry: Found, context: ToolContext) -> str:
    try:
        return shown(context.workspace.tree.link_target(entry.parts))[:100]
    except OSError:
        return "?"


def _entry(found: Found) -> Entry:
    path = shown("/".join(found.parts))
    if found.is_folder:
        return Entry(path=path, kind="folder")
    if found.is_file:
        return Entry(path=path, kind="file", size_bytes=found.status.st_size)
    return Entry(path=path, kind="link" if stat.S_ISLNK(found.status.st_mode) else "other")


def _count_words(found: list[Found], ignored: list[Parts]) -> str:
    folders = sum(entry.is_folder for entry in found)
    files = len(found) - folders
    more = "more than " if len(found) >= _COUNTED else ""
    words = f"{more}{files:,} file{'s' * (files != 1)}, {folders:,} folder{'s' * (folders != 1)}"
    return f"{words}, {len(ignored):,} ignored" if ignored else words
