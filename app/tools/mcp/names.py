"""The names by which models call the tools of MCP servers. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container

MAX_NAME_CHARACTERS = 64
_MAX_SERVER_CHARACTERS = 24
_OTHER = re.compile(r"[^A-Za-z0-9_-]+")
_HASH_CHARACTERS = 6


def tool_name(server: str, tool: str, taken: Container[str] = ()) -> str:
    """Return the name of a server's tool: ``mcp__SERVER__TOOL``, of letters, digits, "_" and "-" alone.

    A name that is too long or taken ends in letters of a hash of both names, the same ones every time.
    """
    prefix = f"mcp__{_plain(server)[:_MAX_SERVER_CHARACTERS]}__"
    name = prefix + _plain(tool)
    if len(name) <= MAX_NAME_CHARACTERS and name not in taken:
        return name
    digest = hashlib.sha256(f"{server}\0{tool}".encode()).hexdigest()
    for start in range(len(digest) - _HASH_CHARACTERS):
        ending = "_" + digest[start : start + _HASH_CHARACTERS]
        name = (prefix + _plain(tool))[: MAX_NAME_CHARACTERS - len(ending)] + ending
        if name not in taken:
            break
    return name


def _plain(text: str) -> str:
    return _OTHER.sub("_", text).strip("_") or "x"
