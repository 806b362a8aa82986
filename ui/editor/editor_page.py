"""What a tab shows: the banners about a file above its text, or why there is no text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QPushButton, QStackedLayout, QVBoxLayout, QWidget

from app.errors import AppError
from app.files.editing import Indent
from app.files.text_file import TextFile, TextFormat
from ui.editor.banner import Banners
from ui.editor.code_editor import CodeEditor
from ui.editor.info_line import Info
from ui.editor.problem_page import ProblemPage
from ui.editor.text_scan import TextScan
from ui.theme import Theme


class EditorPage(QWidget):
    """One open file or new text, with all that is known of it; who reads and writes it is not its business.

    Signals:
        face_changed(): What its tab says of it changed.
        info_changed(): What the line below says of it changed.

    Attributes:
        key: Stays with it as long as it is open, and over restarts.
        path: Absolute; empty for a text that is no file yet.
        name: What it is called while it has no path.
        file: What was last read or written; None before that.
        alias: Pygments' name of the language that was chosen by hand; empty to go by the name.
        encoding: What it is to be read in, chosen by hand; empty to go by its bytes.
        is_asleep: Its file is not read before it is on show for the first time.
        is_saving: A save is under way.
        is_gone: Its file was deleted since it was read.
        is_closed: It is not open any more; answers that come late are for nobody.
        text_before: The text before what was read last took its place; None if nothing did, or a tool wrote that.
    """

    face_changed = Signal()
    info_changed = Signal()

    def __init__(self, theme: Theme, key: str, path: str, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.key = key
        self.path = path
        self.name = name
        self.file: TextFile | None = None
        self.alias = ""
        self.encoding = ""
        self.is_asleep = False
        self.is_saving = False
        self.is_gone = False
        self.is_closed = False
        self.text_before: str | None = None
        self._form = TextFormat()
        self._indent = Indent()
        self.editor = CodeEditor(theme)
        self.banners = Banners(theme)
        self.scan = TextScan(self)
        self._problem: ProblemPage | None = None
        self._is_new = False  # what is being loaded is in no file
        self._info_timer = QTimer(self)
        self._info_timer.setSingleShot(True)
        self._info_timer.setInterval(0)
        self._info_timer.timeout.connect(self.info_changed)
        self._body = QStackedLayout()
        self._body.addWidget(self.editor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banners)
        layout.addLayout(self._body, 1)
        self.setFocusProxy(self.editor)
        self.editor.cursorPositionChanged.connect(self._info_timer.start)
        self.editor.selectionChanged.connect(self._info_timer.start)
        self.editor.loaded.connect(self._on_editor_loaded)
        self.editor.document().modificationChanged.connect(lambda _is_modified: self.face_changed.emit())

    # --- what it is -----------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The name of its file, or the one it was given."""
        return PurePath(self.path).name if self.path else self.name

    @property
    def form(self) -> TextFormat:
        """How it is to be written; another than ``file.format`` if that was changed here."""
        return self._form

    def set_form(self, form: TextFormat) -> None:
        """Write it so at the next save."""
        self._form = form
        self.face_changed.emit()
        self._info_timer.start()

    @property
    def indent(self) -> Indent:
        """How it is indented."""
        return self._indent

    def set_indent(self, indent: Indent) -> None:
        """Indent so from now on."""
        self._indent = indent
        self.editor.set_indent(indent.uses_tabs, indent.width)
        self._info_timer.start()

    @property
    def is_dirty(self) -> bool:
        """Whether there is something that is not saved."""
        if self._problem is not None or self.is_asleep:
            return False
        is_reformed = self.file is not None and self._form != self.file.format
        is_modified = self._is_new if self.editor.is_loading else self.editor.document().isModified()
        return is_modified or is_reformed

    @property
    def has_problem(self) -> bool:
        """Whether there is no text to be shown."""
        return self._problem is not None

    @property
    def info(self) -> Info:
        """What the line below says."""
        cursor = self.editor.textCursor()
        return Info(
            line=cursor.blockNumber() + 1,
            column=cursor.positionInBlock() + 1,
            selected=cursor.selectionEnd() - cursor.selectionStart(),
            indent=self._indent,
            form=self._form,
            language=self.editor.language_name,
            is_read_only=self.file is not None and not self.file.can_write,
            has_file=self.file is not None and bool(self.path),
        )

    # --- what it shows --------------------------------------------------------------------------------------

    def take(self, file: TextFile, path: str = "") -> None:
        """Take over what was read or written of its file, but not the text.

        Args:
            file: What was read or written; its file may have been renamed since.
            path: The file it goes on with if that is another.
        """
        self.path = path or self.path
        self.file = msgspec.structs.replace(file, path=self.path)
        self.is_gone = False
        self.text_before = None
        self.set_form(file.format)

    def rename(self, path: str) -> None:
        """Go on with the same text in a file that was renamed."""
        self.path = path
        if self.file is not None:
            self.file = msgspec.structs.replace(self.file, path=path)
        self.set_language()
        self.face_changed.emit()

    def show_text(self, text: str) -> None:
        """Show a text from the beginning, which cannot be undone."""
        self._leave_problem()
        self.set_language()
        self.scan.stop()
        self._is_new = False
        self.editor.loaded.connect(lambda: self.scan.start(text), Qt.ConnectionType.SingleShotConnection)
        self.editor.load_text(text)
        self.face_changed.emit()

    def set_language(self, alias: str | None = None) -> None:
        """Colour the text as its name says, or in a language chosen by hand."""
        self.alias = self.alias if alias is None else alias
        self.editor.set_language(self.path or self.name, self.alias)
        self._info_timer.start()

    def set_read_only(self, is_read_only: bool) -> None:
        """Let the text be changed or not; one that is loading becomes so when it is there."""
        if self.editor.is_loading:
            once = Qt.ConnectionType.SingleShotConnection
            self.editor.loaded.connect(lambda: self.editor.setReadOnly(is_read_only), once)
        else:
            self.editor.setReadOnly(is_read_only)

    def set_modified(self, is_modified: bool) -> None:
        """Say that the text is not, or is, as it was last read or written."""
        self._is_new = is_modified and self.editor.is_loading
        if not self.editor.is_loading:
            self.editor.document().setModified(is_modified)
        self.face_changed.emit()

    def _on_editor_loaded(self) -> None:
        if self._is_new:
            self.set_modified(True)

    def show_problem(self, error: AppError, buttons: Sequence[QPushButton]) -> None:
        """Say why there is no text."""
        if self._problem is None:
            self._problem = ProblemPage(self._theme)
            self._body.addWidget(self._problem)
        self._problem.show_problem(error, buttons)
        self._body.setCurrentWidget(self._problem)
        self.setFocusProxy(buttons[0] if buttons else self._problem)
        self.face_changed.emit()
        self._info_timer.start()

    def _leave_problem(self) -> None:
        if self._problem is not None:
            self._body.removeWidget(self._problem)
            self._problem.deleteLater()
            self._problem = None
            self._body.setCurrentWidget(self.editor)
            self.setFocusProxy(self.editor)
