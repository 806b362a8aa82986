"""Writes down what is open in the editor, and opens it again at the next start."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import AppError
from app.files.port import FilesPort
from app.files.recovery import LeftOver, RecoveryRecord
from app.settings import SettingsFile
from ui.control.editor_options import EditorOptions
from ui.control.editor_places import Place, read_places, take_places
from ui.control.editor_recovery import EditorRecovery
from ui.editor.editor_page import EditorPage
from ui.editor.editor_tabs import EditorTabs

#: How long after a change what is open is written into the settings.
PLACES_MS = 1000


class EditorSession(QObject):
    """Keeps places in the settings.

    Signals:
        failed(AppError): Something that was open could not be brought back.
        brought_back(): A text was that was not saved before a sudden end.

    Attributes:
        asleep: Where pages that are not read yet were left, by key.
    """

    failed = Signal(object)
    brought_back = Signal()

    def __init__(
        self,
        tabs: EditorTabs,
        files: FilesPort,
        settings: SettingsFile,
        options: EditorOptions,
        recovery: EditorRecovery,
        add: Callable[[str, str, str, int | None], EditorPage],
        wake: Callable[[EditorPage], None],
        arrived: Callable[[EditorPage], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._tabs = tabs
        self._files = files
        self._settings = settings
        self._options = options
        self._recovery = recovery
        self._add = add
        self._wake = wake
        self._arrived = arrived
        self.asleep: dict[str, Place] = {}
        self._is_restored = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PLACES_MS)
        self._timer.timeout.connect(self._keep)
        options.changed.connect(self.note)

    def note(self) -> None:
        """Take over that something is open, closed, or stands elsewhere."""
        if self._is_restored and not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Write down what is open as the window is closed."""
        self._timer.stop()
        self._keep(is_closed=True)
        self._is_restored = False  # what a save under way changes still is no news

    def restore(self) -> None:
        """Open what was open."""
        self._files.find_left(self._restore)

    def _keep(self, *, is_closed: bool = False) -> None:
        if not self._is_restored:
            return  # what was kept is still to be read
        places = take_places(self._tabs, self.asleep, self._options.zoom, is_closed=is_closed)
        if places != self._settings.settings.open_files:
            with contextlib.suppress(AppError):  # places that are not kept are no reason to stop anybody
                self._settings.change(open_files=places)

    def _restore(self, left: LeftOver | AppError) -> None:
        if isinstance(left, AppError):
            self.failed.emit(left)
            left = LeftOver()
        for note in left.notes:
            self.failed.emit(AppError("Not everything that was typed came back", note))
        places = read_places(self._settings.settings.open_files)
        self._options.set_zoom(places.zoom)
        texts: dict[str, RecoveryRecord] = {}
        for record in reversed(left.records):  # the newest of a file wins; the others stay for another start
            texts[record.path or record.page or record.key] = record
        is_open = {page.path for page in self._tabs.pages if page.path}
        front = self._tabs.current  # opened while this was looked for: it stays in front
        for place in places.pages:
            text = texts.pop(place.path or place.key, None)
            if place.path not in is_open and (place.path or text is not None):
                self._open(place, text, after_crash=not places.is_closed)
        for record in texts.values():
            if record.path not in is_open:
                key = record.page if record.page and not record.path else uuid.uuid4().hex
                self._open(Place(key=key, path=record.path, name=record.name), record, after_crash=True)
        self._is_restored = True
        self._show(places.fronts, front.key if front else places.current, list(places.sizes))
        self._keep()  # from now on it counts as a sudden end, until the window is closed

    def _open(self, place: Place, text: RecoveryRecord | None, *, after_crash: bool) -> None:
        page = self._add(place.key, place.path, place.name, place.side)
        page.is_asleep = True
        page.alias = place.language
        self.asleep[page.key] = place
        if text is not None:
            self._recovery.restore(page, text, after_crash=after_crash, then=partial(self._arrived, page))
            if after_crash:
                self.brought_back.emit()

    def _show(self, fronts: Sequence[str], current: str, sizes: list[int]) -> None:
        pages = {page.key: page for page in self._tabs.pages}
        for key in (*fronts, current):
            if key in pages:
                self._tabs.show_page(pages[key], takes_focus=False)
        if sizes:
            self._tabs.set_sizes(sizes)
        for group in self._tabs.groups:
            if group.current is not None:
                self._wake(group.current)
