"""Where Sawhorse keeps its files; ``SAWHORSE_HOME`` puts all of them under one folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class Paths:
    """The folders in use; every one exists.

    Attributes:
        data: Conversations and what else must not be lost.
        config: Settings.
        cache: What can be made again.
        logs: Log files.
        models: Downloaded models.
        notice: A sentence for the user when the usual places could not be used, else empty.
    """

    data: Path
    config: Path
    cache: Path
    logs: Path
    models: Path
    notice: str = ""

    @property
    def database(self) -> Path:
        """The conversations."""
        return self.data / "conversations.db"

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.config / "settings.json"


def find_paths(environment: Mapping[str, str] | None = None) -> Paths:
    """Return the folders to use, made if need be.

    Falls back to a temporary folder, and says so, where the home folder is missing or read-only: a
    conversation held in a temporary place is better than a program that does not start.
    """
    environment = os.environ if environment is None else environment
    home = environment.get("SAWHORSE_HOME")
    wanted = _below(Path(home).expanduser()) if home else _platform_paths()
    try:
        return _made(wanted)
    except OSError as error:
        root = Path(tempfile.gettempdir()) / f"sawhorse-{_user_tag()}"
        notice = (
            f"{wanted.data} cannot be written ({error.strerror or error}). Conversations are kept in {root} "
            "for now; set SAWHORSE_HOME to a folder that lasts."
        )
        return _made(_below(root, notice))


def _below(root: Path, notice: str = "") -> Paths:
    return Paths(root, root, root / "cache", root / "logs", root / "models", notice)


def _platform_paths() -> Paths:
    dirs = platformdirs.PlatformDirs("sawhorse", appauthor=False)
    return Paths(
        data=dirs.user_data_path,
        config=dirs.user_config_path,
        cache=dirs.user_cache_path,
        logs=dirs.user_log_path,
        models=dirs.user_data_path / "models",
    )


def _user_tag() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")


def _made(paths: Paths) -> Paths:
    for folder in (paths.data, paths.config, paths.cache, paths.logs, paths.models):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not os.access(paths.data, os.W_OK):
        raise OSError(13, "no permission to write", str(paths.data))
    return paths
