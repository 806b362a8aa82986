"""Model files dropped onto the window: shows where they land while they are dragged."""

from __future__ import annotations

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


class DropOverlay(QFrame):
    """Covers the window while a model file is dragged over it, so that no text field takes the drop.

    Signals:
        files_dropped(list): Paths of GGUF files.
    """

    files_dropped = Signal(list)

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
        layout.addWidget(IconLabel(theme, "download", "accent", theme.space(10)), 0, center)
        layout.addWidget(make_label("Drop to load", "title"), 0, center)
        layout.addWidget(make_label("The model file stays where it is", "muted"), 0, center)
        layout.addStretch(1)
        self.hide()

    def watch(self, native_window: QObject) -> None:
        """Look out for drags at the system's window, before they reach any widget."""
        native_window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window as soon as a model file is dragged into it."""
        if event.type() == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            self.offer(event.mimeData())
        return super().eventFilter(watched, event)

    def offer(self, data: QMimeData) -> bool:
        """Cover the window if there is a model file in what is dragged; return whether there is."""
        if not model_files(data):
            return False
        margin = self._theme.space(3)
        self.setGeometry(self._window.rect().adjusted(margin, margin, -margin, -margin))
        self.show()
        self.raise_()
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take model files."""
        if model_files(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Take model files anywhere."""
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Uncover the window."""
        self.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which files were dropped."""
        self.hide()
        event.acceptProposedAction()
        self.files_dropped.emit(model_files(event.mimeData()))
