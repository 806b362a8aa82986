"""The menus of the file tree: of a row, and of the open folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from ui.files.tree_nodes import Node
from ui.theme import Theme
from ui.widgets.labels import plain_tip

#: (verb, icon, words); a line between groups is an empty verb.
_ROW_VERBS = (
    ("open", "file", "Open"),
    ("side", "side", "Open to the side"),
    ("reference", "reference", "Ask about it"),
    ("", "", ""),
    ("new_file", "file-plus", "New file…"),
    ("new_folder", "folder-plus", "New folder…"),
    ("", "", ""),
    ("copy", "clipboard", "Copy path"),
    ("copy_below", "clipboard-copy", "Copy relative path"),
    ("manager", "external-link", "Show in the file manager"),
    ("workspace", "tool", "Use as the tools' folder"),
    ("", "", ""),
    ("rename", "rename", "Rename…"),
    ("delete", "delete", "Delete…"),
)
_FILE_ONLY = {"open", "side"}
_FOLDER_ONLY = {"workspace"}
#: What can be done with the open folder itself, in the room below its rows.
_ROOT_VERBS = {"reference", "new_file", "new_folder", "copy", "manager", "workspace"}
_KEYS = {"open": "Return", "side": "Ctrl+Return", "rename": "F2", "delete": "Del", "copy": "Ctrl+C"}


def make_row_menu(theme: Theme, parent: QWidget, node: Node, run: Callable[[str], None]) -> QMenu:
    """Return the menu of a row, or of the open folder itself; ``run`` is called with a verb."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    left_out = _FILE_ONLY if node.is_folder else _FOLDER_ONLY
    for verb, icon, words in _ROW_VERBS:
        if not verb:
            menu.addSeparator()
        elif verb not in left_out and (node.parent is not None or verb in _ROOT_VERBS):
            keys = f"\t{_KEYS[verb]}" if verb in _KEYS else ""  # shown beside the words; the tree itself hears them
            menu.addAction(theme.icon(icon), words + keys, partial(run, verb))
    return menu


def fill_folder_menu(
    theme: Theme,
    menu: QMenu,
    folder: str,
    recent: Sequence[str],
    run: Callable[[str], None],
    *,
    shows_ignored: bool,
    follows_editor: bool,
) -> None:
    """Fill the menu of the folder's name; ``run`` is called with a verb, or with "folder:" and a recent folder."""
    menu.clear()
    menu.addAction(theme.icon("folder-open"), "Open folder…", partial(run, "choose"))
    others = [other for other in recent if other != folder]
    if others:
        menu.addSection("Recent")
    for other in others:
        name = (Path(other).name or other).replace("&", "&&")
        menu.addAction(theme.icon("folder"), name, partial(run, f"folder:{other}")).setToolTip(plain_tip(other))
    if not folder:
        return
    menu.addSeparator()
    menu.addAction(theme.icon("file-plus"), "New file…", partial(run, "new_file"))
    menu.addAction(theme.icon("folder-plus"), "New folder…", partial(run, "new_folder"))
    menu.addAction(theme.icon("regenerate"), "Refresh", partial(run, "refresh"))
    menu.addAction(theme.icon("collapse"), "Collapse all", partial(run, "collapse"))
    for verb, words, is_on in (
        ("ignored", "Show ignored files", shows_ignored),
        ("follow", "Follow the editor", follows_editor),
    ):
        option = menu.addAction(words, partial(run, verb))
        option.setCheckable(True)
        option.setChecked(is_on)
    menu.addSeparator()
    menu.addAction(theme.icon("tool"), "Use as the tools' folder", partial(run, "workspace"))
    menu.addAction(theme.icon("close"), "Close folder", partial(run, "close"))
