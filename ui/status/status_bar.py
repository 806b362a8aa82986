"""The status bar: shows a StatusValues, tells what was clicked."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ui.status import values as words
from ui.status.download_indicator import DownloadIndicator
from ui.status.values import StatusValues
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import make_button, make_label, set_property

_BAR_STEPS = 14
_PROGRESS_STEPS = 30


class StatusBar(QFrame):
    """One line at the window's foot.

    Signals:
        engine_clicked(): The engine's state was clicked.
        context_clicked(): The use of the context was clicked.
        downloads_clicked(): The downloads were clicked.
    """

    engine_clicked = Signal()
    context_clicked = Signal()
    downloads_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_bar")
        self.setAccessibleName("Status")
        self.setProperty("role", "status")
        self._theme = theme
        self._values = StatusValues()
        self._engine = StateButton(theme)
        self._engine.setObjectName("status_engine")
        self._model = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._model.setObjectName("status_model")
        self._progress = QProgressBar()
        self._progress_words = make_label("")
        self._context = make_button("", on_click=self.context_clicked.emit, name="status_context")
        self._context_bar = QProgressBar()
        self._speed = make_label("")
        self._speed.setObjectName("status_speed")
        self.downloads = DownloadIndicator(theme)
        self._memory = make_label("")
        self._memory.setObjectName("status_memory")
        self._build()
        self._engine.clicked.connect(self.engine_clicked)
        self.downloads.clicked.connect(self.downloads_clicked)
        theme.changed.connect(self._draw)
        self._draw()

    def refresh(self, values: StatusValues) -> None:
        """Show other values."""
        if values != self._values:
            self._values = values
            self._draw()

    @property
    def values(self) -> StatusValues:
        """What is on show."""
        return self._values

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        for bar, name, steps in (
            (self._progress, "Prompt progress", _PROGRESS_STEPS),
            (self._context_bar, "Context in use", _BAR_STEPS),
        ):
            bar.setAccessibleName(name)
            bar.setProperty("role", "thin")
            bar.setTextVisible(False)
            bar.setRange(0, 1000)
            bar.setFixedWidth(theme.space(steps))
        self._progress.setObjectName("status_progress")
        self._context_bar.setObjectName("status_context_bar")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.space(2), 0, theme.space(3), 0)
        layout.setSpacing(theme.space(2))
        layout.addWidget(self._engine)
        layout.addWidget(self._model, 1)
        layout.addWidget(self._progress)
        layout.addWidget(self._progress_words)
        layout.addStretch(1)
        layout.addWidget(self.downloads)
        layout.addWidget(self._context_bar)
        layout.addWidget(self._context)
        layout.addSpacing(theme.space(1))
        layout.addWidget(self._speed)
        layout.addSpacing(theme.space(2))
        layout.addWidget(self._memory)
        self.setFixedHeight(theme.space(8))

    def _draw(self) -> None:
        values = self._values
        self._engine.show_state(words.engine_words(values), self._theme.color(words.engine_color(values)))
        self._engine.setToolTip(words.engine_hint(values))
        self._model.set_text(values.model)
        self._draw_progress(values)
        self._draw_context(values)
        _say(self._speed, words.speed_words(values), words.speed_hint(values), "Speed")
        _say(self._memory, words.memory_words(values), words.memory_hint(values), "Memory")

    def _draw_progress(self, values: StatusValues) -> None:
        share: float | None = None
        if values.engine == "loading":
            share = values.load_share
        elif values.prompt_done is not None and values.prompt_total:
            share = values.prompt_done / values.prompt_total
        self._progress.setVisible(share is not None)
        self._progress.setValue(round((share or 0.0) * 1000))
        self._progress_words.setText(words.prompt_words(values))
        self._progress_words.setVisible(bool(self._progress_words.text()))

    def _draw_context(self, values: StatusValues) -> None:
        text = words.context_words(values)
        self._context.setVisible(bool(text))
        self._context_bar.setVisible(bool(text))
        self._context.setText(text)
        self._context.setAccessibleName(f"Context: {text} tokens" if text else "Context")
        self._context_bar.setValue(round(words.context_share(values) * 1000))
        set_property(self._context_bar, "level", words.context_level(values))
        for widget in (self._context, self._context_bar):
            widget.setToolTip(words.context_hint(values))


class StateButton(QPushButton):
    """A dot in the state's colour, and the state in words."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._color = QColor()
        self.setAutoDefault(False)

    def show_state(self, text: str, color: QColor) -> None:
        """Show a state."""
        self._color = color
        self.setText("    " + text)
        self.setAccessibleName(f"Engine: {text}")
        self.update()

    def sizeHint(self) -> QSize:
        """Keep the width of the longest common state, so that what stands beside it does not jump."""
        hint = super().sizeHint()
        longest = QFontMetrics(self.font()).horizontalAdvance("    Loading 100 %")
        return QSize(max(hint.width(), longest + self._theme.space(5)), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dot over the button."""
        super().paintEvent(event)
        side = self._theme.space(2)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._color)
            painter.drawEllipse(QRectF(self._theme.space(2), (self.height() - side) / 2, side, side))


def _say(label: QLabel, text: str, hint: str, name: str) -> None:
    label.setText(text)
    label.setToolTip(hint)
    label.setAccessibleName(f"{name}: {text}" if text else name)
