"""Connects the file tree to the open folder: lists, watches, changes, and asks git."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from app.files.folder_messages import Changed, GitState, Listed
from app.files.folder_service import FolderError, FolderService
from ui.files.delete_dialog import DeleteDialog
from ui.files.file_tree import FileTree
from ui.files.folder_watch import FolderWatch
from ui.theme import Theme
from ui.widgets.notice import Notice, NoticeAction
from ui.widgets.notices import Notices

GIT_PAUSE_MS = 500
#: So many folders that were opened in the tree are listed again when the window comes to the front.
MAX_REFRESHED = 64


class TreeControl(QObject):
    """What the tree shows is what the disk holds, also after somebody else changed it.

    Signals:
        open_requested(str, bool): A file is to be opened, absolute; True for the side.
        changed(): Something in the folder is not as it was; the paths may be others.
        renamed(str, str): A file or folder was renamed in the tree: both paths, absolute.
    """

    open_requested = Signal(str, bool)
    changed = Signal()
    renamed = Signal(str, str)

    def __init__(
        self, theme: Theme, tree: FileTree, service: FolderService, notices: Notices, window: QWidget,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._theme = theme
        self._tree = tree
        self._service = service
        self._notices = notices
        self._window = window
        self._watch = FolderWatch(self)
        self._is_asking_git = False
        self._git_timer = QTimer(self)
        self._git_timer.setSingleShot(True)
        self._git_timer.setInterval(GIT_PAUSE_MS)
        self._git_timer.timeout.connect(self._ask_git)
        tree.model.wanted.connect(self._list)
        tree.model.rename_asked.connect(self._rename)
        tree.model.make_asked.connect(self._make)
        tree.delete_asked.connect(self._on_tree_delete_asked)
        tree.open_requested.connect(self.open_requested)
        tree.link_followed.connect(self._on_tree_link_followed)
        tree.manager_asked.connect(show_in_manager)
        tree.refresh_asked.connect(self.refresh)
        self._watch.changed.connect(self._on_watch_changed)
        self._application = cast("QGuiApplication", QGuiApplication.instance())
        self._application.applicationStateChanged.connect(self._on_application_state_changed)

    # --- verbs --------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Show the service's folder, which is another than before."""
        self._is_asking_git = False
        if self._service.folder:
            self._tree.model.want("")
            self._git_timer.start(0)
        self._watch_listed()

    def refresh(self) -> None:
        """Read again what was listed, and ask git."""
        if not self._service.folder:
            return
        for path in self._tree.model.listed_folders()[:MAX_REFRESHED]:
            self._tree.model.want(path)
        self.note_change()

    def note_change(self) -> None:
        """A file's content changed: git may say something else of it."""
        if self._service.folder and not self._git_timer.isActive():
            self._git_timer.start(GIT_PAUSE_MS)
        self.changed.emit()

    def stop(self) -> None:
        """Watch nothing any more."""
        self._application.applicationStateChanged.disconnect(self._on_application_state_changed)
        self._git_timer.stop()
        self._watch.stop()

    # --- listing and git ----------------------------------------------------------------------------------

    def _list(self, path: str, limit: int) -> None:
        def show(listed: Listed | AppError) -> None:
            if not isinstance(listed, AppError):
                self._tree.show_listed(path, listed)
                self._watch_listed()
                return
            is_new = self._tree.model.node_at(self._tree.model.index_of(path)).children is None
            if is_new or not path:  # one that was listed before has gone, and the folder above it says so
                self._tree.show_listed(path, Listed(entries=()))
                self._notices.show_error(listed)

        self._service.list_folder(path, show, with_ignored=self._tree.head.shows_ignored, limit=limit)

    def _watch_listed(self) -> None:
        model = self._tree.model
        folders = [model.absolute(path) for path in model.listed_folders()] if model.folder else []
        git = [model.git.git_folder] if model.git.git_folder else []
        self._watch.watch([*git, *folders])

    def _ask_git(self) -> None:
        if self._is_asking_git or not self._service.folder:
            return
        self._is_asking_git = True

        def show(state: GitState | AppError) -> None:
            self._is_asking_git = False
            self._tree.model.show_git(GitState() if isinstance(state, AppError) else state)
            self._watch_listed()

        self._service.read_git(show)

    def _on_watch_changed(self, folders: list[str]) -> None:
        model = self._tree.model
        for folder in folders:
            below = self._service.below(folder)
            if below is not None and model.node_at(model.index_of(below)).path == below:
                model.want(below)
        self.note_change()

    def _on_application_state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive and self._tree.isVisible():
            self.refresh()

    # --- changes ------------------------------------------------------------------------------------------

    def _make(self, path: str, is_folder: bool) -> None:
        def made(answer: Changed | AppError) -> None:
            if self._failed(answer):
                return
            self._list_around(path)
            self._tree.reveal(path)
            if not is_folder:
                self.open_requested.emit(self._service.path_of(path), False)

        self._service.make(path, made, is_folder=is_folder)

    def _rename(self, path: str, new_path: str) -> None:
        def renamed(answer: Changed | AppError) -> None:
            if self._failed(answer):
                return
            self._list_around(path)
            self._list_around(new_path)
            self._tree.reveal(new_path)
            self.renamed.emit(self._service.path_of(path), self._service.path_of(new_path))

        self._service.rename(path, new_path, renamed)

    def _on_tree_delete_asked(self, path: str, is_folder: bool, *, for_good: bool = False, why: str = "") -> None:
        name = path.rpartition("/")[2]

        def deleted(answer: Changed | AppError) -> None:
            if isinstance(answer, FolderError) and answer.code == "no_bin":
                self._on_tree_delete_asked(path, is_folder, for_good=True, why=f"It has no bin: {answer.message}")
            elif not self._failed(answer):
                self._list_around(path)
                if not for_good:
                    self._notices.show_info(f"{name} is in the bin")

        def delete() -> None:
            self._service.delete(path, deleted, for_good=for_good)

        dialog = DeleteDialog(
            self._theme, name, is_folder=is_folder, for_good=for_good, why=why, on_yes=delete, parent=self._window
        )
        dialog.open()

    def _failed(self, answer: Changed | AppError) -> bool:
        if isinstance(answer, AppError):
            self._notices.show_error(answer)
            return True
        return False

    def _list_around(self, path: str) -> None:
        """List again the folder that an entry is in, or the nearest above it that is on show."""
        above = path.rpartition("/")[0]
        while above and not self._tree.model.index_of(above).isValid():
            above = above.rpartition("/")[0]
        self._tree.model.want(above)
        self.note_change()

    def _on_tree_link_followed(self, target: str) -> None:
        anyway = NoticeAction("Open it anyway", lambda: self.open_requested.emit(target, False))
        words = f"It points to {target}, which is not in the open folder."
        actions = () if Path(target).is_dir() else (anyway,)
        self._notices.show_notice(Notice("warning", "This link leads out of the folder", words, actions=actions))


def show_in_manager(path: str) -> None:
    """Show a file's folder, or a folder itself, in the system's file manager; a file is not opened."""
    place = Path(path)
    folder = place if place.is_dir() and not place.is_symlink() else place.parent
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
