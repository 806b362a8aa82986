"""The line below a text: where the cursor is, how the file is written, and buttons to change that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from pygments.lexers import get_all_lexers
from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QSizePolicy

from app.files.editing import Indent
from app.files.encodings import ENCODINGS, encoding_label
from app.files.text_file import TextFormat
from ui.editor.choice_popup import ChoicePopup
from ui.editor.encodings import ENDING_WORDS, Encoding, encoding_words, ending_words, offered_encodings
from ui.theme import Theme
from ui.widgets.labels import make_button, make_label

WIDTHS = (2, 3, 4, 8)
PLAIN_TEXT = "text"


@dataclass(frozen=True)
class Info:
    """What is said of a text.

    Attributes:
        line: Of the cursor, from 1; ``column`` too.
        selected: Characters that are selected.
        language: Its name; empty for plain text.
        is_read_only: It cannot be changed.
        has_file: There are bytes on disk that could be read in another encoding.
    """

    line: int = 1
    column: int = 1
    selected: int = 0
    indent: Indent = field(default_factory=Indent)
    form: TextFormat = field(default_factory=TextFormat)
    language: str = ""
    is_read_only: bool = False
    has_file: bool = True


class InfoLine(QFrame):
    """Signals say what was clicked or chosen.

    Signals:
        position_clicked(): To go to a line.
        indent_chosen(Indent): Another indentation.
        reopen_chosen(str): Read the file again in this encoding.
        encoding_chosen(str, bool): Write it so from now on, with a byte order mark or not.
        ending_chosen(str): What its lines are to end with.
        language_chosen(str): Pygments' short name of a language.
    """

    position_clicked = Signal()
    indent_chosen = Signal(object)
    reopen_chosen = Signal(str)
    encoding_chosen = Signal(str, bool)
    ending_chosen = Signal(str)
    language_chosen = Signal(str)

    def __init__(self, theme: Theme, suffix: str) -> None:
        super().__init__()
        self._theme = theme
        self._suffix = suffix
        self._info = Info()
        self._lengths: list[int] = []
        self.setProperty("role", "status")
        self.setObjectName(f"info_line{suffix}")
        self.setAccessibleName("About this file")
        self._position = self._button("position", "Cursor", "Go to a line", self.position_clicked.emit)
        self._lock = make_label("Read-only", "badge")
        self._lock.setObjectName(f"info_read_only{suffix}")
        self._lock.setToolTip("This file cannot be written")
        self._indent = self._button("indent", "Indentation", "Indent with spaces or tabs", self._open_indents)
        self._encoding = self._button("encoding", "Encoding", "Encoding of the file", self._open_encodings)
        self._ending = self._button("ending", "Line ending", "What lines of the file end with", self._open_endings)
        self._language = self._button("language", "Language", "Language of the file", self._open_languages)
        self._buttons = (self._position, self._indent, self._encoding, self._ending, self._language)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # it leaves buttons out instead
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(1.5), theme.space(0.5), theme.space(1.5), theme.space(0.5))
        row.setSpacing(0)
        row.addWidget(self._position)
        row.addWidget(self._lock)
        row.addStretch(1)
        for button in (self._indent, self._encoding, self._ending, self._language):
            row.addWidget(button)

    def _button(self, name: str, spoken: str, tip: str, act: Callable[[], object]) -> QPushButton:
        button = make_button("", "", act, f"info_{name}{self._suffix}")
        button.setAccessibleName(spoken)
        button.setToolTip(tip)
        return button

    def show_info(self, info: Info) -> None:
        """Say something else."""
        if info == self._info and self._position.text():
            return
        has_room = info.is_read_only == self._info.is_read_only
        self._info = info
        selected = f"  ({info.selected:,} selected)" if info.selected else ""
        width = info.indent.width
        indent = f"Tabs: {width}" if info.indent.uses_tabs else f"Spaces: {width}"
        self._say(self._position, "Cursor", f"{info.line:,}:{info.column:,}{selected}")
        self._say(self._indent, "Indentation", indent)
        self._say(self._encoding, "Encoding", encoding_words(info.form))
        self._say(self._ending, "Line ending", ending_words(info.form))
        self._say(self._language, "Language", info.language or "Plain text")
        lengths = [len(button.text()) for button in self._buttons]
        if not has_room or lengths != self._lengths:  # asking buttons how wide they are at each key would be felt
            self._lengths = lengths
            self._fit()

    def _say(self, button: QPushButton, what: str, words: str) -> None:
        if button.text() != words:
            button.setText(words)
            button.setAccessibleName(f"{what}: {words}")

    def _fit(self) -> None:
        """Leave out what matters least where it is narrow."""
        self._lock.setVisible(self._info.is_read_only)
        optional = (self._indent, self._ending)
        always = (self._position, self._encoding, self._language)
        room = self.width() - self._theme.space(4) - sum(button.sizeHint().width() for button in always)
        room -= self._lock.sizeHint().width() if self._info.is_read_only else 0
        for button in optional:
            room -= button.sizeHint().width()
            button.setVisible(room >= 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # --- choosing -------------------------------------------------------------------------------------------

    def _menu(self, name: str, spoken: str) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName(name)
        menu.setAccessibleName(spoken)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _open(self, menu: QMenu, over: QPushButton) -> None:
        menu.popup(over.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _open_indents(self) -> None:
        menu = self._menu("info_indent_menu", "Indentation")
        for uses_tabs in (False, True):
            for width in WIDTHS:
                words = f"Tabs, {width} wide" if uses_tabs else f"{width} spaces"
                chosen = Indent(uses_tabs, width)
                self._add(menu, words, chosen == self._info.indent, partial(self.indent_chosen.emit, chosen))
            menu.addSeparator()
        self._open(menu, self._indent)

    def _open_endings(self) -> None:
        menu = self._menu("info_ending_menu", "Line ending")
        form = self._info.form
        for ending, words in ENDING_WORDS.items():
            where = {"\n": "Linux, macOS", "\r\n": "Windows", "\r": "Mac before 2001"}[ending]
            is_on = ending == form.line_ending and not form.is_mixed
            self._add(menu, f"{words}  ({where})", is_on, partial(self.ending_chosen.emit, ending))
        self._open(menu, self._ending)

    def _open_encodings(self) -> None:
        menu = self._menu("info_encoding_menu", "Encoding")
        if self._info.has_file:
            reopen = menu.addMenu("Reopen with")
            for codec in ENCODINGS:  # a byte order mark is found, whatever was chosen
                is_on = codec == self._info.form.encoding
                self._add(reopen, encoding_label(codec), is_on, partial(self.reopen_chosen.emit, codec))
        save = menu.addMenu("Save with")
        for one in offered_encodings():
            chosen = partial(self.encoding_chosen.emit, one.codec, one.has_bom)
            self._add(save, one.words, self._is_now(one), chosen)
        self._open(menu, self._encoding)

    def _is_now(self, one: Encoding) -> bool:
        form = self._info.form
        return (one.codec, one.has_bom) == (form.encoding, form.has_bom)

    def _add(self, menu: QMenu, words: str, is_on: bool, act: Callable[[], object]) -> None:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(is_on)
        action.triggered.connect(lambda _checked=False: act())

    def _open_languages(self) -> None:
        named = sorted(
            ((name, aliases[0]) for name, aliases, _patterns, _types in get_all_lexers(plugins=False) if aliases),
            key=lambda one: one[0].casefold(),
        )
        choices = [("Plain text", PLAIN_TEXT), *(one for one in named if one[1] != PLAIN_TEXT)]
        current = next((alias for name, alias in named if name == self._info.language), PLAIN_TEXT)
        popup = ChoicePopup(self._theme, "language_popup", "Find a language", choices, current, self)
        popup.chosen.connect(self.language_chosen)
        popup.open_above(self._language)
