"""What can be done with code beside the chat, as actions for menus, shortcuts and the palette."""

from __future__ import annotations

from ui.control.run_block_control import RunBlockControl
from ui.widgets.actions import Action, ActionTable


def add_code_actions(table: ActionTable, runs: RunBlockControl) -> None:
    """Add them to the window's table."""
    table.add(
        Action("code.run_file", "Run the file in the editor", "play", "Ctrl+Alt+Return", runs.run_file, "Tools"),
        Action("code.stop", "Stop what was run last", "stop", "", runs.stop_last, "Tools"),
    )
