"""The bar over the text with which to find and replace."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPlainTextEdit

from app.errors import AppError
from app.files.find import MAX_HITS, Query
from ui.editor.finder import Finder
from ui.theme import Theme
from ui.widgets.escape import keeps_escape
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_button, make_label, set_property

#: Longer selections are not what is looked for, but where.
MAX_TAKEN = 200
_BUTTON_STEPS = 6.5
#: What the count says in files that are not small.
_LONG_COUNT = "1,234 of 5,678"
#: Beside the directions: the first hit from where the search began.
FIRST = 2


class FindBar(QFrame):
    """Signals: closed() with Escape or its cross; height_changed() when the second row comes or goes."""

    closed = Signal()
    height_changed = Signal()

    def __init__(self, theme: Theme, editor: QPlainTextEdit, finder: Finder) -> None:
        super().__init__(editor)
        self._theme = theme
        self._editor = editor
        self.finder = finder
        self._options: dict[str, IconButton] = {}
        self._wanted = 0  # direction of a jump that waits for hits
        self._origin = 0
        self._within_cursor: QTextCursor | None = None
        self.setProperty("role", "find-bar")
        self.setObjectName("find_bar")
        self.setAccessibleName("Find and replace")
        self.setAutoFillBackground(True)
        self._build()
        finder.changed.connect(self._on_finder_changed)
        finder.replaced.connect(self._on_replaced)
        self.hide()

    def _build(self) -> None:
        theme = self._theme
        self.field = self._make_field("find_field", "Find", "Find")
        self.field.textChanged.connect(self._on_query_changed)
        self.replacement = self._make_field("replace_field", "Replace with", "Replace with")
        self.case = self._make_option("find_case", "case-sensitive", "Match case", "Alt+C")
        self.word = self._make_option("find_word", "whole-word", "Whole words", "Alt+W")
        self.regex = self._make_option("find_regex", "regex", "Regular expression", "Alt+R")
        self.within = self._make_option("find_in_selection", "text-select", "Only in the selection", "Alt+L")
        self.within.toggled.connect(self._on_within_toggled)
        self.count = make_label("", "muted")
        self.count.setObjectName("find_count")
        self.count.setMinimumWidth(self.count.fontMetrics().horizontalAdvance("No results "))
        self.previous = self._make_button("chevron-up", "Previous hit", "find_previous", "Shift+F3")
        self.previous.clicked.connect(lambda: self.go(-1))
        self.next = self._make_button("chevron-down", "Next hit", "find_next", "F3")
        self.next.clicked.connect(lambda: self.go(1))
        close = self._make_button("close", "Close", "find_close", "Esc")
        close.clicked.connect(self.close_bar)
        self._replace_one = make_button("Replace", "", self.replace, "replace_one")
        self._replace_all = make_button("All", "", self.replace_all, "replace_all")
        self._replace_all.setAccessibleName("Replace all")
        self._replace_all.setToolTip("Replace all hits, as one step to undo")
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.space(0.5))
        for widget in (self.case, self.word, self.regex, self.within, self.previous, self.next, close):
            self._row.addWidget(widget)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.space(1))
        self._buttons.addWidget(self._replace_one)
        self._buttons.addWidget(self._replace_all)
        self._buttons.addStretch(1)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.space(3), theme.space(1.5), theme.space(2), theme.space(1.5))
        self._grid.setHorizontalSpacing(theme.space(2))
        self._grid.setVerticalSpacing(theme.space(1.5))
        self._grid.setColumnStretch(0, 1)
        self._arrange(is_narrow=False)
        self.setTabOrder(self.field, self.replacement)

    def _arrange(self, *, is_narrow: bool) -> None:
        """Put what stands right of the fields below them where it is narrow."""
        self._is_narrow = is_narrow
        for one in (self.field, self.count, self.replacement):
            self._grid.removeWidget(one)
        for layout in (self._row, self._buttons):
            self._grid.removeItem(layout)
            layout.setParent(None)  # else it cannot be put in again
        if is_narrow:
            self._grid.addWidget(self.field, 0, 0)
            self._grid.addWidget(self.count, 0, 1, 1, 2)
            self._grid.addLayout(self._row, 1, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
            self._grid.addWidget(self.replacement, 2, 0, 1, 3)
            self._grid.addLayout(self._buttons, 3, 0, 1, 3)
        else:
            self._grid.addWidget(self.field, 0, 0)
            self._grid.addWidget(self.count, 0, 1)
            self._grid.addLayout(self._row, 0, 2)
            self._grid.addWidget(self.replacement, 1, 0)
            self._grid.addLayout(self._buttons, 1, 1, 1, 2)

    def _make_field(self, name: str, words: str, spoken: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setObjectName(name)
        field.setPlaceholderText(words)
        field.setAccessibleName(spoken)
        field.setMinimumWidth(self._theme.space(25))
        field.installEventFilter(self)
        return field

    def _make_option(self, name: str, icon: str, words: str, keys: str) -> IconButton:
        button = self._make_button(icon, words, name, keys)
        button.setCheckable(True)
        self._options[QKeySequence(keys).toString()] = button
        button.toggled.connect(self._on_query_changed)
        return button

    def _make_button(self, icon: str, words: str, name: str, keys: str) -> IconButton:
        button = IconButton(self._theme, icon, words, self, size=self._theme.space(_BUTTON_STEPS))
        button.setObjectName(name)
        button.set_tooltip(words, keys)
        return button

    # --- what the editor asks -------------------------------------------------------------------------------

    def open_bar(self, *, replaces: bool) -> None:
        """Show the bar, with the selected words in it, and take the keyboard."""
        cursor = self._editor.textCursor()
        self._origin = cursor.selectionStart()
        chosen = cursor.selectedText()
        is_several_lines = "\u2029" in chosen
        for widget in (self.replacement, self._replace_one, self._replace_all):
            widget.setVisible(replaces)
        self.show()
        self.height_changed.emit()
        self.within.setChecked(is_several_lines)
        if chosen and not is_several_lines and len(chosen) <= MAX_TAKEN:
            self.field.setText(chosen)
        self.field.selectAll()
        self.field.setFocus()
        self._on_query_changed()

    def close_bar(self) -> None:
        """Hide the bar and give the keyboard back."""
        self.hide()
        self.finder.stop()
        self.closed.emit()

    def go(self, direction: int) -> None:
        """Select the next hit (1) or the one before (-1); behind the last comes the first."""
        if not self.finder.begins:
            self._wanted = 0 if self.finder.is_complete else direction
            return
        cursor = self._editor.textCursor()
        count = len(self.finder.begins)
        if direction > 0:
            index = self.finder.index_from(cursor.selectionEnd())
            if index == count and not self.finder.is_complete:
                self._wanted = direction
                return
        else:
            index = self.finder.index_from(cursor.selectionStart()) - 1
        self._wanted = 0
        self._select(index % count)

    def replace(self) -> None:
        """Replace the selected hit and select the next; where none is selected, only that."""
        if self._editor.isReadOnly():
            return
        cursor = self._editor.textCursor()
        index = self.finder.index_of(cursor.selectionStart(), cursor.selectionEnd())
        if index is not None:
            self._wanted = 1
            try:
                self.finder.replace(index, self.replacement.text())
            except AppError as error:
                self._wanted = 0
                self._tell(error.message, is_problem=True)
        else:
            self.go(1)

    def replace_all(self) -> None:
        """Replace all hits."""
        if self._editor.isReadOnly():
            return
        try:
            self.finder.replace_all(self.replacement.text())
        except AppError as error:
            self._tell(error.message, is_problem=True)
            return
        if self.finder.is_replacing:  # in slices; nobody is to type in between
            self._editor.setReadOnly(True)

    # --- how --------------------------------------------------------------------------------------------------

    def _on_query_changed(self) -> None:
        text = self.field.text()
        query = Query(text, self.regex.isChecked(), self.case.isChecked(), self.word.isChecked())
        if not self.isVisible():
            return
        self._wanted = FIRST if text else 0
        self.finder.look_for(query, self._within_cursor if self.within.isChecked() else None)

    def _on_within_toggled(self, is_on: bool) -> None:
        self._within_cursor = QTextCursor(self._editor.textCursor()) if is_on else None
        if self._within_cursor is not None:
            self._within_cursor.setKeepPositionOnInsert(True)

    def _on_finder_changed(self) -> None:
        finder = self.finder
        if self._wanted == FIRST and finder.begins:
            index = finder.index_from(self._origin)
            if index < len(finder.begins) or finder.is_complete:
                self._wanted = 0
                self._select(index % len(finder.begins))
        elif self._wanted in {1, -1}:
            self.go(self._wanted)
        self.show_count()
        self._editor.viewport().update()

    def show_count(self) -> None:
        """Say how many hits there are, and which is selected."""
        finder, text = self.finder, self.field.text()
        if finder.problem:
            self._tell(finder.problem, is_problem=True)
            return
        count = len(finder.begins)
        cursor = self._editor.textCursor()
        index = finder.index_of(cursor.selectionStart(), cursor.selectionEnd())
        all_of = f"{count:,}{'+' if count >= MAX_HITS else '' if finder.is_complete else ' …'}"
        words = f"{index + 1:,} of {all_of}" if index is not None else all_of if count else "No results"
        is_waiting = not count and not finder.is_complete
        self._tell("" if not text or is_waiting else words, is_problem=bool(text and not count and finder.is_complete))
        for button in (self.previous, self.next, self._replace_one, self._replace_all):
            button.setEnabled(count > 0)

    def _tell(self, words: str, *, is_problem: bool) -> None:
        self.count.setText(words if len(words) < 40 else f"{words[:39]}…")
        self.count.setToolTip("" if len(words) < 40 else words.replace("<", "\u2039"))
        set_property(self.count, "role", "danger" if is_problem else "muted")

    def _select(self, index: int) -> None:
        cursor = self._editor.textCursor()
        cursor.setPosition(self.finder.begins[index])
        cursor.setPosition(self.finder.ends[index], QTextCursor.MoveMode.KeepAnchor)
        self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()
        self.show_count()

    def _on_replaced(self, count: int) -> None:
        self._editor.setReadOnly(False)
        self._tell(f"{count:,} replaced", is_problem=False)

    # --- Qt ---------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take two rows for one where it is narrow."""
        super().resizeEvent(event)
        words = self.count.fontMetrics().horizontalAdvance(_LONG_COUNT)
        needed = self.field.minimumWidth() + words + self._row.sizeHint().width() + self._theme.space(9)
        if (self.width() < needed) != self._is_narrow:
            self._arrange(is_narrow=self.width() < needed)
            self.height_changed.emit()

    def event(self, event: QEvent) -> bool:
        return keeps_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if keeps_escape(event):
            return True
        if not isinstance(event, QKeyEvent):
            return False
        option = self._options.get(QKeySequence(event.keyCombination()).toString())
        if option is not None:
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                option.toggle()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif is_enter and watched is self.replacement:
            self.replace()
        elif is_enter or event.key() == Qt.Key.Key_F3:
            self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            return False
        return True
