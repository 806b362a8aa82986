"""What git says of a folder's files, asked so that nothing of the folder's own is run.

A folder that somebody else made may hold a repository whose configuration names programs. ``git status`` would run
some of them: a file system monitor, the filters that .gitattributes choose, hooks, and the transports of a partial
clone. Each is turned off here, in the environment, which goes before what the repository says:

- ``core.fsmonitor`` and ``core.hooksPath`` are overruled;
- every filter that any configuration names is overruled by one that does nothing (git reads the list without running
  anything); a file whose content a filter would change may show as modified for it;
- nothing is fetched (``GIT_ALLOW_PROTOCOL``, ``GIT_NO_LAZY_FETCH``), and submodules, which have a configuration of
  their own, are not entered;
- the index is not written (``GIT_OPTIONAL_LOCKS``).

git itself is the one on the absolute part of PATH, and it is not started in the folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.files.folder_messages import GitMark, GitState
from app.tools.names import meant, shown

LIMIT_S = 10.0
#: More marks than that say no more; the other files go without.
MAX_MARKS = 20_000
#: The strongest first: what a folder shows of the marks in it.
_STRENGTH: tuple[GitMark, ...] = ("C", "M", "D", "R", "A", "U")
_OVERRULED = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.untrackedCache": "false",
    "safe.bareRepository": "explicit",
    "status.renames": "false",
}
_FILTER_ENDS = {"clean": "", "smudge": "", "process": "", "required": "false"}


def read_git(root: str, environment: Mapping[str, str] | None = None) -> GitState:
    """Return what git says of a folder; the empty state where there is no git, no repository, or no answer in time."""
    git = find_git(os.environ if environment is None else environment)
    if git is None:
        return GitState()
    asker = _Asker(git, meant(root), os.environ if environment is None else environment)
    try:
        asker.overrule(_filters(asker.ask("config", "--null", "--name-only", "--list")))
        where = asker.ask("rev-parse", "--show-prefix", "--absolute-git-dir").split("\n")
        said = asker.ask(
            "status", "--porcelain=v2", "-z", "--branch", "--untracked-files=normal", "--ignore-submodules=all",
            "--no-renames", "--", ".",
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError, IndexError):
        return GitState()
    state = parse_status(said, where[0])
    return GitState(
        is_repository=True,
        branch=state.branch,
        marks=state.marks,
        folders=state.folders,
        git_folder=shown(where[1]),
    )


def find_git(environment: Mapping[str, str]) -> str | None:
    """Return the absolute path of git; folders of PATH that depend on the working folder are passed over."""
    folders = [folder for folder in environment.get("PATH", os.defpath).split(os.pathsep) if Path(folder).is_absolute()]
    return shutil.which("git", path=os.pathsep.join(folders))


def parse_status(said: str, prefix: str = "") -> GitState:
    """Return the branch and the marks in what ``git status --porcelain=v2 -z --branch`` wrote. Pure.

    Args:
        said: Its output.
        prefix: Where the open folder is in the repository, such as "src/"; paths are told below it.
    """
    branch = ""
    marks: dict[str, GitMark] = {}
    records = iter(said.split("\0"))
    for record in records:
        if record.startswith("# branch.head "):
            branch = record.removeprefix("# branch.head ")
        path, mark = _mark_in(record, records)
        if mark is not None and path.startswith(prefix) and len(marks) < MAX_MARKS:
            marks[shown(path[len(prefix) :].rstrip("/"))] = mark
    return GitState(branch="" if branch == "(detached)" else branch, marks=marks, folders=_folders(marks))


def _mark_in(record: str, records: Iterator[str]) -> tuple[str, GitMark | None]:
    match record[:2]:
        case "? ":
            return record[2:], "U"
        case "1 ":
            return record.split(" ", 8)[8], _mark_of(record[2:4])
        case "2 ":
            next(records, None)  # where it was
            return record.split(" ", 9)[9], "R"
        case "u ":
            return record.split(" ", 10)[10], "C"
    return "", None


def _mark_of(states: str) -> GitMark:
    staged, unstaged = states[0], states[1]
    if "D" in states:
        return "D"
    if staged == "A":
        return "A"
    return "R" if staged in "RC" and unstaged == "." else "M"


def _folders(marks: Mapping[str, GitMark]) -> dict[str, GitMark]:
    folders: dict[str, GitMark] = {}
    for path, mark in marks.items():
        while path:
            path = path.rpartition("/")[0]  # noqa: PLW2901 - upwards
            known = folders.get(path)
            if known is not None and _STRENGTH.index(known) <= _STRENGTH.index(mark):
                break  # what is above knows of one at least as strong
            folders[path] = mark
    return folders


def _filters(names: str) -> dict[str, str]:
    """Return what overrules every filter that a list of configuration names holds."""
    drivers = {
        name[len("filter.") :].rpartition(".")[0]
        for name in names.split("\0")
        if name.lower().startswith("filter.") and name.count(".") > 1
    }
    return {f"filter.{driver}.{end}": value for driver in drivers for end, value in _FILTER_ENDS.items()}


class _Asker:
    """Runs git in a safe environment, all each run within a limit of time."""

    def __init__(self, git: str, root: str, environment: Mapping[str, str]) -> None:
        self._git = git
        self._root = root
        self._environment = {name: value for name, value in environment.items() if not name.startswith("GIT_")}
        self._environment |= {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_PAGER": "cat",
            "LC_ALL": "C",
        }
        self._overruled = dict(_OVERRULED)

    def overrule(self, configuration: Mapping[str, str]) -> None:
        """Let more names mean what is given here, whatever a repository says of them."""
        self._overruled |= configuration

    def ask(self, *arguments: str) -> str:
        """Return what git writes. Raises OSError or SubprocessError when it cannot or takes too long."""
        environment = dict(self._environment)
        environment["GIT_CONFIG_COUNT"] = str(len(self._overruled))
        for place, (name, value) in enumerate(self._overruled.items()):
            environment[f"GIT_CONFIG_KEY_{place}"] = name
            environment[f"GIT_CONFIG_VALUE_{place}"] = value
        done = subprocess.run(
            [self._git, "--no-pager", "-C", self._root, *arguments],
            env=environment,
            cwd=Path(self._git).parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LIMIT_S,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would open a console for it
        )
        return os.fsdecode(done.stdout)
