"""A change to a text, hunk by hunk: side by side or as one text; each hunk can be taken, left or talked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError
from app.files.hunks import TextDiff, count_lines
from ui.chat.highlight import find_lexer_for_path
from ui.editor.diff_look import DiffLook
from ui.editor.diff_painter import HunkState
from ui.editor.diff_view import DiffView
from ui.editor.differ import Differ
from ui.editor.hunk_bar import CommentBox, HunkBar, HunkWords
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import discard, make_label

_VERBS: Mapping[str, HunkState] = {"accept": "accepted", "reject": "rejected"}


class DiffPane(QWidget):
    """Shows one diff at a time; what is decided is kept here until another is shown.

    Signals:
        shown(): The diff that was asked for is there.
        decided(int): The person decided otherwise about a hunk; see ``states``.
        commented(int): The person wrote something else about a hunk; see ``comments``.
    """

    shown = Signal()
    decided = Signal(int)
    commented = Signal(int)

    def __init__(
        self,
        theme: Theme,
        look: DiffLook,
        *,
        words: HunkWords | None = None,
        can_comment: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Begin empty.

        Args:
            theme: Draws it.
            look: How diffs are looked at, shared with other panes.
            words: What the choices are called; None for accepting and rejecting.
            can_comment: Hunks can be commented.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._theme = theme
        self._look = look
        self._words = words or HunkWords()
        self._can_comment = can_comment
        self._decides = True
        self._differ = Differ(self)
        self._question = 0
        self._request = 0
        self._path = ""
        self._boxes: dict[int, CommentBox] = {}
        self._free_bars: list[HunkBar] = []
        self.diff = TextDiff([], [], ())
        self.states: list[HunkState] = []
        self.comments: dict[int, str] = {}
        self._build()
        look.changed.connect(self._arrange)

    # --- what is shown --------------------------------------------------------------------------------------

    def show_diff(
        self,
        path: str,
        before: str,
        after: str,
        *,
        decides: bool = True,
    ) -> None:
        """Show the change of a file; ``shown`` tells when, which is at once for short texts.

        Args:
            path: Names the file and its language.
            before, after: Its texts.
            decides: Hunks can be taken or left.
        """
        self._forget()
        self._path, self._decides = path, decides
        self._title.set_text(path)
        question = self._question

        def take(diff: TextDiff | AppError) -> None:
            if question != self._question:
                return
            if isinstance(diff, AppError):
                self._show_words(str(diff))
            else:
                self._show(diff)

        self._show_words("Comparing\u2026")
        self._request = self._differ.find(before, after, take)

    def say(self, path: str, words: str) -> None:
        """Show words in the place of a diff."""
        self._forget()
        self._title.set_text(path)
        self._show_words(words)

    def set_state(self, hunk: int, state: HunkState) -> None:
        """Show that something else was decided; nothing is told."""
        self.states[hunk] = state
        self._show_states()

    def set_states(self, states: Sequence[HunkState]) -> None:
        """The same for all hunks."""
        self.states = list(states)
        self._show_states()

    def set_comments(self, comments: Mapping[int, str]) -> None:
        """Show what was said about hunks, where it is something else than what is shown."""
        texts = {hunk: box.field.toPlainText() for hunk, box in self._boxes.items()}
        if {hunk: text for hunk, text in texts.items() if text} == dict(comments):
            return
        self._drop_boxes()
        self.comments = dict(comments)
        for hunk, text in comments.items():
            self._make_box(hunk, text)
        self._view.remeasure()
        self._show_states()

    @property
    def accepted(self) -> frozenset[int]:
        """The hunks that were not rejected."""
        return frozenset(number for number, state in enumerate(self.states) if state != "rejected")

    @property
    def view(self) -> DiffView:
        """The lines."""
        return self._view

    def step(self, direction: int) -> None:
        """Go to the next change (1), or the one before (-1), around the ends."""
        count = len(self.diff.hunks)
        if count:
            self._view.go_to_hunk((self._view.current + direction) % count)

    def listen_in(self, widget: QWidget) -> None:
        """Go through the changes with F7 and Shift+F7 while the keyboard is in ``widget``."""
        for keys, direction in (("F7", 1), ("Shift+F7", -1)):
            shortcut = QShortcut(QKeySequence(keys), widget)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda direction=direction: self.step(direction))

    def stop(self) -> None:
        """Work at nothing any more."""
        self._forget()
        self._view.stop()
        self._differ.close()

    # --- how it is put together -----------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        self.setObjectName("diff_pane")
        self._title = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self._title.setProperty("role", "strong")
        self._added, self._removed = make_label("", "success"), make_label("", "danger")
        self._place = make_label("", "muted")
        self._place.setObjectName("diff_place")
        self._previous = self._make_button("chevron-up", "Previous change", "previous_change", "Shift+F7")
        self._previous.clicked.connect(lambda: self.step(-1))
        self._next = self._make_button("chevron-down", "Next change", "next_change", "F7")
        self._next.clicked.connect(lambda: self.step(1))
        self._unfold = self._make_button("unfold-vertical", "Show all unchanged lines", "unfold_all", "")
        self._unfold.setCheckable(True)
        self._unfold.toggled.connect(lambda _on: self._arrange())
        self._split = self._make_button("columns-2", "Side by side", "diff_split", "")
        self._split.setCheckable(True)
        self._split.setChecked(self._look.is_split)
        self._split.toggled.connect(self._look.set_split)
        #: The row above the lines; owners may add to its beginning and end.
        self.head = QHBoxLayout()
        self.head.setContentsMargins(theme.space(3), theme.space(1), theme.space(2), theme.space(1))
        self.head.setSpacing(theme.space(2))
        self.head.addWidget(self._title, 1)
        for widget in (self._added, self._removed, self._place):
            self.head.addWidget(widget)
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(0)
        for button in (self._previous, self._next, self._unfold, self._split):
            tools.addWidget(button)
        self.head.addWidget(self._tools)
        self._view = DiffView(theme, self._make_bar, self._free_bar, self._comment_of)
        self._view.current_changed.connect(self._on_view_current_changed)
        self._view.asked.connect(self._on_hunk_asked)
        self._message = make_label("", "muted", wrap=True)
        self._message.setObjectName("diff_words")
        self._message.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._message.setContentsMargins(*(theme.space(3),) * 4)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._view)
        self._stack.addWidget(self._message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.head)
        layout.addWidget(self._stack, 1)

    def _make_button(self, icon: str, words: str, name: str, keys: str) -> IconButton:
        button = IconButton(self._theme, icon, words)
        button.setObjectName(name)
        button.set_tooltip(words, keys)
        return button

    # --- how ------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._differ.forget(self._request)
        self._question += 1
        self._request = 0
        self._drop_boxes()
        self.diff, self.states, self.comments = TextDiff([], [], ()), [], {}

    def _drop_boxes(self) -> None:
        for box in self._boxes.values():
            discard(box)
        self._boxes = {}

    def _show_words(self, words: str) -> None:
        self._message.setText(words)
        self._stack.setCurrentWidget(self._message)
        self._tools.hide()
        for label in (self._added, self._removed, self._place):
            label.hide()

    def _show(self, diff: TextDiff) -> None:
        self._request = 0
        self.diff = diff
        if not diff.hunks:
            self._show_words("There is no difference.")
            self.shown.emit()
            return
        self.states = [""] * len(diff.hunks)
        added, removed = count_lines(diff.hunks)
        self._added.setText(f"+{added:,}")
        self._removed.setText(f"\u2212{removed:,}")
        for widget in (self._added, self._removed, self._place, self._tools):
            widget.show()
        self._stack.setCurrentWidget(self._view)
        self._view.setAccessibleName(f"Changes of {self._path}")
        self._arrange()
        self._view.show_diff(diff, find_lexer_for_path(self._path), has_bars=self._decides)
        self._view.show_states(self.states)
        self._on_view_current_changed(self._view.current)
        self.shown.emit()

    def _arrange(self) -> None:
        self._split.setChecked(self._look.is_split)
        self._view.arrange(is_split=self._look.is_split, is_unfolded=self._unfold.isChecked())

    def _make_bar(self, hunk: int) -> HunkBar:
        bar = self._free_bars.pop() if self._free_bars else self._new_bar()
        bar.show_hunk(hunk, len(self.diff.hunks), self.diff.hunks[hunk])
        self._show_state(bar, hunk)
        return bar

    def _new_bar(self) -> HunkBar:
        bar = HunkBar(self._theme, self._words, can_comment=self._can_comment)
        bar.asked.connect(self._on_hunk_asked)
        return bar

    def _free_bar(self, bar: QWidget) -> None:
        if isinstance(bar, HunkBar):
            bar.hide()
            bar.setObjectName("")
            self._free_bars.append(bar)

    def _comment_of(self, hunk: int) -> CommentBox | None:
        return self._boxes.get(hunk)

    def _make_box(self, hunk: int, text: str) -> CommentBox:
        box = CommentBox(self._theme, hunk, text)
        box.changed.connect(self._on_box_changed)
        box.removed.connect(self._on_box_removed)
        box.left.connect(self._on_box_left)
        self._boxes[hunk] = box
        return box

    def _show_states(self) -> None:
        self._view.show_states(self.states)
        for hunk, bar in self._view.bars.items():
            if isinstance(bar, HunkBar) and hunk < len(self.states):
                self._show_state(bar, hunk)

    def _show_state(self, bar: HunkBar, hunk: int) -> None:
        bar.show_state(self.states[hunk], has_comment=bool(self.comments.get(hunk, "").strip()))
        bar.set_current(hunk == self._view.current)

    def _on_view_current_changed(self, hunk: int) -> None:
        count = len(self.diff.hunks)
        self._place.setText(f"{hunk + 1} of {count:,}" if hunk >= 0 else "")
        self._show_states()

    def _on_hunk_asked(self, verb: str, hunk: int) -> None:
        self._view.set_current(hunk)
        if verb == "comment":
            if self._can_comment:
                self._open_comment(hunk)
            return
        state = _VERBS[verb]
        self.set_state(hunk, "" if self.states[hunk] == state else state)
        self.decided.emit(hunk)

    def _open_comment(self, hunk: int) -> None:
        box = self._boxes.get(hunk)
        if box is None:
            box = self._make_box(hunk, "")
            self._view.remeasure()
        self._view.show_comment(hunk)
        box.field.setFocus()

    def _on_box_changed(self, hunk: int, text: str) -> None:
        self.comments[hunk] = text
        self._show_states()
        self.commented.emit(hunk)

    def _on_box_removed(self, hunk: int) -> None:
        box = self._boxes.pop(hunk)
        discard(box)
        self.comments.pop(hunk, None)
        self._view.remeasure()
        self._view.setFocus()
        self._show_states()
        self.commented.emit(hunk)

    def _on_box_left(self, hunk: int) -> None:
        if self.comments.get(hunk, "").strip():
            self._view.setFocus()
        else:
            self._on_box_removed(hunk)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._differ.rest()
