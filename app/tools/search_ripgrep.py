"""The search by ripgrep, run inside the sandbox, made to find what the search in Python finds."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import msgspec

from app.tools.context import ToolContext, ToolError
from app.tools.globbing import compile_glob
from app.tools.ignored import rules_above
from app.tools.search_output import Stopped, lines_of
from app.tools.search_query import MAX_COUNTED, MAX_FILE_BYTES, TOO_MANY, Findings, Line, Query, clip, in_order
from app.tools.tree import Parts, Tree

#: A folder is searched by leaving out its neighbours; more than this make too long a command.
_MAX_NEIGHBOURS = 400
#: What makes ripgrep leave out what the search in Python leaves out, and tell what it finds as JSON.
OPTIONS = (
    *("--json", "--no-config", "--hidden", "--no-mmap", "--crlf", "--no-require-git", "--no-ignore-global"),
    *("--no-ignore-exclude", "--no-ignore-dot", "--no-ignore-parent", "--no-ignore-messages", "--no-messages"),
    *("--glob", "!.git", "--max-filesize", str(MAX_FILE_BYTES)),
)
_SPECIAL = re.compile(r"([\\*?\[\]{}!])")
#: A glob that a file type can stand for; other globs would bring back files that are ignored.
_SUFFIX_GLOB = re.compile(r"\*\.[A-Za-z0-9_]+")


class Unable(Exception):  # noqa: N818 - asks for the other search, no error
    """Ripgrep is not there, or cannot do this search."""


def search(query: Query, context: ToolContext, limit_s: float) -> Findings:
    """Search.

    Raises:
        Unable: Let Python search instead.
    """
    program = shutil.which("rg")
    if program is None:
        raise Unable
    root = context.workspace.root
    argv = [program, *_options(query), *_place(context.workspace.tree, query.base)]
    try:
        process = context.sandbox.start(argv, root, root, "sandbox")
    except (ToolError, OSError):
        raise Unable from None
    reading = _Reading(query)
    stopped = ""
    try:
        output = lines_of(process, limit_s, context.is_cancelled, lambda: context.sandbox.stop(process))
        with closing(output):
            for line in output:
                reading.take(line)
                if reading.count >= MAX_COUNTED:
                    stopped = TOO_MANY
                    break
    except Stopped as reason:
        stopped = str(reason)
    if not stopped and not reading.is_whole:
        raise Unable  # it could not be started, or could not understand the expression
    return Findings(lines=in_order(reading.lines), stopped=stopped)


def _options(query: Query) -> list[str]:
    options = [*OPTIONS, "--sort", "path", "--context", str(query.context)]
    if query.ignore_case:
        options.append("--ignore-case")
    if not query.is_regex:
        options.append("--fixed-strings")
    if _SUFFIX_GLOB.fullmatch(query.glob):
        options += ["--type-add", f"wanted:{query.glob}", "--type", "wanted"]
    return [*options, "--regexp", query.pattern]


def _place(tree: Tree, base: Parts) -> list[str]:
    """Return the arguments that limit it to ``base`` and still apply the ignore files above it.

    Ripgrep reads ignore files from where it starts downwards; to have it read those of the workspace and not those
    above, it starts at the workspace, without what is beside the way to ``base``.
    """
    rules = rules_above(tree, base)
    if not rules.levels or rules.ignore(base, is_folder=False):
        return ["--", "./" + "/".join(base)]
    options: list[str] = []
    for depth in range(len(base)):
        for name, _ in tree.entries(base[:depth]):
            if name != base[depth]:
                path = "/".join((*base[:depth], name))
                options += ["--glob", "!/" + _SPECIAL.sub(r"\\\1", path)]
    if len(options) > 2 * _MAX_NEIGHBOURS or not all(_is_text(option) for option in options):
        raise Unable
    return [*options, "--", "./"]


def _is_text(option: str) -> bool:
    return option.isprintable()


class _Reading:
    """Gathers ripgrep's messages; https://docs.rs/grep-printer/latest/grep_printer/struct.JSON.html describes them."""

    def __init__(self, query: Query) -> None:
        self.lines: list[Line] = []
        self.count = 0
        self.is_whole = False
        self._of_file: list[Line] = []
        self._query = query
        self._matches = compile_glob(query.glob) if query.glob else lambda _: True

    def take(self, output: bytes) -> None:
        """Take a line of output; errors, which come by the same pipe, are no JSON."""
        try:
            message = msgspec.json.decode(output)
        except msgspec.DecodeError:
            return
        kind, data = message["type"], message["data"]
        if kind in {"match", "context"}:
            self._of_file.append(_line(data, is_match=kind == "match"))
        elif kind == "end":
            self._end_file(data)
        elif kind == "summary":
            self.is_whole = True

    def _end_file(self, data: Mapping[str, Any]) -> None:
        path = read_path(data)
        below = "/".join(path.split("/")[len(self._query.base) :])
        is_binary = data.get("binary_offset") is not None
        if not is_binary and (self._matches(path) or self._matches(below)):
            self.lines += self._of_file
            self.count += sum(line.is_match for line in self._of_file)
        self._of_file = []


def _line(data: Mapping[str, Any], *, is_match: bool) -> Line:
    raw = _raw(data["lines"])
    spans = [(_length(raw[: part["start"]]), _length(raw[: part["end"]])) for part in data["submatches"]]
    return clip(read_path(data), data["line_number"], read_line(data), spans if is_match else [], is_match=is_match)


def read_path(data: Mapping[str, Any]) -> str:
    """Return the path in a message, as ``names.shown`` gives it."""
    return _text(data["path"]).removeprefix("./")


def read_line(data: Mapping[str, Any]) -> str:
    """Return the line in a message without its end."""
    return _decoded(_raw(data["lines"])).removesuffix("\n").removesuffix("\r")


def _raw(value: Mapping[str, str]) -> bytes:
    return value["text"].encode() if "text" in value else base64.b64decode(value["bytes"])


def _text(value: Mapping[str, str]) -> str:
    return _raw(value).decode("utf-8", "backslashreplace")


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _length(raw: bytes) -> int:
    return len(_decoded(raw))
