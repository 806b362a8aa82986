"""Connects the downloads: what was asked of them, how far they are, and that they outlive the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.catalog.variants import LocalModel, Variant
from app.download.values import Download
from app.errors import AppError
from ui.control.model_services import DownloadPort, RemovalPort
from ui.main_window import MainWindow
from ui.models.quit_dialog import QuitDialog
from ui.models.sizes import size_words
from ui.status.download_indicator import GOING
from ui.theme import Theme
from ui.widgets.notice import NoticeAction
from ui.widgets.throttle import Throttle

REFRESH_INTERVAL_MS = 250


@dataclass(frozen=True)
class DownloadChange:
    """What is not the same as at the last look.

    Attributes:
        done: Those that have been finished since.
        verified: Those that were there, and have been found intact.
        failed: Those that have failed since.
    """

    done: tuple[Download, ...] = ()
    verified: tuple[Download, ...] = ()
    failed: tuple[Download, ...] = ()


class DownloadControl(QObject):
    """Shows downloads in the status bar and says how they end.

    Signals:
        changed(): Some are further than before.
        finished(object): A Download is done; its files are there.
        removed(): A model was deleted, or could not be.
        shown(object): A Download, or None for all, is to be shown.
    """

    changed = Signal()
    finished = Signal(object)
    removed = Signal()
    shown = Signal(object)

    def __init__(
        self,
        queue: DownloadPort,
        removal: RemovalPort,
        theme: Theme,
        window: MainWindow,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self._theme = theme
        self._window = window
        self._removal = removal
        self._token = ""
        self._before = {download.id: download for download in queue.downloads}
        self._may_quit = False
        self._quit_dialog: QuitDialog | None = None
        self._refresh = Throttle[None](REFRESH_INTERVAL_MS, lambda _none: self._show(), self)
        window.status.downloads_clicked.connect(lambda: self.shown.emit(None))
        window.set_close_guard(self.may_close)
        self._show()

    @property
    def downloads(self) -> Sequence[Download]:
        """All downloads."""
        return self._queue.downloads

    def handle(self) -> None:
        """Take that the queue has something new to show."""
        change = changed_since(self._before, self._queue.downloads)
        self._before = {download.id: download for download in self._queue.downloads}
        for download in change.failed:
            self._tell_failure(download)
        for download in change.done:
            self.finished.emit(download)
            name = f"{download.variant.repository} {download.variant.quantization}"
            self._window.notices.show_info("A model has been downloaded", f"{name} is complete and verified.")
        for download in change.verified:
            name = f"{download.variant.repository} {download.variant.quantization}"
            self._window.notices.show_info("The model is intact", f"Every file of {name} is what it should be.")
        self._refresh.call(None)

    # --- verbs ------------------------------------------------------------------------------------------

    def add(self, variant: Variant, folder: str) -> None:
        """Fetch a variant."""
        self._try(lambda: self._queue.add(variant, folder, self._token))

    def pause(self, download: Download) -> None:
        """Stop for now."""
        self._try(lambda: self._queue.pause(download.id))

    def resume(self, download: Download) -> None:
        """Go on, or try again."""
        self._try(lambda: self._queue.resume(download.id))

    def cancel(self, download: Download, *, keep: bool) -> None:
        """Fetch it no more; a finished one is verified no more."""
        if download.path:
            self.pause(download)
        else:
            self._try(lambda: self._queue.cancel(download.id, keep_partial=keep))

    def verify(self, download: Download) -> None:
        """Compare a finished one with what its source says."""
        self._try(lambda: self._queue.verify(download.id))

    def remove(self, model: LocalModel, root: str) -> None:
        """Delete a model that lies in ``root``, and take its download off the list."""
        for download in self._queue.downloads:
            if download.path == model.path:
                self._queue.cancel(download.id, keep_partial=True)
        self._removal.remove(root, model.files, self._on_removed)
        self.handle()

    def set_token(self, token: str) -> None:
        """Use another access token from now on, for those that were refused too."""
        self._token = token

    def stop(self) -> None:
        """Show nothing any more."""
        self._refresh.drop()

    def may_close(self) -> bool:
        """Say whether the window may be closed; ask where something is being downloaded."""
        going = [download for download in self._queue.downloads if download.state in GOING]
        if not going or self._may_quit:
            return True
        if self._quit_dialog is None:
            self._quit_dialog = QuitDialog(self._theme, self._window)
            self._quit_dialog.accepted.connect(self._on_quit_dialog_accepted)
        self._quit_dialog.ask(quit_words(going))
        return False

    # --- inside -----------------------------------------------------------------------------------------

    def _on_removed(self, answer: int | AppError) -> None:
        if isinstance(answer, AppError):
            self._window.notices.show_error(answer)
        else:
            self._window.notices.show_info("The model was deleted", f"{size_words(answer)} are free again.")
        self.removed.emit()

    def _on_quit_dialog_accepted(self) -> None:
        self._may_quit = True
        self._window.close()

    def _show(self) -> None:
        downloads = self._queue.downloads
        self._window.status.downloads.show_downloads(downloads)
        application = QGuiApplication.instance()
        if isinstance(
            application, QGuiApplication
        ):  # on the icon in the dock or taskbar, where there is a place for it
            application.setBadgeNumber(sum(download.state in GOING for download in downloads))
        self.changed.emit()

    def _tell_failure(self, download: Download) -> None:
        name = f"{download.variant.repository} {download.variant.quantization}"
        error = AppError(f"The download of {name} failed", download.problem, download.hint)
        again = NoticeAction("Try again", lambda: self.resume(download))
        show = NoticeAction("Show", lambda: self.shown.emit(download))
        self._window.notices.show_error(error, again, show)

    def _try(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except AppError as error:
            self._window.notices.show_error(error)
        self.handle()


def changed_since(before: Mapping[int, Download], downloads: Sequence[Download]) -> DownloadChange:
    """Return which downloads ended since they were as ``before``."""
    new = [
        (before[download.id], download)
        for download in downloads
        if download.id in before and before[download.id].state != download.state
    ]
    done = [(old, download) for old, download in new if download.state == "done"]
    return DownloadChange(
        done=tuple(download for old, download in done if not old.path),
        verified=tuple(download for old, download in done if old.path and not download.problem),
        failed=tuple(download for _old, download in new if download.state == "failed"),
    )


def quit_words(going: Sequence[Download]) -> str:
    """Return what is under way, as the question before quitting says it."""
    left = size_words(sum(download.variant.size_bytes - download.done_bytes for download in going))
    if len(going) == 1:
        variant = going[0].variant
        return f"{variant.repository} {variant.quantization} is being downloaded; {left} are missing."
    return f"{len(going)} models are being downloaded; {left} are missing."
