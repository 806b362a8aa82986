"""Settings: how models are loaded unless the load form says otherwise."""

from __future__ import annotations

from typing import get_args

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from app.engine.messages import FlashAttention, KvType, LoadSettings
from app.settings import Settings
from ui.settings.page import SettingsPage
from ui.theme import Theme
from ui.widgets.number_field import IntField

#: Tokens; more than any model has been trained with.
_MOST_CONTEXT = 4_194_304
_MOST_THREADS = 512
_MOST_LAYERS = 999


class EnginePage(SettingsPage):
    """The load settings most people want to set once.

    Signals:
        changed(dict): {"load": the new LoadSettings}.
    """

    changed = Signal(dict)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Engine defaults", parent)
        self._load = LoadSettings()
        self._context = _number(theme, 0, _MOST_CONTEXT, "as trained", step=1024)
        self._threads = _number(theme, 0, _MOST_THREADS, "physical cores")
        self._gpu_layers = _number(theme, -1, _MOST_LAYERS, "all")
        self._type_k = _choice(get_args(KvType))
        self._type_v = _choice(get_args(KvType))
        self._flash = _choice(get_args(FlashAttention))
        self._mmap = QCheckBox()
        self.add_text("For models that are loaded from now on.", "small")
        self.add_row(
            "Context size", self._context, "Tokens. 0 takes the size the model was trained with.", "default_n_ctx"
        )
        self.add_row("Threads", self._threads, "0 takes the physical cores.", "default_n_threads")
        self.add_row("GPU layers", self._gpu_layers, "-1 puts all of them on the GPU, 0 none.", "default_n_gpu_layers")
        self.add_row("Type of the K cache", self._type_k, "Smaller types take less memory.", "default_type_k")
        self.add_row("Type of the V cache", self._type_v, "A quantised one needs flash attention.", "default_type_v")
        self.add_row("Flash attention", self._flash, "Auto uses it where the device can.", "default_flash_attn")
        self.add_row("Map the file", self._mmap, "Reads weights from disk as they are needed.", "default_use_mmap")
        self.finish()
        for number in (self._context, self._threads, self._gpu_layers):
            number.valueChanged.connect(self._on_control_changed)
        for choice in (self._type_k, self._type_v, self._flash):
            choice.activated.connect(self._on_control_changed)
        self._mmap.toggled.connect(self._on_control_changed)
        self._show()

    def show_settings(self, settings: Settings) -> None:
        """Show settings."""
        self._load = settings.load
        self._show()

    def _show(self) -> None:
        load = self._load
        controls = (self._context, self._threads, self._gpu_layers, self._mmap)
        blockers = [QSignalBlocker(control) for control in controls]
        self._context.setValue(load.n_ctx)
        self._threads.setValue(load.n_threads or 0)
        self._gpu_layers.setValue(load.n_gpu_layers)
        self._type_k.setCurrentText(load.type_k)
        self._type_v.setCurrentText(load.type_v)
        self._flash.setCurrentText(load.flash_attn)
        self._mmap.setChecked(load.use_mmap)
        for blocker in blockers:
            blocker.unblock()

    def _on_control_changed(self) -> None:
        self._load = msgspec.structs.replace(
            self._load,
            n_ctx=self._context.value(),
            n_threads=self._threads.value() or None,
            n_gpu_layers=self._gpu_layers.value(),
            type_k=self._type_k.currentText(),
            type_v=self._type_v.currentText(),
            flash_attn=self._flash.currentText(),
            use_mmap=self._mmap.isChecked(),
        )
        self.changed.emit({"load": self._load})


def _number(theme: Theme, least: int, most: int, least_text: str, step: int = 1) -> IntField:
    field = IntField(theme)
    field.setRange(least, most)
    field.setSingleStep(step)
    field.setSpecialValueText(least_text)
    field.setMinimumWidth(theme.space(36))
    return field


def _choice(names: tuple[str, ...]) -> QComboBox:
    box = QComboBox()
    box.addItems(names)
    return box
