"""The rows of a diff in a scroll area: folding, the current hunk, selecting and copying, and what stands in rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pygments.lexer import Lexer
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.files.hunks import TextDiff
from ui.editor.diff_colours import DiffColours
from ui.editor.diff_overview import WIDTH as OVERVIEW_WIDTH
from ui.editor.diff_overview import DiffOverview
from ui.editor.diff_painter import DiffPainter, HunkState
from ui.editor.diff_rows import BarRow, CommentRow, FoldRow, LineRow, RestRow, Row, RowMaker
from ui.editor.diff_selection import DiffSelection
from ui.editor.row_list import RowList
from ui.editor.row_widgets import RowWidgets
from ui.theme import Theme

_BAR_STEPS = 9
_STRIPE = 3
_KEYS = {Qt.Key.Key_A: "accept", Qt.Key.Key_R: "reject", Qt.Key.Key_C: "comment"}


class DiffView(QAbstractScrollArea):
    """Shows one diff.

    Signals:
        current_changed(int): Another hunk is the current one; -1: none.
        asked(str, int): "accept", "reject" or "comment" was pressed for a hunk.
    """

    current_changed = Signal(int)
    asked = Signal(str, int)

    def __init__(
        self,
        theme: Theme,
        make_bar: Callable[[int], QWidget],
        free_bar: Callable[[QWidget], None],
        comment_of: Callable[[int], QWidget | None],
        parent: QWidget | None = None,
    ) -> None:
        """Begin empty.

        Args:
            make_bar: Makes what stands in the row where a hunk begins.
            free_bar: Takes one back that is not needed any more.
            comment_of: Returns what stands below a hunk, made anew for each diff; None for nothing.
        """
        super().__init__(parent)
        self._theme = theme
        self._comment_of = comment_of
        self._diff = TextDiff([], [], ())
        self._states: Sequence[HunkState] = ()
        self._lexer: Lexer | None = None
        self._has_bars = self._is_unfolded = False
        self._current = -1
        self._hover = -1
        self._wanted_hunk = -1
        self._before, self._after = DiffColours(self), DiffColours(self)
        self._painter = DiffPainter(theme, self._before, self._after)
        self._list = RowList(self._height_of, self)
        self._overview = DiffOverview(theme, self._list, self)
        self._overview.clicked.connect(self._on_overview_clicked)
        self.setViewportMargins(0, 0, OVERVIEW_WIDTH, 0)
        self._selection = DiffSelection()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(0)
        self._again.timeout.connect(self.viewport().update)
        self._widgets = RowWidgets(self.viewport(), make_bar, free_bar, comment_of)
        self._widgets.more.timeout.connect(self._place_widgets)
        self.setObjectName("diff_view")
        self.setProperty("role", "diff")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        for colours in (self._before, self._after):
            colours.changed.connect(self.viewport().update)
        self._list.grown.connect(self._on_list_grown)
        self._list.moved.connect(self._on_list_moved)
        theme.changed.connect(self._restyle)

    # --- what is shown --------------------------------------------------------------------------------------

    def show_diff(self, diff: TextDiff, lexer: Lexer | None, *, has_bars: bool) -> None:
        """Show another diff from its beginning."""
        self._widgets.clear()
        self._diff, self._lexer, self._has_bars = diff, lexer, has_bars
        self._states = ()
        self._current = self._wanted_hunk = -1
        self._selection.clear()
        self._painter.forget()
        self._painter.digits = max(2, len(str(max(len(diff.before), len(diff.after)))))
        self._before.start(lexer, diff.before)
        self._after.start(lexer, diff.after)
        self._start()
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)
        self.set_current(0 if diff.hunks else -1)

    def show_states(self, states: Sequence[HunkState]) -> None:
        """Show what became of each hunk."""
        self._states = tuple(states)
        self._overview.show_hunks(self._diff.hunks, self._states)
        self.viewport().update()

    def arrange(self, *, is_split: bool, is_unfolded: bool) -> None:
        """Show both texts side by side or one below the other, unchanged lines folded or not."""
        if (is_split, is_unfolded) == (self._painter.is_split, self._is_unfolded) and self._list.rows:
            return
        self._painter.is_split, self._is_unfolded = is_split, is_unfolded
        self._painter.forget()
        self._selection.clear()
        self._start()
        if self._current > 0:
            self.go_to_hunk(self._current)

    @property
    def current(self) -> int:
        """The current hunk; -1: none."""
        return self._current

    @property
    def bars(self) -> Mapping[int, QWidget]:
        """What stands at the beginning of hunks that are or were in view."""
        return self._widgets.bars

    @property
    def row_list(self) -> RowList:
        """The rows and where they are."""
        return self._list

    def set_current(self, hunk: int) -> None:
        """Make a hunk the current one."""
        if hunk != self._current:
            self._current = hunk
            self.viewport().update()
            self.current_changed.emit(hunk)

    def go_to_hunk(self, hunk: int) -> None:
        """Make a hunk the current one and show it, as soon as its rows are there."""
        self.set_current(hunk)
        row = self._list.first_of(hunk)
        if row is None:
            self._wanted_hunk = hunk
            return
        self._wanted_hunk = -1
        top, above = self._list.tops[row], self._painter.row_height * 4
        self.verticalScrollBar().setValue(max(0, top - above))

    def show_comment(self, hunk: int) -> None:
        """Bring what stands below a hunk into view, if it is not there."""
        rows = self._list.rows
        number = next((number for number, row in enumerate(rows) if row == CommentRow(hunk)), None)
        if number is not None:
            bar, height = self.verticalScrollBar(), self.viewport().height()
            top, bottom = self._list.tops[number], self._list.tops[number + 1]
            bar.setValue(max(min(bar.value(), top), bottom - height))

    def remeasure(self) -> None:
        """Something in a row has another height."""
        self._list.measure()

    def stop(self) -> None:
        """Work at nothing any more."""
        for worker in (self._list, self._before, self._after):
            worker.stop()
        self._again.stop()
        self._widgets.more.stop()

    # --- how ------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._list.start(
            RowMaker(
                self._diff,
                is_split=self._painter.is_split,
                has_bars=self._has_bars,
                is_unfolded=self._is_unfolded,
            )
        )

    def _height_of(self, row: Row) -> int:
        match row:
            case BarRow():
                return self._theme.space(_BAR_STEPS)
            case FoldRow():
                return self._painter.row_height + self._theme.space(2)
            case CommentRow(hunk):
                comment = self._comment_of(hunk)
                return 0 if comment is None else comment.sizeHint().height()
            case _:
                return self._painter.row_height

    def _on_list_grown(self) -> None:
        self._fit_bars()
        if self._wanted_hunk >= 0:
            self.go_to_hunk(self._wanted_hunk)

    def _on_list_moved(self) -> None:
        self._fit_bars()
        self._place_widgets()
        self.viewport().update()

    def _fit_bars(self) -> None:
        view = self.viewport().size()
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setRange(0, max(0, self._list.height + self._theme.space(4) - view.height()))
        vertical.setPageStep(view.height())
        vertical.setSingleStep(self._painter.row_height * 2)
        room = view.width() // (2 if self._painter.is_split else 1) - self._painter.gutter_width
        horizontal.setRange(0, max(0, self._widest() - room))
        horizontal.setPageStep(max(1, room))
        horizontal.setSingleStep(self._painter.advance * 4)

    def _widest(self) -> int:
        cells = [
            len(cell.text.expandtabs(4))
            for row in self._visible()
            if isinstance(row, LineRow)
            for cell in (row.left, row.right)
            if cell is not None
        ]
        return (max(cells, default=0) + 2) * self._painter.advance

    def _visible(self) -> list[Row]:
        first, last = self._visible_range()
        return self._list.rows[first : last + 1]

    def _visible_range(self) -> tuple[int, int]:
        top = self.verticalScrollBar().value()
        return self._list.at(top), self._list.at(top + self.viewport().height())

    def _place_widgets(self) -> None:
        self._widgets.place(self._list, self._visible_range(), self.verticalScrollBar().value())

    def _restyle(self) -> None:
        self._painter.restyle()
        self._list.measure()

    # --- Qt -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        theme, top = self._theme, self.verticalScrollBar().value()
        area = event.rect()
        painter.fillRect(area, theme.color("code.background"))
        self._painter.begin()
        first, last = self._list.at(top + area.top()), self._list.at(top + area.bottom())
        for number, row in enumerate(self._list.rows[first : last + 1], first):
            y = self._list.tops[number]
            place = QRect(0, y - top, self.viewport().width(), self._list.tops[number + 1] - y)
            if isinstance(row, LineRow):
                state = self._states[row.hunk] if 0 <= row.hunk < len(self._states) else ""
                selected = self._selection.in_row(number, row, is_split=self._painter.is_split)
                self._painter.paint_row(painter, row, place, self.horizontalScrollBar().value(), state, selected)
            elif isinstance(row, FoldRow | RestRow):
                self._paint_fold(painter, row, place, is_hover=number == self._hover)
            elif isinstance(row, BarRow):
                painter.fillRect(place, theme.color("surface.raised"))
            hunk = -1 if isinstance(row, FoldRow) else row.hunk
            if self._current == hunk >= 0:
                painter.fillRect(0, place.top(), _STRIPE, place.height(), theme.color("accent"))
        painter.end()
        if self._painter.is_unfinished:
            self._again.start()

    def _paint_fold(self, painter: QPainter, row: FoldRow | RestRow, place: QRect, *, is_hover: bool) -> None:
        theme = self._theme
        painter.fillRect(place, theme.color("hover" if is_hover else "surface.sunken"))
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text.muted" if is_hover else "text.faint"))
        if isinstance(row, FoldRow):
            lines = "1 unchanged line" if row.count == 1 else f"{row.count:,} unchanged lines"
            words = f"\u22ef  {lines}"
        else:
            words = "\u22ef  The rest of this change is too long to be shown"
        left = self._painter.gutter_width
        painter.drawText(place.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if dx:
            self.viewport().update()
        else:
            self.viewport().scroll(0, dy)  # only what comes into view is painted
        self._place_widgets()
        self._fit_bars()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        view = self.viewport().geometry()
        self._overview.setGeometry(view.right() + 1, view.top(), OVERVIEW_WIDTH, view.height())
        self._on_list_moved()

    def _on_overview_clicked(self, part: float) -> None:
        height = self.viewport().height()
        self.verticalScrollBar().setValue(round(part * max(height, self._list.height)) - height // 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._list.rows:
            return
        number = self._row_at(event.position().toPoint())
        row = self._list.rows[number]
        if isinstance(row, FoldRow):
            self._hover = -1
            self._list.unfold(number)
        elif isinstance(row, LineRow):
            if row.hunk >= 0:
                self.set_current(row.hunk)
            self._selection.begin(number, *self._place_in(row, event.position().toPoint()))
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._list.rows:
            return
        point = event.position().toPoint()
        number = self._row_at(point)
        row = self._list.rows[number]
        if event.buttons() & Qt.MouseButton.LeftButton and self._selection.is_begun:
            if isinstance(row, LineRow):
                self._selection.extend(number, self._place_in(row, point)[1])
            bar = self.verticalScrollBar()
            step = -1 if point.y() < 0 else 1 if point.y() > self.viewport().height() else 0
            bar.setValue(bar.value() + step * bar.singleStep())
        is_fold = isinstance(row, FoldRow) and not event.buttons()
        self._hover = number if is_fold else -1
        shape = Qt.CursorShape.PointingHandCursor if is_fold else Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover = -1
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        key = Qt.Key(event.key())
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_C:
            self._selection.copy(self._list.rows, self._diff, is_split=self._painter.is_split)
        elif event.modifiers() == Qt.KeyboardModifier.NoModifier and key in _KEYS and self._has_bars:
            if self._current >= 0:
                self.asked.emit(_KEYS[key], self._current)
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            bar.setValue(bar.minimum() if key == Qt.Key.Key_Home else bar.maximum())
        else:
            super().keyPressEvent(event)

    def _row_at(self, point: QPoint) -> int:
        return self._list.at(point.y() + self.verticalScrollBar().value())

    def _place_in(self, row: LineRow, point: QPoint) -> tuple[bool, int]:
        """Return the side of a point and the character there, in UTF-16 units."""
        for cell, is_after, left, right in self._painter.sides(row, self.viewport().width()):
            if left <= point.x() < right or right == self.viewport().width():
                side = is_after if self._painter.is_split else True
                if cell is None:
                    return side, 0
                layout = self._painter.layout(cell, is_after=is_after, is_dim=False)
                x = point.x() - left - self._painter.gutter_width + self.horizontalScrollBar().value()
                return side, int(layout.lineAt(0).xToCursor(x))
        return True, 0
