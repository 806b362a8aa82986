"""One editor per kind of sampling field: each shows a value and says when the user made it another."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.engine.sampling import DEFAULT_SAMPLERS, Spec, parse_bias, show_bias
from ui.theme import Theme
from ui.widgets.labels import make_label
from ui.widgets.number_field import FloatField, IntField
from ui.widgets.text_field import TextField
from ui.widgets.throttle import Throttle

SLIDER_STEPS = 1000
#: From this ratio of range to step on, a slider moves on a curve: the small values are the useful ones.
CURVED_FROM = 400
#: A number may be finer than its step; as many decimals are shown as it has.
DECIMALS = 6
TEXT_INTERVAL_MS = 400
SAMPLER_LABELS = {
    "penalties": "Penalties",
    "dry": "DRY",
    "top_n_sigma": "Top-n-sigma",
    "top_k": "Top K",
    "typ_p": "Typical P",
    "top_p": "Top P",
    "min_p": "Min P",
    "xtc": "XTC",
    "temperature": "Temperature",
    "adaptive_p": "Adaptive-p",
}


class Editor(QWidget):
    """Signals: edited(object) with the new value, when the user changed it."""

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def show_value(self, value: Any) -> None:
        """Show a value without saying that it was edited."""
        raise NotImplementedError

    def flush(self) -> None:
        """Say now what was edited last, if that waits for its interval."""


class NumberEditor(Editor):
    """A slider and an exact field."""

    def __init__(self, theme: Theme, spec: Spec) -> None:
        super().__init__()
        self._spec = spec
        self._is_whole = spec.kind == "int"
        self._curve = 3.0 if (spec.maximum - spec.minimum) / spec.step > CURVED_FROM else 1.0
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, SLIDER_STEPS)
        self._slider.setAccessibleName(f"{spec.label}, slider")
        self._slider.setObjectName(f"slider_{spec.name}")
        # A seed is an unsigned 32-bit number; QSpinBox holds a signed one.
        is_small = self._is_whole and spec.maximum < 2**31
        self._field: IntField | FloatField = IntField(theme) if is_small else FloatField(theme)
        self._field.setObjectName(f"field_{spec.name}")
        self._field.setAccessibleName(spec.label)
        if isinstance(self._field, IntField):
            self._field.setSingleStep(int(spec.step))
        else:
            self._field.setDecimals(0 if self._is_whole else DECIMALS)
            self._field.setSingleStep(spec.step)
        self._reach(spec.minimum)
        self._field.setFixedWidth(theme.space(24))
        self._layout.setSpacing(theme.space(2))
        self._layout.addWidget(self._slider, 1)
        self._layout.addWidget(self._field)
        self._slider.setVisible(spec.name != "seed")
        if spec.name == "seed":
            self._layout.addStretch(1)
        self._slider.valueChanged.connect(self._on_slider_value_changed)
        self._field.valueChanged.connect(self._on_field_value_changed)

    def show_value(self, value: Any) -> None:
        with QSignalBlocker(self._field):
            self._reach(value)
            self._set_field(float(value))
        self._move_slider(float(value))

    def _reach(self, value: float) -> None:
        """Take the field's usual range, widened to a value that a card, a preset or a file has beyond it."""
        low, high = min(self._spec.minimum, value), max(self._spec.maximum, value)
        if isinstance(self._field, IntField):
            self._field.setRange(max(-(2**31), int(low)), min(2**31 - 1, int(high)))
        else:
            self._field.setRange(low, high)

    def _move_slider(self, value: float) -> None:
        share = (value - self._spec.minimum) / (self._spec.maximum - self._spec.minimum)
        with QSignalBlocker(self._slider):
            self._slider.setValue(round(max(0.0, min(1.0, share)) ** (1 / self._curve) * SLIDER_STEPS))

    def _on_slider_value_changed(self, position: int) -> None:
        share = (position / SLIDER_STEPS) ** self._curve
        raw = self._spec.minimum + share * (self._spec.maximum - self._spec.minimum)
        value = round(raw / self._spec.step) * self._spec.step
        self._set_field(value)

    def _set_field(self, value: float) -> None:
        if isinstance(self._field, IntField):
            self._field.setValue(max(self._field.minimum(), min(self._field.maximum(), round(value))))
        else:
            self._field.setValue(value)

    def _on_field_value_changed(self, value: float) -> None:
        self._move_slider(value)
        self.edited.emit(int(value) if self._is_whole else round(value, DECIMALS))


