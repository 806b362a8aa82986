"""The sampling panel: system prompt, presets, and a row for every field the engine has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.engine.sampling import SPECS, resolve
from ui.sampling.field_row import FieldRow
from ui.theme import Theme
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_label
from ui.widgets.text_field import TextField
from ui.widgets.throttle import Throttle

PROMPT_INTERVAL_MS = 500
OVERFLOWS = (
    ("stop", "Stop and explain"),
    ("drop_oldest", "Leave out the oldest turns"),
    ("summarise", "Summarise the oldest turns"),
)


class SamplingPanel(QScrollArea):
    """Made from ``SPECS``: a new field of the engine appears here by itself.

    Signals:
        value_changed(str, object): The user set a field.
        value_reset(str): The user gave a field back to the card or the engine.
        preset_chosen(str), preset_saved(str), preset_deleted(str): By name.
        system_prompt_changed(str): At most twice a second.
        overflow_changed(str): What to do when a prompt does not fit.
        show_all_changed(bool): Whether the advanced fields are shown.
    """

    value_changed = Signal(str, object)
    value_reset = Signal(str)
    preset_chosen = Signal(str)
    preset_saved = Signal(str)
    preset_deleted = Signal(str)
    system_prompt_changed = Signal(str)
    overflow_changed = Signal(str)
    show_all_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("sampling_panel")
        self.setAccessibleName("Sampling")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows: dict[str, FieldRow] = {}
        self._headings: dict[str, QWidget] = {}
        self._prompt = TextField()
        self._known_prompt = ""  # what was shown or told last; what is typed beyond it has still to be told
        self._prompt_throttle = Throttle[str](PROMPT_INTERVAL_MS, self._tell_prompt, self)
        self._overflow = QComboBox()
        self._preset = QComboBox()
        self._save = IconButton(theme, "save", "Save as preset")
        self._delete = IconButton(theme, "delete", "Delete preset")
        self._all = QCheckBox("Show all samplers")
        self._search = QLineEdit()
        self._build()
        self._connect()
        self.show_sampling({}, {})

    def _build(self) -> None:
        space = self._theme.space
        page = QWidget()
        page.setProperty("role", "plain")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(space(4), space(2), space(4), space(4))
        layout.setSpacing(space(2))
        layout.addWidget(make_label("System prompt", "section"))
        self._prompt.setObjectName("system_prompt")
        self._prompt.setAccessibleName("System prompt")
        self._prompt.setPlaceholderText("How the model should behave. Changing it makes the model read anew.")
        self._prompt.setTabChangesFocus(True)
        self._prompt.setFixedHeight(space(20))
        layout.addWidget(self._prompt)
        layout.addWidget(make_label("When the context is full", "section"))
        self._overflow.setObjectName("overflow_policy")
        self._overflow.setAccessibleName("When the context is full")
        for value, words in OVERFLOWS:
            self._overflow.addItem(words, value)
        layout.addWidget(self._overflow)
        layout.addWidget(make_label("Preset", "section"))
        self._preset.setObjectName("sampling_preset")
        self._preset.setAccessibleName("Preset")
        self._save.setObjectName("save_preset_button")
        self._delete.setObjectName("delete_preset_button")
        presets = QHBoxLayout()
        presets.setSpacing(space(1))
        presets.addWidget(self._preset, 1)
        presets.addWidget(self._save)
        presets.addWidget(self._delete)
        layout.addLayout(presets)
        self._search.setObjectName("sampling_search")
        self._search.setAccessibleName("Find a sampling field")
        self._search.setPlaceholderText("Find a field")
        self._search.setClearButtonEnabled(True)
        self._all.setObjectName("show_all_samplers")
        self._all.setAccessibleName(self._all.text())
        layout.addWidget(self._search)
        for spec in SPECS:
            if spec.group not in self._headings:
                self._headings[spec.group] = make_label(spec.group, "section")
        for group, heading in self._headings.items():
            layout.addWidget(heading)
            for spec in (spec for spec in SPECS if spec.group == group):
                row = FieldRow(self._theme, spec)
                row.edited.connect(self.value_changed)
                row.reset.connect(self.value_reset)
                self._rows[spec.name] = row
                layout.addWidget(row)
        layout.addWidget(self._all)
        layout.addStretch(1)
        self.setWidget(page)

    def _connect(self) -> None:
        self._prompt.textChanged.connect(lambda: self._prompt_throttle.call(self._prompt.toPlainText()))
        self._prompt.focus_lost.connect(self._prompt_throttle.flush)
        self._overflow.activated.connect(lambda _row: self.overflow_changed.emit(self._overflow.currentData()))
        self._preset.activated.connect(lambda _row: self.preset_chosen.emit(self._preset.currentData()))
        self._save.clicked.connect(self._on_save_clicked)
        self._delete.clicked.connect(lambda: self.preset_deleted.emit(self._preset.currentData()))
        self._all.toggled.connect(self._refresh_rows)
        self._all.toggled.connect(self.show_all_changed)
        self._search.textChanged.connect(self._refresh_rows)

    # --- values -----------------------------------------------------------------------------------------

    def show_sampling(self, card: Mapping[str, Any], user: Mapping[str, Any]) -> None:
        """Show what is in force: the user's values over the card's over the engine's."""
        sampling, origins = resolve(card, user)
        inherited, _origins = resolve(card, {})
        for name, row in self._rows.items():
            row.show_value(getattr(sampling, name), origins[name], getattr(inherited, name))
        self._refresh_rows()

    def show_presets(self, names: Sequence[str], current: str, *, can_delete: bool) -> None:
        """Offer presets; ``current`` is empty when the values are no preset's."""
        with QSignalBlocker(self._preset):
            self._preset.clear()
            if not current:
                self._preset.addItem("Your own values", "")
            for name in names:
                self._preset.addItem(name, name)
            self._preset.setCurrentIndex(max(0, self._preset.findData(current)))
        self._delete.setEnabled(can_delete)

    def show_system_prompt(self, text: str) -> None:
        """Show another system prompt; the one that is known already may be being written on."""
        if text != self._known_prompt:
            self._known_prompt = text
            with QSignalBlocker(self._prompt):
                self._prompt.setPlainText(text)
            self._prompt_throttle.drop()

    def show_overflow(self, policy: str) -> None:
        """Show what happens when a prompt does not fit."""
        self._overflow.setCurrentIndex(max(0, self._overflow.findData(policy)))

    def set_show_all(self, shown: bool) -> None:
        """Show the advanced fields, or only the usual ones."""
        self._all.setChecked(shown)

    def flush(self) -> None:
        """Say now what was written last."""
        self._prompt_throttle.flush()
        for row in self._rows.values():
            row.flush()

    # --- inside -----------------------------------------------------------------------------------------

    def _tell_prompt(self, text: str) -> None:
        self._known_prompt = text
        self.system_prompt_changed.emit(text)

    def _refresh_rows(self) -> None:
        """Show the rows that are asked for: all that match a search, else the usual ones and those in use."""
        words = self._search.text().casefold().split()
        seen: set[str] = set()
        for row in self._rows.values():
            text = f"{row.spec.label} {row.spec.name} {row.spec.group}".casefold()
            matches = all(word in text for word in words)
            is_usual = bool(words) or self._all.isChecked() or not row.spec.advanced or row.is_yours
            row.setVisible(matches and is_usual)
            if matches and is_usual:
                seen.add(row.spec.group)
        for group, heading in self._headings.items():
            heading.setVisible(group in seen)

    def _on_save_clicked(self) -> None:
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Save preset")
        dialog.setLabelText("Name")
        dialog.setTextValue(self._preset.currentData() or "")
        dialog.textValueSelected.connect(self.preset_saved)
        dialog.open()
