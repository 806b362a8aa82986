"""What can be done in the editor, as actions for menus, shortcuts and the palette."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ui.control.editor_control import EditorControl
from ui.editor.code_editor import CodeEditor
from ui.editor.editor_page import EditorPage
from ui.widgets.actions import Action, ActionTable

_WITH_PAGE = ("editor.close", "editor.next", "editor.previous")
_WITH_TEXT = (
    "editor.save",
    "editor.save_as",
    "editor.find",
    "editor.replace",
    "editor.line",
    "editor.larger",
    "editor.smaller",
    "editor.plain_size",
)


def add_editor_actions(table: ActionTable, editor: EditorControl) -> None:
    """Add them to the window's table.

    What the text itself does with a key (find, replace, go to line, its size) has no shortcut here: those keys mean
    something else in the rest of the window, and the text takes them first where it has the keyboard.
    """
    tabs, options = editor.tabs, editor.options

    def with_page(act: Callable[[EditorPage], object]) -> None:
        if tabs.current is not None:
            act(tabs.current)

    def with_text(act: Callable[[CodeEditor], object]) -> None:
        if editor.current_editor is not None:
            act(editor.current_editor)

    table.add(
        Action("editor.new", "New file", "file-plus", "Ctrl+Shift+N", editor.new_file, "File"),
        Action("editor.open", "Open files\u2026", "folder-open", "", editor.choose_files, "File"),
        Action("editor.save", "Save", "save", "Ctrl+S", partial(with_page, editor.saves.save), "File"),
        Action("editor.save_as", "Save as\u2026", "", "Ctrl+Alt+S", partial(with_page, editor.saves.save_as), "File"),
        Action("editor.save_all", "Save all", "", "", editor.save_all, "File"),
        Action("editor.close", "Close the tab", "close", "Ctrl+W", editor.close_current, "File"),
        Action("editor.reopen", "Open the closed tab again", "undo", "", editor.reopen_closed, "File"),
        Action("editor.find", "Find in this file", "search", "", partial(with_text, CodeEditor.open_find), "Edit"),
        Action(
            "editor.replace",
            "Find and replace in this file",
            "",
            "",
            partial(with_text, lambda text: text.open_find(replaces=True)),
            "Edit",
        ),
        Action("editor.line", "Go to line\u2026", "hash", "", partial(with_text, CodeEditor.open_go_to_line), "Edit"),
        Action("editor.next", "Next tab", "", "Ctrl+Tab", lambda: tabs.go(1), "View"),
        Action("editor.previous", "Previous tab", "", "Ctrl+Shift+Tab", lambda: tabs.go(-1), "View"),
        Action("editor.split", "Move the tab to the other side", "columns-2", "Ctrl+\\", tabs.split, "View"),
        Action("editor.wrap", "Wrap long lines of files", "wrap", "", options.set_wraps, "View", is_checkable=True),
        Action("editor.spaces", "Show spaces and tabs", "", "", options.set_shows_spaces, "View", is_checkable=True),
        Action("editor.larger", "Larger text in files", "", "", partial(with_text, lambda text: text.zoom(1)), "View"),
        Action("editor.smaller", "Smaller text in files", "", "", partial(with_text, lambda t: t.zoom(-1)), "View"),
        Action("editor.plain_size", "Usual text in files", "", "", partial(with_text, lambda t: t.zoom(0)), "View"),
    )

    table.keep_keys_in("editor.close", tabs)  # nobody closes a file by a key that was meant for another field

    def enable() -> None:
        table.set_enabled(_WITH_PAGE, tabs.current is not None)
        table.set_enabled(_WITH_TEXT, editor.current_editor is not None)
        table.set_enabled(["editor.save_all"], any(page.is_dirty for page in tabs.pages))
        table.set_enabled(["editor.reopen"], editor.can_reopen)
        table.set_enabled(["editor.split"], tabs.can_split())
        table["editor.wrap"].setChecked(options.wraps)
        table["editor.spaces"].setChecked(options.shows_spaces)

    editor.current_changed.connect(enable)
    editor.closed.connect(lambda _path: enable())
    tabs.faces_changed.connect(enable)
    options.changed.connect(enable)
    enable()
