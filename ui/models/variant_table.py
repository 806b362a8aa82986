"""The table of a model's variants: one is always chosen, and everything below the table is about that one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from ui.models.variant_delegate import VariantDelegate
from ui.models.variant_model import Column, VariantModel, VariantRow
from ui.theme import Theme

#: Widths in steps of the grid; quality takes what is left.
_WIDTHS = {
    Column.QUANTIZATION: 34,
    Column.SIZE: 21,
    Column.BITS: 13,
    Column.FIT: 47,
    Column.SPEED: 27,
    Column.STATE: 32,
}
#: Quality is worth a column from this width on.
_LEAST_QUALITY_STEPS = 19
#: What the verdict gives up where there is no room.
_SPARE_FIT_STEPS = 8
#: Columns that go, in this order, where there is no room for them.
_EXPENDABLE = (Column.BITS, Column.QUALITY)


class VariantTable(QTreeView):
    """A flat tree view: it measures one row where a list measures all of them.

    Signals:
        selected(str): The variant with this key was chosen.
        opened(str): It was double-clicked, or Enter was pressed on it.
    """

    selected = Signal(str)
    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_showing = False
        self._model = VariantModel()
        self.setObjectName("variant_table")
        self.setAccessibleName("Variants")
        self.setModel(self._model)
        self.setItemDelegate(VariantDelegate(theme, self))
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setSectionsMovable(False)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(theme.space(8))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._size_columns()
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.activated.connect(self._on_activated)
        theme.changed.connect(self._on_theme_changed)

    def show_rows(self, rows: Sequence[VariantRow], chosen: str) -> None:
        """Show rows, with the variant ``chosen`` selected."""
        self._is_showing = True
        before = [(row.quantization, row.state == "away") for row in self.rows]
        self._model.show(rows)
        if [(row.quantization, row.state == "away") for row in self.rows] != before:
            self._size_columns()
        place = self._model.place_of(chosen)
        if place >= 0 and self.currentIndex().row() != place:
            self.setCurrentIndex(self._model.index(place, 0))
        elif place < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        self._is_showing = False

    @property
    def rows(self) -> tuple[VariantRow, ...]:
        """The rows on show."""
        return self._model.rows

    def wanted_height(self) -> int:
        """Return the height that shows every row."""
        row = self.sizeHintForRow(0) if self.rows else 0
        return self.header().sizeHint().height() + row * len(self.rows) + self._theme.space(2)

    @property
    def chosen(self) -> str:
        """The key of the variant that is selected; empty for none."""
        row = self._model.row_at(self.currentIndex())
        return row.key if row else ""

    # --- how ----------------------------------------------------------------------------------------------

    def _size_columns(self) -> None:
        """Give every column its width, and quality the rest; what has no room goes."""
        theme = self._theme
        scale = max(1.0, theme.text_scale)
        room = self.viewport().width()
        fixed = {column: round(theme.space(steps) * scale) for column, steps in _WIDTHS.items()}
        shown = set(Column)
        if all(row.state == "away" for row in self.rows):
            shown.discard(Column.STATE)
        least_quality = round(theme.space(_LEAST_QUALITY_STEPS) * scale)
        for column in _EXPENDABLE:
            least = least_quality if Column.QUALITY in shown else 0
            if sum(fixed.get(one, 0) for one in shown) + least > room:
                shown.discard(column)
        over = sum(fixed.get(one, 0) for one in shown) - room
        fixed[Column.FIT] -= max(0, min(over, theme.space(_SPARE_FIT_STEPS)))
        for column in Column:
            self.setColumnHidden(column, column not in shown)
        rest = room - sum(width for column, width in fixed.items() if column in shown)
        # Names first get what they ask for, up to a point; what is left is quality's.
        asked = self._name_width() - fixed[Column.QUANTIZATION]
        most = max(0, rest - least_quality if Column.QUALITY in shown else rest)
        extra = max(0, min(asked, most)) if Column.QUALITY in shown else most
        fixed[Column.QUANTIZATION] += extra
        fixed[Column.QUALITY] = max(0, rest - extra)
        for column in Column:
            self.header().resizeSection(column, max(theme.space(8), fixed[column]))

    def _name_width(self) -> int:
        """Return what the longest name of a quantization takes, badge included."""
        metrics = QFontMetrics(self._theme.font("strong"))
        badge = self._theme.space(20)
        names = (metrics.horizontalAdvance(row.quantization) + (badge if row.is_best else 0) for row in self.rows)
        return max(names, default=0) + self._theme.space(7)

    def _on_theme_changed(self) -> None:
        self._size_columns()
        self.viewport().update()

    def _on_current_changed(self, current: QModelIndex) -> None:
        row = self._model.row_at(current)
        if row is not None and not self._is_showing:
            self.selected.emit(row.key)

    def _on_activated(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        if row is not None:
            self.opened.emit(row.key)

    # --- Qt -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self._size_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter on every system; on macOS Qt would edit."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self._on_activated(self.currentIndex())
        else:
            super().keyPressEvent(event)
