"""Where the arguments of a call are edited before it runs, or a malformed call is mended."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.agent.live import LiveCall
from app.tools.tool import ToolSpec
from ui.theme import Theme
from ui.tools.call_forms import DeliberateButton
from ui.tools.call_words import pretty
from ui.tools.schema_check import check_arguments
from ui.tools.schema_form import SchemaForm
from ui.widgets.labels import make_button, make_label, set_property

_FIELDS, _JSON = 0, 1


class ArgumentsDialog(QDialog):
    """Return does not run anything: the button has to be clicked.

    Signals:
        submitted(str, str, object): "approve" with the arguments, or "fix" with name and arguments of a malformed
            call; the call; the payload as of ``TranscriptView.call_action_requested``.
    """

    submitted = Signal(str, str, object)

    def __init__(
        self, theme: Theme, live: LiveCall, specs: tuple[ToolSpec, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._live = live
        self._mends = live.state == "invalid"
        self._specs = {spec.name: spec for spec in (*specs, *([live.spec] if live.spec else []))}
        self._wrong: dict[str, str] = {}
        self.setObjectName("arguments_dialog")
        self.setWindowTitle("Fix the call" if self._mends else "Edit the call")
        self.setModal(True)
        self.finished.connect(self.deleteLater)
        self.resize(theme.space(160), theme.space(140))
        self._name = self._make_name()
        self._form = SchemaForm(theme)
        self._json = QPlainTextEdit()
        self._build()
        self._show_arguments(live.part.arguments)
        self._form.changed.connect(self._check)
        self._json.textChanged.connect(self._check)
        self._tabs.currentChanged.connect(self._on_tab_changed)
        self._check()
        self._form.focus_first()

    def _make_name(self) -> QComboBox | QLineEdit:
        name = self._live.part.name
        field: QComboBox | QLineEdit
        if self._mends and self._specs:
            field = QComboBox()
            field.addItems(list(self._specs))
            if name not in self._specs:
                field.insertItem(0, name or "\u2014", "")
            field.setCurrentIndex(max(0, field.findText(name)))
            field.currentIndexChanged.connect(self._on_name_changed)
        else:
            field = QLineEdit(name)
            field.setReadOnly(not self._mends)
            field.textChanged.connect(self._check)
        field.setObjectName("call_name_field")
        field.setAccessibleName("Tool")
        return field

    def _build(self) -> None:
        theme = self._theme
        self._json.setObjectName("arguments_json")
        self._json.setAccessibleName("Arguments as JSON")
        self._json.setProperty("role", "code")
        self._json.setFont(theme.font("mono"))
        self._tabs = QTabWidget()
        self._tabs.setObjectName("arguments_tabs")
        self._tabs.setAccessibleName("Ways to edit")
        self._tabs.addTab(self._form, "Fields")
        self._tabs.addTab(self._json, "JSON")
        self._problem = make_label("", "danger", wrap=True)
        self._run = DeliberateButton("Run")
        self._run.setObjectName("run_edited_button")
        self._run.setAccessibleName("Run with these arguments")
        self._run.setAutoDefault(False)
        self._run.setProperty("role", "primary")
        self._run.clicked.connect(self._on_run_clicked)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(2))
        buttons.addStretch(1)
        buttons.addWidget(make_button("Cancel", "", self.reject, "cancel_edit_button"))
        buttons.addWidget(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space(5), theme.space(4), theme.space(5), theme.space(4))
        layout.setSpacing(theme.space(2))
        layout.addWidget(self._name)
        layout.addWidget(self._tabs, 1)
        layout.addWidget(self._problem)
        layout.addLayout(buttons)

    # --- what is edited ---------------------------------------------------------------------------------

    @property
    def _call_name(self) -> str:
        return self._name.currentText() if isinstance(self._name, QComboBox) else self._name.text().strip()

    @property
    def _schema(self) -> dict[str, Any] | None:
        spec = self._specs.get(self._call_name)
        return spec.parameters if spec else None

    def _show_arguments(self, arguments: dict[str, Any]) -> None:
        self._form.show_arguments(self._schema or {}, arguments)
        self._json.setPlainText(pretty(arguments))

    def _arguments(self) -> dict[str, Any] | str:
        """Return the arguments, or what keeps the text from being any."""
        return self._form.values() if self._tabs.currentIndex() == _FIELDS else self._read_json()

    def _read_json(self) -> dict[str, Any] | str:
        try:
            value = json.loads(self._json.toPlainText() or "{}")
        except ValueError as error:
            return f"This is not JSON: {error}."
        return value if isinstance(value, dict) else "The arguments have to be a JSON object, in braces."

    def _check(self) -> None:
        arguments = self._arguments()
        if isinstance(arguments, str):
            self._wrong = {"": arguments}
        elif self._schema is None and self._specs:
            self._wrong = {"": "There is no tool of that name: choose one."}
        else:
            self._wrong = check_arguments(arguments, self._schema or {})
        self._form.show_problems(self._wrong)
        is_fields = self._tabs.currentIndex() == _FIELDS
        shown = {key: words for key, words in self._wrong.items() if not key or not is_fields}
        self._problem.setText("\n".join(f"{key}: {words}" if key else words for key, words in shown.items()))
        self._problem.setVisible(bool(shown))
        set_property(self._json, "invalid", bool(self._wrong))
        self._run.setEnabled(not self._wrong and bool(self._call_name))

    def _on_name_changed(self) -> None:
        arguments = self._arguments()
        if isinstance(arguments, dict):
            self._show_arguments(arguments)
        self._check()

    def _on_tab_changed(self, index: int) -> None:
        """Take over what was edited in the other tab; what is no JSON stays there."""
        if index == _JSON:
            self._json.setPlainText(pretty(self._form.values()))
        else:
            arguments = self._read_json()
            if isinstance(arguments, str):
                with QSignalBlocker(self._tabs):
                    self._tabs.setCurrentIndex(_JSON)
            else:
                self._form.show_arguments(self._schema or {}, arguments)
        self._check()

    def _on_run_clicked(self) -> None:
        arguments = self._arguments()
        if isinstance(arguments, str):
            return
        call_id = self._live.part.call_id
        if self._mends:
            self.submitted.emit("fix", call_id, {"name": self._call_name, "arguments": arguments})
        else:
            self.submitted.emit("approve", call_id, {"arguments": arguments, "remember": False})
        self.accept()
