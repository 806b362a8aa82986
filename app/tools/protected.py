"""Paths in a workspace that other programs run or obey, so neither tools nor sandboxed commands may write them. Pure.

Git hooks, editor tasks and agents' settings are executed later, outside of any sandbox; they count also when they do
not exist yet, for planting one is the attack.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: Folders, below the workspace's root; all that is in them is protected.
PROTECTED_FOLDERS = (".git/hooks", ".vscode", ".idea", ".sawhorse", ".claude", ".cursor")
#: Files, below the workspace's root.
PROTECTED_FILES = (
    ".git/config",
    ".git/config.worktree",
    ".git/commondir",
    ".gitmodules",
    ".gitconfig",
    ".mcp.json",
    ".envrc",
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".ripgreprc",
)
#: Both, for a sandbox that keeps each of them as it is, or absent.
PROTECTED = PROTECTED_FOLDERS + PROTECTED_FILES

_FOLDED = tuple(tuple(path.split("/")) for path in PROTECTED)


def protected_path(parts: Iterable[str]) -> str:
    """Return the protected path that a path below the workspace is, or is in; "" for none.

    Compares case-folded, as some file systems do, and at every depth, for a workspace may hold other repositories.
    All of ``.git`` counts, because a ``.git`` file or a forged repository leads Git to hooks elsewhere.
    """
    folded = [_folded(part) for part in parts]
    if ".git" in folded or "git~1" in folded:  # the latter is its short name on Windows
        return ".git"
    for path in _FOLDED:
        for start in range(len(folded) - len(path) + 1):
            if tuple(folded[start : start + len(path)]) == path:
                return "/".join(path)
    return ""


def _folded(name: str) -> str:
    """Return what file systems may take a name for: HFS+ ignores invisible characters, NTFS ends and streams."""
    visible = "".join(character for character in name if unicodedata.category(character) != "Cf")
    return visible.partition(":")[0].rstrip(". ").casefold()
