"""What a command finds around it: environment variables, limits, and which folders of the system it may see."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

MIB = 1024 * 1024


def words(text: str) -> tuple[str, ...]:
    """Return the words of a table that is written as text."""
    return tuple(text.split())


#: A command's limits, per process: memory it can write to, and the length of a file. Address space is not limited,
#: for Node, Go and Java reserve a thousand times what they use.
MAX_DATA_BYTES = 8 * 1024 * MIB
MAX_FILE_BYTES = 8 * 1024 * MIB
#: A command's limits as a whole, watched from outside.
MAX_PROCESSES = 256
#: The system refuses still more; it is above the former, so that the watch sees a command that reaches it.
HARD_MAX_PROCESSES = MAX_PROCESSES + 64
MAX_TREE_BYTES = 12 * 1024 * MIB
#: Variables that are passed on: language, time zone, and nothing that could be a secret.
_KEPT = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ")
#: Programs that would ask are told not to, pagers not to page, and Python to show its output as it comes.
QUIET = {
    "TERM": "dumb",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "PYTHONUNBUFFERED": "1",
}
_SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
#: Folders of the home folder where people's compilers and interpreters live, and no secrets; they can be read.
TOOLS_AT_HOME = words(
    ".pyenv .rustup .cargo/bin .nvm .volta .fnm .asdf .bun/bin .deno/bin .rbenv .goenv .sdkman/candidates .local/bin "
    ".local/share/mise .local/share/uv/python .local/share/uv/tools .local/share/pnpm .local/share/fnm go/bin "
    "miniconda3 miniforge3 anaconda3 .juliaup .ghcup/bin"
)


def home_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the person's home folder, resolved."""
    environment = os.environ if environment is None else environment
    return Path(environment.get("HOME") or "/nonexistent").resolve()


def tools_at_home(home: Path) -> tuple[Path, ...]:
    """Return the folders of tools there are in the home folder."""
    return tuple(folder for name in TOOLS_AT_HOME if (folder := home / name).is_dir())


def below(path: Path, folder: Path) -> bool:
    """Whether ``path`` is ``folder`` or below it; both resolved."""
    return path == folder or folder in path.parents


def command_environment(
    home: Path, temporary: Path, tools: Sequence[Path], environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables of a sandboxed command, all of them.

    Args:
        home: Its home folder.
        temporary: Its folder for temporary files.
        tools: Folders of ``home`` as it was that can still be seen; those on the search path stay on it.
        environment: The variables of this process.
    """
    environment = os.environ if environment is None else environment
    here = [entry for entry in environment.get("PATH", "").split(os.pathsep) if Path(entry).is_absolute()]
    at_home = [entry for entry in here if any(below(Path(entry), tool) for tool in tools)]
    of_system = [entry for entry in here if entry.startswith(("/usr/", "/opt/", "/bin", "/sbin", "/nix/", "/snap/"))]
    path = dict.fromkeys([*at_home, *of_system, *_SYSTEM_PATH])
    return {
        "LANG": "C.UTF-8",
        **{name: environment[name] for name in _KEPT if environment.get(name)},
        "PATH": os.pathsep.join(path),
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "SHELL": "/bin/sh",
        **QUIET,
    }