class ChoiceEditor(Editor):
    """One of several."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self._box = QComboBox()
        self._box.setObjectName(f"field_{spec.name}")
        self._box.setAccessibleName(spec.label)
        for value, label in spec.choices:
            self._box.addItem(label, value)
        self._box.currentIndexChanged.connect(lambda _index: self.edited.emit(self._box.currentData()))
        self._layout.addWidget(self._box, 1)

    def show_value(self, value: Any) -> None:
        with QSignalBlocker(self._box):
            self._box.setCurrentIndex(self._box.findData(value))


class SwitchEditor(Editor):
    """On or off."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self._box = QCheckBox("On")
        self._box.setObjectName(f"field_{spec.name}")
        self._box.setAccessibleName(spec.label)
        self._box.toggled.connect(lambda on: self.edited.emit(on))  # noqa: PLW0108 - another signature
        self._layout.addWidget(self._box)
        self._layout.addStretch(1)

    def show_value(self, value: Any) -> None:
        with QSignalBlocker(self._box):
            self._box.setChecked(bool(value))


class TextEditor(Editor):
    """Several lines: free text, texts one per line, or token biases; says below what is not understood."""

    def __init__(self, theme: Theme, spec: Spec) -> None:
        super().__init__()
        self._kind = spec.kind
        self._name = spec.name
        self._edit = TextField()
        self._edit.setObjectName(f"field_{spec.name}")
        self._edit.setAccessibleName(spec.label)
        self._edit.setTabChangesFocus(True)
        self._edit.setFont(theme.font("mono.small"))
        self._edit.setFixedHeight(theme.space(24 if spec.kind == "text" else 15))
        self._edit.setPlaceholderText(_PLACEHOLDERS.get(spec.name, ""))
        self._problem = make_label("", "danger", wrap=True)
        self._problem.hide()
        column = QVBoxLayout()
        column.setSpacing(theme.space(1))
        column.addWidget(self._edit)
        column.addWidget(self._problem)
        self._layout.addLayout(column, 1)
        self._throttle = Throttle[str](TEXT_INTERVAL_MS, self._take, self)
        self._edit.textChanged.connect(lambda: self._throttle.call(self._edit.toPlainText()))
        self._edit.focus_lost.connect(self.flush)

    def show_value(self, value: Any) -> None:
        if not self._means(value):  # what means the same stays as it was typed
            with QSignalBlocker(self._edit):
                self._edit.setPlainText(value if self._kind == "text" else lines_of(self._kind, value))
            self._throttle.drop()
            self._say("")

    def flush(self) -> None:
        self._throttle.flush()

    def _means(self, value: Any) -> bool:
        try:
            return bool(self._read(self._edit.toPlainText()) == value)
        except ValueError:
            return False

    def _read(self, text: str) -> Any:
        if self._name == "json_schema" and text.strip():
            check_schema(text)
        return text if self._kind == "text" else parse_lines(self._kind, text)

    def _take(self, text: str) -> None:
        try:
            value = self._read(text)
        except ValueError as error:
            self._say(str(error))
            return
        self._say("")
        self.edited.emit(value)

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))


_PLACEHOLDERS = {
    "stop": "One per line; \\n for a line break",
    "dry_sequence_breakers": "One per line; \\n for a line break",
    "logit_bias": "token id or text = bias, one per line",
    "grammar": 'root ::= "yes" | "no"',
    "json_schema": '{"type": "object"}',
}


