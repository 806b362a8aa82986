"""Looks at model files before llama.cpp does: are they there, are they GGUF, are the shards complete."""

from __future__ import annotations

import re
from pathlib import Path

from app.errors import AppError

GGUF_MAGIC = b"GGUF"
_SHARD = re.compile(r"^(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$")


def model_files(path: Path) -> list[Path]:
    """Return all files of the model that ``path`` is (the first shard of), after checking that they exist.

    Raises:
        AppError: A file is missing, unreadable or not GGUF.
    """
    if not path.exists():
        raise AppError("The model file is not there", f"{path} does not exist.", "It may have been moved or renamed.")
    if not path.is_file():
        raise AppError("This is not a model file", f"{path} is not a regular file.", "Choose a file ending in .gguf.")
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise AppError(
            "The model file cannot be read", f"{path}: {error.strerror}.", "Check its permissions."
        ) from error
    if magic != GGUF_MAGIC:
        raise AppError(
            "This is not a GGUF model",
            f"{path.name} is {path.stat().st_size:,} bytes long and does not begin with “GGUF”.",
            "Choose a file ending in .gguf; other formats must be converted first.",
        )
    return _shards(path)


def _shards(path: Path) -> list[Path]:
    match = _SHARD.match(path.name)
    if match is None:
        return [path]
    count = int(match["count"])
    shards = [path.with_name(f"{match['stem']}-{number:05d}-of-{count:05d}.gguf") for number in range(1, count + 1)]
    missing = [shard.name for shard in shards if not shard.is_file()]
    if missing:
        raise AppError(
            f"{len(missing)} of {count} files of this model are missing",
            f"Not found in {path.parent}: {', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}",
            "Download the missing files into the same folder.",
        )
    if int(match["number"]) != 1:
        return [shards[0], *shards[1:]]
    return shards
