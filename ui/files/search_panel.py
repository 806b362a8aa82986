"""Search in files: what is looked for, where, and what was found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLineEdit, QTreeView, QVBoxLayout, QWidget

from app.errors import AppError
from app.files.search_files import FileHits, SearchEnd, SearchQuery
from ui.files.search_delegate import SearchDelegate
from ui.files.search_model import MAX_FILES, SearchModel
from ui.theme import Theme
from ui.widgets.escape import keeps_escape
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_label, set_property

#: After the last key; Enter searches at once.
PAUSE_MS = 300
#: Shorter words are looked for only after Enter: they are everywhere.
_LEAST_TYPED = 2
#: Files are shown with their lines until so many are on show.
_OPEN_LINES = 200
#: Files are listed together when several are found in so short a time.
_GATHER_MS = 120
_BUTTON_STEPS = 6.5
_INDENT_STEPS = 4


class SearchPanel(QWidget):
    """A form and a list.

    Signals:
        search_asked(object): Look for this ``SearchQuery``, whose folder is still to be filled in.
        cancel_asked(): Look no further.
        hit_chosen(str, int, int): A line, by its file's path below the folder, from 1, and the column of its first hit.
        left(): Escape was pressed: the keyboard is to go back to the text.
    """

    search_asked = Signal(object)
    cancel_asked = Signal()
    hit_chosen = Signal(str, int, int)
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search_panel")
        self.setAccessibleName("Search in files")
        self._theme = theme
        self._asked: SearchQuery | None = None
        self._is_searching = False
        self._model = SearchModel(self)
        self._view = QTreeView()
        self._words = make_label("", "muted", wrap=True)
        self._pause_timer = QTimer(self)
        self._pause_timer.setSingleShot(True)
        self._pause_timer.setInterval(PAUSE_MS)
        self._pause_timer.timeout.connect(self._on_pause_timer_timeout)
        self._found: list[FileHits] = []
        self._gather_timer = QTimer(self)
        self._gather_timer.setSingleShot(True)
        self._gather_timer.setInterval(_GATHER_MS)
        self._gather_timer.timeout.connect(self._list_found)
        self._build()
        self._connect()
        self._show_words("")

    # --- what is asked of it ------------------------------------------------------------------------------

    def focus_query(self, text: str = "") -> None:
        """Take the keyboard, with a selected text as what is looked for."""
        if text and "\n" not in text and len(text) <= 200:
            self._query.setText(text)
        self._query.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._query.selectAll()

    def query(self) -> SearchQuery:
        """Return what is looked for; its folder is empty."""
        return SearchQuery(
            folder="",
            text=self._query.text(),
            is_regex=self._regex.isChecked(),
            matches_case=self._case.isChecked(),
            is_whole_word=self._word.isChecked(),
            include=self._include.text().strip(),
            exclude=self._exclude.text().strip(),
        )

    def begin(self) -> None:
        """A search has begun: what was found before goes."""
        self._drop_found()
        self._set_searching(True)
        self._show_words("Searching…")

    def add(self, found: tuple[FileHits, ...]) -> None:
        """Show files as they are found."""
        self._found += found
        if not self._gather_timer.isActive():
            self._gather_timer.start()

    def end(self, end: SearchEnd | AppError) -> None:
        """A search has ended."""
        self._gather_timer.stop()
        self._list_found()
        self._set_searching(False)
        if isinstance(end, AppError):
            self._show_words(str(end), is_wrong=True)
        elif not end.lines:
            self._show_words(end.stopped or "Nothing found. Ignored files are not searched.")
        else:
            cut = f"The first {MAX_FILES:,} files are listed." if end.files > MAX_FILES else ""
            self._show_words(" ".join(part for part in (f"{_count(end.lines, end.files)}.", cut, end.stopped) if part))

    def show_folder(self, name: str) -> None:
        """Another folder is open; "" for none."""
        self.clear()
        self._query.setPlaceholderText(f"Search in {name}" if name else "Search in files")
        self._query.setEnabled(bool(name))
        self._show_words("" if name else "Open a folder first.")

    def clear(self) -> None:
        """Show no results."""
        self._pause_timer.stop()
        self._asked = None
        self._drop_found()
        self._set_searching(False)
        self._show_words("")

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme, space = self._theme, self._theme.space
        self._query = self._make_field("search_files_field", "Search in files", "Search in files")
        self._include = self._make_field("search_include", "Only in: *.py, src/", "Only in these files")
        self._exclude = self._make_field("search_exclude", "Not in: tests/, *.min.js", "Not in these files")
        self._case = self._make_option("search_case", "case-sensitive", "Match case", "Alt+C")
        self._word = self._make_option("search_word", "whole-word", "Whole words", "Alt+W")
        self._regex = self._make_option("search_regex", "regex", "Regular expression", "Alt+R")
        self._more = self._make_option("search_more", "more", "Choose files")
        self._stop = self._make_button("search_stop", "stop", "Stop the search")
        self._fold = self._make_button("search_collapse", "collapse", "Collapse all")
        options = QHBoxLayout()
        options.setSpacing(space(0.5))
        for button in (self._case, self._word, self._regex):
            options.addWidget(button)
        options.addStretch(1)
        for button in (self._stop, self._fold, self._more):
            options.addWidget(button)
        view = self._view
        view.setObjectName("search_results")
        view.setAccessibleName("Found lines")
        view.setProperty("role", "files")
        view.setModel(self._model)
        view.setItemDelegate(SearchDelegate(theme, self._model, view))
        view.setHeaderHidden(True)
        view.setUniformRowHeights(True)
        view.setIndentation(space(_INDENT_STEPS))
        view.setFrameShape(QTreeView.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setExpandsOnDoubleClick(False)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.installEventFilter(self)
        self._words.setObjectName("search_words")
        self._words.setContentsMargins(space(1), 0, space(1), 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(space(2), 0, space(2), 0)
        layout.setSpacing(space(1.5))
        layout.addWidget(self._query)
        layout.addLayout(options)
        for widget in (self._include, self._exclude, self._words):
            layout.addWidget(widget)
        layout.addWidget(view, 1)

    def _make_field(self, name: str, words: str, spoken: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setPlaceholderText(words)
        field.setAccessibleName(spoken)
        field.setClearButtonEnabled(True)
        field.installEventFilter(self)
        return field

    def _make_button(self, name: str, icon: str, words: str, keys: str = "") -> IconButton:
        button = IconButton(self._theme, icon, words, size=self._theme.space(_BUTTON_STEPS))
        button.setObjectName(name)
        button.set_tooltip(words, keys)
        return button

    def _make_option(self, name: str, icon: str, words: str, keys: str = "") -> IconButton:
        button = self._make_button(name, icon, words, keys)
        button.setCheckable(True)
        return button

    def _connect(self) -> None:
        for field in (self._query, self._include, self._exclude):
            field.textChanged.connect(self._pause_timer.start)
            field.returnPressed.connect(self._search)
        for option in (self._case, self._word, self._regex):
            option.toggled.connect(self._pause_timer.start)
        self._more.toggled.connect(self._on_more_toggled)
        self._stop.clicked.connect(self.cancel_asked)
        self._stop.clicked.connect(self._on_stop_clicked)
        self._fold.clicked.connect(self._view.collapseAll)
        self._view.clicked.connect(self._choose)
        self._on_more_toggled(False)

    def _search(self) -> None:
        self._pause_timer.stop()
        query = self.query()
        self._asked = query
        if query.text:
            self.search_asked.emit(query)
        else:
            self.cancel_asked.emit()
            self.clear()

    def _choose(self, index: QModelIndex) -> None:
        hits, line = self._model.file_at(index), self._model.line_at(index)
        if hits is not None and line is not None:
            self.hit_chosen.emit(hits.path, line.number, line.column)
        elif index.isValid():
            self._view.setExpanded(index, not self._view.isExpanded(index))

    def _list_found(self) -> None:
        found, self._found = self._found, []
        room = _OPEN_LINES - self._model.line_count
        for hits, index in zip(found, self._model.add(found), strict=False):
            if room > 0:
                self._view.expand(index)
                room -= len(hits.lines)
        if self._is_searching:
            self._show_words(f"{_count(self._model.line_count, self._model.file_count)} so far…")

    def _drop_found(self) -> None:
        self._gather_timer.stop()
        self._found = []
        self._model.clear()

    def _set_searching(self, is_searching: bool) -> None:
        self._is_searching = is_searching
        self._stop.setVisible(is_searching)
        self._fold.setVisible(not is_searching)
        self._fold.setEnabled(self._model.file_count > 0)

    def _show_words(self, words: str, *, is_wrong: bool = False) -> None:
        self._words.setText(words)
        self._words.setVisible(bool(words))
        set_property(self._query, "invalid", "true" if is_wrong else "false")

    def _on_pause_timer_timeout(self) -> None:
        query = self.query()
        if query != self._asked and (not query.text or len(query.text) >= _LEAST_TYPED):
            self._search()

    def _on_more_toggled(self, is_open: bool) -> None:
        self._include.setVisible(is_open)
        self._exclude.setVisible(is_open)

    def _on_stop_clicked(self) -> None:
        self._gather_timer.stop()
        self._list_found()
        self._set_searching(False)
        self._show_words(f"Stopped: {_count(self._model.line_count, self._model.file_count)} so far.")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Alt and a letter are the options; Enter in the list opens, Down in the field goes to the list."""
        if keeps_escape(event):
            return True
        if not isinstance(event, QKeyEvent) or event.type() not in {QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride}:
            return super().eventFilter(watched, event)
        options = {Qt.Key.Key_C: self._case, Qt.Key.Key_W: self._word, Qt.Key.Key_R: self._regex}
        is_press = event.type() == QEvent.Type.KeyPress
        key = Qt.Key(event.key())
        if event.modifiers() == Qt.KeyboardModifier.AltModifier and key in options:
            event.accept()
            if is_press:
                options[key].toggle()
            return True
        if is_press and key == Qt.Key.Key_Escape:
            self.left.emit()
            return True
        if is_press and watched is self._view and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._choose(self._view.currentIndex())
            return True
        if is_press and watched is self._query and key == Qt.Key.Key_Down and self._model.file_count:
            self._view.setFocus(Qt.FocusReason.TabFocusReason)
            if not self._view.currentIndex().isValid():
                self._view.setCurrentIndex(self._model.index(0))
            return True
        return super().eventFilter(watched, event)


def _count(lines: int, files: int) -> str:
    return f"{lines:,} {'line' if lines == 1 else 'lines'} in {files:,} {'file' if files == 1 else 'files'}"
