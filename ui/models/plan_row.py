"""One control of a plan: a slider or a choice, its number, and whether Sawhorse or a person chose it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QIcon, QWheelEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QSizePolicy, QSlider, QWidget

from ui.theme import Theme
from ui.widgets.labels import make_button, make_label
from ui.widgets.number_field import IntField

_NUMBER_STEPS = 24
_ORIGIN_STEPS = 24


class CalmSlider(QSlider):
    """A slider that the wheel moves only while it has the focus, so that scrolling past is safe."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll what is around the slider unless it has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class CalmCombo(QComboBox):
    """A choice that the wheel changes only while it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll what is around the choice unless it has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class PlanRow(QObject):
    """What every row has: a label, room for an editor, and a button that gives the choice back to Sawhorse.

    It is no widget: its parts stand in the grid of their parent, so that the columns of all rows agree.

    Signals:
        chosen(object): A value was chosen by hand; None: it is to be automatic again.
    """

    chosen = Signal(object)

    def __init__(
        self, theme: Theme, name: str, label: str, flag: str, help_words: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._parts: tuple[QWidget, ...] = ()
        self._theme = theme
        self._name = label
        self.tip = f"{help_words}\nllama.cpp: {flag}"
        self.words = make_label(label)
        self.words.setToolTip(self.tip)
        self.origin = make_button("Automatic", "ghost", lambda: self.chosen.emit(None), f"{name}_origin")
        self.origin.setFixedWidth(round(theme.space(_ORIGIN_STEPS) * max(1.0, theme.text_scale)))

    def place(self, grid: QGridLayout, row: int, *editors: QWidget) -> None:
        """Put the parts into a row of a grid."""
        self._parts = (self.words, *editors, self.origin)
        grid.addWidget(self.words, row, 0)
        if len(editors) == 1:
            grid.addWidget(editors[0], row, 1, 1, 2)
        else:
            for column, editor in enumerate(editors, start=1):
                grid.addWidget(editor, row, column)
        grid.addWidget(self.origin, row, 3)
        self.words.setBuddy(editors[0])

    def set_shown(self, is_shown: bool) -> None:
        """Show or hide the row."""
        for part in self._parts:
            part.setVisible(is_shown)

    def show_origin(self, *, is_automatic: bool, is_fixed: bool = False) -> None:
        """Say who chose the value; ``is_fixed``: the settings of Sawhorse did, where nobody did here."""
        if is_automatic and is_fixed:
            self.origin.setText("Settings")
            self.origin.setIcon(QIcon())
            self.origin.setEnabled(False)
            self.origin.setToolTip("From the engine defaults in Settings")
            self.origin.setAccessibleName(f"{self._name}: from the settings")
            return
        self.origin.setText("Automatic" if is_automatic else "Yours")
        self.origin.setIcon(QIcon() if is_automatic else self._theme.icon("reset"))
        self.origin.setEnabled(not is_automatic)
        tip = "Chosen by Sawhorse for this machine" if is_automatic else "Chosen by you. Click for automatic."
        self.origin.setToolTip(tip)
        spoken = "automatic" if is_automatic else "chosen by you, make automatic"
        self.origin.setAccessibleName(f"{self._name}: {spoken}")


class SliderRow(PlanRow):
    """A slider over given stops, and a field for an exact number."""

    def __init__(
        self, theme: Theme, name: str, label: str, flag: str, help_words: str, parent: QObject | None = None
    ) -> None:
        super().__init__(theme, name, label, flag, help_words, parent)
        self._stops: tuple[int, ...] = (0, 1)
        self.slider = CalmSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(self._stops) - 1)
        self.slider.setObjectName(f"{name}_slider")
        self.slider.setAccessibleName(label)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setToolTip(self.tip)
        self.slider.setMinimumWidth(theme.space(20))
        self.field = IntField(theme)
        self.field.setObjectName(f"{name}_number")
        self.field.setAccessibleName(f"{label}, exact number")
        self.field.setGroupSeparatorShown(True)
        self.field.setFixedWidth(round(theme.space(_NUMBER_STEPS) * max(1.0, theme.text_scale)))
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        self.field.valueChanged.connect(self.chosen.emit)

    def put_into(self, grid: QGridLayout, row: int) -> None:
        """Take a row of a grid."""
        self.place(grid, row, self.slider, self.field)

    def show_value(
        self, value: int, stops: Sequence[int], *, least: int, most: int, is_automatic: bool, is_fixed: bool = False
    ) -> None:
        """Show a value; it may lie between the stops."""
        blockers = [QSignalBlocker(self.slider), QSignalBlocker(self.field)]
        self._stops = tuple(stops)
        self.field.setRange(min(least, value), max(most, value))
        if self.field.value() != value:
            self.field.setValue(value)
        self.slider.setRange(0, len(self._stops) - 1)
        self.slider.setPageStep(max(1, len(self._stops) // 8))
        if not self.slider.isSliderDown():
            nearest = min(range(len(self._stops)), key=lambda place: abs(self._stops[place] - value))
            self.slider.setValue(nearest)
        for blocker in blockers:
            blocker.unblock()
        self.show_origin(is_automatic=is_automatic, is_fixed=is_fixed)

    def _on_slider_value_changed(self, place: int) -> None:
        value = self._stops[place]
        with QSignalBlocker(self.field):
            self.field.setValue(value)
        self.chosen.emit(value)


class ChoiceRow(PlanRow):
    """One of several words."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        label: str,
        flag: str,
        help_words: str,
        choices: Sequence[tuple[str, str]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(theme, name, label, flag, help_words, parent)
        self.box = CalmCombo()
        self.box.setObjectName(f"{name}_choice")
        self.box.setAccessibleName(label)
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.setToolTip(self.tip)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(8)
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for value, words in choices:
            self.box.addItem(words, value)
        self.box.activated.connect(lambda _row: self.chosen.emit(self.box.currentData()))

    def put_into(self, grid: QGridLayout, row: int) -> None:
        """Take a row of a grid."""
        self.place(grid, row, self.box)

    def show_value(self, value: str, *, is_automatic: bool, is_fixed: bool = False) -> None:
        """Show a value."""
        place = self.box.findData(value)
        if place < 0:
            self.box.addItem(value, value)
            place = self.box.count() - 1
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(place)
        self.show_origin(is_automatic=is_automatic, is_fixed=is_fixed)
