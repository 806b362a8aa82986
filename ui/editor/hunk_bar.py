"""What stands in the rows of a hunk: what can be done with it, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout

from app.files.hunks import Hunk, count_lines
from ui.editor.diff_painter import HunkState
from ui.theme import Theme
from ui.widgets.escape import keeps_escape
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_button, make_label, set_property

_BUTTON = 26
_COMMENT_STEPS = 27


@dataclass(frozen=True)
class HunkWords:
    """What the two choices are called, and what a hunk is called then."""

    accept: str = "Accept this change"
    reject: str = "Reject this change"
    accepted: str = "Accepted"
    rejected: str = "Rejected"


class HunkBar(QFrame):
    """Signals: asked(str, int): "accept", "reject" or "comment" was clicked for a hunk."""

    asked = Signal(str, int)

    def __init__(self, theme: Theme, words: HunkWords, *, can_comment: bool) -> None:
        """Build it without a hunk: making one takes a while, so that they are used for others again."""
        super().__init__()
        self._number = 0
        self._words = words
        self._where = ""
        self._verbs: dict[str, str] = {}
        self.setProperty("role", "hunk-bar")
        self._place, self._lines = make_label("", "strong"), make_label("", "small")
        self._added, self._removed = make_label("", "success"), make_label("", "danger")
        self._state = make_label("", "badge")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(3), 0, theme.space(2), 0)
        row.setSpacing(theme.space(2))
        for label in (self._place, self._lines, self._added, self._removed, self._state):
            row.addWidget(label)
        row.addStretch(1)
        self.comment = self._button(theme, "message-square", "Comment on this change", "comment", "C")
        self.reject = self._button(theme, "close", words.reject, "reject", "R")
        self.accept = self._button(theme, "check", words.accept, "accept", "A")
        self.comment.setVisible(can_comment)
        row.setSpacing(theme.space(1.5))
        for button in (self.comment, self.reject, self.accept):
            row.addWidget(button)

    def show_hunk(self, number: int, total: int, hunk: Hunk) -> None:
        """Belong to a hunk."""
        self._number = number
        self._where = f"Change {number + 1} of {total}, {_lines(hunk)}"
        self.setObjectName(f"hunk_bar_{number}")
        self._place.setText(f"{number + 1}/{total}")
        self._lines.setText(_lines(hunk).capitalize())
        for label, sign, count in zip((self._added, self._removed), "+\u2212", count_lines([hunk]), strict=True):
            label.setText(f"{sign}{count:,}")
            label.setVisible(count > 0)
        for button in (self.comment, self.reject, self.accept):
            verb = str(button.property("verb"))
            button.setObjectName(f"{verb}_hunk_{number}")
            button.setAccessibleName(f"{self._verbs[verb]}: {self._where}")

    def show_state(self, state: HunkState, *, has_comment: bool) -> None:
        """Say what became of the hunk."""
        words = {"": "", "accepted": self._words.accepted, "rejected": self._words.rejected}[state]
        self._state.setText(words)
        self._state.setVisible(bool(words))
        set_property(self._state, "level", "success" if state == "accepted" else "danger")
        set_property(self, "state", state)
        self.accept.set_icon("check", "success" if state == "accepted" else "text.muted")
        self.reject.set_icon("close", "danger" if state == "rejected" else "text.muted")
        self.comment.set_icon("message-square", "accent" if has_comment else "text.muted")
        for button, is_on in ((self.accept, state == "accepted"), (self.reject, state == "rejected")):
            button.setChecked(is_on)
        self.setAccessibleName(f"{self._where}. {words or 'Not decided'}")

    def set_current(self, is_current: bool) -> None:
        """Say that it is the one that keys act on."""
        set_property(self, "current", is_current)

    def _button(self, theme: Theme, icon: str, words: str, verb: str, key: str) -> IconButton:
        button = IconButton(theme, icon, words, size=_BUTTON)
        button.setProperty("verb", verb)
        self._verbs[verb] = words
        button.set_tooltip(words, key)
        button.setCheckable(verb != "comment")
        button.clicked.connect(lambda: self.asked.emit(verb, self._number))
        return button


class CommentBox(QFrame):
    """Signals: changed(int, str): Another text for a hunk; left(int): Escape; removed(int): it is not wanted."""

    changed = Signal(int, str)
    left = Signal(int)
    removed = Signal(int)

    def __init__(self, theme: Theme, number: int, text: str) -> None:
        super().__init__()
        self._number = number
        self._height = theme.space(_COMMENT_STEPS)
        self.setObjectName(f"hunk_comment_{number}")
        self.setProperty("role", "hunk-comment")
        self.setAccessibleName(f"Comment on change {number + 1}")
        self.field = _Field()
        self.field.setPlainText(text)
        self.field.setObjectName(f"comment_field_{number}")
        self.field.setAccessibleName(f"Comment for the model on change {number + 1}")
        self.field.setPlaceholderText("What should the model know or do about this change?")
        self.field.setTabChangesFocus(True)
        self.field.textChanged.connect(lambda: self.changed.emit(number, self.field.toPlainText()))
        self.field.escaped.connect(lambda: self.left.emit(number))
        foot = QHBoxLayout()
        foot.addWidget(make_label("Kept until you send your comments.", "small"))
        foot.addStretch(1)
        foot.addWidget(make_button("Remove", "ghost", lambda: self.removed.emit(number), f"remove_comment_{number}"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(1))
        layout.setSpacing(theme.space(1))
        layout.addWidget(self.field, 1)
        layout.addLayout(foot)

    def sizeHint(self) -> QSize:
        """Ask for a few lines."""
        return QSize(super().sizeHint().width(), self._height)


class _Field(QPlainTextEdit):
    """Signals: escaped(): Escape was pressed."""

    escaped = Signal()

    def event(self, event: QEvent) -> bool:
        return keeps_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


def _lines(hunk: Hunk) -> str:
    """Return where a hunk is, in the text after; where it has no lines left, in the text before."""
    start, count = (hunk.after_start, len(hunk.after)) if hunk.after else (hunk.before_start, len(hunk.before))
    return f"line {start + 1:,}" if count == 1 else f"lines {start + 1:,}\u2013{start + count:,}"
