"""run_command: a command line, in the sandbox."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import Any

from app.tools.commands import checked_argument, folder_of, run_held
from app.tools.context import ToolContext, ToolError
from app.tools.tool import ToolResult, ToolSpec

PERMISSIONS: dict[str, Any] = {
    "type": "string",
    "enum": ["sandbox", "network", "unsandboxed"],
    "default": "sandbox",
    "description": "What it needs; anything but sandbox asks the person.",
}
TIMEOUT: dict[str, Any] = {
    "type": "number",
    "exclusiveMinimum": 0,
    "description": "Seconds after which it is ended, if fewer than allowed.",
}

SPEC = ToolSpec(
    name="run_command",
    title="Run command",
    description="Run a shell command in the workspace. It can write only there and has no network. Nobody can answer "
    "its questions. What it starts ends with it.",
    parameters={
        "type": "object",
        "properties": {
            "command": {"type": "string", "description": "For bash."},
            "cwd": {"type": "string", "description": "Folder to run it in; default the workspace."},
            "timeout_s": TIMEOUT,
            "permissions": PERMISSIONS,
        },
        "required": ["command"],
        "additionalProperties": False,
    },
    kind="command",
    main_argument="command",
    icon="terminal",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Run the command; see ``SPEC``. What it may do is what was approved, ``context.reach``."""
    command = checked_argument(arguments["command"], "command")
    folder = folder_of(context, arguments.get("cwd", ""))
    return run_held(_shell(command), command, context, folder, limit_s(arguments, context))


def limit_s(arguments: Mapping[str, Any], context: ToolContext) -> float:
    """Return after how many seconds to end it: what the model asks for, at most what is allowed."""
    return min(float(arguments.get("timeout_s") or context.time_limit_s), context.time_limit_s)


def _shell(command: str) -> list[str]:
    if sys.platform == "win32":
        return [os.environ.get("COMSPEC", "cmd.exe"), "/d", "/s", "/c", command]
    for place in ("/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/bin/sh"):
        if shutil.which(place):
            return [place, "-c", command]
    raise ToolError("There is no shell on this machine.")
