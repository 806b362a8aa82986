"""Model files or a folder dropped onto the window: shows where they land while they are dragged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_label


def model_files(data: QMimeData) -> list[str]:
    """Return the paths of the GGUF files in what is dragged."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.lower().endswith(".gguf")]


def dropped_folder(data: QMimeData) -> str:
    """Return the path of the one folder that is dragged, "" for anything else."""
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return paths[0] if len(paths) == 1 and Path(paths[0]).is_dir() else ""


class DropOverlay(QFrame):
    """Covers the window while something it takes is dragged over it, so that no text field takes the drop.

    Signals:
        files_dropped(list): Paths of GGUF files.
        folder_dropped(str): Path of a folder.
    """

    files_dropped = Signal(list)
    folder_dropped = Signal(str)

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("drop_overlay")
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        self._theme = theme
        self._window = window
        layout = QVBoxLayout(self)
        center = Qt.AlignmentFlag.AlignHCenter
        layout.setSpacing(theme.space(3))
        layout.addStretch(1)
        self._icon = IconLabel(theme, "download", "accent", theme.space(10))
        self._title = make_label("", "title")
        self._words = make_label("", "muted")
        for widget in (self._icon, self._title, self._words):
            layout.addWidget(widget, 0, center)
        layout.addStretch(1)
        self.hide()

    def watch(self, native_window: QObject) -> None:
        """Look out for drags at the system's window, before they reach any widget."""
        native_window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window as soon as something it takes is dragged into it."""
        if event.type() == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            self.offer(event.mimeData())
        return super().eventFilter(watched, event)

    def offer(self, data: QMimeData) -> bool:
        """Cover the window if what is dragged is a folder or has a model file in it; return whether it is."""
        if not _is_taken(data):
            return False
        is_folder = not model_files(data)
        self._icon.set_icon("folder-open" if is_folder else "download", "accent")
        self._title.setText("Drop to let tools work here" if is_folder else "Drop to load")
        self._words.setText(
            "The model can read, change and run things in this folder; dropping runs nothing"
            if is_folder
            else "The model file stays where it is"
        )
        margin = self._theme.space(3)
        self.setGeometry(self._window.rect().adjusted(margin, margin, -margin, -margin))
        self.show()
        self.raise_()
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take model files and folders."""
        if _is_taken(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Take them anywhere."""
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Uncover the window."""
        self.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped."""
        self.hide()
        event.acceptProposedAction()
        files = model_files(event.mimeData())
        if files:
            self.files_dropped.emit(files)
        else:
            self.folder_dropped.emit(dropped_folder(event.mimeData()))


def _is_taken(data: QMimeData) -> bool:
    return bool(model_files(data)) or bool(dropped_folder(data))
