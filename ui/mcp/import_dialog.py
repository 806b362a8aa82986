"""Servers of other programs' configurations, to be chosen one by one; they come in turned off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.errors import AppError
from app.tools.mcp.config import McpServer
from app.tools.mcp.importing import FoundFile, ReadFile
from app.tools.mcp.review import command_line
from app.tools.mcp.text import reveal
from ui.mcp.whole_text import breakable
from ui.theme import Theme
from ui.widgets.labels import make_button, make_label

_SIZE_STEPS = (150, 130)


class ImportDialog(QDialog):
    """Signals: chosen(object) with the McpServers that were chosen, a tuple.

    Args:
        read: Reads a file; raises ``AppError``.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, read: Callable[[FoundFile], ReadFile], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._read = read
        self._files: list[FoundFile] = []
        self._boxes: list[tuple[QCheckBox, McpServer]] = []
        self.setObjectName("mcp_import_dialog")
        self.setWindowTitle("Import servers")
        self.resize(theme.space(_SIZE_STEPS[0]), theme.space(_SIZE_STEPS[1]))
        self._scroll = QScrollArea()
        self._take = make_button("Import", "primary", self._on_take_clicked, "mcp_import_button")
        self._build()

    def show_files(self, files: Sequence[FoundFile]) -> None:
        """Read files and show the servers in them."""
        self._files = list(files)
        self._fill()
        self.open()

    def _fill(self) -> None:
        space = self._theme.space
        self._boxes = []
        page = QWidget()
        page.setProperty("role", "page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(space(5), space(1), space(5), space(4))
        layout.setSpacing(space(2))
        if not self._files:
            layout.addWidget(make_label("No configuration of another program was found in the usual places.", "muted"))
        for file in self._files:
            self._add_file(layout, file)
        layout.addStretch(1)
        self._scroll.setWidget(page)
        self._on_box_toggled()

    def _add_file(self, layout: QVBoxLayout, file: FoundFile) -> None:
        layout.addSpacing(self._theme.space(2))
        layout.addWidget(make_label(file.program, "strong"))
        layout.addWidget(make_label(breakable(str(file.path)), "small", wrap=True))
        try:
            read = self._read(file)
        except AppError as error:
            layout.addWidget(make_label(str(error), "danger", wrap=True))
            return
        for server in read.servers:
            box = QCheckBox(server.name.replace("&", "&&"))
            box.setObjectName(f"mcp_import_{len(self._boxes)}")
            box.setAccessibleName(f"Import {server.name} of {file.program}")
            box.toggled.connect(self._on_box_toggled)
            self._boxes.append((box, server))
            layout.addWidget(box)
            what = command_line(server) if server.is_program else reveal(server.url)
            words = make_label(breakable(what), "mono", wrap=True)
            words.setIndent(self._theme.space(6))
            layout.addWidget(words)
        for note in read.notes:
            layout.addWidget(make_label(reveal(note), "warning", wrap=True))
        if not read.servers and not read.notes:
            layout.addWidget(make_label("No servers in it.", "muted"))

    def _on_box_toggled(self) -> None:
        count = sum(1 for box, _ in self._boxes if box.isChecked())
        self._take.setText(f"Import {count}" if count else "Import")
        self._take.setEnabled(count > 0)

    def _on_take_clicked(self) -> None:
        servers = tuple(server for box, server in self._boxes if box.isChecked())
        self.accept()
        self.chosen.emit(servers)

    def _on_other_clicked(self) -> None:
        dialog = QFileDialog(self, "A file with MCP servers", "", "JSON (*.json *.jsonc);;All files (*)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.add_file)
        dialog.open()

    def add_file(self, path: str) -> None:
        """Show the servers of one more file."""
        self._files.append(FoundFile("Chosen file", Path(path)))
        self._fill()

    def _build(self) -> None:
        space = self._theme.space
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = QVBoxLayout()
        head.setContentsMargins(space(5), space(4), space(5), space(2))
        head.setSpacing(space(1))
        head.addWidget(make_label("Servers of other programs", "heading"))
        intro = "What you import stays off. When you turn one on, you are shown what it runs before it is started."
        head.addWidget(make_label(intro, "muted", wrap=True))
        buttons = QHBoxLayout()
        buttons.setContentsMargins(space(5), space(3), space(5), space(4))
        buttons.setSpacing(space(2))
        buttons.addWidget(make_button("Another file…", "ghost", self._on_other_clicked, "mcp_import_other_button"))
        buttons.addStretch(1)
        buttons.addWidget(make_button("Cancel", "", self.reject, "mcp_import_cancel_button"))
        buttons.addWidget(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(buttons)
