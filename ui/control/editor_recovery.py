"""Keeps what is typed and not saved, so that it is there again after a crash, and at the next start."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from app.errors import AppError
from app.files.port import FilesPort
from app.files.recovery import RecoveryRecord
from app.files.text_file import TextFile
from ui.control.editor_reads import EditorReads
from ui.control.outside_changes import OutsideChanges
from ui.editor.banner import BannerVerb
from ui.editor.editor_page import EditorPage

#: What was typed is kept so long after the first key; the time it takes to write comes on top.
KEEP_MS = 1500
#: Getting at a larger text takes long enough to be felt, so it is kept in a pause, or if there is none, in the end.
LARGE_CHARACTERS = 500_000
LARGE_KEEP_MS = 10_000


class EditorRecovery(QObject):
    """Keeps and restores texts of pages.

    Signals:
        failed(AppError): A text could not be kept; said once, until one can be again.
    """

    failed = Signal(object)

    def __init__(
        self,
        files: FilesPort,
        reads: EditorReads,
        outside: OutsideChanges,
        pages: Callable[[], Sequence[EditorPage]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._files = files
        self._reads = reads
        self._outside = outside
        self._pages = pages
        self._kept: set[str] = set()
        self._changed: set[str] = set()
        self._is_failing = False
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.keep_now)

    def note(self, page: EditorPage) -> None:
        """Take over that a page changed, or became as it was saved."""
        self._changed.add(page.key)
        if not self._timer.isActive():
            self._since.start()
            self._timer.start(KEEP_MS)
        elif page.editor.document().characterCount() > LARGE_CHARACTERS:
            self._timer.start(max(0, min(KEEP_MS, LARGE_KEEP_MS - self._since.elapsed())))

    def keep_now(self) -> None:
        """Keep what changed since it was last kept."""
        self._timer.stop()
        changed, self._changed = self._changed, set()
        for page in self._pages():
            if page.key in changed:
                self._keep(page)

    def forget(self, page: EditorPage) -> None:
        """Keep nothing of a page that is closed."""
        self._changed.discard(page.key)
        if page.key in self._kept:
            self._kept.discard(page.key)
            self._files.forget(page.key)

    def _keep(self, page: EditorPage) -> None:
        if not page.is_dirty:
            self.forget(page)
            return
        self._kept.add(page.key)
        record = RecoveryRecord(
            path=page.path,
            name=page.name,
            text=page.editor.text(),
            saved_at=time.time(),
            format=page.form,
            stamp=page.file.stamp if page.file else None,
            page=page.key,
        )
        self._files.keep(page.key, record, self._on_kept)

    def _on_kept(self, error: AppError | None) -> None:
        if error is not None and not self._is_failing:
            self.failed.emit(error)
        self._is_failing = error is not None

    # --- coming back ----------------------------------------------------------------------------------------

    def restore(self, page: EditorPage, kept: RecoveryRecord, *, after_crash: bool, then: Callable[[], None]) -> None:
        """Show a page as it was, over what its file is now: Undo brings that back."""
        page.is_asleep = False
        page.editor.setReadOnly(True)  # nothing is typed into what is not there yet

        def show(disk: TextFile | None) -> None:
            if page.is_closed:
                return
            if disk is None:
                page.is_gone = bool(page.path)
                page.editor.setReadOnly(False)
                page.show_text("")
            else:
                self._reads.show(page, disk)
            page.editor.replace_text(kept.text)
            page.set_form(kept.format)
            page.set_modified(disk is None or disk.text != kept.text)
            self._keep(page)  # under the page's own key
            self._files.forget(kept.key)
            if disk is not None and kept.stamp is not None and disk.stamp.digest != kept.stamp.digest:
                page.file = msgspec.structs.replace(disk, stamp=kept.stamp)
                self._outside.look(page)
            if after_crash and page.is_dirty:
                self._tell(page, disk)
            then()

        if not page.path:
            show(None)
        else:
            self._files.read(page.path, "", lambda answer: show(answer if isinstance(answer, TextFile) else None))

    def _tell(self, page: EditorPage, disk: TextFile | None) -> None:
        verbs = []
        if disk is not None:

            def drop() -> None:
                page.banners.clear("recovered")
                self._reads.renew(page, disk)

            verbs = [
                BannerVerb("Compare", "compare", lambda: self._outside.compare(page)),
                BannerVerb("Go back to the file", "drop", drop),
            ]
        words = "Sawhorse ended suddenly. What was typed here and not saved was brought back."
        page.banners.tell("recovered", "info", words, verbs)
