"""What ``.gitignore`` files in a workspace leave out. Only those in the workspace count, in a repository or not."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.tools.tree import Parts, Tree

if TYPE_CHECKING:
    import pathspec

NAME = ".gitignore"
#: Git's own folder is never listed or searched unless asked for by name.
GIT = ".git"
_MAX_BYTES = 2**20


@dataclass(frozen=True)
class Rules:
    """The rules that hold in a folder: those of its own file and of the folders above it.

    Attributes:
        levels: How many names lead to a file's folder, and its rules; the innermost last.
    """

    levels: tuple[tuple[int, pathspec.GitIgnoreSpec], ...] = ()

    def entering(self, tree: Tree, folder: Parts) -> Rules:
        """Return these rules and those of a folder's own file, if it has one."""
        spec = _read(tree, folder)
        return self if spec is None else Rules((*self.levels, (len(folder), spec)))

    def ignore(self, parts: Parts, *, is_folder: bool) -> bool:
        """Whether an entry is left out; the innermost file with a rule for it decides."""
        if parts[-1] == GIT:
            return True
        for depth, spec in reversed(self.levels):
            path = "/".join(parts[depth:]) + ("/" if is_folder else "")
            verdict = spec.check_file(path).include
            if verdict is not None:
                return verdict
        return False


def rules_above(tree: Tree, folder: Parts) -> Rules:
    """Return the rules that hold for what is in a folder, its own file not yet among them.

    A folder that is itself ignored was asked for by name, so the rules above it do not count.
    """
    rules = Rules()
    for depth in range(len(folder)):
        rules = rules.entering(tree, folder[:depth])
        if rules.ignore(folder[: depth + 1], is_folder=True):
            return Rules()
    return rules


def _read(tree: Tree, folder: Parts) -> pathspec.GitIgnoreSpec | None:
    try:
        with open(tree.open((*folder, NAME)), "rb") as file:  # noqa: PTH123 - a descriptor
            lines = file.read(_MAX_BYTES).decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    import pathspec  # noqa: PLC0415 - 20 ms, which the window, where only the tools' words are needed, can do without

    rules: list[pathspec.GitIgnoreSpec] = []
    for line in lines:
        with suppress(ValueError, TypeError, re.error):  # Git, too, passes over a line it cannot read
            rules.append(pathspec.GitIgnoreSpec.from_lines([line]))
    return pathspec.GitIgnoreSpec([pattern for rule in rules for pattern in rule.patterns])
