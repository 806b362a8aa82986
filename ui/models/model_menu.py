"""The menu of the model button: what can be loaded, and what can be done with what is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from ui.theme import Theme

MAX_NAME = 60


class ModelMenu(QMenu):
    """Signals as their names say; ``recent_requested`` carries a path."""

    models_requested = Signal()
    starter_requested = Signal()
    open_requested = Signal()
    recent_requested = Signal(str)
    settings_requested = Signal()
    unload_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("model_menu")
        self.setToolTipsVisible(True)

    def show_choices(self, recent: Sequence[str], *, has_starter: bool, has_model: bool) -> None:
        """Offer the starter, any file, these recent models, and unloading what is loaded."""
        self.clear()
        choose = self.addAction(self._theme.icon("search"), "Choose a model\u2026", self.models_requested.emit)
        choose.setToolTip("Every variant, what it needs here, and how fast it will be  (Ctrl+Shift+M)")
        starter = self.addAction(self._theme.icon("model"), "Starter model", self.starter_requested.emit)
        starter.setEnabled(has_starter)
        starter.setToolTip("SmolLM2-135M, to try everything out" if has_starter else "The starter is not installed")
        self.addAction(self._theme.icon("folder-open"), "Open a GGUF file …", self.open_requested.emit)
        if recent:
            self.addSection("Recent")
        for path in recent:
            self._add_recent(Path(path))
        self.addSeparator()
        settings = self.addAction(self._theme.icon("sampling"), "Load settings …", self.settings_requested.emit)
        settings.setEnabled(has_model)
        unload = self.addAction(self._theme.icon("power"), "Unload", self.unload_requested.emit)
        unload.setEnabled(has_model)

    def _add_recent(self, path: Path) -> None:
        name = path.name if len(path.name) <= MAX_NAME else f"{path.name[: MAX_NAME - 1]}…"
        action = self.addAction(name.replace("&", "&&"), partial(self.recent_requested.emit, str(path)))
        is_there = path.is_file()
        action.setEnabled(is_there)
        action.setToolTip(str(path) if is_there else f"{path} is not there any more")
