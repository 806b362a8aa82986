"""What can be done in the editor, as actions for menus, shortcuts and the palette."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.settings import SettingsFile
from ui.control.lazy_desk import LazyDesk
from ui.widgets.actions import Action, ActionTable

if TYPE_CHECKING:
    from ui.control.editor_control import EditorControl
    from ui.editor.code_editor import CodeEditor
    from ui.editor.editor_page import EditorPage

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


def add_editor_actions(table: ActionTable, desk: LazyDesk, settings: SettingsFile) -> Callable[[], None]:
    """Add them to the window's table; return what brings their states up to date after other settings.

    What the text itself does with a key (find, replace, go to line, its size) has no shortcut here: those keys mean
    something else in the rest of the window, and the text takes them first where it has the keyboard.
    """

    def with_editor(act: Callable[[EditorControl], object]) -> Callable[[], object]:
        return lambda: act(desk.control)

    def with_page(act: Callable[[EditorControl, EditorPage], object]) -> Callable[[], object]:
        def do() -> None:
            page = desk.control.tabs.current
            if page is not None:
                act(desk.control, page)

        return do

    def with_text(act: Callable[[CodeEditor], object]) -> Callable[[], object]:
        def do() -> None:
            if desk.current_editor is not None:
                act(desk.current_editor)

        return do

    def set_wraps(wraps: bool) -> None:
        desk.control.options.set_wraps(wraps)

    def set_shows_spaces(shows: bool) -> None:
        desk.control.options.set_shows_spaces(shows)

    table.add(
        Action("editor.new", "New file", "file-plus", "Ctrl+Shift+N", with_editor(lambda e: e.new_file()), "File"),
        Action("editor.open", "Open files\u2026", "folder-open", "", with_editor(lambda e: e.choose_files()), "File"),
        Action("editor.save", "Save", "save", "Ctrl+S", with_page(lambda e, page: e.saves.save(page)), "File"),
        Action(
            "editor.save_as",
            "Save as\u2026",
            "",
            "Ctrl+Alt+S",
            with_page(lambda e, page: e.saves.save_as(page)),
            "File",
        ),
        Action("editor.save_all", "Save all", "", "", with_editor(lambda e: e.save_all()), "File"),
        Action("editor.close", "Close the tab", "close", "Ctrl+W", with_editor(lambda e: e.close_current()), "File"),
        Action(
            "editor.reopen", "Open the closed tab again", "undo", "", with_editor(lambda e: e.reopen_closed()), "File"
        ),
        Action("editor.find", "Find in this file", "search", "", with_text(lambda text: text.open_find()), "Edit"),
        Action(
            "editor.replace",
            "Find and replace in this file",
            "",
            "",
            with_text(lambda text: text.open_find(replaces=True)),
            "Edit",
        ),
        Action("editor.line", "Go to line\u2026", "hash", "", with_text(lambda text: text.open_go_to_line()), "Edit"),
        Action("editor.next", "Next tab", "", "Ctrl+Tab", with_editor(lambda e: e.tabs.go(1)), "View"),
        Action("editor.previous", "Previous tab", "", "Ctrl+Shift+Tab", with_editor(lambda e: e.tabs.go(-1)), "View"),
        Action(
            "editor.split",
            "Move the tab to the other side",
            "columns-2",
            "Ctrl+\\",
            with_editor(lambda e: e.tabs.split()),
            "View",
        ),
        Action(
            "editor.wrap",
            "Wrap long lines of files",
            "wrap",
            "",
            set_wraps,
            "View",
            is_checkable=True,
        ),
        Action(
            "editor.spaces",
            "Show spaces and tabs",
            "",
            "",
            set_shows_spaces,
            "View",
            is_checkable=True,
        ),
        Action("editor.larger", "Larger text in files", "", "", with_text(lambda text: text.zoom(1)), "View"),
        Action("editor.smaller", "Smaller text in files", "", "", with_text(lambda text: text.zoom(-1)), "View"),
        Action("editor.plain_size", "Usual text in files", "", "", with_text(lambda text: text.zoom(0)), "View"),
    )

    def enable() -> None:
        editor = desk.made_control
        table.set_enabled(_WITH_PAGE, editor is not None and editor.tabs.current is not None)
        table.set_enabled(_WITH_TEXT, desk.current_editor is not None)
        table.set_enabled(["editor.save_all"], editor is not None and any(page.is_dirty for page in editor.tabs.pages))
        table.set_enabled(["editor.reopen"], editor is not None and editor.can_reopen)
        table.set_enabled(["editor.split"], editor is not None and editor.tabs.can_split())
        table["editor.wrap"].setChecked(settings.settings.editor_wraps)
        table["editor.spaces"].setChecked(settings.settings.editor_shows_spaces)

    def follow(editor: EditorControl) -> None:
        # Nobody closes a file by a key that was meant for another field.
        table.keep_keys_in("editor.close", editor.tabs)
        editor.current_changed.connect(enable)
        editor.closed.connect(lambda _path: enable())
        editor.tabs.faces_changed.connect(enable)
        editor.options.changed.connect(enable)
        enable()

    desk.made.connect(follow)
    enable()
    return enable
