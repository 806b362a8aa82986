"""Changes to the remembered permissions, by folder and tool. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from app.settings import Permission

#: The key of what holds in every folder.
EVERYWHERE = ""

Policies = Mapping[str, Mapping[str, Permission]]


def with_permission(policies: Policies, folder: str, tool: str, permission: str) -> dict[str, dict[str, Permission]]:
    """Return the policies with a permission for a tool in a folder; "" forgets the one there was."""
    own = {name: kept for name, kept in policies.get(folder, {}).items() if name != tool}
    if permission:
        own[tool] = cast("Permission", permission)
    return {**forgotten(policies, folder), **({folder: own} if own else {})}


def forgotten(policies: Policies, folder: str) -> dict[str, dict[str, Permission]]:
    """Return the policies without those of a folder."""
    return {other: dict(kept) for other, kept in policies.items() if other != folder}


def remembered_folders(policies: Policies) -> dict[str, int]:
    """Return the folders that have permissions of their own, with their number, in alphabetical order."""
    return {folder: len(kept) for folder, kept in sorted(policies.items()) if folder != EVERYWHERE and kept}
