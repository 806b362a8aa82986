"""Paints a row of the file tree: chevron, icon, name, git's mark; and edits a name in place."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from app.files.folder_messages import GitMark
from ui.files.file_icons import GIT_WORDS, icon_for_file, icon_for_folder
from ui.files.tree_model import FileTreeModel
from ui.files.tree_nodes import Node
from ui.theme import Theme

ROW_STEPS = 6.5
_ICON_STEPS = 4
_CHEVRON_STEPS = 3.5
_MARK_STEPS = 4.5

AnyIndex = QModelIndex | QPersistentModelIndex


class FileTreeDelegate(QStyledItemDelegate):
    """Rows in the theme's colours, over the whole width of the tree."""

    def __init__(self, theme: Theme, model: FileTreeModel, view: QTreeView) -> None:
        super().__init__(view)
        self._theme = theme
        self._model = model
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return QSize(0, self._theme.space(ROW_STEPS))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        theme, node = self._theme, self._model.node_at(index)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, option.state)
        side, chevron = theme.space(_ICON_STEPS), theme.space(_CHEVRON_STEPS)
        if node.is_folder:
            name = "chevron-down" if option.state & QStyle.StateFlag.State_Open else "chevron-right"
            _draw_icon(theme, painter, (name, "text.faint"), rect.left() - chevron - theme.space(0.5), rect, chevron)
        if node.is_more:
            painter.setPen(theme.color("accent"))
            painter.setFont(theme.font("small"))
            painter.drawText(rect.adjusted(theme.space(1), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, str(index.data()))
            painter.restore()
            return
        mark = self._model.mark_of(node)
        is_open = bool(option.state & QStyle.StateFlag.State_Open)
        _draw_icon(theme, painter, _icon(node, is_open=is_open), rect.left(), rect, side)
        place = rect.adjusted(side + theme.space(1.5), 0, -theme.space(1), 0)
        if mark is not None:
            self._paint_mark(painter, node, mark, place)
            place.setRight(place.right() - theme.space(_MARK_STEPS))
        painter.setFont(theme.font("control"))
        painter.setPen(self._color(node, mark))
        words = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        theme = self._theme
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if not is_selected and not state & QStyle.StateFlag.State_MouseOver:
            return
        row = QRect(0, rect.top(), self._view.viewport().width(), rect.height())
        painter.setBrush(theme.color("accent.soft" if is_selected else "hover"))
        has_keyboard = is_selected and self._view.hasFocus() and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(theme.color("focus") if has_keyboard else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), theme.radius("control"), theme.radius("control"))

    def _paint_mark(self, painter: QPainter, node: Node, mark: GitMark, place: QRect) -> None:
        theme = self._theme
        color = theme.color(GIT_WORDS[mark][1])
        if node.is_folder:
            dot = theme.space(1.5)
            painter.setBrush(color)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(place.right() - theme.space(2.5), place.center().y() - dot // 2 + 1, dot, dot)
            return
        painter.setFont(theme.font("caption"))
        painter.setPen(color)
        box = QRect(place.right() - theme.space(_MARK_STEPS), place.top(), theme.space(_MARK_STEPS), place.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignHCenter, mark)

    def _color(self, node: Node, mark: GitMark | None) -> QColor:
        if mark is not None and not node.is_folder:
            return self._theme.color(GIT_WORDS[mark][1])
        return self._theme.color("text.faint" if self._model.is_ignored(node) else "text")

    # --- editing a name -----------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: AnyIndex) -> QWidget:
        field = QLineEdit(parent)
        field.setObjectName("file_name_field")
        field.setAccessibleName("Name")
        field.setProperty("role", "in-row")
        field.setFrame(False)
        return field

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        if isinstance(editor, QLineEdit):
            name = self._model.node_at(index).name
            editor.setText(name)
            stem = name.rpartition(".")[0] if not self._model.node_at(index).is_folder else name
            editor.setSelection(0, len(stem or name))

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


def _draw_icon(theme: Theme, painter: QPainter, icon: tuple[str, str], left: int, row: QRect, side: int) -> None:
    theme.icon(*icon).paint(painter, QRect(left, row.center().y() - side // 2 + 1, side, side))
