"""Where the files of a variant go. A repository chooses their names, so nothing in one is trusted."""

from __future__ import annotations

import os
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from app.catalog.variants import Variant
from app.download.errors import DownloadError

#: No scanner of models takes files that end so for models.
PART_SUFFIX = ".sawhorse-part"
JOURNAL_SUFFIX = ".sawhorse-journal"
MANIFEST_SUFFIX = ".sawhorse.json"
#: Bytes of a file name on every common filesystem, less what we add.
_MOST_BYTES = 255 - len(JOURNAL_SUFFIX) - 1
_FORBIDDEN = frozenset('\\:*?"<>|')
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{kind}{n}" for kind in ("com", "lpt") for n in "0123456789¹²³"}
)


@dataclass(frozen=True)
class Target:
    """One file's places: ``final`` appears only once it is complete and verified."""

    name: str
    final: Path

    @property
    def part(self) -> Path:
        """What has been fetched so far."""
        return self.final.with_name(self.final.name + PART_SUFFIX)

    @property
    def journal(self) -> Path:
        """Which bytes of ``part`` are there."""
        return self.final.with_name(self.final.name + JOURNAL_SUFFIX)

    @property
    def manifest(self) -> Path:
        """What ``final`` is, and its running digests."""
        return self.final.with_name(f".{self.final.name}{MANIFEST_SUFFIX}")


def model_folder(models: Path, variant: Variant) -> Path:
    """Return the folder below ``models`` that a variant's files belong in: owner/name.

    Raises:
        DownloadError: The repository's name is no name of a folder.
    """
    return models.joinpath(*safe_parts(variant.repository))


def targets(folder: Path, variant: Variant) -> tuple[Target, ...]:
    """Return the places of all files, in order. Looks at nothing on disk.

    Raises:
        DownloadError: A name could lead out of the folder, is no file name on some system, or is there twice;
            or shards lie in several folders, where llama.cpp would not find them.
    """
    found = tuple(Target(file.name, folder.joinpath(*safe_parts(file.name))) for file in variant.files)
    if not found:
        raise DownloadError("name", "There is nothing to download", f"{variant.repository} lists no files for it.")
    if len({target.final.parent for target in found}) > 1:
        raise _bad(found[0].name, "its shards lie in several folders, where llama.cpp would not find them")
    if len({str(target.final).casefold() for target in found}) < len(found):
        raise _bad(found[0].name, "two files of the variant have the same name")
    return found


def safe_parts(name: str) -> tuple[str, ...]:
    """Split a path of a repository into names that are safe on every system.

    Raises:
        DownloadError: It is not such a path.
    """
    parts = tuple(name.split("/"))
    for part in parts:
        if reason := _fault(part):
            raise _bad(name, reason)
    return parts


def _fault(part: str) -> str:
    if part in {"", ".", ".."}:
        return "it leads to another folder"
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in part):
        return "it holds a control character"
    if bad := _FORBIDDEN & set(part):
        return f"it holds {min(bad)}"
    if part[-1] in ". " or part[0] == " ":
        return "it begins or ends with a space or a dot"
    if part.partition(".")[0].rstrip().casefold() in _RESERVED:
        return "Windows keeps that name for a device"
    if len(os.fsencode(part)) > _MOST_BYTES:
        return f"it is longer than {_MOST_BYTES} bytes"
    if part.endswith((PART_SUFFIX, JOURNAL_SUFFIX, MANIFEST_SUFFIX)):
        return "it looks like a file of Sawhorse's own"
    return ""


def make_folders(folder: Path, target: Target) -> None:
    """Make the folders a file lies in; below ``folder`` no link is followed.

    Raises:
        DownloadError: They cannot be made, or something else is in the way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        inner = folder
        for part in target.final.relative_to(folder).parts[:-1]:
            inner /= part
            inner.mkdir(exist_ok=True)
            if not stat.S_ISDIR(inner.lstat().st_mode):
                raise _bad(target.name, f"{inner} is a link to somewhere else")
    except OSError as error:
        raise DownloadError(
            "unwritable", "The folder for the model cannot be made", f"{folder}: {error.strerror or error}."
        ) from error
    for path in (target.part, target.journal, target.final, target.manifest):
        if path.is_symlink():
            raise _bad(target.name, f"{path.name} is a link to somewhere else")


def _bad(name: str, reason: str) -> DownloadError:
    shown = name.encode("unicode_escape").decode("ascii") if not name.isprintable() else name
    return DownloadError(
        "name",
        "A file name of this repository is not accepted",
        f"“{shown}”: {reason}.",
        "Nothing was written. Tell the repository's owner, or choose another repository.",
    )
