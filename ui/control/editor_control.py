"""The files that are open in the editor: opening, closing, and what the rest of the window asks of them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.files.port import FilesPort
from app.settings import SettingsFile
from ui.control.editor_forms import EditorForms
from ui.control.editor_options import EditorOptions
from ui.control.editor_places import Place, go_to_place, place_of
from ui.control.editor_questions import Answer, EditorQuestions
from ui.control.editor_reads import EditorReads
from ui.control.editor_recovery import EditorRecovery
from ui.control.editor_saves import EditorSaves
from ui.control.editor_session import EditorSession
from ui.control.outside_changes import OutsideChanges
from ui.editor.code_editor import CodeEditor
from ui.editor.desk import DiffAsker
from ui.editor.editor_page import EditorPage
from ui.editor.editor_tabs import EditorTabs
from ui.theme import Theme

MAX_CLOSED = 30


class EditorControl(QObject):
    """The editor's desk: see ``ui.editor.desk.EditorDesk``.

    Signals:
        current_changed(): Another file has the keyboard, or is in front.
        opened(str): A file is open now; its path. ``saved`` and ``closed`` too; empty for what is no file.
        editor_added(CodeEditor): A text widget was made, for those who listen to each.
        selection_asked(): The person wants to ask about what is selected in ``current_editor``.
        reveal_requested(str): A path is to be shown in the file tree.
        find_requested(): A file is to be gone to by its name.
        failed(AppError): Something is to be said that belongs to no tab.
        shown_asked(): The editor is to be brought into view, for something was opened in it.
    """

    current_changed = Signal()
    opened = Signal(str)
    saved = Signal(str)
    closed = Signal(str)
    editor_added = Signal(object)
    selection_asked = Signal()
    reveal_requested = Signal(str)
    find_requested = Signal()
    failed = Signal(object)
    shown_asked = Signal()

    def __init__(
        self,
        theme: Theme,
        tabs: EditorTabs,
        files: FilesPort,
        settings: SettingsFile,
        differ: DiffAsker,
        questions: EditorQuestions,
        folder_of: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.tabs = tabs
        self._questions = questions
        self._folder_of = folder_of
        self._closed: list[Place] = []
        self._changes: dict[str, str] = {}
        self.reads = EditorReads(files, self)
        self.saves = EditorSaves(files, questions, folder_of, self.page_of, self)
        self.outside = OutsideChanges(files, self.reads, differ, lambda: tabs.pages, self.saves.save, self)
        self.recovery = EditorRecovery(files, self.reads, self.outside, lambda: tabs.pages, self)
        self.options = EditorOptions(tabs, settings, self)
        self._forms = EditorForms(tabs, self.reads, self.saves, questions, self)
        self._session = EditorSession(
            tabs, files, settings, self.options, self.recovery, self._add, self._wake, self._on_arrived, self
        )
        self._connect()

    def _connect(self) -> None:
        tabs = self.tabs
        tabs.close_asked.connect(self.close_pages)
        tabs.files_dropped.connect(self.open_files)
        tabs.open_clicked.connect(self.choose_files)
        tabs.new_clicked.connect(self.new_file)
        tabs.find_clicked.connect(self.find_requested)
        tabs.reveal_asked.connect(self.reveal_requested)
        tabs.shown.connect(self._wake)
        tabs.current_changed.connect(self.current_changed)
        tabs.current_changed.connect(self._session.note)
        self.reads.save_as_asked.connect(self.saves.save_as)
        self.reads.arrived.connect(self._on_arrived)
        self.saves.saved.connect(self._on_saved)
        self.saves.moved.connect(self._on_moved)
        self.recovery.failed.connect(self.failed)
        self._session.failed.connect(self.failed)
        self._session.brought_back.connect(self.shown_asked)
        self.saves.compare_asked.connect(self.outside.compare)
        self.saves.reload_asked.connect(self.outside.reload)

    # --- the desk -------------------------------------------------------------------------------------------

    @property
    def current_editor(self) -> CodeEditor | None:
        """The editor that has, or last had, the keyboard."""
        page = self.tabs.current
        return page.editor if page is not None and not page.has_problem else None

    @property
    def current_path(self) -> str:
        """Its file."""
        return self.tabs.current.path if self.tabs.current else ""

    @property
    def open_paths(self) -> tuple[str, ...]:
        """The files that are open, the one used last first."""
        return tuple(page.path for page in self.tabs.recent_pages if page.path)

    def page_of(self, path: str) -> EditorPage | None:
        """Return the page of a file, if it is open."""
        path = _absolute(path)
        return next((page for page in self.tabs.pages if page.path == path), None)

    def text_of(self, path: str) -> str | None:
        """Return the text of an open file with what is not saved yet; None if it is not open, or not read yet."""
        page = self.page_of(path)
        is_here = page is not None and not page.has_problem and (page.file is not None or page.is_gone)
        return page.editor.text() if page is not None and is_here else None

    def open_file(self, path: str, line: int = 0, column: int = 1) -> None:
        """Open a file, or bring it to the front, at a line from 1 (0: where it was left); errors are shown."""
        page = self.page_of(path)
        if page is None:
            page = self._add(uuid.uuid4().hex, _absolute(path), "")
            page.is_asleep = True
        if line:
            self._session.asleep.pop(page.key, None)
            if page.is_asleep:
                self._session.asleep[page.key] = Place(key=page.key, line=line, column=column)
            else:
                page.editor.go_to(line, column)
        self.shown_asked.emit()
        self.tabs.show_page(page)
        self._wake(page)

    def open_to_side(self, path: str, line: int = 0, column: int = 1) -> None:
        """Open a file on the other side than the one that has the keyboard; one that is open moves there."""
        before = self.tabs.current
        self.open_file(path, line, column)
        page = self.page_of(path)
        is_same_side = before is not None and page is not None and self.tabs.side_of(page) == self.tabs.side_of(before)
        if page is not before and is_same_side:
            self.tabs.split()

    def follow_rename(self, old: str, new: str) -> None:
        """Go on with open files under the new name of a file, or of a folder that they are in; both absolute."""

        def moved(path: str) -> str:
            is_in = path and Path(path).is_relative_to(old)
            return str(Path(new) / Path(path).relative_to(old)) if is_in else path

        for page in self.tabs.pages:
            if moved(page.path) != page.path:
                page.rename(moved(page.path))
        self._closed = [place.at(moved(place.path)) for place in self._closed]
        self._changes = {moved(path): text for path, text in self._changes.items()}
        self._session.asleep = {key: place.at(moved(place.path)) for key, place in self._session.asleep.items()}
        self.tabs.show_faces()
        self.outside.watch()
        self._session.note()

    def open_files(self, paths: Sequence[str]) -> None:
        """Open several files; the last is in front."""
        for path in paths:
            self.open_file(path)

    def open_text(self, text: str, name: str = "") -> None:
        """Open a new text that is no file yet; ``name`` proposes one, and says the language."""
        taken = {page.name for page in self.tabs.pages if not page.path}
        unused = next(f"Untitled {number}" for number in count(1) if f"Untitled {number}" not in taken)
        page = self._add(uuid.uuid4().hex, "", name or unused)
        page.show_text(text)
        page.set_modified(bool(text))
        self.shown_asked.emit()
        self.tabs.show_page(page)
        self.recovery.note(page)
        self.opened.emit("")

    def new_file(self) -> None:
        """Open an empty text."""
        self.open_text("")

    def change_text(self, path: str, text: str) -> None:
        """Open a file where another text begins to differ, and give it that as one step to undo; it is not saved."""
        page = self.page_of(path)
        if page is not None and page.file is not None and not page.has_problem:
            _change(page.editor, text)
        else:
            self._changes[_absolute(path)] = text
            if page is not None and page.has_problem:
                page.is_asleep = True  # it could not be read so far
        self.open_file(path)

    def tool_changed(self, path: str) -> None:
        """Show at once, and mark, what a tool just wrote into a file, if it is open."""
        page = self.page_of(path)
        if page is not None and not page.is_asleep:
            self.outside.look(page, by_tool=True)

    def taken_back(self, path: str) -> None:
        """Show at once what a person took back, or again, of a tool's changes: marked as the tool's no more."""
        page = self.page_of(path)
        if page is not None and not page.is_asleep:
            self.outside.look(page)

    # --- opening --------------------------------------------------------------------------------------------

    def choose_files(self) -> None:
        """Ask which files to open."""
        self._questions.ask_files(self._folder_of() or str(Path.home()), self.open_files)

    def reopen_closed(self) -> None:
        """Open the file that was closed last, where it was left."""
        while self._closed:
            place = self._closed.pop()
            if self.page_of(place.path) is None:
                page = self._add(place.key, place.path, "")
                page.is_asleep = True
                page.alias = place.language
                self._session.asleep[page.key] = place
                self.shown_asked.emit()
                self.tabs.show_page(page)
                self._wake(page)
                return

    @property
    def can_reopen(self) -> bool:
        """Whether a file was closed that could be opened again."""
        return bool(self._closed)

    def _add(self, key: str, path: str, name: str, side: int | None = None) -> EditorPage:
        page = EditorPage(self._theme, key, path, name)
        editor = page.editor
        self.options.dress(editor)
        editor.save_requested.connect(lambda: self.saves.save(page))
        editor.selection_asked.connect(self.selection_asked)
        editor.typed.connect(lambda: self.recovery.note(page))
        page.face_changed.connect(lambda: self.recovery.note(page))
        page.info_changed.connect(self._session.note)
        page.scan.finished.connect(lambda: self.reads.note_scan(page))
        self.tabs.add(page, side)
        self.editor_added.emit(editor)
        return page

    def _wake(self, page: EditorPage) -> None:
        """Read the file of a page that is on show for the first time."""
        if not page.is_asleep:
            return
        page.is_asleep = False
        page.editor.setReadOnly(True)  # nothing is typed into what is not there yet

        def hear(error: AppError | None) -> None:
            if error is None or page not in self.tabs.pages:
                return
            if page.path in self._changes and not Path(page.path).exists():
                page.editor.setReadOnly(False)
                page.show_text("")
                page.is_gone = True
                self._on_arrived(page)
            else:
                self._changes.pop(page.path, None)
                self.reads.show_problem(page, error)

        self.reads.read(page, hear)

    def _on_arrived(self, page: EditorPage) -> None:
        place = self._session.asleep.pop(page.key, None)
        if place is not None:
            go_to_place(page, place)
        text = self._changes.pop(page.path, None)
        if text is not None:
            _change(page.editor, text)
        self.outside.watch()
        self.opened.emit(page.path)
        if page is self.tabs.current:
            self.current_changed.emit()

    def _on_saved(self, page: EditorPage) -> None:
        page.editor.mark_lines("model", ())
        self.recovery.note(page)
        self.tabs.show_faces()
        self.outside.watch()
        self.saved.emit(page.path)

    def _on_moved(self, page: EditorPage) -> None:
        """Close what was open of the file that a page was saved to."""
        for other in self.tabs.pages:
            if other.path == page.path and other is not page:
                self._close(other)

    # --- closing --------------------------------------------------------------------------------------------

    def close_current(self) -> None:
        """Close the page in front."""
        if self.tabs.current is not None:
            self.close_pages([self.tabs.current])

    def close_pages(self, pages: Sequence[EditorPage]) -> None:
        """Close pages, asking about each that is not saved; a cancel ends it."""
        rest = list(pages)
        while rest:
            page = rest.pop(0)
            if page.is_closed:
                continue
            if page.is_dirty and page.is_saving:
                self.saves.when_done(page, partial(self.close_pages, [page, *rest]))
                return
            if page.is_dirty:
                self.tabs.show_page(page)
                self._questions.ask_save(page.title, partial(self._on_answer, page, rest))
                return
            self._close(page)

    def _on_answer(self, page: EditorPage, rest: Sequence[EditorPage], answer: Answer) -> None:
        if answer == "cancel" or page not in self.tabs.pages:
            return
        if answer == "discard":
            self._close(page)
            self.close_pages(rest)
            return

        def hear(is_saved: bool) -> None:
            if is_saved and page in self.tabs.pages and not page.is_dirty:
                self._close(page)
                self.close_pages(rest)

        self.saves.save(page, hear)

    def save_all(self) -> None:
        """Save every page that is not saved; those that are no files yet are asked about."""
        for page in self.tabs.pages:
            if page.is_dirty:
                self.saves.save(page)

    def _close(self, page: EditorPage) -> None:
        place = self._session.asleep.pop(page.key, None)
        if page.path:
            left = place_of(page, self.tabs.side_of(page), place)
            self._closed = [*self._closed, left][-MAX_CLOSED:]
        page.is_closed = True
        page.scan.stop()
        self.recovery.forget(page)
        self.tabs.remove(page)
        self.outside.watch()
        self._session.note()
        self.closed.emit(page.path)

    # --- start and end --------------------------------------------------------------------------------------

    def restore(self) -> None:
        """Open what was open when the window was closed, with what was not saved."""
        self._session.restore()

    def stop(self) -> None:
        """Keep what is open and what is not saved; safe to call twice."""
        self.recovery.keep_now()
        self.outside.stop()
        self._session.stop()


def _change(editor: CodeEditor, text: str) -> None:
    if text != editor.text():
        editor.go_to(editor.replace_text(text))


def _absolute(path: str) -> str:
    """Return a path from the root on; links in it are not followed: it is the person's own name for the file."""
    return os.path.abspath(path)  # noqa: PTH100  # Path.resolve follows links