def check_schema(text: str) -> None:
    """Look whether a text can be a JSON schema.

    Raises:
        ValueError: It cannot; says why.
    """
    try:
        is_object = isinstance(json.loads(text), dict)
    except json.JSONDecodeError as error:
        raise ValueError(f"Not JSON: {error.msg}, line {error.lineno}, column {error.colno}") from error
    if not is_object:
        raise ValueError('A schema is a JSON object, such as {"type": "object"}')


def lines_of(kind: str, value: Any) -> str:
    """Return texts or biases as lines. Pure."""
    if kind == "bias":
        return "\n".join(f"{_escaped(str(token))} = {show_bias(bias)}" for token, bias in value)
    return "\n".join(_escaped(text) for text in value)


def parse_lines(kind: str, text: str) -> Any:
    """Return the value of lines; the inverse of ``lines_of``. Pure.

    Raises:
        ValueError: A bias line is not understood.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if kind != "bias":
        return tuple(_unescaped(line) for line in lines)
    biases: list[tuple[int | str, float]] = []
    for line in lines:
        token, sign, number = line.rpartition("=")
        try:
            bias = parse_bias(number)
        except ValueError:
            sign = ""
            bias = 0.0
        token = token.removesuffix(" ")  # the others are the token's own: " the" is not "the"
        if not sign or not token:
            raise ValueError(f"Not understood: {line.strip()}")
        is_id = token.strip().isascii() and token.strip().isdecimal()
        biases.append((int(token) if is_id else _unescaped(token), bias))
    return tuple(biases)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _unescaped(text: str) -> str:
    swaps = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    out, characters = "", iter(text)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            out += swaps.get(following, f"\\{following}")
        else:
            out += character
    return out


class _OrderList(QListWidget):
    """Signals: moved() after a row was dragged or moved by Alt+Up and Alt+Down."""

    moved = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        target = self.currentRow() + step
        if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            if 0 <= target < self.count():
                item = self.takeItem(self.currentRow())
                self.insertItem(target, item)
                self.setCurrentRow(target)
                self.moved.emit()
        else:
            super().keyPressEvent(event)


class OrderEditor(Editor):
    """The samplers in order; a check mark says which are used."""

    def __init__(self, theme: Theme, spec: Spec) -> None:
        super().__init__()
        self._list = _OrderList()
        self._list.setObjectName(f"field_{spec.name}")
        self._list.setAccessibleName(f"{spec.label}; Alt+Up and Alt+Down move a sampler")
        self._list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self._list.setFixedHeight(theme.space(7) * len(SAMPLER_LABELS) + theme.space(3))
        self._list.model().rowsMoved.connect(self._on_list_changed)
        self._list.moved.connect(self._on_list_changed)
        self._list.itemChanged.connect(self._on_list_changed)
        self._layout.addWidget(self._list, 1)
        self._order: tuple[str, ...] = DEFAULT_SAMPLERS

    def show_value(self, value: Any) -> None:
        if tuple(value) == self._order and self._list.count():
            return
        self._order = tuple(value)
        with QSignalBlocker(self._list):
            self._list.clear()
            for name in (*value, *(name for name in SAMPLER_LABELS if name not in value)):
                item = QListWidgetItem(SAMPLER_LABELS[name])
                item.setData(Qt.ItemDataRole.UserRole, name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Checked if name in value else Qt.CheckState.Unchecked)
                self._list.addItem(item)

    def _on_list_changed(self) -> None:
        items = [self._list.item(row) for row in range(self._list.count())]
        order = tuple(
            item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked
        )
        if order != self._order:
            self._order = order
            self.edited.emit(order)


def make_editor(theme: Theme, spec: Spec) -> Editor:
    """Return the editor for a field."""
    match spec.kind:
        case "float" | "int":
            return NumberEditor(theme, spec)
        case "choice":
            return ChoiceEditor(spec)
        case "bool":
            return SwitchEditor(spec)
        case "order":
            return OrderEditor(theme, spec)
        case _:
            return TextEditor(theme, spec)
