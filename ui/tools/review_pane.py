"""One file of a run as it is reviewed: its hunks, or why there are none to be seen, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError
from app.files.hunks import Hunk
from ui.editor.diff_look import DiffLook
from ui.editor.diff_painter import HunkState
from ui.editor.diff_pane import DiffPane
from ui.theme import Theme
from ui.tools.change_list import ChangedFile, ShownChange
from ui.tools.review_text import ReviewText, review_text, whole_words
from ui.tools.run_review import RunReview
from ui.widgets.labels import make_button, make_label

#: Contents in the order they were asked for, None where they are no longer kept; or why they cannot be read.
Sides = Sequence[bytes | None] | AppError
_THEIRS = (
    "This file was changed after the run. What you see is the way from before the run to the file as it is now, "
    "later changes included."
)


class ReviewPane(QWidget):
    """Signals: decided(str): something else was decided about a file; commented(): something else was said."""

    decided = Signal(str)
    commented = Signal()

    def __init__(self, theme: Theme, look: DiffLook, review: RunReview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._review = review
        self._file: ChangedFile | None = None
        self._text: ReviewText | None = None
        self._question = 0
        self.pane = DiffPane(theme, look, can_comment=True)
        self.pane.shown.connect(self._on_pane_shown)
        self.pane.decided.connect(self._on_pane_decided)
        self.pane.commented.connect(self._on_pane_commented)
        self._kind = make_label("", "badge")
        self._reject = make_button("Reject file", "ghost", self.reject_file, "reject_file_button")
        self._accept = make_button("Accept file", "ghost", self.accept_file, "accept_file_button")
        self.undo_step = make_button("Undo this step\u2026", "ghost", None, "undo_file_button")
        self.pane.head.insertWidget(0, self._kind)
        for button in (self._reject, self._accept, self.undo_step):
            self.pane.head.addWidget(button)
        self._banner = QFrame()
        self._banner.setProperty("role", "callout")
        self._banner.setProperty("level", "warning")
        words = make_label(_THEIRS, wrap=True)
        words.setObjectName("review_banner")
        row = QHBoxLayout(self._banner)
        row.setContentsMargins(theme.space(3), theme.space(2), theme.space(3), theme.space(2))
        row.addWidget(words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._banner)
        layout.addWidget(self.pane, 1)
        review.changed.connect(self._on_review_changed)
        self.show_file(None)

    # --- what is shown --------------------------------------------------------------------------------------

    def show_file(self, file: ChangedFile | None) -> None:
        """Show all that the run did to a file; None for nothing. What is on show already stays as it is looked at."""
        if file is not None and self._file is not None and self._text is not None and _is_same(file, self._file):
            self._file = file
            return
        self._begin(file)
        if file is None:
            self.pane.say("", "")
            return
        self._kind.setText(file.kind_words)
        of_run = file.file
        if file.kind == "gone":
            self.pane.say(file.title, "The run added this file and deleted it again.")
        elif file.kind == "renamed":
            self.pane.say(file.title, "Only the name of this file is another. It is accepted or rejected whole.")
        elif of_run.before == of_run.after:
            self.pane.say(file.title, "Its contents are the same; only its permissions changed.")
        else:
            self._read(file.title, (of_run.before, of_run.after, of_run.now), self._take_file)

    def drop_comments(self) -> None:
        """Show no comments any more: they were handed on."""
        self.pane.set_comments({})

    def show_step(self, step: ShownChange) -> None:
        """Show what one step did to a file."""
        self._begin(None)
        self._kind.show()
        self._kind.setText("Step")
        self.undo_step.show()

        def take(sides: Sides) -> None:
            self._show_sides(step.path, step.before, step.after, sides, is_text=step.is_text)

        self._read(step.path, (step.before, step.after), take)

    def accept_file(self) -> None:
        """Take the whole file as it is shown."""
        file = self._file
        if file is None:
            return
        if self._text is not None and self._text.is_theirs:
            self._decide_all("accepted")
            return
        self._review.decisions(file.path).is_accepted = True
        self._show_all("accepted")
        for one in file.files:
            self._review.write(one.path, "after")
        self.decided.emit(file.path)

    def reject_file(self) -> None:
        """Have the whole file as it was before the run."""
        file = self._file
        if file is None:
            return
        self._review.decisions(file.path).is_accepted = False
        self._show_all("rejected")
        for one in file.files:
            self._review.write(one.path, "before")
        self.decided.emit(file.path)

    def show_decisions(self) -> None:
        """Show what is decided about the file on show."""
        if self._text is not None:
            self._on_pane_shown()

    def stop(self) -> None:
        """Work at nothing any more."""
        self._question += 1
        self.pane.stop()

    # --- how ------------------------------------------------------------------------------------------------

    def _begin(self, file: ChangedFile | None) -> None:
        self._question += 1
        self._file, self._text = file, None
        self._banner.hide()
        self._kind.setVisible(file is not None)
        self._accept.setVisible(file is not None)
        self._reject.setVisible(file is not None)
        self.undo_step.hide()

    def _read(self, title: str, names: Sequence[str | None], take: Callable[[Sides], None]) -> None:
        """Read contents for what is on show now; an answer that comes after something else was chosen is dropped."""
        question = self._question

        def hear(sides: Sides) -> None:
            if question == self._question:
                take(sides)

        self.pane.say(title, "")
        self._review.read(names, hear)

    def _take_file(self, sides: Sides) -> None:
        file = self._file
        if file is None:
            return
        of_run = file.file
        text = None
        if not isinstance(sides, AppError) and None not in sides and of_run.is_text:
            before, after, now = sides
            text = review_text(
                before if of_run.before is not None else None,
                after if of_run.after is not None else None,
                now if of_run.now is not None else None,
            )
        if text is None:
            self._show_sides(file.title, of_run.before, of_run.after, sides, is_text=of_run.is_text)
        else:
            self._show_text(text)

    def _show_text(self, text: ReviewText) -> None:
        self._text = text
        self._banner.setVisible(text.is_theirs)
        if self._file is not None:
            self.pane.show_diff(self._file.path, text.before.text, text.after.text)

    def _show_sides(
        self,
        title: str,
        before: str | None,
        after: str | None,
        sides: Sides,
        *,
        is_text: bool,
    ) -> None:
        """Show two contents that are not decided about hunk by hunk, or why they cannot be seen."""
        if isinstance(sides, AppError):
            self.pane.say(title, str(sides))
            return
        old, new = sides[0], sides[1]
        if old is None or new is None:
            self.pane.say(title, "Its contents are no longer kept.")
            return
        text = review_text(old, new, new) if is_text else None
        if text is not None:
            self.pane.show_diff(title, text.before.text, text.after.text, decides=False)
        else:
            sizes = (None if before is None else len(old), None if after is None else len(new))
            self.pane.say(title, whole_words(*sizes, is_text=is_text))

    def _on_pane_shown(self) -> None:
        text, file = self._text, self._file
        if text is None or file is None or not self.pane.diff.hunks:
            return
        accepted = text.accepted(self.pane.diff.hunks)
        if accepted is None:
            self._show_text(text.as_it_is())
            return
        decisions = self._review.decisions(file.path)
        hunks = self.pane.diff.hunks
        decisions.rejected = {hunk for number, hunk in enumerate(hunks) if number not in accepted}
        self.pane.set_states(["rejected" if hunk in decisions.rejected else self._state_of(hunk) for hunk in hunks])
        self.pane.set_comments(
            {hunks.index(hunk): words for hunk, words in decisions.comments.items() if hunk in hunks}
        )

    def _state_of(self, hunk: Hunk) -> HunkState:
        if self._file is None:
            return ""
        decisions = self._review.decisions(self._file.path)
        return "accepted" if decisions.is_accepted or hunk in decisions.accepted else ""

    def _show_all(self, state: HunkState) -> None:
        if self._text is not None:
            self.pane.set_states([state] * len(self.pane.diff.hunks))

    def _decide_all(self, state: HunkState) -> None:
        self._show_all(state)
        self._on_pane_decided(-1)

    def _on_pane_decided(self, _hunk: int) -> None:
        text, file = self._text, self._file
        if text is None or file is None:
            return
        hunks, states = self.pane.diff.hunks, self.pane.states
        decisions = self._review.decisions(file.path)
        decisions.accepted = {hunk for hunk, state in zip(hunks, states, strict=True) if state == "accepted"}
        decisions.rejected = {hunk for hunk, state in zip(hunks, states, strict=True) if state == "rejected"}
        decisions.is_accepted = len(decisions.accepted) == len(hunks)
        try:
            self._review.write(file.path, text.wanted(hunks, self.pane.accepted))
        except AppError as error:
            self._review.failed.emit(error)
            self.show_file(file)
        self.decided.emit(file.path)

    def _on_pane_commented(self, hunk: int) -> None:
        if self._file is None:
            return
        comments = self._review.decisions(self._file.path).comments
        words = self.pane.comments.get(hunk, "")
        if words:
            comments[self.pane.diff.hunks[hunk]] = words
        else:
            comments.pop(self.pane.diff.hunks[hunk], None)
        self.commented.emit()

    def _on_review_changed(self, path: str) -> None:
        """Show what is in the file now, unless more is about to be written."""
        file = self._file
        if file is None or file.path != path or path not in self._review.files or self._review.is_busy(path):
            return
        of_run = self._review.files[path]
        self._file = ChangedFile(of_run, file.steps, file.origin)
        text = self._text
        if text is None:
            return
        question = self._question

        def take(sides: Sides) -> None:
            if question != self._question or self._review.is_busy(path) or isinstance(sides, AppError):
                return
            data = sides[0] if of_run.now is not None else None
            now = review_text(None, None, data)
            if now is not None and self._text is not None:
                self._text = ReviewText(text.before, text.after, now.now, text.is_theirs)
                self._on_pane_shown()

        self._review.read((of_run.now,), take)


def _is_same(one: ChangedFile, other: ChangedFile) -> bool:
    """Whether the same is to be seen of both."""
    a, b = one.file, other.file
    return (a.path, a.before, a.after, a.now, one.kind) == (b.path, b.before, b.after, b.now, other.kind)
