"""The list of downloads over restarts, in a JSON file without secrets."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from app.download.values import Download
from app.engine.messages import Value
from app.errors import AppError


class _Kept(Value, frozen=True, kw_only=True):
    downloads: tuple[Download, ...] = ()
    next_id: int = 1
    version: int = 1


class DownloadStore:
    """Reads and writes the list; ``notice`` says that it could not be read. Without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.notice: AppError | None = None

    def load(self) -> tuple[list[Download], int]:
        """Return the downloads and the next free id."""
        if self._path is None:
            return [], 1
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return [], 1
        except (OSError, msgspec.DecodeError) as error:
            aside = self._path.with_name(self._path.name + ".bad")
            with contextlib.suppress(OSError):
                self._path.replace(aside)
            self.notice = AppError(
                "The list of downloads could not be read",
                f"{self._path.name} is damaged ({error}) and was kept as {aside.name}.",
                "What was fetched is still there: start a download anew and it goes on where it was.",
            )
            return [], 1
        return list(kept.downloads), kept.next_id

    def save(self, downloads: list[Download], next_id: int) -> None:
        """Write the list. Not synced to the disk, for it is called from a window: what it tells is found anew anyway.

        Raises:
            OSError: It cannot be written; the old list is as it was.
        """
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_name(self._path.name + ".new")
        temporary.write_bytes(msgspec.json.encode(_Kept(downloads=tuple(downloads), next_id=next_id)))
        temporary.replace(self._path)
