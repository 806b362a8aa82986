"""Workspaces that no sandbox can make safe."""

from __future__ import annotations

from pathlib import Path

from app.tools.context import ToolError
from app.tools.sandbox.environment import below


def refuse_unfit(workspace: Path, home: Path) -> None:
    """Refuse a workspace that would give everything away.

    Raises:
        ToolError: It holds the home folder, or is no folder for files.
    """
    if below(home, workspace):
        raise ToolError(
            f"The workspace {workspace} holds the whole home folder, so a sandbox would hold nothing back. "
            "Commands run in it once a project's folder is chosen."
        )
    if any(below(workspace, Path(place)) for place in ("/proc", "/sys", "/dev")):
        raise ToolError(f"{workspace} belongs to the system; no command runs there.")
