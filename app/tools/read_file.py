"""The tool read_file: a file's lines with their numbers, a page at a time."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from typing import Any

from app.tools.context import MAX_RESULT_CHARACTERS, ToolContext, ToolError
from app.tools.names import shown
from app.tools.text import MAX_FILE_BYTES, TextFile, decode, read_bytes, size_words
from app.tools.tool import ToolResult, ToolSpec
from app.tools.views import FileView, TextView

MAX_LINE_CHARACTERS = 2_000
DEFAULT_LINES = 1_000
#: What pages through the outputs that were too long for a model.
OUTPUT = "output:"
#: Room for the sentence about the page.
_NOTE_CHARACTERS = 300

SPEC = ToolSpec(
    name="read_file",
    title="Read file",
    description=(
        "Read a text file of the workspace. Lines come with their numbers, which are not part of the file. "
        "Long files come in pages: continue with offset."
    ),
    parameters={
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "File, relative to the workspace"},
            "offset": {"type": "integer", "minimum": 1, "description": "First line to read, default 1"},
            "limit": {"type": "integer", "minimum": 1, "description": f"Most lines, default {DEFAULT_LINES}"},
        },
        "required": ["path"],
        "additionalProperties": False,
    },
    kind="read",
    main_argument="path",
    icon="file-text",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Read a page of a file; see ``SPEC``. Raises ToolError."""
    path = str(arguments["path"])
    if path.startswith(OUTPUT):
        name, data = path, _output(context, path.removeprefix(OUTPUT))
    else:
        status = context.workspace.status(path)
        if status is not None and stat.S_ISDIR(status.st_mode):
            raise ToolError(f"{shown(path)} is a folder. Use list_dir.")
        name, data = shown(context.workspace.relative(path)), read_bytes(context.workspace, path)
    text = decode(data)
    if text is None:
        words = f"{name} is binary: {binary_kind(data)}, {size_words(len(data))}. Its bytes are not shown."
        return ToolResult(content=words, view=TextView(text=words))
    return _page(name, text, int(arguments.get("offset") or 1), int(arguments.get("limit") or DEFAULT_LINES))


def _page(name: str, file: TextFile, offset: int, limit: int) -> ToolResult:
    lines = split_lines(file.text)
    if not lines:
        return ToolResult(content=f"{name} is empty.", view=FileView(path=name, text=""))
    if offset > len(lines):
        raise ToolError(f"{name} has {len(lines):,} lines; offset {offset:,} is past its end.")
    shown_lines: list[str] = []
    numbered: list[str] = []
    room = MAX_RESULT_CHARACTERS - _NOTE_CHARACTERS - len(name)
    for number, line in enumerate(lines[offset - 1 : offset - 1 + limit], offset):
        cut = line[:MAX_LINE_CHARACTERS]
        if len(line) > len(cut):
            cut += f"… ({len(line) - len(cut):,} more characters)"
        numbered.append(f"{number}\t{cut}")
        room -= len(numbered[-1]) + 1
        if room < 0:
            numbered.pop()
            break
        shown_lines.append(cut)
    last = offset + len(numbered) - 1
    notes = [file.note] if file.note else []
    if last < len(lines):
        notes.append(f"lines {offset:,}-{last:,} of {len(lines):,}; continue with offset {last + 1}")
    elif offset > 1:
        notes.append(f"lines {offset:,}-{last:,} of {len(lines):,}, the end")
    content = "\n".join(numbered) + (f"\n({'; '.join(notes)})" if notes else "")
    view = FileView(path=name, text="\n".join(shown_lines), first_line=offset, total_lines=len(lines))
    return ToolResult(content=content, view=view)


def split_lines(text: str) -> list[str]:
    """Return lines without their ends; unlike for ``str.splitlines`` only line feeds end one, as for ripgrep."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _output(context: ToolContext, name: str) -> bytes:
    if not name or os.path.basename(name) != name or name.startswith("."):  # noqa: PTH119 - the name alone matters
        raise ToolError(f"There is no output {shown(name)}.")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        fd = os.open(context.outputs / name, flags)
    except (OSError, ValueError):
        raise ToolError(f"There is no output {shown(name)}; it may have been cleared away.") from None
    with open(fd, "rb") as file:  # noqa: PTH123 - a descriptor
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise ToolError(f"{shown(name)}: {os.strerror(errno.EINVAL)}.")
        return file.read(MAX_FILE_BYTES)


#: First bytes of the kinds of files a model is most likely to meet in a project; IANA and file(1).
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x7fELF", "an ELF program or library"),
    (b"MZ", "a Windows program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"GGUF", "a GGUF model"),
    (b"\0asm", "a WebAssembly module"),
)


def binary_kind(data: bytes) -> str:
    """Return what bytes are by their beginning."""
    return next((kind for start, kind in _KINDS if data.startswith(start)), "of unknown type")
