"""Settings: how it looks."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from app.settings import Settings
from ui.settings.page import SettingsPage
from ui.theme import MODE_TEXTS, Theme
from ui.theme.theme import TEXT_SCALES
from ui.widgets.number_field import IntField

#: Pixels; one less than the smallest stands for "as large as the text".
_CODE_SIZES = (9, 28)


class AppearancePage(SettingsPage):
    """Theme, sizes, motion.

    Signals:
        changed(dict): What was changed: "theme", "text_scale", "code_size" or "reduce_motion".
    """

    changed = Signal(dict)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Appearance", parent)
        self._mode = QComboBox()
        for mode, text in MODE_TEXTS.items():
            self._mode.addItem(text, mode)
        self._scale = QComboBox()
        for scale in TEXT_SCALES:
            self._scale.addItem(f"{scale:.0%}", scale)
        self._code_size = IntField(theme)
        self._code_size.setRange(_CODE_SIZES[0] - 1, _CODE_SIZES[1])
        self._code_size.setSpecialValueText("as text")
        self._code_size.setMinimumWidth(theme.space(28))
        self._code_size.setSuffix(" px")
        self._motion = QCheckBox()
        self.add_row("Theme", self._mode, "High contrast is light or dark as the system is.", "setting_theme_mode")
        self.add_row("Text size", self._scale, "Of everything but code.", "setting_text_scale")
        self.add_row("Code size", self._code_size, "In the chat and in the editor.", "setting_code_size")
        self.add_row("Reduce motion", self._motion, "Nothing fades or slides.", "setting_reduce_motion")
        self.finish()
        self._mode.activated.connect(lambda: self.changed.emit({"theme": self._mode.currentData()}))
        self._scale.activated.connect(lambda: self.changed.emit({"text_scale": self._scale.currentData()}))
        self._code_size.valueChanged.connect(self._on_code_size_value_changed)
        self._motion.toggled.connect(lambda on: self.changed.emit({"reduce_motion": on}))

    def show_settings(self, settings: Settings) -> None:
        """Show settings."""
        blockers = [QSignalBlocker(control) for control in (self._code_size, self._motion)]
        self._mode.setCurrentIndex(self._mode.findData(settings.theme))
        nearest = min(TEXT_SCALES, key=lambda scale: abs(scale - settings.text_scale))
        self._scale.setCurrentIndex(TEXT_SCALES.index(nearest))
        self._code_size.setValue(settings.code_size or self._code_size.minimum())
        self._motion.setChecked(settings.reduce_motion)
        for blocker in blockers:
            blocker.unblock()

    def _on_code_size_value_changed(self, size: int) -> None:
        self.changed.emit({"code_size": 0 if size == self._code_size.minimum() else size})
