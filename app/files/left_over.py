"""Where unsaved texts and half written files are kept, and whether any is left; cheap enough for every start."""

from __future__ import annotations

from pathlib import Path

#: Below the folder that the window gives: texts that are not saved, and files that are being written in place.
TEXTS, SAVES = "texts", "saves"
TEXT_SUFFIX = ".text"
JOURNAL_SUFFIX = ".journal"


def is_anything_left(folder: Path) -> bool:
    """Tell whether an earlier window left a text that was not saved, or a file that it was writing."""
    texts = (folder / TEXTS).glob(f"*/*{TEXT_SUFFIX}")
    journals = (folder / SAVES).glob(f"*{JOURNAL_SUFFIX}")
    return any(True for found in (texts, journals) for _path in found)
