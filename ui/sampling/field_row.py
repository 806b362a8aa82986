"""One sampling field in the panel: its name, where its value comes from, its editor, a way back."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.engine.sampling import Origin, Spec
from ui.sampling.editors import make_editor
from ui.theme import Theme
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_label

_ORIGIN_TIPS: dict[Origin, str] = {
    "engine": "The engine's default",
    "card": "Recommended by the model's card or file",
    "you": "Set by you",
}


class FieldRow(QWidget):
    """Signals: edited(str, object) and reset(str) with the field's name."""

    edited = Signal(str, object)
    reset = Signal(str)

    def __init__(self, theme: Theme, spec: Spec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.is_yours = False
        self._shown: tuple[Any, Origin, Any] | None = None
        self._name = make_label(spec.label)
        self._off = make_label(spec.off_text, "faint")
        self._origin = make_label("", "badge")
        self._origin.setObjectName(f"origin_{spec.name}")
        self._reset = IconButton(theme, "reset", f"Reset {spec.label}", size=22)
        self._reset.setObjectName(f"reset_{spec.name}")
        self._reset.clicked.connect(lambda: self.reset.emit(spec.name))
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        self._editor = make_editor(theme, spec)
        self._editor.edited.connect(self._on_editor_edited)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(theme.space(1.5))
        head.addWidget(self._name)
        head.addWidget(self._off)
        head.addStretch(1)
        head.addWidget(self._origin)
        head.addWidget(self._reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, theme.space(1))
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._editor)

    def show_value(self, value: Any, origin: Origin, inherited: Any) -> None:
        """Show a value, who set it, and what a reset would bring back."""
        if (value, origin, inherited) == self._shown:
            return
        self._shown = (value, origin, inherited)
        self.is_yours = origin == "you"
        self._editor.show_value(value)
        self._off.setVisible(self.spec.off is not None and value == self.spec.off)
        self._origin.setText(origin)
        self._origin.setToolTip(_ORIGIN_TIPS[origin])
        level = {"you": "accent", "card": "success", "engine": ""}[origin]
        if self._origin.property("level") != level:
            self._origin.setProperty("level", level)
            self._origin.style().polish(self._origin)
        self._reset.setVisible(origin == "you")
        without = "" if origin != "you" else f"\nReset brings back {_short(inherited)}."
        tip = f"{self.spec.help}\n\nllama.cpp: {self.spec.flag}, default {_short(self.spec.default)}{without}"
        self._name.setToolTip(tip)
        self._editor.setToolTip(tip)

    def flush(self) -> None:
        """Say now what was edited last."""
        self._editor.flush()

    def _on_editor_edited(self, value: Any) -> None:
        self._shown = None  # whatever comes of it, the editor shows something else now
        self.edited.emit(self.spec.name, value)


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return repr(text) if text != text.strip() else text or "empty"
