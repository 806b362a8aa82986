"""How the text of a file is shown: numbers, marks, size, wrapping, and what is painted under and over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QToolTip, QWidget

from app.files.inner_text import inner_text_of
from app.tools.visible import hidden_characters
from ui.chat.highlight import utf16_length
from ui.editor.ghost_layer import GhostLayer
from ui.editor.gutter import Gutter, Mark
from ui.editor.surface import Surface, hidden_places
from ui.theme import Theme

#: Qt lays out wrapped lines in quadratic time; with a longer one nothing is wrapped.
MAX_WRAPPED_CHARACTERS = 20_000
#: How much smaller and larger than the theme's the text can be, in pixels.
MIN_ZOOM, MAX_ZOOM = -6, 24
KEEP = QTextCursor.MoveMode.KeepAnchor


class EditorView(QPlainTextEdit):
    """Shows a text; what can be done with it is in ``CodeEditor``.

    Signals:
        zoom_changed(steps): The size of the text was changed, in pixels from the theme's.
        wrap_changed(wraps): Long lines are to be wrapped now, or not.
        blanks_changed(shows): Spaces and tabs are shown now, or not.
        view_changed(): Other lines may be in view.
    """

    zoom_changed = Signal(int)
    wrap_changed = Signal(bool)
    blanks_changed = Signal(bool)
    view_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zoom = 0
        self._wants_wrap = False
        self._tab_width = 4
        #: Lines of a text that is loading: room for their numbers is made at once, for Qt lays all out again then.
        self._coming_lines = 0
        #: What lies over the top of the text, if it is not hidden.
        self._bars: list[QWidget] = []
        self.setProperty("role", "editor")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._surface = Surface(theme)
        self._ghost = GhostLayer()
        self._gutter = Gutter(theme, self, self)
        self._places: tuple[object, ...] = ()
        self._view_at = (0, 0, 0.0)
        #: Beside the bar, so that the scroll bar ends below it.
        self._corner = QWidget(self)
        self.addScrollBarWidget(self._corner, Qt.AlignmentFlag.AlignTop)
        self._gutter.line_clicked.connect(self._on_line_clicked)
        theme.changed.connect(self.restyle)
        self.blockCountChanged.connect(self.place_parts)
        self.updateRequest.connect(self._on_update_requested)
        self.restyle()

    # --- what can be set ------------------------------------------------------------------------------------

    def mark_lines(self, kind: Mark, lines: Iterable[int]) -> None:
        """Mark these lines, from 1, beside their numbers, and no others with this mark."""
        self._gutter.marks.set(kind, (line - 1 for line in lines))
        self._gutter.update()

    def marked_lines(self, kind: Mark) -> frozenset[int]:
        """Return the lines, from 1, that have this mark now."""
        return frozenset(line + 1 for line in self._gutter.marks.lines(kind))

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor into a line and column, both from 1, and show it in the middle."""
        block = self.document().findBlockByNumber(max(0, min(line, self.blockCount()) - 1))
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + min(utf16_length(block.text()[: max(0, column - 1)]), block.length() - 1))
        self.setTextCursor(cursor)
        self.centerCursor()

    @property
    def wraps(self) -> bool:
        """Whether long lines go on in the next row."""
        return self.lineWrapMode() != QPlainTextEdit.LineWrapMode.NoWrap

    def set_wrap(self, wraps: bool) -> None:
        """Wrap long lines, if none is so long that Qt could not."""
        if wraps != self._wants_wrap:
            self._wants_wrap = wraps
            self.fit_wrap(inner_text_of(self.document().toRawText()))
            self.wrap_changed.emit(wraps)

    def fit_wrap(self, text: str) -> None:
        """Wrap ``text`` or not, as is wanted and can be."""
        can = self._wants_wrap and max(map(len, text.split("\n"))) <= MAX_WRAPPED_CHARACTERS
        mode = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(mode.WidgetWidth if can else mode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if can else QTextOption.WrapMode.NoWrap)

    @property
    def shows_blanks(self) -> bool:
        """Whether spaces and tabs are shown."""
        return self._surface.shows_blanks

    def set_shows_blanks(self, shows: bool) -> None:
        """Show spaces as dots and tabs as arrows, or not."""
        if shows != self._surface.shows_blanks:
            self._surface.shows_blanks = shows
            self.viewport().update()
            self.blanks_changed.emit(shows)

    def zoom(self, direction: int) -> None:
        """Make the text larger (1) or smaller (-1), or as the theme has it (0)."""
        self.set_zoom(self._zoom + direction if direction else 0)

    def set_zoom(self, steps: int) -> None:
        """Set the size of the text, in pixels more than the theme's."""
        steps = max(MIN_ZOOM, min(MAX_ZOOM, steps))
        if steps != self._zoom:
            self._zoom = steps
            self.restyle()
            self.zoom_changed.emit(steps)

    # --- where things are -----------------------------------------------------------------------------------

    def visible_lines(self) -> Iterator[tuple[QTextBlock, QRect]]:
        """Yield the lines in view and their places in the viewport; those below a proposal are moved down."""
        block, moved, offset, height = self.firstVisibleBlock(), 0, self.contentOffset(), self.viewport().height()
        ghost_line = self.current_line() if self._ghost.extra_lines else -1
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(offset).toAlignedRect()
            place.translate(0, moved)
            if place.top() > height:
                return
            yield block, place
            if block.blockNumber() == ghost_line:
                moved = self._ghost.extra_lines * self.line_height()
            block = block.next()

    def current_line(self) -> int:
        """Return the cursor's line, from 0."""
        return self.textCursor().blockNumber()

    def line_height(self) -> int:
        """Return the height of one row, in pixels."""
        layout = self.firstVisibleBlock().layout()
        if layout is not None and layout.lineCount():
            return round(layout.lineAt(0).height())
        return self.fontMetrics().height()

    def ascent(self) -> int:
        """Return how far below its top a row's text stands, in pixels."""
        layout = self.firstVisibleBlock().layout()
        if layout is not None and layout.lineCount():
            return round(layout.lineAt(0).ascent())
        return self.fontMetrics().ascent()

    def has_hidden(self, block: QTextBlock) -> bool:
        """Tell whether a line contains characters that cannot be seen."""
        return bool(hidden_places(block.text()))

    # --- how ------------------------------------------------------------------------------------------------

    def _on_update_requested(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
            self.view_changed.emit()
        elif rect.height() < self.viewport().height():
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())
        elif self.wraps or self._has_moved():
            self._gutter.update()
            self.view_changed.emit()

    def _has_moved(self) -> bool:
        """Tell whether other lines are in view than when this was asked last: colours alone change no number."""
        before = self._view_at
        self._view_at = (self.blockCount(), self.firstVisibleBlock().blockNumber(), self.contentOffset().y())
        return self._view_at != before

    def _on_line_clicked(self, line: int, extends: bool) -> None:
        cursor = self.textCursor()
        block = self.document().findBlockByNumber(line)
        end = block.next().position() if block.next().isValid() else block.position() + block.length() - 1
        if extends and block.position() < cursor.anchor():
            end = block.position()
        if not extends:
            cursor.setPosition(block.position())
        cursor.setPosition(end, KEEP)
        self.setTextCursor(cursor)
        self.setFocus()

    def restyle(self) -> None:
        """Take the theme's font and colours."""
        font = self._theme.font("mono")
        font.setPixelSize(max(6, font.pixelSize() + self._zoom))
        self.setFont(font)
        self._gutter.setFont(font)
        self.apply_options()
        self.place_parts()

    def apply_options(self) -> None:
        """Say how wide a tab is, and that text goes from left to right whatever is in it."""
        option = self.document().defaultTextOption()
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        option.setTabStopDistance(self._tab_width * self.fontMetrics().horizontalAdvance(" "))
        self.document().setDefaultTextOption(option)

    def place_parts(self) -> None:
        """Give the numbers and the bar their places beside and over the text."""
        width = self._gutter.width_for(max(self.blockCount(), self._coming_lines))
        bar = next((one for one in self._bars if not one.isHidden()), None)
        top = bar.sizeHint().height() if bar is not None else 0
        places = (width, top, self.size(), bar)
        if places != self._places:  # setting the same margins again would lay out and paint all of it
            self._places = places
            self._put(width, top, bar)
        self.view_changed.emit()

    def _put(self, width: int, top: int, bar: QWidget | None) -> None:
        self.setViewportMargins(width, top, 0, 0)
        self._corner.setFixedHeight(top)
        self._corner.setVisible(top > 0)
        inside = self.contentsRect()
        self._gutter.setGeometry(inside.left(), inside.top() + top, width, inside.height() - top)
        if bar is not None:
            bar.setGeometry(inside.left(), inside.top(), inside.width(), top)
            bar.raise_()

    def repaint_lines(self, lines: Iterable[int]) -> None:
        """Paint some lines again, from 0, and their numbers."""
        for line in lines:
            block = self.document().findBlockByNumber(line)
            if block.isValid():
                place = self.blockBoundingGeometry(block).translated(self.contentOffset()).toAlignedRect()
                self.viewport().update(0, place.top(), self.viewport().width(), place.height())
                self._gutter.update(0, place.top(), self._gutter.width(), place.height())

    def repaint_all(self) -> None:
        """Paint the text and its numbers again."""
        self.viewport().update()
        self._gutter.update()

    # --- Qt -------------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event.pos(), event.globalPos())
            return True
        return super().viewportEvent(event)

    def _show_tip(self, place: QPoint, where: QPoint) -> None:
        """Name the hidden characters near the mouse."""
        cursor = self.cursorForPosition(place)
        near = [outer for at, outer in hidden_places(cursor.block().text()) if abs(at - cursor.positionInBlock()) <= 1]
        QToolTip.showText(where, "\n".join(hidden_characters("".join(near))), self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place_parts()

    def paintEvent(self, event: QPaintEvent) -> None:
        top, bottom = event.rect().top(), event.rect().bottom()
        lines = list(self.visible_lines())
        if not self._ghost.text:  # which moves the lines below it
            lines = [(block, place) for block, place in lines if place.bottom() >= top and place.top() <= bottom]
        painter = QPainter(self.viewport())
        current, width = self.current_line(), self.viewport().width()
        for block, place in lines:
            if block.blockNumber() == current and not self.textCursor().hasSelection():
                painter.fillRect(0, place.top(), width, place.height(), self._theme.color("hover"))
            self._surface.paint_under(painter, block, place, self.textCursor().selectionStart())
        painter.end()
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        if self._ghost.text:
            self._paint_ghost(painter, lines)
        for block, place in lines:
            self._surface.paint_over(painter, block, place)
        painter.end()

    def _paint_ghost(self, painter: QPainter, lines: list[tuple[QTextBlock, QRect]]) -> None:
        """Draw the proposal, and the lines below it again where they moved to."""
        current, ground = self.textCursor().block(), self._theme.color("code.background")
        row, width = self.line_height(), self.viewport().width()
        for block, place in lines:
            origin = place.topLeft().toPointF()
            origin.setX(self.contentOffset().x())
            if block == current:
                below = place.bottom() + 1
                if self._ghost.extra_lines:
                    painter.fillRect(0, below, width, self.viewport().height() - below, ground)
                tab = " " * self._tab_width
                self._ghost.paint(
                    painter,
                    block,
                    self.textCursor().positionInBlock(),
                    origin,
                    row,
                    width,
                    self._theme.color("text.faint"),
                    self._theme.color("hover"),
                    self.font(),
                    tab,
                )
            elif block.blockNumber() > current.blockNumber() and self._ghost.extra_lines:
                painter.setPen(self._theme.color("text"))
                block.layout().draw(painter, origin)
