"""An editor, a finder and a chat with a scripted engine, for tests of what messages point at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.chat.replier import Replier
from app.chat.session import ChatSession
from app.conversations.store import ConversationStore
from app.engine.echo import EchoEngine
from app.engine.messages import LoadSettings
from app.files.finding import FoundPath
from ui.chat.chat_pane import ChatPane
from ui.chat.composer import ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.control.chat_control import ChatControl
from ui.control.reference_control import ReferenceControl
from ui.control.reference_reader import ReferenceReader
from ui.editor.code_editor import CodeEditor
from ui.sidebar.conversation_sidebar import ConversationSidebar
from ui.theme import Theme
from ui.widgets.actions import ActionTable
from ui.widgets.fuzzy import match
from ui.widgets.notices import Notices

FILES = {
    "src/parser.py": "import re\n\n\ndef parse(text):\n    return re.split(r'\\s+', text)\n\n\nparse('a b')\n",
    "src/paint.py": "def paint():\n    pass\n",
    "docs/notes.md": "# Notes\n\n```\nfenced\n```\n",
    "README.md": "Read me.\n",
}


class Desk:
    """The editor's tabs, as an ``EditorDesk`` that keeps texts in a dict."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        self.editor = CodeEditor(theme, window)
        self.texts: dict[str, str] = {}
        self.current_path = ""
        self.is_open = False
        self.opened: list[tuple[str, int]] = []

    @property
    def current_editor(self) -> CodeEditor | None:
        return self.editor if self.is_open else None

    @property
    def open_paths(self) -> tuple[str, ...]:
        return tuple(self.texts)

    def text_of(self, path: str) -> str | None:
        return self.editor.text() if self.is_open and path == self.current_path else self.texts.get(path)

    def open_file(self, path: str, line: int = 0, column: int = 1) -> None:
        self.opened.append((path, line))

    def show(self, path: str, text: str) -> None:
        """Have a text in the editor."""
        self.is_open, self.current_path = True, path
        self.editor.set_language(path)
        self.editor.load_text(text)
        if path:
            self.texts[path] = text

    def select(self, first: int, last: int) -> None:
        """Select whole lines, from 1."""
        cursor = self.editor.textCursor()
        document = self.editor.document()
        cursor.setPosition(document.findBlockByNumber(first - 1).position())
        end = document.findBlockByNumber(last - 1)
        cursor.setPosition(end.position() + len(end.text()), cursor.MoveMode.KeepAnchor)
        self.editor.setTextCursor(cursor)


class Finder:
    """A ``PathFinder`` over a small folder; with ``is_slow`` it answers when the test says so."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.is_slow = False
        self.asked: list[tuple[str, object]] = []

    def find(self, query, limit, on_found):
        self.asked.append((query, on_found))
        if not self.is_slow:
            self.answer()

    def answer(self):
        """Answer the newest question."""
        query, on_found = self.asked[-1]
        found = []
        for path in sorted(Path(self.folder).rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            hit = match(query, name)
            if hit is not None:
                size = path.stat().st_size if path.is_file() else 0
                found.append(
                    (-hit.score, FoundPath(path=name, is_folder=path.is_dir(), matched=hit.positions, size_bytes=size))
                )
        on_found(tuple(one for _score, one in sorted(found, key=lambda pair: pair[0])))


class Chat:
    """The middle of the window with all that references need; ``load`` makes the engine ready."""

    def __init__(self, theme: Theme, home: Path, folder: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        self.store = ConversationStore(home / "conversations.db")
        self.engine = EchoEngine(self._handle)
        self.replier = Replier(self.engine, self.store, self._apply, "Summarise.")
        self.session = ChatSession(self.engine, self.store, self.replier, self._apply)
        self.window = QWidget()
        self.notices = Notices(theme, self.window, top=0)
        self.composer, self.transcript = ComposerPanel(theme), TranscriptView(theme)
        self.sidebar = ConversationSidebar(theme)
        layout = QVBoxLayout(self.window)
        layout.addWidget(ChatPane(theme, self.transcript, self.composer))
        self.sidebar.setParent(self.window)
        self.sidebar.hide()
        self.control = ChatControl(
            self.session, self.replier, self.store, self.transcript, self.composer, self.sidebar, self.notices, dict,
            self.window,
        )  # fmt: skip
        self.desk, self.finder = Desk(theme, self.window), Finder(str(folder))
        self.desk.editor.hide()
        self.reader = ReferenceReader(self.window)
        self.references = ReferenceControl(
            theme, self.composer, self.transcript, self.control, self.desk, self.finder, self.engine,
            self.reader.read, self.window,
        )  # fmt: skip
        self.table = ActionTable(theme, self.window)
        self.references.add_actions(self.table)
        self.window.resize(900, 700)
        self.window.show()
        self.composer.focus()

    def _handle(self, event):
        self.replier.handle(event)
        self.references.handle(event)

    def _apply(self, change):
        self.control.apply(change)

    def load(self):
        self.engine.load("model.gguf", LoadSettings())
        self.engine.finish()

    def path(self, name: str) -> str:
        return str(self.folder / name)

    @property
    def pointed(self) -> list[tuple[str, int, int]]:
        """What the composer points at."""
        return [(one.path, one.first_line, one.last_line) for one in self.composer.references]

    def close(self):
        self.references.stop()
        self.reader.close()
        self.control.stop()
        self.engine.close()
        self.store.close()
        self.notices.dismiss_all()
        self.window.close()
