"""The field that messages are written in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from ui.theme import Theme
from ui.widgets.escape import keeps_escape

MIN_LINES = 1
MAX_SHARE = 0.4  # of the window's height
ASK_WORDS = "Ask, or describe what to change …"
#: What names a file, a folder or the selection in a message.
MENTION = "@"


class ComposerEdit(QPlainTextEdit):
    """The field itself.

    Attributes:
        go_before: Gives the keyboard to what lies before the text, and returns whether there is any such thing.

    Signals:
        submitted(), up_pressed(), escaped(): Keys with a meaning of their own.
        height_changed(): It wants another height.
        focus_gained(), focus_lost(): The keyboard came, or went elsewhere.
        left(): It went to another widget, not to another window that gives it back.
        erased_at_start(), left_at_start(): Backspace, or Left, where there is nothing before the cursor.
        mention_typed(): An at sign was typed, not pasted.
        files_given(list): Paths of files and folders that were dropped or pasted here.
    """

    submitted = Signal()
    up_pressed = Signal()
    escaped = Signal()
    height_changed = Signal()
    focus_gained = Signal()
    focus_lost = Signal()
    left = Signal()
    erased_at_start = Signal()
    left_at_start = Signal()
    mention_typed = Signal()
    files_given = Signal(list)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_composing = False
        self.go_before: Callable[[], bool] = lambda: False
        self.setObjectName("composer")
        self.setAccessibleName("Message")
        self.setPlaceholderText(ASK_WORDS)
        self.setProperty("role", "plain")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setFont(theme.font("body"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)
        theme.changed.connect(lambda: self.setFont(theme.font("body")))
        self.fit()

    @property
    def is_composing(self) -> bool:
        """Whether an input method has the keyboard."""
        return self._is_composing

    def fit(self) -> None:
        """Be as tall as the text, within the window's share."""
        lines = max(MIN_LINES, int(self.document().size().height()))
        line = self.fontMetrics().lineSpacing()
        limit = max(6 * line, int(self.window().height() * MAX_SHARE))
        height = min(lines * line + self._theme.space(4), limit)
        policy = Qt.ScrollBarPolicy
        fits = lines * line + self._theme.space(4) <= limit
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if fits else policy.ScrollBarAsNeeded)
        if height != self.height():
            self.setFixedHeight(height)
            self.height_changed.emit()

    # --- Qt ---------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        return keeps_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_composing:  # every key is the input method's
            super().keyPressEvent(event)
            return
        is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        breaks = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier)
        if is_enter:
            if breaks:
                self.textCursor().insertText("\n")
                self.ensureCursorVisible()
            else:
                self.submitted.emit()
        elif event.key() == Qt.Key.Key_Up and not self.toPlainText():
            self.up_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() == Qt.Key.Key_Backspace and self._is_at_start():
            self.erased_at_start.emit()
        elif event.key() == Qt.Key.Key_Left and not event.modifiers() and self._is_at_start():
            self.left_at_start.emit()
        else:
            super().keyPressEvent(event)
            if event.text() == MENTION:
                self.mention_typed.emit()

    def _is_at_start(self) -> bool:
        cursor = self.textCursor()
        return cursor.atStart() and not cursor.hasSelection()

    def focusNextPrevChild(self, forwards: bool) -> bool:
        return (not forwards and self.go_before()) or super().focusNextPrevChild(forwards)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)
        if event.commitString() == MENTION:
            self.mention_typed.emit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText() or bool(local_paths(source))

    def insertFromMimeData(self, source: QMimeData) -> None:
        paths = local_paths(source)
        if paths:
            self.files_given.emit(paths)
        elif source.hasText():
            self.textCursor().insertText(source.text())
            self.ensureCursorVisible()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_gained.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_lost.emit()
        if event.reason() not in {Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}:
            self.left.emit()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.height())


def local_paths(source: QMimeData) -> list[str]:
    """Return the paths of files on this machine; of addresses elsewhere there is nothing to read."""
    return [url.toLocalFile() for url in source.urls() if url.isLocalFile()]
