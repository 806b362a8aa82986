"""The search in Python, in a process of its own: an expression that never ends can only be stopped from outside.

Reads a root and a ``Query`` from standard input, writes each ``Line`` found as JSON to standard output.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.tools.globbing import compile_glob
from app.tools.names import meant, shown
from app.tools.read_file import split_lines
from app.tools.search_query import MAX_FILE_BYTES, Line, Query, clip
from app.tools.text import decode
from app.tools.tree import Parts, Tree
from app.tools.tree_by_path import open_tree
from app.tools.walk import walk

MODULE = "app.tools.search_child"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked; names that are no UTF-8 are escaped, as JSON cannot carry them."""

    root: str
    query: Query

    @classmethod
    def of(cls, root: Path, query: Query) -> Task:
        """Return the task of searching a folder."""
        base = tuple(shown(name) for name in query.base)
        return cls(root=shown(str(root)), query=msgspec.structs.replace(query, base=base))

    @property
    def meant(self) -> tuple[Path, Query]:
        """The folder and the search again."""
        base = tuple(meant(name) for name in self.query.base)
        return Path(meant(self.root)), msgspec.structs.replace(self.query, base=base)


def compile_query(query: Query) -> re.Pattern[str]:
    """Return its expression. Raises re.error."""
    flags = re.IGNORECASE if query.ignore_case else 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sets that a later Python may read differently
        return re.compile(query.pattern if query.is_regex else re.escape(query.pattern), flags)


def search(tree: Tree, query: Query) -> Iterator[Line]:
    """Yield lines with matches, and those around them, by path and line."""
    expression = compile_query(query)
    matches = compile_glob(query.glob) if query.glob else lambda _: True
    for parts in _files(tree, query.base):
        if matches("/".join(parts)) or matches("/".join(parts[len(query.base) :])):
            yield from _search_file(tree, parts, expression, query.context)


def _files(tree: Tree, base: Parts) -> Iterator[Parts]:
    """Yield the files below ``base``, or itself, in no order that matters."""
    try:
        if base:
            tree.entries(base)
    except NotADirectoryError:
        yield base
        return
    for entry in walk(tree, base, lambda: False):
        if entry.is_file and entry.status.st_size <= MAX_FILE_BYTES:
            yield entry.parts


def _search_file(tree: Tree, parts: Parts, expression: re.Pattern[str], context: int) -> Iterator[Line]:
    try:
        with open(tree.open(parts), "rb") as file:  # noqa: PTH123 - a descriptor
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError:
        return
    text = decode(data)
    if text is None or "\0" in text.text or len(data) > MAX_FILE_BYTES:
        return
    path, lines = shown("/".join(parts)), split_lines(text.text)
    around: dict[int, bool] = {}
    for index, line in enumerate(lines):
        if expression.search(line) is not None:
            for near in range(max(0, index - context), min(len(lines), index + context + 1)):
                around.setdefault(near, False)
            around[index] = True
    for index in sorted(around):
        spans = [match.span() for match in expression.finditer(lines[index])] if around[index] else []
        yield clip(path, index + 1, lines[index], spans, is_match=around[index])


def main() -> None:
    """Search and write what is found, at once, so that a search cut short has shown its beginning."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    root, query = task.meant
    with open_tree(root) as tree:
        for line in search(tree, query):
            sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
