"""The open folder as a model of Qt's: folders are listed when they are opened, and change row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl, Signal

from app.files.folder_messages import Entry, GitMark, GitState, Listed
from app.tools.names import meant
from app.tools.visible import with_signs
from ui.files.file_icons import GIT_WORDS
from ui.files.tree_nodes import Key, Node, has_order, key_of, ranges_of
from ui.widgets.labels import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex
#: So many entries of a folder are shown at first, and more at a time when asked for.
PAGE = 500
#: More than that make the tree slow to lay out; the filter finds the others.
MOST = 1500
NodeRole = Qt.ItemDataRole.UserRole
# Put together once: a tree of a thousand rows asks for the flags of each whenever one comes or goes.
_FOLDER_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEditable
    | Qt.ItemFlag.ItemIsDragEnabled
)
_FILE_FLAGS = _FOLDER_FLAGS | Qt.ItemFlag.ItemNeverHasChildren
_MORE_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren


class FileTreeModel(QAbstractItemModel):
    """Knows what was listed; asks for what was not.

    Signals:
        wanted(str, int): A folder, by its path below the open one, is to be listed, so many entries of it.
        rename_asked(str, str): An entry was given another name: its path, and its new one.
        make_asked(str, bool): A new entry was given a name; True for a folder.
        marks_changed(): Git says other things than before; rows are where they were.
    """

    wanted = Signal(str, int)
    rename_asked = Signal(str, str)
    make_asked = Signal(str, bool)
    marks_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = ""
        self._numbers = 0
        self._git = GitState()
        self._root = Node(0, None, None, "")
        self._nodes: dict[int, Node] = {0: self._root}
        self._by_path: dict[str, Node] = {"": self._root}

    # --- what it knows ----------------------------------------------------------------------------------

    @property
    def folder(self) -> str:
        """The open folder, absolute; empty for none."""
        return self._folder

    @property
    def git(self) -> GitState:
        """What git said last."""
        return self._git

    def node_at(self, index: AnyIndex) -> Node:
        """Return the node of a row; the open folder itself for none."""
        return self._nodes.get(index.internalId(), self._root) if index.isValid() else self._root

    def index_of(self, path: str) -> QModelIndex:
        """Return the row of a path; none while it is not listed."""
        node = self._by_path.get(path)
        return self._index(node) if node is not None else QModelIndex()

    def absolute(self, path: str) -> str:
        """Return a path below the open folder as an absolute one."""
        return str(Path(self._folder, meant(path))) if path else self._folder

    def listed_folders(self) -> list[str]:
        """Return the paths of the folders that are listed, the open one included."""
        return [path for path, node in self._by_path.items() if node.children is not None]

    def mark_of(self, node: Node) -> GitMark | None:
        """Return git's mark of an entry; of a folder the strongest of what is in it."""
        mark = self._git.marks.get(node.path)
        if mark is None and node.is_folder:
            mark = self._git.folders.get(node.path)
        if mark is None and any(self._git.marks.get(above.path) == "U" for above in _above(node)):
            return "U"
        return mark

    def is_ignored(self, node: Node) -> bool:
        """Whether the ignore rules leave an entry out, or a folder that it is in."""
        return any(one.entry is not None and one.entry.is_ignored for one in (node, *_above(node)))

    # --- what changes it --------------------------------------------------------------------------------

    def open(self, folder: str) -> None:
        """Show another folder, of which nothing is listed yet; "" for none."""
        self.beginResetModel()
        self._folder = folder
        self._git = GitState()
        self._root = Node(0, None, None, "")
        self._nodes, self._by_path = {0: self._root}, {"": self._root}
        self.endResetModel()

    def want(self, path: str, *, more: bool = False) -> None:
        """Ask for a folder to be listed (again), or for ``more`` of its entries."""
        node = self._by_path.get(path)
        if node is None or not node.is_folder:
            return
        node.limit = min(MOST, max(node.limit, PAGE) + (PAGE if more else 0))
        node.is_wanted = True
        self.wanted.emit(path, node.limit)

    def show(self, path: str, listed: Listed) -> None:
        """Show what is in a folder; rows that stay are left alone, with what is open below them."""
        node = self._by_path.get(path)
        if node is None:
            return  # it went while it was being listed
        node.is_wanted = False
        if node.children is None:
            node.children = []
        keys = [key_of(entry) for entry in listed.entries]
        old = [key_of(child.entry) for child in node.children if child.entry is not None and not child.is_new]
        keep = set(keys) if has_order(old, keys) else set[Key]()
        self._remove(node, lambda child: not child.is_new and (child.entry is None or key_of(child.entry) not in keep))
        self._insert_missing(node, listed.entries)
        self._update(node, listed.entries)
        node.more = listed.more
        if listed.more:
            self._insert(node, [self._make(node, None)], len(node.children))

    def show_git(self, state: GitState) -> None:
        """Show what git says."""
        if state != self._git:
            self._git = state
            self.marks_changed.emit()

    def add_new(self, folder: str, *, is_folder: bool) -> QModelIndex:
        """Add a row for an entry that has no name yet, at the top of a folder that is listed."""
        self.drop_new()
        node = self._by_path.get(folder)
        if node is None or node.children is None:
            return QModelIndex()
        new = self._make(node, Entry(name="", kind="folder" if is_folder else "file"), is_new=True)
        self._insert(node, [new], 0)
        return self._index(new)

    def drop_new(self) -> None:
        """Take away the row of an entry that has no name yet."""
        for node in [node for node in self._nodes.values() if node.is_new]:
            if node.parent is not None:
                self._remove(node.parent, lambda child: child.is_new)

    # --- how --------------------------------------------------------------------------------------------

    def _insert_missing(self, node: Node, entries: Sequence[Entry]) -> None:
        children = node.children or []
        known = {key_of(child.entry) for child in children if child.entry is not None and not child.is_new}
        begin = sum(child.is_new for child in children)
        missing = [place for place, entry in enumerate(entries) if key_of(entry) not in known]
        for first, last in ranges_of(missing):
            self._insert(node, [self._make(node, entry) for entry in entries[first : last + 1]], begin + first)

    def _update(self, node: Node, entries: Sequence[Entry]) -> None:
        children = [child for child in node.children or [] if child.entry is not None and not child.is_new]
        changed = []
        for child, entry in zip(children, entries, strict=True):
            if child.entry != entry:
                child.entry = entry
                changed.append(child)
        if changed:
            self.dataChanged.emit(self._index(changed[0]), self._index(changed[-1]))

    def _make(self, parent: Node, entry: Entry | None, *, is_new: bool = False) -> Node:
        self._numbers += 1
        name = entry.name if entry is not None else ""
        path = f"{parent.path}/{name}" if parent.path else name
        return Node(self._numbers, entry, parent, path, is_new=is_new)

    def _insert(self, parent: Node, nodes: list[Node], row: int) -> None:
        children = parent.children
        if children is None or not nodes:
            return
        self.beginInsertRows(self._index(parent), row, row + len(nodes) - 1)
        children[row:row] = nodes
        for node in nodes:
            self._nodes[node.number] = node
            if node.entry is not None and not node.is_new:
                self._by_path[node.path] = node
        _number(children, row)
        self.endInsertRows()

    def _remove(self, parent: Node, is_going: Callable[[Node], bool]) -> None:
        children = parent.children or []
        places = [place for place, child in enumerate(children) if is_going(child)]
        for first, last in reversed(ranges_of(places)):
            self.beginRemoveRows(self._index(parent), first, last)
            self._forget(children[first : last + 1])
            del children[first : last + 1]
            _number(children, first)
            self.endRemoveRows()

    def _forget(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self._nodes.pop(node.number, None)
            if self._by_path.get(node.path) is node:
                del self._by_path[node.path]
            self._forget(node.children or ())

    def _index(self, node: Node) -> QModelIndex:
        return QModelIndex() if node.parent is None else self.createIndex(node.row, 0, node.number)

    def _tip(self, node: Node) -> str:
        lines = [self.absolute(node.path)]
        if node.entry is not None and node.entry.kind == "link":
            where = "a link out of the folder, to" if node.entry.is_outside else "a link to"
            lines.append(f"{where} {node.entry.target}{' (not there)' if node.entry.leads_to == 'missing' else ''}")
        mark = self.mark_of(node)
        if mark is not None:
            lines.append(f"Git: {'something in it is ' if node.is_folder and mark != 'U' else ''}{GIT_WORDS[mark][0]}")
        if self.is_ignored(node):
            lines.append("Ignored")
        return plain_tip("\n".join(with_signs(line) for line in lines))

    def _words(self, node: Node) -> str:
        if not node.is_more or node.parent is None:
            return with_signs(node.name)
        return f"{node.parent.more:,} more" + (": type to find them" if node.parent.limit >= MOST else "")

    def _spoken(self, node: Node) -> str:
        mark = self.mark_of(node)
        kind = node.entry.kind if node.entry is not None else ""
        return ", ".join(part for part in (self._words(node), kind, GIT_WORDS[mark][0] if mark else "") if part)

    # --- Qt ---------------------------------------------------------------------------------------------

    def index(self, row: int, column: int = 0, parent: AnyIndex | None = None) -> QModelIndex:
        children = (self._root if parent is None else self.node_at(parent)).children
        if children is None or column or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, 0, children[row].number)

    def parent(self, index: AnyIndex | None = None) -> Any:
        if index is None:
            return super().parent()
        node = self.node_at(index).parent
        return QModelIndex() if node is None else self._index(node)

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return len((self._root if parent is None else self.node_at(parent)).children or ())

    def columnCount(self, _parent: AnyIndex | None = None) -> int:
        return 1

    def hasChildren(self, parent: AnyIndex | None = None) -> bool:
        node = self._root if parent is None else self.node_at(parent)
        return node.is_folder and (node.children is None or bool(node.children))

    def canFetchMore(self, parent: AnyIndex) -> bool:
        node = self.node_at(parent)
        return bool(self._folder) and node.is_folder and node.children is None and not node.is_wanted

    def fetchMore(self, parent: AnyIndex) -> None:
        if self.canFetchMore(parent):
            self.want(self.node_at(parent).path)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        node = self.node_at(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._words(node)
            case Qt.ItemDataRole.EditRole:
                return node.name
            case Qt.ItemDataRole.ToolTipRole:
                return "A click shows more of them, the filter finds all" if node.is_more else self._tip(node)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(node)
        return node if role == NodeRole else None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        entry = self.node_at(index).entry
        if entry is None:
            return _MORE_FLAGS
        return _FOLDER_FLAGS if entry.kind == "folder" else _FILE_FLAGS

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        node = self.node_at(index)
        name = str(value).strip().strip("/")
        if role != Qt.ItemDataRole.EditRole or node.parent is None or not name or name == node.name:
            return False
        new_path = f"{node.parent.path}/{name}" if node.parent.path else name
        if node.is_new:
            self.make_asked.emit(new_path, node.is_folder)
        else:
            self.rename_asked.emit(node.path, new_path)
        return False  # the row changes once the disk has

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        nodes = [self.node_at(index) for index in indexes]
        data.setUrls([QUrl.fromLocalFile(self.absolute(node.path)) for node in nodes if node.entry is not None])
        return data


def _above(node: Node) -> Iterable[Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def _number(nodes: Sequence[Node], begin: int) -> None:
    for row in range(begin, len(nodes)):
        nodes[row].row = row
