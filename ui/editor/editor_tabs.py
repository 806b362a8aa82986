"""The editor's part of the window: tabs on one side or two, and what it says while nothing is open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QSplitter, QStackedLayout, QWidget

from ui.editor.editor_page import EditorPage
from ui.editor.file_kinds import hints_of
from ui.editor.tab_drop import TabDrop, dropped_files
from ui.editor.tab_group import TabGroup
from ui.editor.tab_menu import make_tab_menu
from ui.theme import Theme
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import make_button


class EditorTabs(QWidget):
    """Shows pages side by side; it does not read, write or close any.

    A file is open once: its text, its undo steps and its marks have one place. Opening it again shows that one.
    The second side is there as long as something is in it.

    Signals:
        current_changed(): Another page is in front, or has the keyboard.
        close_asked(list): These pages are to be closed.
        files_dropped(list): Paths of files that were dropped here.
        open_clicked(): A file is to be chosen. ``new_clicked``: a new text. ``find_clicked``: go to a file.
        reveal_asked(str): A path is to be shown in the file tree.
        shown(EditorPage): A page is on show.
        faces_changed(): A page is called otherwise, or is saved, or is not any more.
    """

    current_changed = Signal()
    close_asked = Signal(list)
    files_dropped = Signal(list)
    open_clicked = Signal()
    new_clicked = Signal()
    find_clicked = Signal()
    reveal_asked = Signal(str)
    shown = Signal(object)
    faces_changed = Signal()

    def __init__(self, theme: Theme, folder_of: Callable[[], str], parent: QWidget | None = None) -> None:
        """Build it; ``folder_of`` tells the folder that is open in the file tree, empty for none."""
        super().__init__(parent)
        self._theme = theme
        self._folder_of = folder_of
        self._active = 0
        self._recent: list[EditorPage] = []
        self.setObjectName("editor_tabs")
        self.setAccessibleName("Editor")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.groups = (TabGroup(theme, "", folder_of), TabGroup(theme, "_2", folder_of))
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setObjectName("editor_splitter")
        self._splitter.setChildrenCollapsible(False)
        self._empty = EmptyState(
            theme,
            "editor",
            "Nothing is open",
            "Open a file, go to one with Ctrl+P, or drop files here.",
        )
        self._empty.setObjectName("editor_empty")
        for words, role, signal, name in (
            ("Open a file\u2026", "primary", self.open_clicked, "editor_open_button"),
            ("Go to file", "", self.find_clicked, "editor_find_button"),
            ("New file", "", self.new_clicked, "editor_new_button"),
        ):
            self._empty.add_button(make_button(words, role, signal.emit, name))
        self._drop = TabDrop(self)
        self._body = QStackedLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.addWidget(self._empty)
        self._body.addWidget(self._splitter)
        for number, group in enumerate(self.groups):
            self._splitter.addWidget(group)
            self._splitter.setStretchFactor(number, 1)
            group.page_shown.connect(self._on_page_shown)
            group.close_asked.connect(lambda page: self.close_asked.emit([page]))
            group.menu_asked.connect(self._open_menu)
            group.split_clicked.connect(self.split)
            group.dragged_out.connect(self._drop.drag)
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]
        theme.changed.connect(self.show_faces)
        self._settle()

    # --- what is open ---------------------------------------------------------------------------------------

    @property
    def pages(self) -> list[EditorPage]:
        """Everything that is open, from left to right."""
        return [page for group in self.groups for page in group.pages]

    @property
    def recent_pages(self) -> list[EditorPage]:
        """Everything that is open, what was in front last coming first."""
        return [*self._recent, *(page for page in self.pages if page not in self._recent)]

    @property
    def current(self) -> EditorPage | None:
        """The page that has, or last had, the keyboard."""
        return self.groups[self._active].current

    @property
    def is_split(self) -> bool:
        """Whether there are two sides."""
        return bool(self.groups[1].pages)

    def side_of(self, page: EditorPage) -> int:
        """Return on which side a page is, 0 or 1."""
        return 1 if page in self.groups[1].pages else 0

    @property
    def sizes(self) -> list[int]:
        """How wide the two sides are, in pixels."""
        return self._splitter.sizes()

    def set_sizes(self, sizes: list[int]) -> None:
        """Make the two sides so wide, or in that relation."""
        self._splitter.setSizes(sizes)

    # --- what changes it ------------------------------------------------------------------------------------

    def add(self, page: EditorPage, side: int | None = None) -> None:
        """Add a page beside the one in front, or as the last of a side; it is not brought to the front."""
        page.face_changed.connect(self.show_faces)
        self.groups[self._active if side is None else side].add(page, is_last=side is not None)
        self._settle()

    def show_page(self, page: EditorPage, *, takes_focus: bool = True) -> None:
        """Bring a page to the front, and give it the keyboard."""
        side = self.side_of(page)
        self.groups[side].show_page(page)
        self._set_active(side)
        if takes_focus:
            page.setFocus()

    def focus(self) -> None:
        """Give the keyboard to the page in front, or keep it while there is none."""
        (self.current or self).setFocus()

    def remove(self, page: EditorPage) -> None:
        """Take a page away for good."""
        focus = QApplication.focusWidget()
        had_focus = focus is not None and page.isAncestorOf(focus)
        page.face_changed.disconnect(self.show_faces)
        if page in self._recent:
            self._recent.remove(page)
        self.groups[self.side_of(page)].take(page)
        page.deleteLater()
        self._settle()
        self.current_changed.emit()
        if had_focus:
            self.focus()

    def can_split(self) -> bool:
        """Tell whether the page in front can go to the other side: another has to stay."""
        return self.is_split or len(self.pages) > 1

    def split(self) -> None:
        """Show the page in front on the other side, which comes into being or goes with its last page."""
        page = self.current
        if page is None or not self.can_split():
            return
        side = self.side_of(page)
        was_split = self.is_split
        self.groups[side].take(page)
        self.groups[1 - side].add(page)
        self._settle()
        if not was_split:
            self._splitter.setSizes([1000, 1000])
        self.show_page(page)

    def go(self, step: int) -> None:
        """Bring the next page (1) or the one before (-1) to the front, through both sides."""
        pages = self.pages
        if self.current is not None and len(pages) > 1:
            self.show_page(pages[(pages.index(self.current) + step) % len(pages)])

    def show_faces(self) -> None:
        """Show again what the tabs are called."""
        pages = self.pages
        found = hints_of([page.path or page.title for page in pages])
        hints = {page.key: hint for page, hint in zip(pages, found, strict=True)}
        for group in self.groups:
            group.show_faces(hints)
            group.split_button.setEnabled(self.can_split())
            group.split_button.set_tooltip("Move to the other side" if self.is_split else "Split right", "Ctrl+\\")
        self.faces_changed.emit()

    # --- how ------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Show one side or two; what is only on the right moves to the left."""
        first, second = self.groups
        if not first.pages and second.pages:
            front = second.current
            for page in second.pages:
                second.take(page)
                first.add(page)
                first.bar.moveTab(first.pages.index(page), len(first.pages) - 1)
            if front is not None:
                first.show_page(front)
        if not second.pages:
            self._set_active(0)
        second.setVisible(bool(second.pages))
        self._body.setCurrentIndex(1 if first.pages else 0)
        self.show_faces()

    def _set_active(self, side: int) -> None:
        is_new = side != self._active
        self._active = side
        for number, group in enumerate(self.groups):
            group.set_active(number == side)
        page = self.current
        if page is not None:
            self._recent = [page, *(other for other in self._recent if other is not page)]
        if is_new:
            self.current_changed.emit()

    def _on_page_shown(self, page: EditorPage | None) -> None:
        if page is not None:
            if page is self.current:
                self._recent = [page, *(other for other in self._recent if other is not page)]
            self.shown.emit(page)
        self.current_changed.emit()

    def _on_focus_changed(self, _old: QObject | None, new: QWidget | None) -> None:
        for number, group in enumerate(self.groups):
            if new is not None and group.isAncestorOf(new) and number != self._active:
                self._set_active(number)

    def _open_menu(self, page: EditorPage, where: QPoint) -> None:
        menu = make_tab_menu(self, page)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def close_others(self, page: EditorPage) -> None:
        """Ask to close every other page of its side."""
        self.close_asked.emit([other for other in self.groups[self.side_of(page)].pages if other is not page])

    def close_saved(self) -> None:
        """Ask to close every page without anything unsaved."""
        self.close_asked.emit([page for page in self.pages if not page.is_dirty])

    def copy_path(self, page: EditorPage, *, is_relative: bool) -> None:
        """Put a page's path into the clipboard, from the open folder on or whole."""
        folder, path = self._folder_of(), Path(page.path)
        below = is_relative and folder and path.is_relative_to(folder)
        QGuiApplication.clipboard().setText(str(path.relative_to(folder)) if below else page.path)

    # --- dropping -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._drop.takes(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._drop.takes(event.mimeData()):
            event.acceptProposedAction()
            self._drop.offer(event.mimeData(), event.position().toPoint())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.hide()
        event.acceptProposedAction()
        page = self._drop.page_in(event.mimeData())
        if page is None:
            self.files_dropped.emit(dropped_files(event.mimeData()))
        elif self._drop.side_at(event.position().toPoint()) != self.side_of(page):
            self.show_page(page)
            self.split()
