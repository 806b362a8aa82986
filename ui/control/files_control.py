"""Connects the open folder to the window: its tree, going to a file, and searching in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import AppError
from app.files.folder_messages import IndexBuilt
from app.files.folder_service import FolderFinder, FolderService
from app.ipc.launch import clean_environment
from app.ipc.transport import Transport
from app.settings import SettingsFile
from ui.main_window import MainWindow
from ui.process_transport import QtProcessTransport
from ui.sidebar.sidebar_pages import SidebarPages
from ui.theme import Theme

if TYPE_CHECKING:
    from app.files.search_files import FileHits, SearchEnd, SearchProcess, SearchQuery
    from ui.control.tree_control import TreeControl
    from ui.editor.desk import EditorDesk
    from ui.files.file_tree import FileTree
    from ui.files.quick_open import QuickOpen
    from ui.files.search_panel import SearchPanel

TICK_MS = 1000
#: The paths of a folder are learnt once the window has had the time to show it.
INDEX_PAUSE_MS = 1500


class FilesControl(QObject):
    """One folder is open at a time. Opening it reads names and runs nothing of it.

    What is seen of it is made when it is first shown; the child processes start when they are first asked.

    Signals:
        folder_changed(str): Another folder is open, absolute; empty for none.
        side_requested(str, int, int): A file is to be opened to the side, at a line (0 for none) and a column.
        reference_asked(str): A question about a file or folder, absolute, is to be written.
        workspace_asked(str): A folder, absolute, is to be the one that tools act in.
        renamed(str, str): A file or folder was renamed in the tree: both paths, absolute.
        left(): The keyboard is to go from the tree or the search back to the text.
    """

    folder_changed = Signal(str)
    side_requested = Signal(str, int, int)
    reference_asked = Signal(str)
    workspace_asked = Signal(str)
    renamed = Signal(str, str)
    left = Signal()

    def __init__(
        self,
        theme: Theme,
        window: MainWindow,
        pages: SidebarPages,
        desk: EditorDesk,
        settings: SettingsFile,
        make_search: Callable[[Transport], SearchProcess],
        *,
        change_settings: Callable[[dict[str, Any]], None],
        unsaved_texts: Callable[[], Mapping[str, str]] = dict,
        parent: QObject | None = None,
    ) -> None:
        """Add the pages "files" and "search" to the sidebar.

        Args:
            theme, window, pages, desk, settings: The parts.
            make_search: Makes what searches in files; called when something is first searched for.
            change_settings: Puts fields of the settings in force and writes them.
            unsaved_texts: Returns the texts of open files that are not as they are on disk, by absolute path.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._theme = theme
        self._window = window
        self._pages = pages
        self._desk = desk
        self._settings = settings
        self._make_search = make_search
        self._change_settings = change_settings
        self._unsaved_texts = unsaved_texts
        self._transports: list[QtProcessTransport] = []
        self._service = FolderService(self._make_transport)
        self._service.on_indexed = self._on_indexed
        self._tree: FileTree | None = None
        self._tree_control: TreeControl | None = None
        self._quick_open: QuickOpen | None = None
        self._panel: SearchPanel | None = None
        self._search: SearchProcess | None = None
        self._search_number = 0
        self._tree_state: Mapping[str, Any] = {}
        self._opened: tuple[str, ...] = ()
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._on_tick_timeout)
        self._index_timer = QTimer(self)
        self._index_timer.setSingleShot(True)
        self._index_timer.setInterval(INDEX_PAUSE_MS)
        self._index_timer.timeout.connect(self._service.index)
        pages.add_page("files", "Files", "folder-tree", self._make_tree)
        pages.add_page("search", "Search", "search", self._make_panel)

    # --- the folder -----------------------------------------------------------------------------------------

    @property
    def folder(self) -> str:
        """The open folder, absolute; empty for none."""
        return self._service.folder

    def make_finder(self, *, with_folders: bool = True) -> FolderFinder:
        """Return a ``PathFinder`` of the open folder for one asker."""
        return self._service.finder(with_folders=with_folders)

    def show_folder(self, folder: str) -> None:
        """Open a folder, in place of the one before; "" closes it."""
        folder = str(Path(folder).absolute()) if folder else ""
        if folder == self.folder:
            return
        if folder and not Path(folder).is_dir():
            self._window.notices.show_error(
                AppError("This folder is not there any more", f"{folder}.", "Open another one.")
            )
            return
        self._service.open(folder)
        if folder:
            self._change_settings({"recent_folders": self._settings.settings.with_folder(folder).recent_folders})
            self._tick.start()
        self._show()
        self.folder_changed.emit(folder)

    def choose_folder(self) -> None:
        """Ask for a folder to open."""
        dialog = QFileDialog(self._window, "Open folder", self.folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._on_folder_chosen)
        dialog.open()

    def refresh(self) -> None:
        """Read the folder again."""
        self._service.note_change()
        if self._tree_control is not None:
            self._tree_control.refresh()

    def note_change(self) -> None:
        """Files were saved, or a tool has written some: git may say something else, and there may be new ones."""
        self._service.note_change()
        if self._tree_control is not None:
            self._tree_control.note_change()

    # --- what is shown --------------------------------------------------------------------------------------

    def show_files(self) -> None:
        """Show the tree and give it the keyboard."""
        self._window.show_sidebar(True)
        self._pages.show_page("files")
        if self._tree is not None:
            self._tree.focus_tree()

    def show_search(self) -> None:
        """Show the search in files, with what is selected in the editor as what is looked for."""
        self._window.show_sidebar(True)
        self._pages.show_page("search")
        editor = self._desk.current_editor
        if self._panel is not None:
            self._panel.focus_query(editor.selected_text() if editor is not None else "")

    def go_to_file(self) -> None:
        """Open the field in which a file's name is typed."""
        if self._quick_open is None:
            from ui.files.quick_open import QuickOpen  # noqa: PLC0415 - a start has no use for it

            self._quick_open = QuickOpen(self._theme, self._service.finder(), self._window)
            self._quick_open.chosen.connect(self._on_quick_open_chosen)
            self._quick_open.line_chosen.connect(self._on_quick_open_line_chosen)
        self._service.recent = tuple(dict.fromkeys((*self._desk.open_paths, *self._opened)))
        self._service.index()
        self._quick_open.open()

    def reveal_current(self) -> None:
        """Show the editor's file in the tree."""
        self.reveal(self._desk.current_path)

    def reveal(self, path: str) -> None:
        """Show a file or folder, absolute, in the tree and give that the keyboard."""
        below = self._service.below(path) if path else None
        if below is None:
            self._window.notices.show_info("The file is not in the open folder")
            return
        self.show_files()
        if self._tree is not None:
            self._tree.reveal(below)

    def follow(self, path: str) -> None:
        """Another file is on show in the editor: select it in the tree, if that is on show and is to follow."""
        below = self._service.below(path) if path else None
        if below and self._tree is not None and self._tree.isVisible() and self._tree.head.follows_editor:
            self._tree.reveal(below)

    def state(self) -> dict[str, Any]:
        """Return how it stands, as values that JSON can hold."""
        tree = self._tree.state() if self._tree is not None else dict(self._tree_state)
        return {"folder": self.folder, "tree": tree}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Stand as ``state`` says; what cannot be used of it is left alone."""
        folder, tree = state.get("folder"), state.get("tree")
        self._tree_state = tree if isinstance(tree, dict) else {}
        if isinstance(folder, str) and folder and Path(folder).is_dir():
            self.show_folder(folder)

    def close(self) -> None:
        """End the child processes and watch nothing; safe to call twice."""
        self._tick.stop()
        self._index_timer.stop()
        control, self._tree_control = self._tree_control, None
        if control is not None:
            control.stop()
        self._service.close()
        if self._search is not None:
            self._search.close()
        for transport in self._transports:
            transport.close()

    # --- how ------------------------------------------------------------------------------------------------

    def _make_transport(self) -> QtProcessTransport:
        transport = QtProcessTransport(clean_environment(), self)
        self._transports.append(transport)
        return transport

    def _make_tree(self) -> QWidget:
        from ui.control.tree_control import TreeControl  # noqa: PLC0415 - as above
        from ui.files.file_tree import FileTree  # noqa: PLC0415 - as above

        tree = self._tree = FileTree(self._theme, self._service.finder())
        tree.choose_asked.connect(self.choose_folder)
        tree.folder_chosen.connect(self.show_folder)
        tree.reference_asked.connect(self.reference_asked)
        tree.workspace_asked.connect(self.workspace_asked)
        tree.ignored_switched.connect(self._on_tree_ignored_switched)
        tree.left.connect(self.left)
        control = self._tree_control = TreeControl(
            self._theme, tree, self._service, self._window.notices, self._window, self
        )
        control.open_requested.connect(self._on_open_requested)
        control.changed.connect(self._on_changed)
        control.renamed.connect(self.renamed)
        self._show()
        return tree

    def _make_panel(self) -> QWidget:
        from ui.files.search_panel import SearchPanel  # noqa: PLC0415 - as above

        panel = self._panel = SearchPanel(self._theme)
        panel.search_asked.connect(self._on_panel_search_asked)
        panel.cancel_asked.connect(self._cancel_search)
        panel.hit_chosen.connect(self._on_panel_hit_chosen)
        panel.left.connect(self.left)
        panel.show_folder(Path(self.folder).name if self.folder else "")
        return panel

    def _show(self) -> None:
        """Show the folder that is open now in all that there is to show it."""
        self._cancel_search()
        if self._panel is not None:
            self._panel.show_folder(Path(self.folder).name if self.folder else "")
        if self._tree is None or self._tree_control is None:
            return
        self._tree.head.shows_ignored = self._settings.settings.shows_ignored
        self._tree.show_folder(self.folder, self._settings.settings.recent_folders)
        self._tree.restore(self._tree_state)
        self._tree_state = {}
        self._tree_control.open()
        self._index_timer.start()

    def _open(self, path: str, line: int = 0, column: int = 1, *, to_side: bool = False) -> None:
        self._opened = tuple(dict.fromkeys((path, *self._opened)))[:50]
        if to_side:
            self.side_requested.emit(path, line, column)
        else:
            self._desk.open_file(path, line, column)

    def _cancel_search(self) -> None:
        if self._search is not None and self._search_number:
            self._search.cancel(self._search_number)
            self._search_number = 0

    # --- what was asked -------------------------------------------------------------------------------------

    def _on_tick_timeout(self) -> None:
        self._service.tick()
        if self._search is not None:
            self._search.tick()

    def _on_folder_chosen(self, folder: str) -> None:
        self.show_folder(folder)
        self.show_files()

    def _on_open_requested(self, path: str, to_side: bool) -> None:
        self._open(path, to_side=to_side)

    def _on_quick_open_chosen(self, below: str, line: int, column: int, to_side: bool) -> None:
        self._open(self._service.path_of(below), line, column, to_side=to_side)

    def _on_quick_open_line_chosen(self, line: int, column: int) -> None:
        if self._desk.current_path:
            self._desk.open_file(self._desk.current_path, line, column)
        elif self._desk.current_editor is not None:
            self._desk.current_editor.go_to(line, column)

    def _on_panel_hit_chosen(self, below: str, line: int, column: int) -> None:
        self._open(self._service.path_of(below), line, column)

    def _on_panel_search_asked(self, query: SearchQuery) -> None:
        panel = self._panel
        if panel is None or not self.folder:
            return
        self._search = self._search or self._make_search(self._make_transport())
        panel.begin()

        def add(found: tuple[FileHits, ...]) -> None:
            panel.add(found)

        def end(ended: SearchEnd | AppError) -> None:
            self._search_number = 0
            panel.end(ended)

        whole = msgspec.structs.replace(query, folder=self.folder, unsaved=dict(self._unsaved_texts()))
        self._search_number = self._search.search(whole, add, end)

    def _on_tree_ignored_switched(self) -> None:
        shows = not self._settings.settings.shows_ignored
        self._change_settings({"shows_ignored": shows})
        if self._tree is not None:
            self._tree.head.shows_ignored = shows
        self.refresh()

    def _on_changed(self) -> None:
        self._service.note_change()  # the paths are learnt anew when somebody asks for one

    def _on_indexed(self, built: IndexBuilt) -> None:
        if self._quick_open is not None:
            self._quick_open.refresh()
        if self._tree is not None:
            self._tree.refresh_filter()
        if built.is_cut:
            words = f"The first {built.files:,} can be found by name; the others are in the tree."
            self._window.notices.show_info("This folder has very many files", words)
