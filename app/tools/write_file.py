"""The tool write_file: a whole file, new or replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.tools.context import ToolContext, ToolError
from app.tools.diff import diff_view
from app.tools.names import shown
from app.tools.text import TextFile, decode, read_bytes, size_words, text_argument
from app.tools.tool import ToolResult, ToolSpec

MAX_CONTENT_BYTES = 8 * 2**20

SPEC = ToolSpec(
    name="write_file",
    title="Write file",
    description=(
        "Write a whole file, making it and its folders if need be. Replaces what is there: to change part of a file "
        "use edit_file."
    ),
    parameters={
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "File, relative to the workspace"},
            "content": {"type": "string", "description": "The whole text of the file"},
        },
        "required": ["path", "content"],
        "additionalProperties": False,
    },
    kind="write",
    main_argument="path",
    icon="file-plus",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Write a file; see ``SPEC``. Raises ToolError."""
    path, content = str(arguments["path"]), text_argument(arguments, "content")
    workspace = context.workspace
    workspace.check_writable(path)
    name = shown(workspace.relative(path))
    old = read_bytes(workspace, path) if workspace.status(path) is not None else None
    before = None if old is None else decode(old)
    data, kept = _encode(content, before)
    if len(data) > MAX_CONTENT_BYTES:
        raise ToolError(
            f"The content has {size_words(len(data))}; at most {size_words(MAX_CONTENT_BYTES)} are written."
        )
    if data == old:
        return ToolResult(content=f"{name} already has this content; nothing was written.")
    context.recorder.before_write(path)
    workspace.write_file(path, data)
    step, _ = context.recorder.finish()
    lines = content.count("\n") + (not content.endswith("\n") and content != "")
    verb = "Created" if old is None else "Replaced"
    words = f"{verb} {name}: {lines:,} lines, {size_words(len(data))}{kept}."
    if old is not None and before is None:
        return ToolResult(content=f"{words} It was binary before.", step=step)
    return ToolResult(content=words, view=diff_view(name, before.text if before else None, content), step=step)


def _encode(content: str, before: TextFile | None) -> tuple[bytes, str]:
    """Return the bytes to write and what was kept of the old file's form: its line endings, mark and encoding."""
    if before is None:
        return content.encode(), ""
    kept = []
    if before.has_crlf and "\r" not in content:
        content = content.replace("\n", "\r\n")
        kept.append("CRLF line endings")
    try:
        data = before.encode(content)
    except ToolError:
        return content.encode(), ""
    if before.mark or before.encoding != "utf-8":
        kept.append("encoding")
    return data, f", with the {' and '.join(kept)} it had" if kept else ""
