"""What can be run of a reply or of a file: Python and shell, as calls of the tools that models have. Pure."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from app.files.block_source import BlockSource

PYTHON = frozenset({"python", "py", "python3", "pycon"})
SHELL = frozenset({"bash", "sh", "shell", "zsh", "console", "shell-session", "shellsession", "sh-session", "terminal"})
#: Blocks that show what a terminal shows: without a prompt there is nothing in them to run.
_SESSIONS = frozenset({"console", "shell-session", "shellsession", "sh-session", "terminal"})
_PROMPT = re.compile(r"^(?:\([\w.-]+\)\s*)?(?:[\w.-]+@[\w.-]+[:\s][^$#%]*)?[$%]\s+(?=\S)")
_CONTINUED = re.compile(r"^>\s?")
_EXTENSIONS = {".py": "python", ".pyw": "python", ".sh": "shell", ".bash": "shell"}
_INTERPRETERS = {"python": "python3", "shell": "bash"}


@dataclass(frozen=True)
class Runnable:
    """A call of a tool that runs something.

    Attributes:
        tool: "run_command" or "run_python".
        arguments: Of that tool.
        title: What it is, in a few words: "Python block", "src/app.py".
        shown: What runs, as a person reads it.
        note: What should be known of it; empty for nothing.
    """

    tool: str
    arguments: dict[str, Any]
    title: str
    shown: str
    note: str = ""
    language: str = field(default="", kw_only=True)


def run_of_block(source: BlockSource) -> Runnable | None:
    """Return what a block runs; None if there is nothing in it to run."""
    language = source.language.lower()
    if language in PYTHON:
        code = _without_python_prompts(source.text)
        return _python(code, "Python block") if code.strip() else None
    if language in SHELL:
        command = _without_prompts(source.text, needs_prompt=language in _SESSIONS)
        return _shell(command, "Shell block") if command.strip() else None
    return None


def run_of_file(path: str, folder: str, text: str, *, is_saved: bool, language: str = "") -> Runnable | None:
    """Return what running a file is; None for files that cannot be run.

    A saved file below the folder is run as a file. Otherwise its text is run, as it is in the editor.

    Args:
        path: Absolute; empty for a text that is no file yet.
        folder: The open folder; empty for none.
        text: As it is in the editor.
        is_saved: The file on disk says the same.
        language: What the text is in if its name does not say so.
    """
    name = PurePath(path).name
    kind = _EXTENSIONS.get(PurePath(path).suffix.lower()) or _of_first_line(text) or _kind(language)
    if not kind or not text.strip():
        return None
    is_inside = bool(path and folder) and PurePath(path).is_relative_to(folder)
    if is_inside and is_saved:
        shown = PurePath(path).relative_to(folder).as_posix()
        command = f"{_INTERPRETERS[kind]} {shlex.quote(shown if not shown.startswith('-') else './' + shown)}"
        return Runnable("run_command", {"command": command}, shown, command, language="shell")
    why = "with what is not saved yet" if is_inside else "for it is not a file of the open folder" if path else ""
    note = f"The text of the tab runs, {why}." if why else ""
    title = name or "New text"
    return _python(text, title, note) if kind == "python" else _shell(text, title, note)


def _python(code: str, title: str, note: str = "") -> Runnable:
    return Runnable("run_python", {"code": code}, title, code, note, language="python")


def _shell(command: str, title: str, note: str = "") -> Runnable:
    return Runnable("run_command", {"command": command}, title, command, note, language="shell")


def _kind(language: str) -> str:
    return "python" if language.lower() in PYTHON else "shell" if language.lower() in SHELL else ""


def _of_first_line(text: str) -> str:
    first = text.split("\n", 1)[0]
    if not first.startswith("#!"):
        return ""
    program = PurePath(first[2:].strip().removeprefix("/usr/bin/env ").split(" ")[0]).name
    return "python" if program.startswith("python") else "shell" if program in {"sh", "bash"} else ""


def _without_prompts(text: str, *, needs_prompt: bool) -> str:
    """Return the commands of what a terminal shows; text without a prompt is commands, unless it needs one."""
    lines = text.split("\n")
    if not any(_PROMPT.match(line) for line in lines):
        return "" if needs_prompt else text
    commands: list[str] = []
    goes_on = False
    for line in lines:
        if match := _PROMPT.match(line):
            commands.append(line[match.end() :])
        elif goes_on:
            commands.append(_CONTINUED.sub("", line))
        else:
            continue  # output
        goes_on = commands[-1].rstrip().endswith("\\")
    return "\n".join(commands)


def _without_python_prompts(text: str) -> str:
    lines = text.split("\n")
    if not any(line.startswith(">>> ") for line in lines):
        return text
    return "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")) or line in {">>>", "..."})
