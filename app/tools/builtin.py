"""Sawhorse's own tools, in the order models are told of them; the order is part of every prompt, so it stays."""

from __future__ import annotations

from app.tools import ask_user, edit_file, glob, list_dir, read_file, run_command, run_python, search, todo, write_file
from app.tools.context import RunTool
from app.tools.tool import ToolSpec

BUILTIN: tuple[tuple[ToolSpec, RunTool], ...] = (
    (read_file.SPEC, read_file.run),
    (write_file.SPEC, write_file.run),
    (edit_file.SPEC, edit_file.run),
    (list_dir.SPEC, list_dir.run),
    (glob.SPEC, glob.run),
    (search.SPEC, search.run),
    (run_command.SPEC, run_command.run),
    (run_python.SPEC, run_python.run),
    (todo.SPEC, todo.run),
    (ask_user.SPEC, ask_user.run),
)

#: What a model is told of.
SPECS: tuple[ToolSpec, ...] = tuple(spec for spec, _ in BUILTIN)
