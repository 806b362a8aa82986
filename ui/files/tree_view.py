"""The tree itself: a click opens, the keyboard does what it does in every file tree."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QTreeView, QWidget

from ui.files.tree_delegate import NAME_FIELD, FileTreeDelegate
from ui.files.tree_model import FileTreeModel
from ui.theme import Theme

_INDENT_STEPS = 4
_RENAME, _DELETE, _COPY, _OPEN = "rename", "delete", "copy", "open"


class FileTreeView(QTreeView):
    """What was clicked or pressed on a row.

    Signals:
        opened(QModelIndex, bool): A row was clicked, or Enter pressed on it; True for the side (with Ctrl).
        delete_pressed(QModelIndex): Delete was pressed.
        copy_pressed(QModelIndex): Ctrl+C was pressed.
    """

    opened = Signal(QModelIndex, bool)
    delete_pressed = Signal(QModelIndex)
    copy_pressed = Signal(QModelIndex)

    def __init__(self, theme: Theme, model: FileTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("file_tree_view")
        self.setAccessibleName("Files")
        self.setProperty("role", "files")
        self.setModel(model)
        self.setItemDelegate(FileTreeDelegate(theme, model, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(theme.space(_INDENT_STEPS))
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.clicked.connect(self._on_clicked)
        model.marks_changed.connect(self.viewport().update)
        self._modifiers = Qt.KeyboardModifier.NoModifier

    def select(self, index: QModelIndex) -> None:
        """Make a row the current one, with everything above it open, and scroll to it."""
        above = index.parent()
        while above.isValid():
            self.expand(above)
            above = above.parent()
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)

    def rename(self, index: QModelIndex) -> None:
        """Edit a name in place, its beginning selected: a file's ending is seldom what is to change."""
        self.edit(index)
        field = self.viewport().findChild(QLineEdit, NAME_FIELD)
        name = str(index.data(Qt.ItemDataRole.EditRole) or "")
        stem = name if self.model().hasChildren(index) else name.rpartition(".")[0]
        if field is not None:
            field.setSelection(0, len(stem or name))

    def event(self, event: QEvent) -> bool:
        """Take keys that mean something else in the window, such as F2, while the tree has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _verb(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        verb = _verb(event) if index.isValid() else ""
        match verb:
            case "rename":
                self.rename(index)
            case "delete":
                self.delete_pressed.emit(index)
            case "copy":
                self.copy_pressed.emit(index)
            case "open":
                self.opened.emit(index, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
            case _:
                super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._modifiers = event.modifiers()
        super().mouseReleaseEvent(event)

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw nothing: the delegate draws the chevrons over its own ground."""

    def _on_clicked(self, index: QModelIndex) -> None:
        self.opened.emit(index, bool(self._modifiers & Qt.KeyboardModifier.ControlModifier))


def _verb(event: QKeyEvent) -> str:
    if event.matches(QKeySequence.StandardKey.Copy):
        return _COPY
    has_none = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
    match event.key():
        case Qt.Key.Key_F2 if has_none:
            return _RENAME
        case Qt.Key.Key_Delete if has_none:
            return _DELETE
        case Qt.Key.Key_Return | Qt.Key.Key_Enter:
            return _OPEN
    return ""
