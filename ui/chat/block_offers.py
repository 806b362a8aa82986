"""What can be done with a block of code now, as values: a block asks for them and shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: "apply": to the file the block names, after a look at the change; "apply_here": to the file in the editor;
#: "insert": at its cursor; "replace": its selection; "new": a text of its own; "run".
BlockAction = Literal["apply", "apply_here", "insert", "replace", "new", "run"]


@dataclass(frozen=True)
class Offer:
    """One thing to do.

    Attributes:
        text: What it does, as in a menu.
        short: The same in a word, on a button.
        icon: Name of its icon.
        reason: Why it cannot be done now; empty if it can.
        tip: What else should be known before a click.
    """

    action: BlockAction
    text: str
    short: str
    icon: str
    reason: str = ""
    tip: str = ""


@dataclass(frozen=True)
class BlockOffers:
    """Everything offered for a block.

    Attributes:
        primary: What one click does.
        menu: All of it, in the order of the menu.
        run: None where there is nothing to run.
        file: The file the block names, as it is shown; empty for none.
    """

    primary: Offer
    menu: tuple[Offer, ...]
    run: Offer | None = None
    file: str = ""
