"""Which folders are Sawhorse's own to look for models in: its download folder, those the user added, the starter's."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from app.catalog.messages import Folder
from app.errors import AppError
from app.models import find_starter


def own_folders(models: Path, added: Sequence[str] = ()) -> tuple[Folder, ...]:
    """Return the folders for a scan, Sawhorse's first; the starter's is one only where it is installed."""
    folders = [Folder(place="sawhorse", path=str(models))]
    folders += [Folder(place="folder", path=str(Path(path).expanduser())) for path in added]
    with contextlib.suppress(AppError):  # it is not installed: there is nothing to be found
        folders.append(Folder(place="starter", path=str(find_starter().parent)))
    return tuple(folders)
