"""What can be done with code beside the chat, as actions for menus, shortcuts and the palette."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ui.widgets.actions import Action, ActionTable

if TYPE_CHECKING:
    from ui.control.run_block_control import RunBlockControl


def add_code_actions(table: ActionTable, runs: Callable[[], RunBlockControl]) -> None:
    """Add them to the window's table; ``runs`` returns what runs code, made when it is first needed."""
    table.add(
        Action(
            "code.run_file", "Run the file in the editor", "play", "Ctrl+Alt+Return", lambda: runs().run_file(), "Tools"
        ),
        Action("code.stop", "Stop what was run last", "stop", "", lambda: runs().stop_last(), "Tools"),
    )
