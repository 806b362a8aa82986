"""The controls of a replay: play, step, speed, position, close."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QSlider, QWidget

from app.agent.timeline_words import clock_words
from ui.theme import Theme
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_button, make_label

#: Speed by its words; 0 is at once.
SPEEDS = {"Original speed": 1.0, "2 times": 2.0, "10 times": 10.0, "Instant": 0.0}
#: The slider counts in these.
_TICKS_PER_S = 100


class ReplayBar(QFrame):
    """Shows where a replay is and says what is wanted.

    Signals:
        play_toggled(bool): Play, or pause.
        step_requested(): Go on to where the next thing begins.
        speed_chosen(float): How many times as fast; 0 for at once.
        position_chosen(float): Go to these seconds.
        close_requested(): Enough.
    """

    play_toggled = Signal(bool)
    step_requested = Signal()
    speed_chosen = Signal(float)
    position_chosen = Signal(float)
    close_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_playing = False
        self._is_over = False
        self.setProperty("role", "status")
        self._play = IconButton(theme, "play", "Play", color="text")
        self._play.setObjectName("replay_play")
        self._step = IconButton(theme, "step-forward", "Go on to the next thing that begins")
        self._step.setObjectName("replay_step")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("replay_position")
        self._slider.setAccessibleName("Position in the replay")
        self._slider.setPageStep(10 * _TICKS_PER_S)
        self._slider.setSingleStep(_TICKS_PER_S)
        self._words = make_label("", "small")
        self._speed = QComboBox()
        self._speed.setObjectName("replay_speed")
        self._speed.setAccessibleName("Speed")
        for words, speed in SPEEDS.items():
            self._speed.addItem(words, speed)
        close = make_button("Close", "", self.close_requested.emit, "replay_close")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.space(3), theme.space(1.5), theme.space(3), theme.space(1.5))
        layout.setSpacing(theme.space(2))
        for widget in (self._play, self._step):
            layout.addWidget(widget)
        layout.addWidget(self._slider, 1)
        for other in (self._words, self._speed, close):
            layout.addWidget(other)
        self._play.clicked.connect(lambda: self.play_toggled.emit(not self._is_playing))
        self._step.clicked.connect(self.step_requested)
        self._speed.activated.connect(lambda _row: self.speed_chosen.emit(self._speed.currentData()))
        self._slider.valueChanged.connect(lambda value: self.position_chosen.emit(value / _TICKS_PER_S))

    def show_state(self, *, is_playing: bool, is_over: bool, position: float, length: float) -> None:
        """Show how the replay stands; times in seconds."""
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, max(1, round(length * _TICKS_PER_S)))
            self._slider.setValue(round(position * _TICKS_PER_S))
        self._words.setText(f"{clock_words(position)} of {clock_words(length)}")
        self._step.setEnabled(not is_over)
        if (is_playing, is_over) != (self._is_playing, self._is_over):
            self._is_playing, self._is_over = is_playing, is_over
            icon, words = ("pause", "Pause") if is_playing else ("reset", "Play again") if is_over else ("play", "Play")
            self._play.set_icon(icon)
            self._play.set_tooltip(words)
