"""run_python: a piece of Python, in the sandbox."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.tools.commands import checked_argument, folder_of, run_held
from app.tools.context import ToolContext
from app.tools.run_command import PERMISSIONS, TIMEOUT, limit_s
from app.tools.tool import ToolResult, ToolSpec

SPEC = ToolSpec(
    name="run_python",
    title="Run Python",
    description="Run Python code in the workspace, where its modules can be imported, as run_command runs commands. "
    "Print what you want to see.",
    parameters={
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "timeout_s": TIMEOUT,
            "permissions": PERMISSIONS,
        },
        "required": ["code"],
        "additionalProperties": False,
    },
    kind="command",
    main_argument="code",
    icon="terminal",
)


def run(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """Run the code; see ``SPEC``. The interpreter is the workspace's own, or the first on the search path."""
    code = checked_argument(arguments["code"], "code")
    argv = [_interpreter(context.workspace.root), "-c", code]
    return run_held(argv, code, context, folder_of(context, ""), limit_s(arguments, context))


def _interpreter(root: Path) -> str:
    """Return the interpreter: Sawhorse's own is not for other programs, and may be none that runs code."""
    for own in (root / ".venv/bin/python", root / "venv/bin/python", root / ".venv/Scripts/python.exe"):
        if own.is_file():
            return str(own)
    return "python" if sys.platform == "win32" else "python3"
