"""Paints a row of the file tree: chevron, icon, name, git's mark; and edits a name in place."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionViewItem, QTreeView, QWidget

from app.files.folder_messages import GitMark
from ui.files.file_icons import GIT_WORDS, icon_for_file, icon_for_folder
from ui.files.row_paint import CENTER, LEFT, AnyIndex, RowDelegate
from ui.files.tree_model import FileTreeModel
from ui.files.tree_nodes import Node
from ui.theme import Theme

ROW_STEPS = 6.5
NAME_FIELD = "file_name_field"
_ICON_STEPS = 4
_CHEVRON_STEPS = 3.5
_MARK_STEPS = 4.5


class FileTreeDelegate(RowDelegate):
    """Rows in the theme's colours, over the whole width of the tree."""

    def __init__(self, theme: Theme, model: FileTreeModel, view: QTreeView) -> None:
        super().__init__(theme, ROW_STEPS, view)
        self._model = model
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        space, node = self._theme.space, self._model.node_at(index)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRect(1, rect.top() + 1, self._view.viewport().width() - 2, rect.height() - 2)
        has_keyboard = self._view.hasFocus() and bool(state & QStyle.StateFlag.State_HasFocus)
        self._paint.ground(painter, row, state, has_keyboard=has_keyboard)
        side, chevron = space(_ICON_STEPS), space(_CHEVRON_STEPS)
        is_open = bool(state & QStyle.StateFlag.State_Open)
        if node.is_more:
            place = rect.adjusted(space(1), 0, -space(1), 0)
            painter.setFont(self._paint.font("small"))
            painter.setPen(self._paint.color("accent"))
            painter.drawText(place, LEFT, str(index.data()))
            painter.restore()
            return
        if node.is_folder:
            name = "chevron-down" if is_open else "chevron-right"
            self._paint.icon(painter, (name, "text.faint"), rect.left() - chevron - 2, rect, chevron)
        mark = self._model.mark_of(node)
        self._paint.icon(painter, _icon(node, is_open=is_open), rect.left(), rect, side)
        place = rect.adjusted(side + space(1.5), 0, -space(1), 0)
        if mark is not None:
            self._paint_mark(painter, node, mark, place)
            place.setRight(place.right() - space(_MARK_STEPS))
        self._paint.text(painter, place, str(index.data()), "control", self._color(node, mark))
        painter.restore()

    def _paint_mark(self, painter: QPainter, node: Node, mark: GitMark, place: QRect) -> None:
        space, color = self._theme.space, self._paint.color(GIT_WORDS[mark][1])
        if node.is_folder:
            dot = space(1.5)
            painter.setBrush(color)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(place.right() - space(2.5), place.center().y() - dot // 2 + 1, dot, dot)
            return
        painter.setFont(self._paint.font("caption"))
        painter.setPen(color)
        box = QRect(place.right() - space(_MARK_STEPS), place.top(), space(_MARK_STEPS), place.height())
        painter.drawText(box, CENTER, mark)

    def _color(self, node: Node, mark: GitMark | None) -> str:
        if mark is not None and not node.is_folder:
            return GIT_WORDS[mark][1]
        return "text.faint" if self._model.is_ignored(node) else "text"

    # --- editing a name -----------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: AnyIndex) -> QWidget:
        field = QLineEdit(parent)
        field.setObjectName(NAME_FIELD)
        field.setAccessibleName("Name")
        field.setProperty("role", "in-row")
        field.setFrame(False)
        return field

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(self._model.node_at(index).name)

    def setModelData(self, editor: QWidget, model: object, index: AnyIndex) -> None:
        del model
        if isinstance(editor, QLineEdit):
            self._model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: AnyIndex) -> None:
        rect: QRect = option.rect
        left = rect.left() + self._theme.space(_ICON_STEPS) + self._theme.space(0.5)
        editor.setGeometry(QRect(left, rect.top(), self._view.viewport().width() - left, rect.height()))


def _icon(node: Node, *, is_open: bool) -> tuple[str, str]:
    if node.entry is not None and node.entry.kind == "link":
        is_broken = node.entry.leads_to == "missing"
        color = "danger" if is_broken else "warning" if node.entry.is_outside else "text.muted"
        return ("folder-symlink" if node.entry.leads_to == "folder" else "file-symlink", color)
    return icon_for_folder(is_open=is_open) if node.is_folder else icon_for_file(node.name)
