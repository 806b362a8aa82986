"""Fields for the arguments of a call, one for each property of its tool's schema."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.tools.call_words import readable
from ui.widgets.labels import make_label, set_property

MAX_FIELD_LINES = 12


class SchemaForm(QScrollArea):
    """Fields for what the schema names and what the call has besides.

    Signals:
        changed(): A value is another.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fields: dict[str, _Field] = {}
        self.setObjectName("argument_fields")
        self.setWidgetResizable(True)

    def show_arguments(self, schema: dict[str, Any], arguments: dict[str, Any]) -> None:
        """Show fields with these values."""
        properties: dict[str, Any] = schema.get("properties", {})
        required = set(schema.get("required", ()))
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, self._theme.space(2), self._theme.space(2), self._theme.space(2))
        layout.setSpacing(self._theme.space(1))
        self._fields = {}
        for name in [*properties, *(key for key in arguments if key not in properties)]:
            field = _Field(self._theme, name, properties.get(name, {}), is_required=name in required)
            if name in arguments:
                field.set_value(arguments[name])
            field.changed.connect(self.changed)
            self._fields[name] = field
            layout.addWidget(field)
        if not self._fields:
            layout.addWidget(make_label("This tool takes no arguments.", "muted"))
        layout.addStretch(1)
        self.setWidget(column)

    def values(self) -> dict[str, Any]:
        """Return the arguments; optional ones left empty are left out."""
        return {name: field.value() for name, field in self._fields.items() if not field.is_left_out}

    def focus_first(self) -> None:
        """Put the cursor into the first field."""
        for field in self._fields.values():
            field.focus()
            return

    def show_problems(self, wrong: dict[str, str]) -> None:
        """Say below each field what is wrong with it."""
        for name, field in self._fields.items():
            field.show_problem(wrong.get(name, ""))


class _Field(QWidget):
    """One argument. Signals: changed()."""

    changed = Signal()

    def __init__(self, theme: Theme, name: str, schema: dict[str, Any], *, is_required: bool) -> None:
        super().__init__()
        self._theme = theme
        self._type = schema.get("type", "string")
        self._is_required = is_required
        self._was_given = self._was_edited = False
        self._editor = self._make_editor(name, schema)
        self._editor.setObjectName(f"argument_field_{name}")
        self._editor.setAccessibleName(f"Argument {name}")
        self._problem: QLabel = make_label("", "danger", wrap=True)
        self._problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, theme.space(2))
        layout.setSpacing(theme.space(0.5))
        layout.addWidget(make_label(name if is_required else f"{name}  (optional)", "strong"))
        description = str(schema.get("description", ""))
        if description:
            layout.addWidget(make_label(description, "small", wrap=True))
        layout.addWidget(self._editor)
        layout.addWidget(self._problem)

    def _make_editor(self, name: str, schema: dict[str, Any]) -> QWidget:
        if self._type == "boolean":
            check = QCheckBox(name)
            check.toggled.connect(self._on_edited)
            return check
        if "enum" in schema:
            box = QComboBox()
            box.addItem("", None)
            for value in schema["enum"]:
                box.addItem(str(value), value)
            box.currentIndexChanged.connect(self._on_edited)
            return box
        edit = QPlainTextEdit()
        edit.setProperty("role", "code")
        edit.setFont(self._theme.font("mono"))
        edit.setTabChangesFocus(True)
        edit.textChanged.connect(self._on_edited)
        edit.textChanged.connect(lambda: self._fit(edit))
        self._fit(edit)
        return edit

    def _fit(self, edit: QPlainTextEdit) -> None:
        lines = max(1, min(edit.document().blockCount(), MAX_FIELD_LINES))
        edit.setFixedHeight(lines * edit.fontMetrics().lineSpacing() + self._theme.space(5.5))
        policy = Qt.ScrollBarPolicy
        is_long = edit.document().blockCount() > MAX_FIELD_LINES
        edit.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if is_long else policy.ScrollBarAlwaysOff)

    def focus(self) -> None:
        """Put the cursor into it."""
        self._editor.setFocus()

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self._was_given = True
        match self._editor:
            case QCheckBox() as check:
                check.setChecked(value is True)
            case QComboBox() as box:
                place = box.findData(value)
                if place < 0:
                    box.addItem(str(value), value)
                    place = box.count() - 1
                box.setCurrentIndex(place)
            case QPlainTextEdit() as edit:
                edit.setPlainText(readable(value))

    @property
    def is_left_out(self) -> bool:
        """Whether the call is to have no such argument."""
        match self._editor:
            case QCheckBox() as check:
                return not (self._is_required or self._was_given or check.isChecked())
            case QComboBox() as box:
                return box.currentData() is None
            case QPlainTextEdit() as edit:
                # An empty text can be meant: one that was there, or that somebody emptied where one is needed.
                is_meant = self._was_given or (self._is_required and self._was_edited)
                return not edit.toPlainText() and not is_meant
        return False

    def value(self) -> Any:
        """Return what stands in the field, typed as the schema wants it where that can be told."""
        match self._editor:
            case QCheckBox() as check:
                return check.isChecked()
            case QComboBox() as box:
                return box.currentData()
            case QPlainTextEdit() as edit:
                text = edit.toPlainText()
                return text if self._type == "string" else _read(text)
        return None

    def show_problem(self, words: str) -> None:
        """Say what is wrong; empty: nothing."""
        self._problem.setText(words)
        self._problem.setVisible(bool(words))
        set_property(self._editor, "invalid", bool(words))

    def _on_edited(self) -> None:
        self._was_edited = True
        self.changed.emit()


def _read(text: str) -> Any:
    """Return a JSON value; what is none stays text, and the schema complains."""
    try:
        return json.loads(text)
    except ValueError:
        return text
