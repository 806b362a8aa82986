"""What can be done about completion in the editor, as actions for menus, shortcuts and the palette."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.settings import SettingsFile
from ui.widgets.actions import Action, ActionTable

if TYPE_CHECKING:
    from ui.control.infill_control import InfillControl


def add_infill_actions(
    table: ActionTable, infill: Callable[[], InfillControl], settings: SettingsFile
) -> Callable[[], None]:
    """Add them to the window's table; return what brings their states up to date after other settings.

    Args:
        infill: Returns what proposes text, made when it is first needed.
    """

    def check() -> None:
        table["infill.toggle"].setChecked(settings.settings.infill)

    def toggle(is_on: bool) -> None:
        infill().toggle(is_on)
        check()

    table.add(
        Action(
            "infill.request",
            "Propose text at the cursor",
            "lightbulb",
            "Ctrl+Space",
            lambda: infill().request(),
            "Edit",
        ),
        Action("infill.toggle", "Propose text while typing", "", "", toggle, "Edit", is_checkable=True),
    )
    check()
    return check
