"""Names of files that others chose: which may become a path here, and how shards of one model are named."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import msgspec

_MAX_PART_BYTES = 255  # NAME_MAX of every common file system
_MAX_NAME_BYTES = 1024
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069<>:"|?*\\]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$")  # devices of Windows
#: The only name under which llama.cpp finds the other shards (``llama_split_path``): numbers of five digits, from 1.
_SHARD = re.compile(r"^(?P<prefix>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$", re.IGNORECASE | re.DOTALL)


class Shard(msgspec.Struct, frozen=True):
    """What the name of a shard says: shard ``number`` (from 1) of ``count``; ``prefix`` is the path before that."""

    prefix: str
    number: int
    count: int

    def path(self, number: int) -> str:
        """Return the path of another shard of the same model."""
        return f"{self.prefix}-{number:05d}-of-{self.count:05d}.gguf"


def is_safe_name(name: str) -> bool:
    """Tell whether a path inside a repository may become a path below a folder here, on any system.

    Absolute paths, "..", backslashes, drive letters, control and bidirectional characters, Windows' device
    names, and names no file system takes are refused.
    """
    if not name or _FORBIDDEN.search(name) or len(name.encode("utf-8", "surrogatepass")) > _MAX_NAME_BYTES:
        return False
    return all(_is_safe_part(part) for part in name.split("/"))


def _is_safe_part(part: str) -> bool:
    if part in {"", ".", ".."} or part[-1] in ". " or part[0] == " " or _RESERVED.match(part):
        return False
    try:
        return len(part.encode("utf-8")) <= _MAX_PART_BYTES
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def parse_shard(name: str) -> Shard | None:
    """Return which shard of which model ``name`` is; None for a file that is a model by itself."""
    match = _SHARD.match(name)
    if match is None:
        return None
    number, count = int(match["number"]), int(match["count"])
    return Shard(match["prefix"], number, count) if 1 <= number <= count else None


def stem(name: str) -> str:
    """Return the file name of a model without its folder, shard numbers and ending."""
    shard = parse_shard(name)
    if shard is not None:
        return shard.prefix.rpartition("/")[2]
    file = PurePosixPath(name).name
    return file[: -len(".gguf")] if file.lower().endswith(".gguf") else file


def numbers_in_words(numbers: list[int]) -> str:
    """Return "2, 3 and 7", cut short after eight."""
    shown = [str(number) for number in numbers[:8]]
    if len(numbers) > len(shown):
        return f"{', '.join(shown)} and {len(numbers) - len(shown)} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
