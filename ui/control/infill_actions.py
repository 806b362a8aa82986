"""What can be done about completion in the editor, as actions for menus, shortcuts and the palette."""

from __future__ import annotations

from ui.control.infill_control import InfillControl
from ui.widgets.actions import Action, ActionTable


def add_infill_actions(table: ActionTable, infill: InfillControl) -> None:
    """Add them to the window's table."""
    table.add(
        Action("infill.request", "Propose text at the cursor", "lightbulb", "Ctrl+Space", infill.request, "Edit"),
        Action("infill.toggle", "Propose text while typing", "", "", infill.toggle, "Edit", is_checkable=True),
    )

    def check() -> None:
        table["infill.toggle"].setChecked(infill.is_on)

    infill.state_changed.connect(check)
    check()
