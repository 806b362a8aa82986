"""What can be done with a block of code, by what it names and what is open. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from app.files.block_target import BlockFile
from ui.chat.block_offers import BlockOffers, Offer

_NOTHING_OPEN = "No file is open in the editor"
_READ_ONLY = "The file in the editor cannot be changed"


@dataclass(frozen=True)
class DeskState:
    """How the editor stands.

    Attributes:
        path: The file in it; empty for a text that is no file yet.
    """

    path: str = ""
    has_editor: bool = False
    can_change: bool = False
    has_selection: bool = False


def make_offers(
    name: str, file: BlockFile | None, problem: str, desk: DeskState, run: Offer | None = None
) -> BlockOffers:
    """Return the offers for a block.

    Args:
        name: The file it names, as it writes it; empty for none.
        file: That file, if it may be changed.
        problem: Why it may not; empty otherwise.
        desk: How the editor stands.
        run: What running it is.
    """
    reason = "" if desk.can_change else _READ_ONLY if desk.has_editor else _NOTHING_OPEN
    insert = Offer("insert", "Insert at the cursor", "Insert", "text-cursor-input", reason)
    unselected = "" if desk.has_selection else "Nothing is selected in the editor"
    replace = Offer("replace", "Replace the selection", "Replace", "replace", reason or unselected)
    new = Offer("new", "Open as a new file", "New file", "file-plus")
    menu = [insert, replace, new]
    if desk.path and (file is None or file.path != desk.path):
        here = f"Apply to {PurePath(desk.path).name}\u2026"
        menu.insert(0, Offer("apply_here", here, "Apply", "file-diff", reason, tip="The change is shown first"))
    apply = _apply(name, file, problem)
    if apply is not None:
        menu.insert(0, apply)
    primary = next(offer for offer in (apply, insert, new) if offer is not None and not offer.reason)
    return BlockOffers(primary, tuple(menu), run, file.shown if file is not None else name)


def _apply(name: str, file: BlockFile | None, problem: str) -> Offer | None:
    if file is None:
        return Offer("apply", f"Apply to {name}\u2026", "Apply", "file-diff", problem) if name else None
    if not file.exists:
        tip = "It is opened in the editor, and not saved yet"
        return Offer("apply", f"Create {file.shown}", "Create", "file-plus", tip=tip)
    return Offer("apply", f"Apply to {file.shown}\u2026", "Apply", "file-diff", tip="The change is shown first")
