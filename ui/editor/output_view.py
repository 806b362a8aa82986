"""One run as it goes on: what, where, how it stands, what it prints, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from ui.editor.output_run import OutputRun, command_words, hint_of, place_words, state_words
from ui.theme import Theme
from ui.tools.call_forms import ARMING_MS
from ui.tools.sgr import without_sgr
from ui.tools.terminal_pane import TerminalPane
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import discard, make_button, make_label, set_property

TICK_MS = 500
#: Action -> (icon, words).
_ACTIONS = {
    "stop": ("stop", "Stop"),
    "again": ("play", "Run again"),
    "undo": ("undo", "Undo what it changed"),
    "ask": ("message-square-quote", "Ask about this output"),
    "copy": ("copy", "Copy the output"),
}
_YES = {"network": "Run with the network", "unsandboxed": "Run without a sandbox"}


class OutputView(QWidget):
    """Follows a run; the others are in its menu, with what is rarely wanted.

    Signals:
        action_requested(str, OutputRun): As of ``OutputPanel``.
    """

    action_requested = Signal(str, object)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock
        self._runs: Sequence[OutputRun] = ()
        self._run: OutputRun | None = None
        self._pane: TerminalPane | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._show_state)
        self._arming_timer = QTimer(self)
        self._arming_timer.setSingleShot(True)
        self._arming_timer.setInterval(ARMING_MS)
        self._arming_timer.timeout.connect(lambda: self._yes.setEnabled(True))
        self._buttons = {action: self._make_action(action) for action in _ACTIONS}
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._body = QFrame()
        self._build()
        theme.changed.connect(self._on_theme_changed)

    # --- what is shown ----------------------------------------------------------------------------------------

    def show_runs(self, runs: Sequence[OutputRun], run: OutputRun) -> None:
        """Show one of these runs."""
        is_other = run is not self._run
        self._runs, self._run = tuple(runs), run
        if is_other:
            self._make_pane()
        self._show()

    def refresh(self, run: OutputRun) -> None:
        """A run stands otherwise than before."""
        if run is self._run:
            self._show()

    def print(self, run: OutputRun, text: str) -> None:
        """A run printed something."""
        if run is self._run and self._pane is not None:
            self._pane.append(text)

    @property
    def run(self) -> OutputRun | None:
        """The run on show."""
        return self._run

    # --- building ---------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        self._hint = make_label("", "muted", wrap=True)
        self._hint.setObjectName("output_hint")
        self._hint.setContentsMargins(theme.space(4), 0, theme.space(4), theme.space(2))
        body = QVBoxLayout(self._body)
        body.setContentsMargins(theme.space(4), theme.space(2), 0, theme.space(1))
        self._body.setObjectName("output_body")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_head())
        layout.addWidget(self._make_question())
        layout.addWidget(self._hint)
        layout.addWidget(self._body, 1)

    def _make_head(self) -> QWidget:
        theme = self._theme
        self._title = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self._title.setProperty("role", "strong")
        self._state = make_label("", "badge")
        self._state.setObjectName("output_state")
        self._place = ElidedLabel("", Qt.TextElideMode.ElideRight)
        self._place.setProperty("role", "small")
        self._place.setObjectName("output_place")
        more = IconButton(theme, "more", "Other runs, and more")
        more.setObjectName("output_more_button")
        more.setMenu(self._menu)
        more.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        words = QHBoxLayout()
        words.setSpacing(theme.space(2))
        words.addWidget(self._state)
        words.addWidget(self._place, 1)
        lines = QVBoxLayout()
        lines.setSpacing(theme.space(1))
        lines.addWidget(self._title)
        lines.addLayout(words)
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.space(4), theme.space(2), theme.space(2), theme.space(2))
        row.setSpacing(theme.space(0.5))
        row.addLayout(lines, 1)
        for action in ("stop", "again", "undo", "ask", "copy"):
            row.addWidget(self._buttons[action])
        row.addWidget(more)
        return head

    def _make_action(self, action: str) -> IconButton:
        icon, words = _ACTIONS[action]
        button = IconButton(self._theme, icon, words, color="danger" if action == "stop" else "text.muted")
        button.setObjectName(f"output_{action}_button")
        button.clicked.connect(self._copy if action == "copy" else partial(self._request, action))
        return button

    def _make_question(self) -> QWidget:
        theme = self._theme
        self._question = QFrame()
        self._question.setProperty("role", "callout")
        self._question.setProperty("level", "warning")
        self._question_words = make_label("", wrap=True)
        self._yes = make_button("Run it", "danger", partial(self._request, "yes"), "output_yes_button")
        no = make_button("Do not run it", "", partial(self._request, "no"), "output_no_button")
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(2))
        buttons.addWidget(self._yes)
        buttons.addWidget(no)
        buttons.addStretch(1)
        lines = QVBoxLayout(self._question)
        lines.setContentsMargins(theme.space(4), theme.space(2.5), theme.space(4), theme.space(2.5))
        lines.setSpacing(theme.space(2))
        lines.addWidget(self._question_words)
        lines.addLayout(buttons)
        return self._question

    def _make_pane(self) -> None:
        if self._pane is not None:
            discard(self._pane)
        self._pane = pane = TerminalPane(self._theme, "output_text", "Output")
        pane.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        layout = self._body.layout()
        if layout is not None:
            layout.addWidget(pane)
        if self._run is not None:
            pane.append(self._run.output)

    # --- showing ----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        run = self._run
        if run is None:
            return
        self._title.set_text(run.runnable.title)
        parts = [place_words(run, Path.home()), run.runnable.note, command_words(run)]
        self._place.set_text("  \u00b7  ".join(part for part in parts if part))
        self._ask_or_not(is_asking=run.state == "asking")
        self._question_words.setText(run.reason)
        self._yes.setText(_YES.get(run.reach, "Run it"))
        self._yes.setAccessibleName(self._yes.text())
        hint = run.reason if run.state == "refused" else hint_of(run)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._buttons["stop"].setVisible(run.state in {"running", "waiting"})
        self._buttons["again"].setVisible(run.is_over)
        self._buttons["undo"].setVisible(run.can_undo)
        self._buttons["ask"].setEnabled(run.state == "ended")
        self._show_state()
        is_timed = run.state == "running"
        if is_timed != self._timer.isActive():
            self._timer.start() if is_timed else self._timer.stop()

    def _ask_or_not(self, *, is_asking: bool) -> None:
        """Show the question; its yes can be clicked once it has been read."""
        if is_asking and self._question.isHidden():
            self._yes.setEnabled(False)
            self._arming_timer.start()
        self._question.setVisible(is_asking)

    def _show_state(self) -> None:
        run = self._run
        if run is None:
            return
        words, level = state_words(run, self._clock() - run.began if run.began else 0.0)
        self._state.setText(words)
        set_property(self._state, "level", level)
        self._buttons["copy"].setEnabled(bool(run.output))

    def _fill_menu(self) -> None:
        self._menu.clear()
        run = self._run
        if run is not None and run.state == "ended" and run.reach == "sandbox":
            icon = self._theme.icon("external-link")
            self._menu.addAction(icon, "Run again with the network\u2026", partial(self._request, "network"))
        clear = self._menu.addAction(self._theme.icon("eraser"), "Clear", partial(self._request, "clear"))
        clear.setEnabled(any(one.is_over for one in self._runs))
        self._menu.addSection("Runs")
        for one in reversed(self._runs):
            words = f"{one.runnable.title}  \u00b7  {state_words(one)[0]}".replace("&", "&&")
            action = self._menu.addAction(words, partial(self.show_runs, self._runs, one))
            action.setCheckable(True)
            action.setChecked(one is run)

    # --- what was clicked -------------------------------------------------------------------------------------

    def _request(self, action: str, _checked: bool = False) -> None:
        if self._run is not None:
            self.action_requested.emit(action, self._run)

    def _copy(self) -> None:
        if self._run is not None:
            QGuiApplication.clipboard().setText(without_sgr(self._run.output))

    def _on_theme_changed(self) -> None:
        self._make_pane()
        self._show()
