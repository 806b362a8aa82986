"""The widgets that stand in rows of a diff: made when their rows come into view, moved with them, used again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from ui.editor.diff_rows import BarRow, CommentRow, Row
from ui.editor.row_list import RowList

#: Making a bar takes about a millisecond; more of them are made in the next round of the event loop.
_MOST_MADE = 3
#: Past so many, those out of view are used for others again.
_MOST_KEPT = 60


class RowWidgets:
    """Bars where hunks begin, and comments below them.

    Attributes:
        more: Times out when there was more to make than ``place`` made; its owner then places again.
    """

    def __init__(
        self,
        viewport: QWidget,
        make_bar: Callable[[int], QWidget],
        free_bar: Callable[[QWidget], None],
        comment_of: Callable[[int], QWidget | None],
    ) -> None:
        self._viewport = viewport
        self._make_bar = make_bar
        self._free_bar = free_bar
        self._comment_of = comment_of
        self._made = 0
        self.bars: dict[int, QWidget] = {}
        self.more = QTimer(viewport)
        self.more.setSingleShot(True)
        self.more.setInterval(0)

    def clear(self) -> None:
        """Give all bars back."""
        for bar in self.bars.values():
            self._free_bar(bar)
        self.bars = {}

    def place(self, rows: RowList, visible: tuple[int, int], top: int) -> None:
        """Put the widgets of the rows in view where those are, and hide all others.

        Args:
            visible: The first and last row in view.
            top: How far the rows are scrolled, in pixels.
        """
        seen: set[QWidget] = set()
        self._made = 0
        for number in range(visible[0], min(visible[1] + 1, len(rows.rows))):
            widget = self._widget_of(rows.rows[number])
            if widget is not None:
                y, height = rows.tops[number], rows.tops[number + 1] - rows.tops[number]
                widget.setGeometry(0, y - top, self._viewport.width(), height)
                widget.show()
                seen.add(widget)
        if self._made == _MOST_MADE:
            self.more.start()
        if len(self.bars) > _MOST_KEPT:
            self._free_unseen(seen)
        for child in self._viewport.children():
            if isinstance(child, QWidget) and child not in seen and child.isVisible():
                if _has_focus(child):
                    child.move(0, -child.height() - 1)  # hiding it would take the keyboard away
                else:
                    child.hide()

    def _free_unseen(self, seen: set[QWidget]) -> None:
        for hunk, bar in list(self.bars.items()):
            if bar not in seen and not _has_focus(bar):
                self._free_bar(self.bars.pop(hunk))

    def _widget_of(self, row: Row) -> QWidget | None:
        if isinstance(row, CommentRow):
            widget = self._comment_of(row.hunk)
        elif isinstance(row, BarRow):
            widget = self.bars.get(row.hunk)
            if widget is None and self._made < _MOST_MADE:
                self._made += 1
                widget = self.bars[row.hunk] = self._make_bar(row.hunk)
        else:
            return None
        if widget is not None and widget.parentWidget() is not self._viewport:
            widget.setParent(self._viewport)
        return widget


def _has_focus(widget: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and widget.isAncestorOf(focused)
