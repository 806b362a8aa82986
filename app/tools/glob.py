"""The tool glob: files whose paths match a pattern, the newest first."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Any

from app.tools.context import MAX_RESULT_CHARACTERS, ToolContext
from app.tools.globbing import compile_glob
from app.tools.list_dir import folder_argument
from app.tools.names import shown
from app.tools.tool import ToolResult, ToolSpec
from app.tools.views import Entry, TreeView
from app.tools.walk import Found, walk

MAX_FILES = 200
#: Entries looked at before it gives up.
MAX_VISITED = 500_000
#: Room for what is said about the list.
_NOTE_CHARACTERS = 200

SPEC = ToolSpec(
    name="glob",
    title="Find files",
    description="Find files by path pattern, newest first. Leaves out what .gitignore ignores.",
    parameters={
        "type": "object",
        "properties": {
            "pattern": {"type": "string", "description": "Such as **/*.py or src/**/test_*.{js,ts}"},
            "path": {"type": "string", "description": "Folder to look in, default the workspace"},
        },
        "required": ["pattern"],
        "additionalProperties": False,
    },
    kind="read",
    main_argument="pattern",
    icon="filter",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Find files; see ``SPEC``. Raises ToolError."""
    matches = compile_glob(str(arguments["pattern"]))
    base = folder_argument(str(arguments.get("path") or ""), context)
    visited = 0
    found: list[Found] = []
    for entry in walk(context.workspace.tree, base, context.is_cancelled):
        visited += 1
        if not entry.is_folder and matches("/".join(entry.parts[len(base) :])):
            found.append(entry)
        if visited >= MAX_VISITED:
            break
    newest = heapq.nsmallest(MAX_FILES, found, key=lambda entry: (-entry.status.st_mtime_ns, entry.parts))
    paths: list[str] = []
    room = MAX_RESULT_CHARACTERS - _NOTE_CHARACTERS
    for entry in newest:
        paths.append(shown("/".join(entry.parts)))
        room -= len(paths[-1]) + 1
        if room < 0:
            paths.pop()
            break
    notes = []
    if not found:
        notes.append("No file matches.")
    if len(found) > len(paths):
        notes.append(f"({len(found) - len(paths):,} older files not listed; use a narrower pattern)")
    if visited >= MAX_VISITED:
        notes.append(f"(stopped after {MAX_VISITED:,} entries; name a folder in path)")
    entries = tuple(
        Entry(path=path, kind="file" if entry.is_file else "link", size_bytes=entry.status.st_size)
        for path, entry in zip(paths, newest, strict=False)
    )
    view = TreeView(root=shown("/".join(base)) or ".", entries=entries, total=len(found))
    return ToolResult(content="\n".join([*paths, *notes]), view=view)
