"""The part of the composition root that knows models: what there is, what fits, what is fetched, and their dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from app.catalog.cards import Card
from app.catalog.quantizations import describe
from app.download.names import model_folder
from app.engine.process import EngineProcess
from app.paths import Paths
from app.settings import SettingsFile
from ui.background import Background
from ui.control.choice_verbs import ChoiceVerbs
from ui.control.download_control import DownloadControl
from ui.control.fit_control import FitControl
from ui.control.listing_control import ListingControl
from ui.control.model_control import ModelControl
from ui.control.models_control import ModelsControl
from ui.control.planned_run import PlannedRun
from ui.control.window_actions import add_models_action
from ui.main_window import MainWindow
from ui.theme import Theme


class ModelParts(QObject):
    """What finds, plans and fetches models.

    Attributes:
        background: The services, each in processes of its own.
        listings: What repositories and folders have.
        downloads: What is fetched.
        models: The dialog.
    """

    def __init__(
        self,
        theme: Theme,
        window: MainWindow,
        settings: SettingsFile,
        cards: Sequence[Card],
        paths: Paths,
        engine: EngineProcess,
        model: ModelControl,
        open_settings: Callable[..., None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.background = Background(paths, settings, self)
        self.listings = ListingControl(self.background.catalog, self.background.disk, self)
        fit = FitControl(self.background.fit, self)
        self.downloads = DownloadControl(self.background.downloads, self.background.removal, theme, window, self)
        run = PlannedRun(fit, self)
        verbs = ChoiceVerbs(
            settings,
            model,
            self.downloads,
            run,
            window.notices,
            str(paths.models),
            lambda root, variant: str(model_folder(Path(root), variant)),
        )
        self.models = ModelsControl(
            theme,
            window,
            settings,
            cards,
            engine,
            model,
            self.listings,
            fit,
            self.downloads,
            verbs,
            run,
            describe,
            open_settings,
            self,
        )
        add_models_action(window.action_table, self.models)
        model.models_requested.connect(self.models.open)
        self.background.downloads_changed.connect(self.downloads.handle)
