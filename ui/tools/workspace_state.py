"""What the composer says of the folder that tools act in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.tools.tool import SandboxState

_NAMES = {"bubblewrap": "bubblewrap", "landlock": "Landlock", "sandbox-exec": "sandbox-exec"}


@dataclass(frozen=True)
class WorkspaceState:
    """What is in force for the conversation on show.

    Attributes:
        folder: Absolute; empty: the model has no tools.
        is_missing: The folder is not there any more.
        recent: Folders chosen before, latest first.
        tools_on: Tools that are offered to the model.
        sandbox: What holds commands; None until that has been found out.
        can_change: The folder can be changed now.
    """

    folder: str = ""
    is_missing: bool = False
    recent: tuple[str, ...] = ()
    tools_on: int = 0
    sandbox: SandboxState | None = None
    can_change: bool = True


def folder_name(folder: str) -> str:
    """Return what people call a folder."""
    return Path(folder).name or folder


def folder_words(state: WorkspaceState) -> str:
    """Return what stands on the button."""
    if not state.folder:
        return "No folder · tools off"
    return f"{folder_name(state.folder)} is gone" if state.is_missing else folder_name(state.folder)


def short_words(state: WorkspaceState) -> str:
    """Return what stands there where that is too long; empty for as much of it as fits."""
    return "" if state.folder else "No folder"


def tools_words(count: int) -> str:
    """Return how many tools are on."""
    return "1 tool" if count == 1 else f"{count or 'No'} tools"


def sandbox_title(sandbox: SandboxState | None) -> str:
    """Return what holds commands here, in a few words."""
    if sandbox is None:
        return "Looking for a sandbox …"
    if sandbox.kind == "none":
        return "No sandbox"
    return f"Sandboxed by {_NAMES[sandbox.kind]}"


def sandbox_words(sandbox: SandboxState | None) -> str:
    """Return all there is to say of it, in paragraphs."""
    if sandbox is None:
        return "Commands run once it is known what holds them."
    return "\n".join(part for part in (sandbox.message, sandbox.hint) if part)


def sandbox_icon(sandbox: SandboxState | None) -> tuple[str, str]:
    """Return the icon and the colour token of its state."""
    if sandbox is None:
        return "shield", "text.muted"
    if sandbox.kind == "none":
        return "shield-alert", "warning"
    return "shield-check", "text.muted"
