"""The files of the open folder: its name with a menu, a field to filter by, and the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.files.finding import FoundPath, PathFinder
from app.files.folder_messages import Listed
from ui.files.empty_tree import EmptyTree
from ui.files.filter_list import FoundList
from ui.files.tree_head import TreeHead
from ui.files.tree_menu import make_row_menu
from ui.files.tree_model import FileTreeModel
from ui.files.tree_nodes import Node
from ui.files.tree_view import FileTreeView
from ui.theme import Theme
from ui.widgets.escape import keeps_escape

MAX_FILTERED = 200


class FileTree(QWidget):
    """Shows and tells; what is on the disk is its control's.

    Attributes:
        model: What is known of the open folder.
        head: Says what is shown of the folder.

    Signals:
        open_requested(str, bool): A file, absolute; True for the side.
        link_followed(str): A link that leads out of the folder was opened: where it leads.
        reference_asked(str): A question about a file or folder, absolute, is to be written.
        workspace_asked(str): A folder is to be the tools', absolute.
        manager_asked(str): A file or folder, absolute, is to be shown in the system's file manager.
        delete_asked(str, bool): An entry, below the folder; True for a folder.
        choose_asked(): A folder is to be chosen.
        folder_chosen(str): A recent folder was chosen, or none ("").
        refresh_asked(): Everything is to be read again.
        ignored_switched(): What the ignore rules leave out is to be shown, or not any more.
        left(): Escape was pressed: the keyboard is to go back to the text.
    """

    open_requested = Signal(str, bool)
    link_followed = Signal(str)
    reference_asked = Signal(str)
    workspace_asked = Signal(str)
    manager_asked = Signal(str)
    delete_asked = Signal(str, bool)
    choose_asked = Signal()
    folder_chosen = Signal(str)
    refresh_asked = Signal()
    ignored_switched = Signal()
    left = Signal()

    def __init__(self, theme: Theme, finder: PathFinder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("file_tree")
        self.setAccessibleName("Files")
        self.model = FileTreeModel(self)
        self.head = TreeHead(theme)
        self._theme = theme
        self._finder = finder
        self._revealing = ""
        self._to_expand: set[str] = set()
        self._view = FileTreeView(theme, self.model)
        self._found = FoundList(theme)
        self._empty = EmptyTree(theme)
        self._stack = QStackedWidget()
        self._filter = QLineEdit()
        self._build()
        self._connect()
        self.show_folder("")

    # --- what is on show ----------------------------------------------------------------------------------

    def show_folder(self, folder: str, recent: Sequence[str] = ()) -> None:
        """Show another folder; "" for none. Its rows come as they are listed."""
        self._filter.clear()
        self._revealing, self._to_expand = "", set()
        self.model.open(folder)
        self.head.show_folder(folder, recent)
        self.head.setVisible(bool(folder))
        self._filter.setVisible(bool(folder))
        self._empty.show_recent(recent)
        self._stack.setCurrentWidget(self._view if folder else self._empty)

    def show_listed(self, path: str, listed: Listed) -> None:
        """Show what is in a folder, and go on with what waits for it."""
        is_first = not self.model.rowCount()
        self.model.show(path, listed)
        for waiting in sorted(self._to_expand):
            index = self.model.index_of(waiting)
            if index.isValid():
                self._to_expand.discard(waiting)
                self._view.expand(index)
        if is_first and not path and not self._view.currentIndex().isValid():
            self._view.setCurrentIndex(self.model.index(0))
        if self._revealing:
            self.reveal(self._revealing, takes_focus=False)

    def reveal(self, path: str, *, takes_focus: bool = False) -> None:
        """Select a file or folder, by its path below the open one, once what it is in is listed."""
        self._revealing = ""
        if takes_focus:
            self.focus_tree()
        index = self.model.index_of(path)
        if index.isValid():
            self._view.select(index)
            return
        above = path.rpartition("/")[0]
        while above and not self.model.index_of(above).isValid():
            above = above.rpartition("/")[0]
        node = self.model.node_at(self.model.index_of(above))
        if node.is_folder and node.children is None:
            self._revealing = path
            if not node.is_wanted:
                self.model.want(above)

    def focus_tree(self) -> None:
        """Give the keyboard to the tree, or to what stands in its place."""
        self._filter.clear()
        (self._view if self.model.folder else self._empty).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh_filter(self) -> None:
        """Look again for what was typed into the filter, as the files are others now."""
        if self._filter.text().strip():
            self._on_filter_text_changed(self._filter.text())

    def add_new(self, *, is_folder: bool) -> None:
        """Ask in place for the name of a new file or folder, in the folder of the current row."""
        node = self.model.node_at(self._view.currentIndex())
        self._add_new(node, is_folder=is_folder)

    def collapse(self) -> None:
        """Close every folder."""
        self._view.collapseAll()

    def state(self) -> dict[str, Any]:
        """Return which folders are open, as values that JSON can hold."""
        opened = [path for path in self.model.listed_folders() if self._view.isExpanded(self.model.index_of(path))]
        return {"expanded": opened[:MAX_FILTERED], "follows": self.head.follows_editor}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Open the folders that ``state`` names as they come to be listed."""
        self.head.follows_editor = state.get("follows") is True
        expanded = state.get("expanded")
        if isinstance(expanded, list):
            self._to_expand = {path for path in expanded if isinstance(path, str) and path}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape empties the filter, then leaves; Down goes from the filter to what is below."""
        if keeps_escape(event):
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                if self._filter.text():
                    self.focus_tree()
                else:
                    self.left.emit()
                return True
            if watched is self._filter and event.key() == Qt.Key.Key_Down:
                (self._found if self._found.isVisible() else self._view).setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return super().eventFilter(watched, event)

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        space = self._theme.space
        self._filter.setObjectName("file_filter")
        self._filter.setAccessibleName("Filter files")
        self._filter.setPlaceholderText("Filter files")
        self._filter.setClearButtonEnabled(True)
        for watched in (self._filter, self._view, self._found):
            watched.installEventFilter(self)
        for widget in (self._view, self._found, self._empty):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(space(2), 0, space(2), 0)
        layout.setSpacing(space(1.5))
        layout.addWidget(self.head)
        layout.addWidget(self._filter)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.head.chosen.connect(self._run_for_folder)
        self._filter.textChanged.connect(self._on_filter_text_changed)
        self._filter.returnPressed.connect(self._found.choose_current)
        self._found.chosen.connect(self._on_found_chosen)
        self._view.opened.connect(self._on_view_opened)
        self._view.delete_pressed.connect(lambda index: self._run("delete", self.model.node_at(index)))
        self._view.copy_pressed.connect(lambda index: self._run("copy", self.model.node_at(index)))
        self._view.customContextMenuRequested.connect(self._on_view_context_menu_requested)
        self._view.itemDelegate().closeEditor.connect(self._on_editor_closed)
        self._empty.choose_asked.connect(self.choose_asked)
        self._empty.folder_chosen.connect(self.folder_chosen)

    def _run(self, verb: str, node: Node) -> None:
        path = self.model.absolute(node.path)
        match verb:
            case "open" | "side":
                self._open(node, to_side=verb == "side")
            case "reference":
                self.reference_asked.emit(path)
            case "workspace":
                self.workspace_asked.emit(path)
            case "manager":
                self.manager_asked.emit(path)
            case "new_file" | "new_folder":
                self._add_new(node, is_folder=verb == "new_folder")
            case "copy":
                QGuiApplication.clipboard().setText(path)
            case "copy_below":
                QGuiApplication.clipboard().setText(node.path)
            case "rename":
                self._view.rename(self.model.index_of(node.path))
            case "delete" if node.entry is not None:
                self.delete_asked.emit(node.path, node.is_folder)

    def _run_for_folder(self, verb: str) -> None:
        match verb:
            case "choose":
                self.choose_asked.emit()
            case "refresh":
                self.refresh_asked.emit()
            case "collapse":
                self.collapse()
            case "follow":
                self.head.follows_editor = not self.head.follows_editor
            case "ignored":
                self.ignored_switched.emit()
            case "close":
                self.folder_chosen.emit("")
            case "new_file" | "new_folder":
                self.add_new(is_folder=verb == "new_folder")
            case "workspace":
                self.workspace_asked.emit(self.model.folder)
            case _:
                self.folder_chosen.emit(verb.removeprefix("folder:"))

    def _add_new(self, node: Node, *, is_folder: bool) -> None:
        self._filter.clear()
        folder = node if node.is_folder else node.parent
        if folder is None or folder.children is None:
            folder = self.model.node_at(QModelIndex())
        self._view.expand(self.model.index_of(folder.path))
        index = self.model.add_new(folder.path, is_folder=is_folder)
        if index.isValid():
            self._view.scrollTo(index)
            self._view.setCurrentIndex(index)
            self._view.edit(index)

    def _open(self, node: Node, *, to_side: bool) -> None:
        entry = node.entry
        if node.is_more and node.parent is not None:
            self.model.want(node.parent.path, more=True)
        elif entry is not None and entry.kind == "link":
            self._follow(node, to_side=to_side)
        elif entry is not None and not node.is_new:
            self.open_requested.emit(self.model.absolute(node.path), to_side)

    def _follow(self, node: Node, *, to_side: bool) -> None:
        entry = node.entry
        if entry is None or entry.leads_to == "missing":
            return
        inside = Path(self.model.folder).resolve()
        if entry.is_outside:
            self.link_followed.emit(entry.target)
        elif entry.leads_to == "folder" and Path(entry.target).is_relative_to(inside):
            self.reveal(Path(entry.target).relative_to(inside).as_posix())
        else:
            self.open_requested.emit(entry.target, to_side)

    def _on_view_opened(self, index: QModelIndex, to_side: bool) -> None:
        node = self.model.node_at(index)
        if node.is_folder:
            self._view.setExpanded(index, not self._view.isExpanded(index))
        else:
            self._open(node, to_side=to_side)

    def _on_view_context_menu_requested(self, place: QPoint) -> None:
        node = self.model.node_at(self._view.indexAt(place))
        if node.is_more or node.is_new or not self.model.folder:
            return
        menu = make_row_menu(self._theme, self, node, lambda verb: self._run(verb, node))
        menu.popup(self._view.viewport().mapToGlobal(place))

    def _on_filter_text_changed(self, text: str) -> None:
        if not text.strip():
            self._stack.setCurrentWidget(self._view if self.model.folder else self._empty)
            return
        self._finder.find(text, MAX_FILTERED, self._show_found)

    def _show_found(self, found: tuple[FoundPath, ...]) -> None:
        if self._filter.text().strip():
            self._found.show_found(found)
            self._stack.setCurrentWidget(self._found)

    def _on_found_chosen(self, path: str) -> None:
        self.open_requested.emit(self.model.absolute(path), False)

    def _on_editor_closed(self) -> None:
        self.model.drop_new()
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)
