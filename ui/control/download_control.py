"""Connects the downloads: what was asked of them, how far they are, and that they outlive the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.catalog.variants import Variant
from app.download.values import Download
from app.errors import AppError
from ui.control.model_services import DownloadPort
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
        failed: Those that have failed since.
    """

    done: tuple[Download, ...] = ()
    failed: tuple[Download, ...] = ()


class DownloadControl(QObject):
    """Shows downloads in the status bar and says how they end.

    Signals:
        changed(): Some are further than before.
        finished(object): A Download is done; its files are there.
        shown(object): A Download, or None for all, is to be shown.
    """

    changed = Signal()
    finished = Signal(object)
    shown = Signal(object)

    def __init__(self, queue: DownloadPort, theme: Theme, window: MainWindow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._theme = theme
        self._window = window
        self._states = {download.id: download.state for download in queue.downloads}
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
        change = changed_since(self._states, self._queue.downloads)
        self._states = {download.id: download.state for download in self._queue.downloads}
        for download in change.failed:
            self._tell_failure(download)
        for download in change.done:
            self.finished.emit(download)
            name = f"{download.variant.repository} {download.variant.quantization}"
            self._window.notices.show_info("A model has been downloaded", f"{name} is complete and verified.")
        self._refresh.call(None)

    # --- verbs ------------------------------------------------------------------------------------------

    def add(self, variant: Variant, folder: str) -> None:
        """Fetch a variant."""
        self._try(lambda: self._queue.add(variant, folder))

    def pause(self, download: Download) -> None:
        """Stop for now."""
        self._try(lambda: self._queue.pause(download.id))

    def resume(self, download: Download) -> None:
        """Go on, or try again."""
        self._try(lambda: self._queue.resume(download.id))

    def cancel(self, download: Download, *, keep: bool) -> None:
        """Fetch it no more."""
        self._try(lambda: self._queue.cancel(download.id, keep=keep))

    def set_token(self, token: str) -> None:
        """Use another access token from now on."""
        self._queue.set_token(token)

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

    def _on_quit_dialog_accepted(self) -> None:
        self._may_quit = True
        self._window.close()

    def _show(self) -> None:
        self._window.status.downloads.show_downloads(self._queue.downloads)
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


def changed_since(states: Mapping[int, str], downloads: Sequence[Download]) -> DownloadChange:
    """Return which downloads ended since their states were these."""
    new = [download for download in downloads if states.get(download.id) != download.state]
    return DownloadChange(
        done=tuple(download for download in new if download.state == "done" and download.id in states),
        failed=tuple(download for download in new if download.state == "failed"),
    )


def quit_words(going: Sequence[Download]) -> str:
    """Return what is under way, as the question before quitting says it."""
    left = size_words(sum(download.variant.size_bytes - download.done_bytes for download in going))
    if len(going) == 1:
        variant = going[0].variant
        return f"{variant.repository} {variant.quantization} is being downloaded; {left} are missing."
    return f"{len(going)} models are being downloaded; {left} are missing."
