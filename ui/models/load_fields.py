"""One editor per kind of load setting: each shows a value of ``LoadSettings`` and gives it back."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QSlider, QWidget

from ui.models.load_specs import LoadSpec
from ui.theme import Theme
from ui.widgets.number_field import FloatField, IntField

GIB = 1024**3
#: The context slider's stops, in tokens; beyond them the exact field goes on.
CONTEXT_STOPS = tuple(2**power for power in range(9, 21))


class LoadField:
    """An editor: ``widget`` to be placed, ``value`` to be read, ``show`` to be set."""

    def __init__(self, widget: QWidget) -> None:
        self.widget = widget

    def show(self, value: Any) -> None:
        """Show a value."""
        raise NotImplementedError

    def value(self) -> Any:
        """Return what is shown."""
        raise NotImplementedError


class TextLoadField(LoadField):
    """An editor of text, which may be wrong."""

    def problem(self) -> str:
        """Return what is not understood; empty if nothing is."""
        raise NotImplementedError

    def watch(self, look: Callable[[], object]) -> None:
        """Have ``look`` called whenever the text is another."""
        raise NotImplementedError


class NumberField(LoadField):
    """Whole numbers and decimals; None where the smallest value stands for it; bytes as GiB.

    A value that the field can only show rounded comes back exact unless the field was changed.
    """

    def __init__(self, theme: Theme, spec: LoadSpec) -> None:
        self._spec = spec
        is_decimal = spec.kind in {"float", "bytes"}
        self._field: IntField | FloatField = FloatField(theme) if is_decimal else IntField(theme)
        self._given: tuple[float, Any] | None = None  # what the field showed for a value, and the value
        if isinstance(self._field, FloatField):
            self._field.setDecimals(2 if spec.kind == "bytes" else 6 if spec.maximum <= 1024 else 0)
            self._field.setRange(spec.minimum, spec.maximum)
            self._field.setSingleStep(0.25 if spec.kind == "bytes" else spec.step)
        else:
            self._field.setRange(int(spec.minimum), int(spec.maximum))
            self._field.setSingleStep(int(spec.step))
            self._field.setGroupSeparatorShown(True)
        if spec.kind == "bytes":
            self._field.setSuffix(" GiB")
        self._field.setSpecialValueText(spec.special)
        super().__init__(self._field)

    @property
    def spin(self) -> IntField | FloatField:
        """The spin box."""
        return self._field

    def show(self, value: Any) -> None:
        number = self._spec.minimum if value is None else value / GIB if self._spec.kind == "bytes" else value
        low = self._spec.minimum if self._spec.special else min(self._spec.minimum, number)
        high = max(self._spec.maximum, number)
        if isinstance(self._field, FloatField):
            self._field.setRange(low, high)
            self._field.setValue(float(number))
        else:
            self._field.setRange(int(low), int(high))
            self._field.setValue(int(number))
        self._given = (self._field.value(), value)

    def value(self) -> Any:
        self._field.interpretText()  # a click on a button need not take the cursor out of the field
        number = self._field.value()
        if self._given is not None and self._given[0] == number:
            return self._given[1]
        if self._spec.kind == "bytes":
            return round(number * GIB)
        return None if self._spec.kind == "optional_int" and number == self._spec.minimum else number


class ContextField(LoadField):
    """The context: a slider that snaps to powers of two, and an exact field."""

    def __init__(self, theme: Theme, spec: LoadSpec) -> None:
        self._number = NumberField(theme, spec)
        self._number.spin.setObjectName("context_field")
        self._number.spin.setAccessibleName(spec.label)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("load_context_slider")
        self._slider.setAccessibleName(spec.label)
        self._slider.setRange(0, len(CONTEXT_STOPS) - 1)
        self._slider.valueChanged.connect(lambda stop: self._number.show(CONTEXT_STOPS[stop]))
        self._number.spin.valueChanged.connect(self._follow)
        widget = QWidget()
        layout = QHBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(2))
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._number.widget)
        super().__init__(widget)

    def set_maximum(self, tokens: int) -> None:
        """Let the slider end at what the model was trained for."""
        stops = [stop for stop in CONTEXT_STOPS if stop <= tokens] or [CONTEXT_STOPS[0]]
        with QSignalBlocker(self._slider):
            self._slider.setMaximum(len(stops) - 1)
        self._follow()

    def show(self, value: Any) -> None:
        self._number.show(value)
        self._follow()

    def value(self) -> Any:
        return self._number.value()

    def _follow(self) -> None:
        tokens = self._number.value()
        near = min(range(len(CONTEXT_STOPS)), key=lambda index: abs(CONTEXT_STOPS[index] - tokens))
        with QSignalBlocker(self._slider):
            self._slider.setValue(near)


class ChoiceField(LoadField):
    """One of several words; for an optional switch auto, on and off."""

    def __init__(self, spec: LoadSpec) -> None:
        self._is_switch = spec.kind == "optional_bool"
        self._box = QComboBox()
        self._box.addItems(["auto", "on", "off"] if self._is_switch else list(spec.choices))
        super().__init__(self._box)

    def show(self, value: Any) -> None:
        words = {None: "auto", True: "on", False: "off"}[value] if self._is_switch else value
        self._box.setCurrentText(words)

    def value(self) -> Any:
        words = self._box.currentText()
        return {"auto": None, "on": True, "off": False}[words] if self._is_switch else words


class SwitchField(LoadField):
    """On or off."""

    def __init__(self) -> None:
        self._box = QCheckBox()
        super().__init__(self._box)

    def show(self, value: Any) -> None:
        self._box.setChecked(bool(value))

    def value(self) -> Any:
        return self._box.isChecked()


class ListField(TextLoadField):
    """Names or proportions, parted by commas."""

    def __init__(self, spec: LoadSpec) -> None:
        self._spec = spec
        self._line = QLineEdit()
        super().__init__(self._line)

    def show(self, value: Any) -> None:
        if self._spec.kind == "names":
            self._line.setText("" if value is None else ", ".join(value) or "none")
        else:
            self._line.setText(", ".join(str(share).removesuffix(".0") for share in value))

    def value(self) -> Any:
        words = self._words()
        if self._spec.kind == "names":
            return None if not words else () if words == ["none"] else tuple(words)
        return tuple(float(word) for word in words if _is_share(word))

    def problem(self) -> str:
        wrong = [word for word in self._words() if self._spec.kind == "shares" and not _is_share(word)]
        return f"Not a share: {', '.join(wrong)}" if wrong else ""

    def watch(self, look: Callable[[], object]) -> None:
        self._line.textChanged.connect(lambda _text: look())

    def _words(self) -> list[str]:
        return [word.strip() for word in self._line.text().split(",") if word.strip()]


class OverridesField(TextLoadField):
    """Pattern = buffer type, one per line."""

    def __init__(self, theme: Theme) -> None:
        self._edit = QPlainTextEdit()
        self._edit.setTabChangesFocus(True)
        self._edit.setFixedHeight(theme.space(16))
        super().__init__(self._edit)

    def show(self, value: Any) -> None:
        self._edit.setPlainText("\n".join(f"{pattern}={buffer}" for pattern, buffer in value))

    def value(self) -> Any:
        return tuple((pattern, buffer) for pattern, buffer in self._pairs() if pattern and buffer)

    def problem(self) -> str:
        for pattern, buffer in self._pairs():
            if not pattern or not buffer:
                return f"Not understood: {pattern or '='}{buffer}. Write pattern=buffer type."
            try:
                re.compile(pattern)  # llama.cpp's expressions are ECMAScript's, in which the same mistakes are mistakes
            except re.error as error:
                return f"Not a regular expression: {pattern} ({error})"
        return ""

    def watch(self, look: Callable[[], object]) -> None:
        self._edit.textChanged.connect(look)

    def _pairs(self) -> list[tuple[str, str]]:
        """Return pattern and buffer type of each line; either is empty where the line lacks it."""
        lines = [line for line in self._edit.toPlainText().splitlines() if line.strip()]
        pairs = [line.rpartition("=") if "=" in line else (line, "", "") for line in lines]
        return [(pattern.strip(), buffer.strip()) for pattern, _sign, buffer in pairs]


def make_field(theme: Theme, spec: LoadSpec) -> LoadField:
    """Return the editor for a field."""
    match spec.kind:
        case "context":
            return ContextField(theme, spec)
        case "choice" | "optional_bool":
            return ChoiceField(spec)
        case "bool":
            return SwitchField()
        case "names" | "shares":
            return ListField(spec)
        case "overrides":
            return OverridesField(theme)
        case _:
            return NumberField(theme, spec)


def _is_share(word: str) -> bool:
    try:
        return 0 <= float(word) < math.inf
    except ValueError:
        return False
