"""The tool search: lines of files that match an expression; by ripgrep where there is one, else in Python."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any

import msgspec

from app.ipc.launch import child_command, clean_environment
from app.tools import search_ripgrep
from app.tools.context import MAX_RESULT_CHARACTERS, ToolContext, ToolError
from app.tools.globbing import compile_glob
from app.tools.names import shown
from app.tools.search_child import MODULE, Task, compile_query
from app.tools.search_output import Stopped, lines_of
from app.tools.search_query import MAX_CONTEXT, MAX_COUNTED, TOO_MANY, Findings, Line, Query, in_order
from app.tools.text import text_argument
from app.tools.tool import ToolResult, ToolSpec
from app.tools.views import MAX_VIEW_CHARACTERS, Match, MatchesView

MAX_SECONDS = 30.0
MAX_MATCHES = 300
#: Room for what is said about the matches.
_HEAD_CHARACTERS = 600

SPEC = ToolSpec(
    name="search",
    title="Search",
    description="Search file contents, line by line. Leaves out binary files and what .gitignore ignores.",
    parameters={
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "Folder or file to search, default the workspace"},
            "pattern": {"type": "string", "description": "Regular expression, or plain text with literal"},
            "glob": {"type": "string", "description": "Only files that match, such as *.py"},
            "literal": {"type": "boolean", "description": "Take pattern as plain text, default false"},
            "ignore_case": {"type": "boolean", "description": "Default false"},
            "context": {
                "type": "integer",
                "minimum": 0,
                "maximum": MAX_CONTEXT,
                "description": "Lines around each match, default 0",
            },
        },
        "required": ["pattern"],
        "additionalProperties": False,
    },
    kind="read",
    main_argument="pattern",
    icon="search",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Search; see ``SPEC``. Raises ToolError."""
    query = _query(arguments, context)
    limit_s = min(MAX_SECONDS, context.time_limit_s)
    try:
        findings = search_ripgrep.search(query, context, limit_s)
    except search_ripgrep.Unable:
        findings = search_in_python(query, context, limit_s)
    return _result(query, findings)


def search_in_python(query: Query, context: ToolContext, limit_s: float) -> Findings:
    """Search without ripgrep, in a child process that ends when the time is up.

    Raises:
        ToolError: The expression cannot be understood.
    """
    try:
        compile_query(query)
    except (re.error, RecursionError, OverflowError) as error:
        raise ToolError(f"The pattern is no regular expression: {error}. For plain text set literal.") from None
    process = subprocess.Popen(
        child_command(MODULE),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
    )
    found: list[Line] = []
    count, stopped = 0, ""
    task = Task.of(context.workspace.root, query)
    try:
        with suppress(BrokenPipeError):
            if process.stdin is not None:
                process.stdin.write(msgspec.json.encode(task))
                process.stdin.close()
        with closing(lines_of(process, limit_s, context.is_cancelled, lambda: _end(process))) as output:
            for encoded in output:
                line = msgspec.json.decode(encoded, type=Line)
                found.append(line)
                count += line.is_match
                if count >= MAX_COUNTED:
                    stopped = TOO_MANY
                    break
    except Stopped as reason:
        stopped = str(reason)
    return Findings(lines=in_order(found), stopped=stopped)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _query(arguments: Mapping[str, Any], context: ToolContext) -> Query:
    pattern, path, glob = (text_argument(arguments, name) for name in ("pattern", "path", "glob"))
    if not pattern:
        raise ToolError("The pattern is empty. To find files by name use glob.")
    if "\n" in pattern:
        raise ToolError("The pattern spans lines, but the search goes line by line. Search for one of the lines.")
    if glob:
        compile_glob(glob)
    if context.workspace.status(path) is None:
        raise ToolError(f"There is no file or folder {shown(path)}.")
    return Query(
        pattern=pattern,
        base=context.workspace.parts(path),
        glob=glob,
        is_regex=not arguments.get("literal"),
        ignore_case=bool(arguments.get("ignore_case")),
        context=min(max(int(arguments.get("context") or 0), 0), MAX_CONTEXT),
    )


def _result(query: Query, findings: Findings) -> ToolResult:
    matches = [line for line in findings.lines if line.is_match]
    files = len({line.path for line in matches})
    note = f" The search was stopped: {findings.stopped}; there may be more." if findings.stopped else ""
    view = MatchesView(pattern=query.pattern, matches=_shown(matches), total=len(matches), files=files)
    if not matches:
        hint = "" if findings.stopped else " Ignored, binary and very large files are not searched."
        return ToolResult(content=f"No line matches.{hint}{note}", view=view)
    listed, count = _listed(findings.lines)
    head = f"{len(matches):,} matching line{'s' * (len(matches) > 1)} in {files:,} file{'s' * (files > 1)}"
    if count < len(matches):
        head += f", the first {count:,} listed; narrow the pattern, path or glob for the others"
    return ToolResult(content=f"{head}.{note}\n{listed}", view=view)


def _listed(lines: tuple[Line, ...]) -> tuple[str, int]:
    """Return lines under their files' names, as many as fit, and how many matches are among them."""
    room, count, path, number = MAX_RESULT_CHARACTERS - _HEAD_CHARACTERS, 0, "", 0
    has_context = not all(line.is_match for line in lines)
    listed: list[str] = []
    for line in lines:
        pieces = [line.path] if line.path != path else ["--"] if line.number > number + 1 and has_context else []
        pieces.append(f"{line.number}{':' if line.is_match else '-'} {line.text}")
        room -= sum(len(piece) + 1 for piece in pieces)
        if room < 0 or count >= MAX_MATCHES:
            break
        listed += pieces
        count += line.is_match
        path, number = line.path, line.number
    return "\n".join(listed), count


def _shown(matches: list[Line]) -> tuple[Match, ...]:
    room, shown_matches = MAX_VIEW_CHARACTERS, []
    for line in matches[: 2 * MAX_MATCHES]:
        room -= len(line.text) + len(line.path)
        if room < 0:
            break
        shown_matches.append(Match(path=line.path, line=line.number, text=line.text, spans=line.spans))
    return tuple(shown_matches)
