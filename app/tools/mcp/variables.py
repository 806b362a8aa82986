"""The variables that editors put into their configurations, in the form Sawhorse keeps. Pure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

#: ``${env:NAME}`` and ``${input:id}``, ``${workspaceFolder}`` and the like:
#: https://code.visualstudio.com/docs/reference/variables-reference
_VARIABLE = re.compile(r"\$\{(?:(env|input):)?([A-Za-z_][A-Za-z0-9_.-]*)\}")
_OTHER = re.compile(r"[^A-Za-z0-9_]")


class Variables:
    """Translates texts and keeps, in ``remarks``, what the user has to add.

    Args:
        workspace: What ``${workspaceFolder}`` stands for; None where there is none.
        home: What ``${userHome}`` stands for.
    """

    def __init__(self, workspace: Path | None, home: Path) -> None:
        self._folders = {"userHome": str(home), "pathSeparator": "/"}
        if workspace is not None:
            self._folders |= {"workspaceFolder": str(workspace), "workspaceFolderBasename": workspace.name}
        self.remarks: list[str] = []

    def translated(self, value: Any) -> Any:
        """Return a JSON value with every text in it translated."""
        if isinstance(value, str):
            return _VARIABLE.sub(self._replacement, value)
        if isinstance(value, dict):
            return {key: self.translated(child) for key, child in value.items()}
        if isinstance(value, list):
            return [self.translated(child) for child in value]
        return value

    def _replacement(self, match: re.Match[str]) -> str:
        kind, name = match[1], match[2]
        if kind == "env":
            return f"${{{name}}}"
        if kind == "input":
            variable = _OTHER.sub("_", name).upper()
            self._remark(f"it asks for “{name}”; give the variable {variable} that value.")
            return f"${{{variable}}}"
        if name in self._folders:
            return self._folders[name]
        if name.startswith("workspaceFolder"):
            self._remark("it needs a workspace folder; write the folder in its place.")
        return match[0]

    def _remark(self, text: str) -> None:
        if text not in self.remarks:
            self.remarks.append(text)
