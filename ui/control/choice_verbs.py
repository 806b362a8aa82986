"""What can be done with the chosen variant: fetch, load, verify, delete, show, copy as a command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.catalog.variants import Variant
from app.download.values import Download
from app.engine.messages import LoadSettings
from app.errors import AppError
from app.fit.command_line import Origin, llama_server_command, with_origins
from app.settings import SettingsFile
from ui.control.download_control import DownloadControl
from ui.control.model_control import ModelControl
from ui.control.model_state import ModelState
from ui.control.planned_run import PlannedRun
from ui.widgets.notices import Notices

#: What the fit check chooses where nobody else does.
AUTOMATIC = ("n_ctx", "n_gpu_layers", "n_cpu_moe", "n_threads", "n_threads_batch", "use_mmap", "use_extra_bufts")


class ChoiceVerbs:
    """Every method is about the choice of a ModelState.

    Args:
        own_folder: Where models are downloaded to unless the settings name another folder.
        folder_for: Returns the folder below that one that a variant's files belong in.
    """

    def __init__(
        self,
        settings: SettingsFile,
        model: ModelControl,
        downloads: DownloadControl,
        run: PlannedRun,
        notices: Notices,
        own_folder: str,
        folder_for: Callable[[str, Variant], str],
    ) -> None:
        self._settings = settings
        self._model = model
        self._downloads = downloads
        self._run = run
        self._notices = notices
        self._own_folder = own_folder
        self._folder_for = folder_for

    @property
    def folder(self) -> str:
        """The folder of downloads."""
        return self._settings.settings.download_folder or self._own_folder

    def download(self, state: ModelState) -> None:
        """Fetch it."""
        state.hold()
        variant = state.choice.variant if state.choice else None
        if variant is not None:
            self.attempt(lambda: self._downloads.add(variant, self._folder_for(self.folder, variant)))

    def with_download(self, state: ModelState, verb: Callable[[Download], object]) -> None:
        """Do something with its download."""
        state.hold()
        if state.choice is not None and state.choice.download is not None:
            verb(state.choice.download)

    def load(self, state: ModelState) -> bool:
        """Load it as planned, and remember what was chosen by hand. Returns whether there was anything to load."""
        local = state.choice.local if state.choice else None
        if local is None or local.missing:
            return False
        wishes = {**self._settings.settings.wishes, local.path: dict(state.hand)}
        self.attempt(lambda: self._settings.change(wishes=wishes))
        plan = state.plan
        if plan is None:
            self._model.load(local.path)
        else:
            self._run.begin(local.path, plan)
            self._model.load_with(local.path, plan.settings)
        return True

    def remove(self, state: ModelState) -> None:
        """Delete it from disk."""
        if state.choice is not None and state.choice.local is not None:
            self._downloads.remove(state.choice.local, self.folder)

    def show_folder(self, state: ModelState) -> None:
        """Show its files in the system's file manager."""
        choice = state.choice
        folder = choice.download.folder if choice and choice.download else ""
        if choice is not None and choice.local is not None:
            folder = str(Path(choice.local.path).parent)
        if folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    def copy_command(self, state: ModelState) -> None:
        """Put the llama-server command that does the same onto the clipboard."""
        choice, plan = state.choice, state.plan
        if choice is None or plan is None:
            return
        path = choice.local.path if choice.local else ""
        if choice.local is None and choice.variant is not None:
            path = str(Path(self._folder_for(self.folder, choice.variant)) / choice.variant.files[0].name)
        origins = origins_of(state.hand, self._settings.settings.load)
        flags = llama_server_command(path, plan.settings, origins)
        QGuiApplication.clipboard().setText(with_origins(flags, windows=sys.platform == "win32"))
        self._notices.show_info("The llama-server command was copied", "Above it stands where each flag is from.")

    def attempt(self, verb: Callable[[], object]) -> None:
        """Do something, and say so if it fails."""
        try:
            verb()
        except AppError as error:
            self._notices.show_error(error)


def origins_of(hand: Mapping[str, Any], defaults: LoadSettings) -> dict[str, Origin]:
    """Return who chose each setting of a plan."""
    own = LoadSettings()
    names = LoadSettings.__struct_fields__
    origins: dict[str, Origin] = dict.fromkeys(AUTOMATIC, "automatic")
    origins |= {name: "settings" for name in names if getattr(defaults, name) != getattr(own, name)}
    origins |= dict.fromkeys(hand, "you")
    return origins
