"""How a child process of Sawhorse is started: which command, and with which environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

#: The only modules a frozen bundle runs as a child when it re-executes itself with ``--child``.
CHILD_MODULES = frozenset(
    {
        "app.backends.worker",
        "app.catalog.removal",
        "app.catalog.worker",
        "app.download.worker",
        "app.engine.echo_worker",
        "app.engine.llama.dry_run",
        "app.engine.llama.worker",
        "app.engine.prompts.render_child",
        "app.files.block_job",
        "app.files.reference_reading",
        "app.files.search_worker",
        "app.files.worker",
        "app.files.diff_child",
        "app.files.folder_child",
        "app.files.index_child",
        "app.fit.child",
        "app.tools.mcp.host",
        "app.tools.sandbox.guard",
        "app.tools.search_child",
        "app.tools.worker",
    }
)
#: Parts of names of variables that hold secrets; a child that reads untrusted files has no use for them.
SECRET_MARKS = ("TOKEN", "SECRET", "PASSWORD", "API_KEY", "APIKEY", "CREDENTIAL", "PRIVATE_KEY")
#: Names the file of a backend of ggml that the engine loads beside those of the package.
BACKEND_VARIABLE = "SAWHORSE_BACKEND"
#: Where the dynamic linker looks first, by the systems that have such a variable; PyInstaller's start sets it.
_LIBRARY_VARIABLES = ("LD_LIBRARY_PATH", "LIBPATH")


def child_command(module: str) -> list[str]:
    """Return the command that runs ``module`` as a child, from source or from a frozen bundle.

    Raises:
        ValueError: The module is not one of ``CHILD_MODULES``.
    """
    if module not in CHILD_MODULES:
        raise ValueError(f"{module} is not a child of Sawhorse")
    if getattr(sys, "frozen", False):
        return [_console_program(Path(sys.executable)), "--child", module]
    # -P: a file in the folder Sawhorse was started from must not stand in for a module of ours.
    return [sys.executable, "-P", "-m", module]


def _console_program(program: Path) -> str:
    """Return what runs a child: on Windows the bundle's program for consoles, as only that has standard streams."""
    beside = program.with_name("sawhorse.exe")
    return str(beside if program.suffix.lower() == ".exe" and beside.exists() else program)


def give_back_environment(environment: MutableMapping[str, str], bundle: str) -> None:
    """Undo, in a frozen bundle, what its start did to the environment.

    It makes the dynamic linker look into the bundle first. That is for this process alone, which has begun: a tool's
    command, git or a file manager would get libraries of ours in place of its own.

    Args:
        environment: That of this process.
        bundle: The folder of the bundle's libraries.
    """
    for name in _LIBRARY_VARIABLES:
        before = environment.pop(f"{name}_ORIG", None)
        if environment.get(name, "").split(os.pathsep)[0] == bundle:
            del environment[name]
        if before is not None:
            environment[name] = before
    for name in [name for name in environment if name.startswith("_PYI_")]:
        del environment[name]


def clean_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without variables that look like secrets."""
    environment = os.environ if environment is None else environment
    return {
        name: value for name, value in environment.items() if not any(mark in name.upper() for mark in SECRET_MARKS)
    }
