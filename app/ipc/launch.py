"""How a child process of Sawhorse is started: which command, and with which environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

#: The only modules a frozen bundle runs as a child when it re-executes itself with ``--child``.
CHILD_MODULES = frozenset(
    {
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


def child_command(module: str) -> list[str]:
    """Return the command that runs ``module`` as a child, from source or from a frozen bundle.

    Raises:
        ValueError: The module is not one of ``CHILD_MODULES``.
    """
    if module not in CHILD_MODULES:
        raise ValueError(f"{module} is not a child of Sawhorse")
    if getattr(sys, "frozen", False):
        return [sys.executable, "--child", module]
    # -P: a file in the folder Sawhorse was started from must not stand in for a module of ours.
    return [sys.executable, "-P", "-m", module]


def clean_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without variables that look like secrets."""
    environment = os.environ if environment is None else environment
    return {
        name: value for name, value in environment.items() if not any(mark in name.upper() for mark in SECRET_MARKS)
    }
