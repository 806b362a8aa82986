"""Finds out what a server's command would run, and hashes it; starts nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from app.errors import AppError
from app.tools.mcp.messages import Inspected, LaunchPlan

#: An argument that ends so and names a file is what an interpreter runs; it is hashed with the interpreter.
SCRIPT_SUFFIXES = frozenset({".js", ".mjs", ".cjs", ".ts", ".py", ".pyz", ".sh", ".rb", ".pl", ".php", ".jar", ".lua"})


def inspect(plan: LaunchPlan) -> Inspected:
    """Return which program a plan runs, and the hashes of it and of its scripts.

    Raises:
        AppError: There is no such program, or it cannot be read.
    """
    if plan.url:
        return Inspected()
    program = find_program(plan)
    files = [program, *(path for argument in plan.args if (path := _script(argument, plan.folder)))]
    try:
        return Inspected(program=program, files={path: _sha256(path) for path in files})
    except OSError as error:
        raise AppError("The server cannot be started", f"{error.filename}: {error.strerror or error}.") from error


def find_program(plan: LaunchPlan) -> str:
    """Return the absolute path of the plan's program. Raises ``AppError`` if there is none."""
    command = plan.command
    if os.sep in command and not Path(command).is_absolute():
        raise AppError(
            "The server cannot be started", f"{command} is a path that depends on a folder.", "Write it whole."
        )
    found = shutil.which(command, path=plan.env.get("PATH", os.defpath))
    if found is None or not Path(found).is_absolute():
        hint = "Install it, or write its whole path." if os.sep not in command else "Look whether it is still there."
        raise AppError("The server cannot be started", f"There is no program {command}.", hint)
    return found


def _script(argument: str, folder: str) -> str:
    if Path(argument).suffix.lower() not in SCRIPT_SUFFIXES:
        return ""
    path = Path(folder) / argument
    return str(path) if path.is_file() else ""


def _sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
