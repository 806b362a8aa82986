"""What can be done with the open folder, as actions for menus, shortcuts and the palette."""

from __future__ import annotations

from ui.control.files_control import FilesControl
from ui.widgets.actions import Action, ActionTable


def add_files_actions(table: ActionTable, files: FilesControl) -> None:
    """Add them to the window's table."""
    table.add(
        Action("files.open", "Open folder…", "folder-open", "", files.choose_folder, "File"),
        Action("files.go", "Go to file…", "search", "Ctrl+P", files.go_to_file, "File"),
        Action("files.search", "Search in files…", "search", "Ctrl+Shift+F", files.show_search, "Edit"),
        Action("files.show", "Files", "folder-tree", "Ctrl+Shift+E", files.show_files, "View"),
        Action("files.reveal", "Show the open file in the tree", "folder-tree", "", files.reveal_current, "View"),
        Action("files.refresh", "Read the folder again", "regenerate", "", files.refresh, "View"),
    )

    def enable() -> None:
        table.set_enabled(["files.reveal", "files.refresh"], bool(files.folder))

    files.folder_changed.connect(lambda _folder: enable())
    enable()
