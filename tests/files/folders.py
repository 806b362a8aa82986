"""A folder service on real child processes, for tests without an event loop; and folders to try it on."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from app.files.folder_service import FolderService
from app.ipc.launch import clean_environment
from app.ipc.popen_transport import PopenTransport

DEADLINE_S = 30.0


class Desk:
    """Owns a service and its processes; ``wait`` waits for what was asked."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.transports: list[PopenTransport] = []
        self._environment = {**os.environ, **(environment or {})}
        self.service = FolderService(self._make_transport)
        self.service.open(str(folder))

    def _make_transport(self) -> PopenTransport:
        self.transports.append(PopenTransport(clean_environment(self._environment)))
        return self.transports[-1]

    def answer(self, ask, *arguments, **options):
        """Ask, and return what the callback hears."""
        heard = []
        ask(*arguments, heard.append, **options)
        self.wait(lambda: heard)
        return heard[0]

    def wait(self, is_done) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not is_done():
            assert time.monotonic() < deadline, "no answer"
            for transport in self.transports:
                transport.pump(0.01)

    def close(self) -> None:
        self.service.close()
        for transport in self.transports:
            transport.close()


def make_files(root: Path, *paths: str) -> None:
    """Make files, and folders for those that end with a slash."""
    for path in paths:
        place = root / path
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"{path}\n", encoding="utf-8")


def git(root: Path, *arguments: str) -> None:
    """Run git as a person would, with a configuration of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *who, *arguments], cwd=root, env=environment, check=True, capture_output=True)
