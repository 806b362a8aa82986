"""Connects the engine: what is loaded, how far, what it said, and what can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from app.catalog.cards import Card, card_for
from app.engine.messages import (
    AnyEvent,
    Died,
    Failed,
    Loaded,
    LoadProgress,
    LoadSettings,
    ModelInfo,
    Notice,
    Unloaded,
)
from app.engine.process import EngineProcess
from app.errors import AppError
from app.models import find_starter
from app.settings import SettingsFile
from ui.chat.chat_pane import ChatPane
from ui.control.load_fixes import MEMORY_CODES, load_fixes
from ui.main_window import MainWindow
from ui.models.load_dialog import LoadDialog
from ui.models.loading_card import LoadingCard
from ui.models.model_menu import ModelMenu
from ui.widgets.notice import NoticeAction

TICK_MS = 1000
_MOST_FIXES = 2


class ModelControl(QObject):
    """Loads and unloads models.

    Signals:
        models_requested(): The model dialog is asked for.
        model_changed(): Another model is loaded, or none.
        progressed(): A load went on; see ``load_share``.
    """

    model_changed = Signal()
    models_requested = Signal()
    progressed = Signal()

    def __init__(
        self,
        engine: EngineProcess,
        settings: SettingsFile,
        cards: Sequence[Card],
        window: MainWindow,
        pane: ChatPane,
        menu: ModelMenu,
        dialog: LoadDialog,
        loading: LoadingCard,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._settings = settings
        self._cards = cards
        self._window = window
        self._pane = pane
        self._menu = menu
        self._dialog = dialog
        self._loading = loading
        self._request = 0
        self._name = ""
        self.load_share: float | None = None
        self.card: Card | None = None
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(engine.tick)
        self._tick.start()
        menu.models_requested.connect(self.models_requested)
        menu.starter_requested.connect(self.load_starter)
        menu.open_requested.connect(self.choose_file)
        menu.recent_requested.connect(self.load)
        menu.settings_requested.connect(self.show_load_settings)
        menu.unload_requested.connect(self.unload)
        dialog.load_requested.connect(self._on_dialog_load_requested)
        loading.cancel_requested.connect(self.cancel_load)
        window.files_dropped.connect(lambda paths: self.load(paths[0]))
        window.top_bar.model_requested.connect(self.open_menu)

    # --- verbs ------------------------------------------------------------------------------------------

    def open_menu(self) -> None:
        """Show the model menu under its button."""
        recent = [model.path for model in self._settings.settings.recent_models]
        has_model = self._engine.model is not None
        self._menu.show_choices(recent, has_starter=_starter() is not None, has_model=has_model)
        button = self._window.top_bar.model_button
        self._menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    def load_starter(self) -> None:
        """Load the small model that is installed with Sawhorse."""
        self._try(lambda: self.load(str(find_starter())))

    def load(self, path: str) -> None:
        """Load a model with what it was last loaded with."""
        self.load_with(path, self._settings.settings.load_settings_for(path))

    def load_with(self, path: str, settings: LoadSettings) -> None:
        """Load a model with these settings."""
        self._name = Path(path).stem
        self.load_share = 0.0
        self._request = self._engine.load(path, settings)
        self._loading.show_progress(self._name, 0.0)
        self._pane.set_banner(self._loading)
        self._show_model(None)

    def load_again(self) -> None:
        """Load what was loaded last."""
        if self._engine.last_load:
            self.load_with(*self._engine.last_load)

    def cancel_load(self) -> None:
        """Stop loading."""
        self._engine.cancel(self._request)

    def unload(self) -> None:
        """Give the model's memory back."""
        self._engine.unload()
        self._show_model(None)

    def choose_file(self) -> None:
        """Ask for a GGUF file."""
        dialog = QFileDialog(self._window, "Open a GGUF model")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["GGUF models (*.gguf)", "All files (*)"])
        recent = self._settings.settings.recent_models
        if recent:
            dialog.setDirectory(str(Path(recent[0].path).parent))
        dialog.fileSelected.connect(self.load)
        dialog.open()

    def show_load_settings(self) -> None:
        """Show the settings of the model that is loaded."""
        model = self._engine.model
        if model:
            self._dialog.show_model(
                model.path, self._settings.settings.load_settings_for(model.path), model.n_ctx_train
            )

    def stop(self) -> None:
        """Watch the engine no more."""
        self._tick.stop()

    # --- what the engine says ---------------------------------------------------------------------------

    def handle(self, event: AnyEvent, *, is_told: bool = False) -> None:
        """Take an event of the engine; ``is_told``: the user is told of it elsewhere."""
        match event:
            case LoadProgress() if event.request == self._request:
                self.load_share = event.fraction
                self._loading.show_progress(self._name, event.fraction)
                self.progressed.emit()
            case Loaded(model=model):
                self._end_loading()
                self._try(self._remember)
                self._show_model(model)
            case Failed() if event.request == self._request:
                self._end_loading()
                if event.code != "cancelled":
                    self._report(event)
                self._show_model(None)
            case Died():
                self._end_loading()
                self._show_model(None)
                if not is_told:
                    error = AppError(event.title, event.message, event.hint, event.detail)
                    self._window.notices.show_error(error, NoticeAction("Load again", self.load_again))
            case Notice(code="engine_frozen"):
                error = AppError("The engine is not answering", event.text)
                self._window.notices.show_error(error, NoticeAction("End it", self._engine.kill))
            case Notice(code="engine_thawed"):
                self._window.notices.show_info(event.text)
            case Notice():
                self._window.notices.show_info("About this model", event.text)
            case Unloaded():
                self._show_model(None)
            case _:
                pass

    def card_sampling(self) -> Mapping[str, Any]:
        """Return the sampling recommended for the loaded model: by its file, else by its card."""
        model = self._engine.model
        if model is None:
            return {}
        return {**(self.card.sampling if self.card else {}), **model.sampling}

    # --- inside -----------------------------------------------------------------------------------------

    def _remember(self) -> None:
        asked = self._engine.last_load
        if asked:
            self._settings.replace(self._settings.settings.with_recent(*asked))

    def _show_model(self, model: ModelInfo | None) -> None:
        self.card = card_for(self._cards, model.name, Path(model.path).name) if model else None
        self._window.top_bar.set_model(self.model_name)
        self.model_changed.emit()

    @property
    def model_name(self) -> str:
        """The loaded model's name for people; empty for none."""
        model = self._engine.model
        if model is None:
            return ""
        return self.card.name if self.card else model.name

    def _end_loading(self) -> None:
        self.load_share = None
        self._pane.set_banner(None)

    def _report(self, event: Failed) -> None:
        error = AppError(event.title, event.message, event.hint, event.detail)
        last = self._engine.last_load
        if last and event.code in MEMORY_CODES:
            path, settings = last
            fixes = [
                NoticeAction(fix.words, partial(self.load_with, path, fix.settings))
                for fix in load_fixes(settings)[:_MOST_FIXES]
            ]
            change = NoticeAction("Load settings\u2026", lambda: self._dialog.show_model(path, settings, None))
            self._window.notices.show_error(error, *fixes, change)
        else:
            self._window.notices.show_error(error)

    def _on_dialog_load_requested(self, path: str, settings: LoadSettings) -> None:
        self.load_with(path, settings)

    def _try(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except AppError as error:
            self._window.notices.show_error(error)


def _starter() -> Path | None:
    try:
        return find_starter()
    except AppError:
        return None
