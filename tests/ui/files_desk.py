"""A window with the pages of files on real child processes, for tests."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QListView, QPlainTextEdit

from app.files.search_files import FileHits, LineHits, SearchEnd
from app.settings import SettingsFile
from ui.control.files_actions import add_files_actions
from ui.control.files_control import FilesControl
from ui.files.file_tree import FileTree
from ui.files.tree_view import FileTreeView
from ui.main_window import MainWindow
from ui.sidebar.sidebar_pages import SidebarPages


class FakeDesk:
    """An ``EditorDesk`` that remembers what it was asked to open."""

    def __init__(self) -> None:
        self.current_editor = None
        self.current_path = ""
        self.open_paths: tuple[str, ...] = ()
        self.opened: list[tuple[str, int, int]] = []

    def open_file(self, path, line=0, column=1):
        self.opened.append((path, line, column))


class FakeSearch:
    """A ``FileSearch`` that answers when the test says so."""

    def __init__(self) -> None:
        self.queries = []
        self.cancelled = []
        self.is_closed = False

    def search(self, query, on_hits, on_done):
        self.queries.append(query)
        self.on_hits, self.on_done = on_hits, on_done
        return len(self.queries)

    def cancel(self, search):
        self.cancelled.append(search)

    def tick(self):
        """There is no process to look after."""

    def close(self):
        self.is_closed = True

    def answer(self, *files: FileHits) -> None:
        if files:
            self.on_hits(files)
        self.on_done(SearchEnd(files=len(files), lines=sum(hits.line_count for hits in files)))


def hits(path: str, *lines: int, word: str = "word") -> FileHits:
    """Return a file in whose lines a word stands."""
    found = tuple(
        LineHits(number=n, text=f"    {word} {n}", spans=((4, 4 + len(word)),), column=5, length=4) for n in lines
    )
    return FileHits(path=path, lines=found, line_count=len(found))


class FilesDesk:
    """The window, and what is in it."""

    def __init__(self, theme, qtbot, settings: Path) -> None:
        self.qtbot = qtbot
        self.window = MainWindow(theme)
        qtbot.addWidget(self.window)
        self.pages = SidebarPages(theme)
        self.pages.add_page("chats", "Conversations", "conversations", self._make_chats)
        self.desk, self.search = FakeDesk(), FakeSearch()
        self.settings = SettingsFile(settings)
        self.control = FilesControl(
            theme,
            self.window,
            self.pages,
            self.desk,
            self.settings,
            lambda _transport: self.search,
            change_settings=lambda fields: self.settings.change(**fields),
            unsaved_texts=lambda: {"/a": "b"},
        )
        add_files_actions(self.window.action_table, self.control)
        self.window.set_sidebar(self.pages)
        chat = QPlainTextEdit()
        chat.setObjectName("chat")
        chat.setAccessibleName("Chat")
        self.window.set_chat(chat)
        self.window.show()
        qtbot.waitExposed(self.window)

    def _make_chats(self):
        field = QLineEdit()
        field.setObjectName("chats")
        field.setAccessibleName("Conversations")
        return field

    @property
    def tree(self) -> FileTree:
        return self.window.findChild(FileTree, "file_tree")

    @property
    def view(self) -> FileTreeView:
        return self.tree.findChild(FileTreeView)

    @property
    def filtered(self) -> list[str]:
        return self.tree.findChild(QListView, "filtered_files").shown_paths()

    def field(self, name: str) -> QLineEdit:
        return self.window.findChild(QLineEdit, name)

    def open(self, folder: Path) -> None:
        """Open a folder in the tree and wait until it is listed."""
        self.control.show_folder(str(folder))
        self.window.action_table.run("files.show")
        self.wait(self.rows)

    def index(self, path: str):
        """Wait until a path is listed; return its row."""
        self.wait(lambda: self.tree.model.index_of(path).isValid())
        return self.tree.model.index_of(path)

    def expand(self, path: str) -> None:
        self.view.expand(self.index(path))
        self.wait(lambda: self.tree.model.node_at(self.index(path)).children is not None)

    def rows(self, path: str = "") -> list[str]:
        """Return the rows of a folder as they are shown."""
        model = self.tree.model
        parent = model.index_of(path)
        return [model.index(row, 0, parent).data() for row in range(model.rowCount(parent))]

    def wait(self, is_so) -> None:
        self.qtbot.waitUntil(lambda: bool(is_so()), timeout=20_000)

    def close(self) -> None:
        self.control.close()
        self.window.notices.dismiss_all()
        self.window.close()
