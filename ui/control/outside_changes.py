"""Notices when open files are changed by somebody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from app.errors import AppError
from app.files.port import FilesPort
from app.files.text_file import TextFile
from ui.control.editor_reads import EditorReads
from ui.editor.banner import BannerVerb
from ui.editor.desk import DiffAsker
from ui.editor.editor_page import EditorPage

#: Files and folders that are watched; each takes a handle of the system's. The others are looked at on activation.
MAX_WATCHED = 128
#: Writers change a file several times in a row.
SETTLE_MS = 200


class OutsideChanges(QObject):
    """Reloads pages without anything unsaved, and asks about the others."""

    def __init__(
        self,
        files: FilesPort,
        reads: EditorReads,
        differ: DiffAsker,
        pages: Callable[[], Sequence[EditorPage]],
        resave: Callable[[EditorPage], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._files = files
        self._reads = reads
        self._differ = differ
        self._pages = pages
        self._resave = resave
        #: Page's key -> digests of the version it is based on, and of the one on disk that it was told of.
        self._told: dict[str, tuple[str, str]] = {}
        self._watcher = QFileSystemWatcher(self)
        self._settle_timer = QTimer(self)
        self._settle_timer.setSingleShot(True)
        self._settle_timer.setInterval(SETTLE_MS)
        self._settle_timer.timeout.connect(self.check)
        self._watcher.fileChanged.connect(lambda _path: self._settle_timer.start())
        self._watcher.directoryChanged.connect(lambda _path: self._settle_timer.start())
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._on_application_state_changed)

    def stop(self) -> None:
        """Watch nothing any more."""
        self._settle_timer.stop()
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)

    def watch(self) -> None:
        """Watch what is open now; a file that was replaced has to be watched anew."""
        paths = [page.path for page in self._pages() if page.file is not None and page.path]
        folders = list(dict.fromkeys(str(Path(path).parent) for path in paths))
        wanted = set([*paths, *folders][:MAX_WATCHED])
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if watched - wanted:
            self._watcher.removePaths(list(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(list(wanted - watched))

    def check(self) -> None:
        """Look whether open files are on disk as they were read."""
        self.watch()
        for page in self._pages():
            if page.is_gone and page.file is not None and Path(page.path).exists():
                self.look(page)  # it is back, perhaps just as it was
        files = [page.file for page in self._pages() if page.file is not None and page.path and not page.is_saving]
        if files:
            self._files.find_changed(files, self._on_changed)

    def _on_changed(self, paths: tuple[str, ...] | AppError) -> None:
        if isinstance(paths, AppError):
            return  # it is looked at again soon
        for page in self._pages():
            if page.path in paths and not page.is_saving:
                self.look(page)

    def look(self, page: EditorPage, *, by_tool: bool = False) -> None:
        """Read a page's file again and show what became of it."""
        known = page.file

        def hear(answer: TextFile | AppError) -> None:
            if page.is_closed or page.is_saving or page.file is not known:
                return  # closed, or saved or read since it was asked
            if isinstance(answer, AppError):
                self._on_unreadable(page, answer)
            elif not page.is_dirty or page.has_problem:
                self._reads.renew(page, answer, marks=by_tool)
            elif answer.text == page.editor.text():
                page.take(answer)
                page.set_modified(False)
                page.banners.clear("outside")
                page.banners.clear("deleted")
            else:
                self._tell(page, answer, by_tool=by_tool)

        self._files.read(page.path, page.encoding, hear)

    def _on_unreadable(self, page: EditorPage, error: AppError) -> None:
        if page.has_problem:
            self._reads.show_problem(page, error)
        elif not Path(page.path).exists():
            if not page.is_gone:
                page.is_gone = True
                page.set_modified(True)
                verb = BannerVerb("Save it again", "save", lambda: self._resave(page))
                page.banners.clear("outside")
                page.banners.tell("deleted", "warning", "This file was deleted. Its text is still here.", [verb])
        else:
            verb = BannerVerb("Try again", "retry", lambda: self.look(page))
            page.banners.tell("outside", "warning", f"This file changed outside. {error}.", [verb])

    def _tell(self, page: EditorPage, disk: TextFile, *, by_tool: bool) -> None:
        page.is_gone = False
        page.banners.clear("deleted")
        versions = (page.file.stamp.digest if page.file else "", disk.stamp.digest)
        if self._told.get(page.key) == versions:
            return  # said, and perhaps dismissed
        self._told[page.key] = versions
        page.banners.clear("failed")
        who = "A tool changed this file" if by_tool else "This file changed outside"
        verbs = [
            BannerVerb("Compare", "compare", lambda: self.compare(page)),
            BannerVerb("Reload", "reload", lambda: self.reload(page)),
            BannerVerb("Keep mine", "keep", lambda: self.keep_mine(page)),
        ]
        page.banners.tell("outside", "warning", f"{who}, and there are changes here that are not saved.", verbs)

    # --- what can be done about it --------------------------------------------------------------------------

    def compare(self, page: EditorPage) -> None:
        """Show what the file has that the page has not, to be taken over hunk by hunk."""

        def show(disk: TextFile) -> None:
            def take(text: str) -> None:
                page.editor.replace_text(text)
                self._base_on(page, disk)

            title = f"{page.title}: from what is here to what is in the file"
            self._differ.ask(title, page.path, page.editor.text(), disk.text, "Take these changes", take)

        self._with_disk(page, show)

    def reload(self, page: EditorPage) -> None:
        """Take over what is in the file; what was here can be brought back with Undo."""
        self._with_disk(page, lambda disk: self._reads.renew(page, disk))

    def keep_mine(self, page: EditorPage) -> None:
        """Go on with what is here: the next save puts it in the file's place."""
        self._with_disk(page, lambda disk: self._base_on(page, disk))

    def _base_on(self, page: EditorPage, disk: TextFile) -> None:
        """Know what is on disk, so that the next save is no surprise; the text here stays."""
        form = page.form
        page.take(disk)
        page.set_form(form)
        page.set_modified(page.editor.text() != disk.text)
        for kind in ("outside", "failed"):
            page.banners.clear(kind)

    def _with_disk(self, page: EditorPage, act: Callable[[TextFile], object]) -> None:
        def hear(answer: TextFile | AppError) -> None:
            if page.is_closed:
                return
            if isinstance(answer, TextFile):
                act(answer)
            else:
                self._on_unreadable(page, answer)

        self._files.read(page.path, page.encoding, hear)

    def _on_application_state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._settle_timer.start()
