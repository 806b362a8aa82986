"""What can be done with tools and runs, as actions for menus, shortcuts and the palette."""

from __future__ import annotations

from ui.control.agent_control import AgentControl
from ui.control.tools_control import ToolsControl
from ui.widgets.actions import Action, ActionTable


def add_agent_actions(table: ActionTable, agent: AgentControl, tools: ToolsControl) -> None:
    """Add them to the window's table."""
    table.add(
        Action("tools.folder", "Folder for tools…", "folder-open", "Ctrl+Shift+O", tools.choose_folder, "Tools"),
        Action("tools.list", "Tools and permissions…", "tool", "Ctrl+Shift+T", tools.open_tools, "Tools"),
        Action("run.show", "Show the call that waits", "hand", "Ctrl+Alt+W", agent.show_pending, "Tools"),
        Action("run.approve", "Approve the call that waits", "check", "Ctrl+Alt+Y", agent.approve_pending, "Tools"),
        Action("run.deny", "Deny the call that waits", "close", "Ctrl+Alt+N", agent.deny_pending, "Tools"),
        Action("run.continue", "Continue the run", "continue", "Ctrl+Alt+C", agent.proceed, "Tools"),
        Action("run.stop", "Stop the run", "stop", "Ctrl+Alt+.", agent.stop_run, "Tools"),
        Action("changes.review", "Review what the run changed…", "list", "Ctrl+Alt+R", agent.review, "Tools"),
        Action("changes.undo", "Undo the run…", "undo", "Ctrl+Alt+Z", agent.undo_run, "Tools"),
    )

    def enable() -> None:
        pending = agent.pending
        table.set_enabled(["run.show"], agent.waits)
        table.set_enabled(["run.approve", "run.deny"], pending is not None and pending.state == "asking")
        table.set_enabled(["run.continue"], agent.can_continue)
        table.set_enabled(["run.stop"], agent.is_active)
        table.set_enabled(["changes.review"], agent.changed_files > 0)
        table.set_enabled(["changes.undo"], agent.changed_files > 0 and not agent.is_active)

    agent.state_changed.connect(enable)
    enable()
