"""The microscope's first part: what the model wrote, token by token, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.agent.token_pieces import Piece
from app.conversations.parts import CallProblem, ToolCallPart
from ui.inspect.raw_view import RawView
from ui.inspect.section import Section
from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import discard, make_button, make_label

#: A call with more is wrong throughout; the rest is counted.
MAX_PROBLEMS = 20
_MOST_PROBLEM_STEPS = 30


class RawSection(Section):
    """Raw text with its tokens, one line on the token that is chosen, and a list of problems that jumps to them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "raw", "What the model wrote", parent)
        self.view = RawView(theme)
        self._words = make_label("", "small", wrap=True)
        self._reason = ""
        self._problem_rows: list[QWidget] = []
        self._problem_page = QWidget()
        self._problem_page.setProperty("role", "plain")
        self._problems = QVBoxLayout(self._problem_page)
        self._problems.setContentsMargins(0, 0, 0, 0)
        self._problems.setSpacing(theme.space(1))
        self._problem_area = QScrollArea()
        self._problem_area.setObjectName("raw_problems")
        self._problem_area.setAccessibleName("Problems of the call")
        self._problem_area.setWidgetResizable(True)
        self._problem_area.setFrameShape(QFrame.Shape.NoFrame)
        self._problem_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._problem_area.setWidget(self._problem_page)
        self.content.addWidget(self._problem_area)
        self.content.addWidget(self.view, 1)
        self.content.addWidget(self._words)
        self.view.piece_changed.connect(self._say)

    def show_call(self, part: ToolCallPart, reason: str) -> None:
        """Show a call; ``reason`` says why its tokens are not shown, or that they are being asked for."""
        self._reason = reason
        self.view.show_call(part.raw, part.problems)
        self._show_problems(part.problems)
        self._say(None)

    def show_pieces(self, pieces: Sequence[Piece], reason: str) -> None:
        """Show the tokens, or why there are none."""
        self._reason = reason
        self.view.show_pieces(pieces)
        self._say(None)

    def words(self) -> str:
        """Return what is said below the text."""
        return self._words.text()

    # --- inside -------------------------------------------------------------------------------------------

    def _say(self, piece: Piece | None) -> None:
        if piece is not None:
            self._words.setText(self.view.words_of(piece))
            return
        length = f"{len(self.view.text):,} characters"
        if self.view.pieces:
            count = sum(len(piece.token_ids) for piece in self.view.pieces)
            self._words.setText(f"{count:,} tokens, {length}. Choose one to see its id.")
        else:
            self._words.setText(f"{length}. {self._reason}".strip())

    def _show_problems(self, problems: Sequence[CallProblem]) -> None:
        for row in self._problem_rows:
            self._problems.removeWidget(row)
            discard(row)
        shown = problems[:MAX_PROBLEMS]
        self._problem_rows = [self._problem_row(number, problem) for number, problem in enumerate(shown)]
        if len(problems) > MAX_PROBLEMS:
            self._problem_rows.append(make_label(f"And {len(problems) - MAX_PROBLEMS:,} more.", "small"))
        for row in self._problem_rows:
            self._problems.addWidget(row)
        self._fit_problems()
        fatal = sum(1 for problem in problems if problem.is_fatal)
        remarks = len(problems) - fatal
        if fatal:
            self.set_badge(f"{fatal} problem{'' if fatal == 1 else 's'}", "danger")
        elif remarks:
            self.set_badge(f"{remarks} remark{'' if remarks == 1 else 's'}", "warning")
        else:
            self.set_badge("")

    def _fit_problems(self) -> None:
        """Give the problems the height they need, as long as that leaves most of the room to the text."""
        self._problem_area.setVisible(bool(self._problem_rows))
        wanted = self._problem_page.heightForWidth(max(1, self._problem_area.viewport().width()))
        most = self._theme.space(_MOST_PROBLEM_STEPS)
        self._problem_area.setFixedHeight(max(1, min(wanted, most)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_problems()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_problems()

    def _problem_row(self, number: int, problem: CallProblem) -> QWidget:
        theme = self._theme
        row = QFrame()
        row.setProperty("role", "callout")
        row.setProperty("level", "error" if problem.is_fatal else "warning")
        layout = QHBoxLayout(row)
        layout.setContentsMargins(theme.space(2), theme.space(1), theme.space(2), theme.space(1))
        layout.setSpacing(theme.space(2))
        icon, color = ("error", "danger") if problem.is_fatal else ("warning", "warning")
        layout.addWidget(IconLabel(theme, icon, color, theme.space(3.5)))
        layout.addWidget(make_label(problem.message, wrap=True), 1)
        if problem.end > problem.start:
            show = make_button(
                "Show", "link", lambda: self.view.reveal(problem.start, problem.end), f"show_problem_{number}"
            )
            show.setAccessibleName(f"Show where: {problem.message}")
            layout.addWidget(show)
        return row
