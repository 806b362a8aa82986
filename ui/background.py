"""What works beside the window in processes of its own, as the model dialog asks for it; each starts when needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from app.catalog.folders import own_folders
from app.catalog.messages import Scanned
from app.catalog.removal import MODULE as REMOVAL
from app.catalog.removal import FilesRemoved, RemovalEvent, RemoveFiles
from app.catalog.service import CatalogService, Servers, find_servers
from app.catalog.variants import LocalModel
from app.download.queue import DownloadQueue
from app.download.tuning import Tuning
from app.engine.messages import LoadSettings, ModelInfo, Stats
from app.errors import AppError
from app.fit.service import FitService
from app.fit.values import FitPlan, Machine, ModelSource
from app.ipc.job import JobFailed, JobProcess
from app.ipc.launch import clean_environment
from app.paths import Paths
from app.settings import Settings, SettingsFile
from ui.control.model_services import Checked
from ui.process_transport import QtProcessTransport

TICK_MS = 1000
DOWNLOADS = "downloads.json"


class Background(QObject):
    """Owns the services and the processes they work in; ``close`` ends them all.

    Signals:
        downloads_changed(): Some download is not as it was.
    """

    downloads_changed = Signal()

    def __init__(self, paths: Paths, settings: SettingsFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths = paths
        self._transports: list[QtProcessTransport] = []
        servers = find_servers()
        self.catalog = CatalogService(self._transport(), servers)
        # A scan of a slow disk must not keep a listing waiting.
        self._scanner = CatalogService(self._transport(), servers)
        self._fit = FitService(self._transport, paths, servers.access)
        self._removal: JobProcess[RemovalEvent] = JobProcess(
            self._transport(), REMOVAL, RemovalEvent, "Deleting the model"
        )
        self.downloads = DownloadQueue(
            self._transport(),
            paths.data / DOWNLOADS,
            self.downloads_changed.emit,
            find_token=lambda: servers.token,
            bytes_per_second=settings.settings.download_limit,
            tuning=Tuning(connections=settings.settings.download_connections),
        )
        self.disk = DiskScan(self._scanner, paths, settings)
        self.fit = FitCheck(self._fit, servers)
        self.removal = Removal(self._removal)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._on_tick_timeout)
        self._tick.start()

    def close(self) -> None:
        """End everything; what was being fetched comes back at the next start."""
        self._tick.stop()
        self.downloads.close()
        for service in (self.catalog, self._scanner, self._fit, self._removal):
            service.close()
        for transport in self._transports:
            transport.close()

    def follow_settings(self, settings: Settings) -> None:
        """Put changed settings of downloads in force."""
        self.downloads.set_limit(settings.download_limit)
        self.downloads.set_connections(settings.download_connections)

    def _transport(self) -> QtProcessTransport:
        transport = QtProcessTransport(clean_environment(), self)
        self._transports.append(transport)
        return transport

    def _on_tick_timeout(self) -> None:
        for service in (self.catalog, self._scanner, self._fit, self._removal, self.downloads):
            service.tick()


class DiskScan:
    """Looks for models in Sawhorse's own folders, in those the user added, and where other programs keep theirs."""

    def __init__(self, catalog: CatalogService, paths: Paths, settings: SettingsFile) -> None:
        self._catalog = catalog
        self._paths = paths
        self._settings = settings

    def scan(self, on_done: Callable[[Sequence[LocalModel] | AppError], None]) -> None:
        """Look everywhere; answered once."""
        settings = self._settings.settings
        added = [folder for folder in (settings.download_folder, *settings.model_folders) if folder]

        def hear(answer: Scanned | AppError) -> None:
            on_done(answer if isinstance(answer, AppError) else answer.models)

        self._catalog.scan(own_folders(self._paths.models, added), hear)


class FitCheck:
    """Plans loads, and keeps what they really took."""

    def __init__(self, fit: FitService, servers: Servers) -> None:
        self._fit = fit
        self._servers = servers

    @property
    def machine(self) -> Machine | None:
        """What the last probe found; None before."""
        return self._fit.machine

    def probe(self, on_done: Callable[[Machine], None]) -> int:
        """Look at the machine anew."""
        return self._fit.probe(on_done)

    def check(
        self, source: ModelSource, wishes: Mapping[str, Any], on_done: Callable[[Checked | AppError], None]
    ) -> int:
        """Read the headers and have llama.cpp plan a load; see ``FitPort``."""

        def planned(plan: FitPlan | JobFailed) -> None:
            outline = self._fit.outline(source)
            if isinstance(plan, JobFailed):
                on_done(plan.error())
            elif outline is not None:
                on_done(Checked(outline, plan))

        return self._fit.best(source, wishes, planned)

    def quick(self, source: ModelSource, wishes: Mapping[str, Any]) -> Checked | None:
        """Return a plan at once, by arithmetic; None where the headers were not read yet."""
        outline = self._fit.outline(source)
        if outline is None:
            return None
        try:
            plan = self._fit.quick_best(source, wishes) or self._fit.quick(source, _with(wishes))
        except AppError:  # a tensor override that is not understood: the exact check says so in words
            return None
        return None if plan is None else Checked(outline, plan)

    def set_loaded(self, model: ModelInfo | None) -> None:
        """Say which model the engine holds now."""
        self._fit.set_loaded(model)

    def rest(self) -> None:
        """Give memory back that planning takes."""
        self._fit.rest()

    def loaded(self, plan: FitPlan, model: ModelInfo) -> list[tuple[str, int, int]]:
        """Keep what a planned load really took, and return (device, predicted bytes, actual bytes)."""
        record = self._fit.record_load(plan, model)
        return [(name, predicted, record.actual.get(name, 0)) for name, predicted in record.predicted.items()]

    def replied(self, plan: FitPlan, stats: Stats) -> None:
        """Keep how fast a reply was after a planned load."""
        self._fit.record_reply(plan, stats)

    def set_token(self, token: str) -> None:
        """Use another access token from now on."""
        self._fit.set_access(msgspec.structs.replace(self._servers, token=token).access)

    def forget(self, request: int) -> None:
        """Want an answer no more."""
        self._fit.forget(request)


class Removal:
    """Deletes files that Sawhorse downloaded."""

    def __init__(self, job: JobProcess[RemovalEvent]) -> None:
        self._job = job

    def remove(self, root: str, files: Sequence[str], on_done: Callable[[int | AppError], None]) -> None:
        """Delete files below a folder; answered once, with the bytes that were freed."""

        def hear(event: FilesRemoved | JobFailed) -> None:
            on_done(event.error() if isinstance(event, JobFailed) else event.freed_bytes)

        self._job.ask(RemoveFiles(root=root, files=tuple(files)), hear)


def _with(wishes: Mapping[str, Any]) -> LoadSettings:
    return msgspec.structs.replace(LoadSettings(), **wishes)
