"""The timeline as a table, for those who read or listen rather than look."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from app.agent.timeline import end_of
from app.agent.timeline_words import outcome_words, seconds_words, title_of
from app.agent.trace import Span
from ui.inspect.timeline_picture import TimelinePicture
from ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("Step", "What", "From", "Took", "Reused", "Processed", "Generated", "Outcome")
_NUMBERS = frozenset({2, 3, 4, 5, 6})
_WIDTH_STEPS = (14, 50, 22, 22, 22, 24, 24, 30)


class SpanModel(QAbstractTableModel):
    """The spans of a picture, one a row, as they began."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: TimelinePicture | None = None

    def show_picture(self, picture: TimelinePicture | None) -> None:
        """Show a run."""
        self.beginResetModel()
        self._picture = picture
        self.endResetModel()

    def span_of(self, row: int) -> Span:
        """Return the span of a row."""
        return self._spans()[row]

    def row_of(self, number: int) -> int:
        """Return the row of a span; -1 where it is not there."""
        return next((row for row, span in enumerate(self._spans()) if span.number == number), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._spans())

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return COLUMNS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._picture is None:
            return None
        span = self._spans()[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _cell(self._picture, span, index.column())
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{COLUMNS[index.column()]}: {_cell(self._picture, span, index.column())}"
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(index.column())
            case _:
                return None

    def _spans(self) -> list[Span]:
        return self._picture.order if self._picture else []


class SpanTable(QTreeView):
    """The table of a run's spans.

    Signals:
        selected(object): Another Span is current.
        activated_span(int, str): Turn and call of a span that was clicked, or on which Enter was pressed.
    """

    selected = Signal(object)
    activated_span = Signal(int, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = SpanModel(self)
        self.setObjectName("timeline_table")
        self.setAccessibleName("Run timeline as a table")
        self.setModel(self._model)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        for column, steps in enumerate(_WIDTH_STEPS):
            self.setColumnWidth(column, theme.space(steps))
        self.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        self.clicked.connect(self._on_activated)
        self.activated.connect(self._on_activated)

    def show_picture(self, picture: TimelinePicture | None, selected: int) -> None:
        """Show a run with a span selected, by its number; -1 for none."""
        bar = self.verticalScrollBar()
        at_end, value = bar.value() >= bar.maximum(), bar.value()
        self.selectionModel().blockSignals(True)
        self._model.show_picture(picture)
        self.select(selected)
        self.selectionModel().blockSignals(False)
        bar.setValue(bar.maximum() if at_end and selected < 0 else value)

    def select(self, number: int) -> None:
        """Make a span the current one."""
        row = self._model.row_of(number)
        if row >= 0 and row != self.currentIndex().row():
            self.setCurrentIndex(self._model.index(row, 0))

    def _on_current_row_changed(self, index: QModelIndex) -> None:
        self.selected.emit(self._model.span_of(index.row()) if index.isValid() else None)

    def _on_activated(self, index: QModelIndex) -> None:
        span = self._model.span_of(index.row())
        self.activated_span.emit(span.turn_id, span.call_id)


def _cell(picture: TimelinePicture, span: Span, column: int) -> str:
    is_prompt = span.kind == "prompt"
    return (
        str(picture.step_of(span) or ""),
        title_of(span),
        seconds_words(span.start),
        seconds_words(end_of(span, picture.now) - span.start),
        f"{span.reused_tokens:,}" if is_prompt else "",
        f"{span.tokens:,}" if is_prompt else "",
        f"{span.tokens:,}" if span.kind == "generate" else "",
        "goes on" if span.end is None else outcome_words(span.outcome),
    )[column]


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
