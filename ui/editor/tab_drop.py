"""Files and tabs that are dragged over the editor: shows where they land, and says what landed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QFrame

from ui.editor.editor_page import EditorPage

if TYPE_CHECKING:
    from ui.editor.editor_tabs import EditorTabs

_TAB = "application/x-sawhorse-tab"


class TabDrop(QFrame):
    """Covers the side of the editor on which what is dragged would land."""

    def __init__(self, tabs: EditorTabs) -> None:
        super().__init__(tabs)
        self._tabs = tabs
        self.setObjectName("editor_drop")
        self.setProperty("role", "drop")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def drag(self, page: EditorPage) -> None:
        """Let a tab be dragged, until it is dropped."""
        drag = QDrag(self._tabs)
        drag.setMimeData(tab_data(page))
        drag.setPixmap(page.grab(QRect(0, 0, min(page.width(), 320), min(page.height(), 120))))
        drag.exec(Qt.DropAction.MoveAction)
        self.hide()

    def takes(self, data: QMimeData) -> bool:
        """Tell whether it could land here."""
        return self.page_in(data) is not None or bool(dropped_files(data))

    def offer(self, data: QMimeData, place: QPoint) -> None:
        """Show where it would land."""
        page = self.page_in(data)
        area = self._tabs.rect()
        if page is not None:
            half = area.width() // 2
            if self._tabs.is_split:
                half = self._tabs.groups[0].width()
            is_right = self.side_at(place) == 1
            area = area.adjusted(half, 0, 0, 0) if is_right else QRect(0, 0, half, area.height())
        self.setGeometry(area)
        self.setVisible(page is None or self.side_at(place) != self._tabs.side_of(page))
        self.raise_()

    def side_at(self, place: QPoint) -> int:
        """Return on which side a place is, 0 or 1."""
        tabs = self._tabs
        middle = tabs.groups[0].width() if tabs.is_split else tabs.width() // 2
        return 1 if place.x() > middle else 0

    def page_in(self, data: QMimeData) -> EditorPage | None:
        """Return the page whose tab is dragged."""
        key = bytes(data.data(_TAB).data()).decode()
        return next((page for page in self._tabs.pages if page.key == key), None)


def tab_data(page: EditorPage) -> QMimeData:
    """Return what is dragged with a tab."""
    data = QMimeData()
    data.setData(_TAB, page.key.encode())
    return data


def dropped_files(data: QMimeData) -> list[str]:
    """Return the paths of the local files in what is dragged, models left out: the window loads those."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path and not path.lower().endswith(".gguf") and not Path(path).is_dir()]
