"""One side of the editor: a row of tabs, the path of what is open, its text, and the line about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import cast

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from ui.editor.editor_page import EditorPage
from ui.editor.file_kinds import icon_of
from ui.editor.info_line import InfoLine
from ui.editor.tab_bar import TabBar
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import set_property


class TabGroup(QWidget):
    """Shows pages; it does not make or close any.

    Signals:
        page_shown(EditorPage): Another page is in front; None when the last one went.
        close_asked(EditorPage): By its cross or a middle click.
        menu_asked(EditorPage, QPoint): Its context menu, where on the screen.
        dragged_out(EditorPage): A tab is dragged out of the row.
        split_clicked(): The button to show the page on the other side.
    """

    page_shown = Signal(object)
    close_asked = Signal(object)
    menu_asked = Signal(object, QPoint)
    dragged_out = Signal(object)
    split_clicked = Signal()

    def __init__(self, theme: Theme, suffix: str, folder_of: Callable[[], str]) -> None:
        super().__init__()
        self._theme = theme
        self._folder_of = folder_of
        self.setObjectName(f"editor_group{suffix}")
        self.bar = TabBar(theme, f"editor_tab_bar{suffix}")
        self.split_button = IconButton(theme, "columns-2", "Split right", size=theme.space(7))
        self.split_button.setObjectName(f"editor_split_button{suffix}")
        self._list_button = IconButton(theme, "chevron-down", "All open files", size=theme.space(7))
        self._list_button.setObjectName(f"editor_list_button{suffix}")
        self._place = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self._place.setObjectName(f"editor_place{suffix}")
        self._place.setProperty("role", "place")
        self.info_line = InfoLine(theme, suffix)
        self._body = QStackedLayout()
        self._lay_out()
        self.bar.currentChanged.connect(self._on_current_changed)
        self.bar.tabMoved.connect(lambda _from, _to: self.show_faces({}))
        self.bar.close_asked.connect(lambda index: self.close_asked.emit(self.page(index)))
        self.bar.menu_asked.connect(lambda index, where: self.menu_asked.emit(self.page(index), where))
        self.bar.dragged_out.connect(lambda index: self.dragged_out.emit(self.page(index)))
        self.bar.fits_changed.connect(self._show_list_button)
        self.split_button.clicked.connect(self.split_clicked)
        self._list_button.clicked.connect(self._open_list)

    def _lay_out(self) -> None:
        space = self._theme.space
        self._strip = TabStrip(self._theme)
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(0, 0, space(1), 0)
        row.setSpacing(space(0.5))
        row.addWidget(self.bar, 1)
        row.addWidget(self._list_button)
        row.addWidget(self.split_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._strip)
        column.addWidget(self._place)
        column.addLayout(self._body, 1)
        column.addWidget(self.info_line)

    # --- pages ----------------------------------------------------------------------------------------------

    @property
    def pages(self) -> list[EditorPage]:
        """Its pages, from left to right."""
        return [self.page(index) for index in range(self.bar.count())]

    def page(self, index: int) -> EditorPage:
        """Return the page of a tab."""
        return cast("EditorPage", self.bar.tabData(index))

    @property
    def current(self) -> EditorPage | None:
        """The page in front."""
        return self.page(self.bar.currentIndex()) if self.bar.currentIndex() >= 0 else None

    def add(self, page: EditorPage, *, is_last: bool = False) -> None:
        """Add a page right of the one in front, or as the last, behind it."""
        self._body.addWidget(page)
        page.info_changed.connect(self._on_info_changed)
        self.bar.add(page, self.bar.count() if is_last else self.bar.currentIndex() + 1)
        if self.current is page:
            self._on_current_changed()

    def show_page(self, page: EditorPage) -> None:
        """Bring one of its pages to the front."""
        self.bar.setCurrentIndex(self.pages.index(page))

    def take(self, page: EditorPage) -> None:
        """Let a page go; it is not closed."""
        index = self.pages.index(page)
        page.info_changed.disconnect(self._on_info_changed)
        self._body.removeWidget(page)
        page.setParent(None)
        self.bar.removeTab(index)
        self._on_current_changed()

    def show_faces(self, hints: dict[str, str]) -> None:
        """Show what its tabs are called; ``hints`` by key."""
        for index, page in enumerate(self.pages):
            hint = hints.get(page.key, "")
            tip = page.path or f"{page.title} (not a file yet)"
            self.bar.show_tab(index, page.title, hint, icon_of(page.title), tip, page.is_dirty)
        self._show_place()

    def set_active(self, is_active: bool) -> None:
        """Say whether the keyboard is, or was last, here."""
        self.bar.set_active(is_active)
        set_property(self._place, "active", is_active)

    # --- how ------------------------------------------------------------------------------------------------

    def _on_current_changed(self, _index: int = -1) -> None:
        page = self.current
        if page is not None and self._body.currentWidget() is not page:
            self._body.setCurrentWidget(page)
        self._show_place()
        self._on_info_changed()
        self.page_shown.emit(page)

    def _on_info_changed(self) -> None:
        page = self.current
        self.info_line.setVisible(page is not None and not page.has_problem)
        if page is not None:
            self.info_line.show_info(page.info)

    def _show_place(self) -> None:
        page = self.current
        self._place.set_text(place_words(page.path, self._folder_of()) if page and page.path else "Not a file yet")
        self._place.setVisible(page is not None)

    def _show_list_button(self) -> None:
        self._list_button.setVisible(self.bar.has_hidden_tabs)

    def _open_list(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("editor_list_menu")
        menu.setAccessibleName("Open files")
        for index, page in enumerate(self.pages):
            words = self.bar.tabText(index) + ("  \u2022" if page.is_dirty else "")
            action = menu.addAction(self._theme.icon(icon_of(page.title)), words)
            action.triggered.connect(lambda _checked=False, page=page: self.show_page(page))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._list_button.mapToGlobal(QPoint(0, self._list_button.height())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_list_button()


class TabStrip(QFrame):
    """The ground of a row of tabs, with a hairline below where no tab covers it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("surface.sunken"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("border"))
        painter.end()


def place_words(path: str, folder: str) -> str:
    """Return a file's path as shown above its text: below the folder that is open, or from home."""
    pure = PurePath(path)
    for root, sign in ((folder, ()), (str(Path.home()), ("~",))):
        if root and pure.is_relative_to(root):
            return "  \u203a  ".join((*sign, *pure.relative_to(root).parts))
    return "  \u203a  ".join(part.rstrip("/\\") or part for part in pure.parts)
