"""Connects the agent: its calls to their cards, its run to the bar, and what is clicked to what it can do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.agent.live import LiveCall
from app.agent.port import AgentPort
from app.agent.trace import Run
from app.chat.changes import (
    BranchShown,
    CallChanged,
    CallGrew,
    Change,
    RunChanged,
    SpanChanged,
    ToolPrinted,
)
from app.chat.session import ChatSession
from app.conversations.parts import ReferencePart
from app.conversations.store import ConversationStore
from app.errors import AppError
from ui.control.calls_on_show import CallsOnShow
from ui.control.run_calls import RunCalls, has_step, title_of
from ui.control.run_changes import RunChanges
from ui.tools.run_bar import RunBar
from ui.tools.run_words import ACTIVE, RESUMABLE, RunBarState, away_bar, bar_of
from ui.widgets.notices import Notices

TICK_MS = 1000
_WAITING = frozenset({"asking", "question"})


class AgentControl(QObject):
    """What can be seen of a run and done about it.

    Signals:
        state_changed(): What can be done is another: a run began or ended, a call waits or does not.
        run_shown(object): A ``Run`` is on show or in another state; None: there is none.
        span_changed(int, object): The id of the run on show, and a ``Span`` of it.
        call_changed(object): A ``LiveCall`` of the conversation on show.
        step_made(object, object): A ``Run``, wherever, and its ``LiveCall`` that changed files.
        inspect_requested(object): A ``LiveCall`` is to be looked at closely.
        conversation_requested(int): A run in another conversation waits and is to be shown.
    """

    state_changed = Signal()
    run_shown = Signal(object)
    span_changed = Signal(int, object)
    call_changed = Signal(object)
    step_made = Signal(object, object)
    inspect_requested = Signal(object)
    conversation_requested = Signal(int)

    def __init__(
        self,
        port: AgentPort,
        session: ChatSession,
        store: ConversationStore,
        calls: CallsOnShow,
        bar: RunBar,
        changes: RunChanges,
        notices: Notices,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._port = port
        self._session = session
        self._store = store
        self._calls = calls
        self._shown = RunCalls(session, port)
        self._bar = bar
        self._changes = changes
        self._notices = notices
        self._clock = clock
        self._waiting: dict[str, LiveCall] = {}
        self._latest: Run | None = None
        self._changing: Run | None = None
        self._hidden: tuple[str, str] = ("", "")
        self._tick_timer = QTimer(self)
        self._tick_timer.setInterval(TICK_MS)
        self._tick_timer.timeout.connect(self._draw)
        bar.show_requested.connect(self.show_pending)
        bar.continue_requested.connect(self.proceed)
        bar.stop_requested.connect(self.stop_run)
        bar.review_requested.connect(self.review)
        bar.undo_requested.connect(self.undo_run)
        bar.closed.connect(self._on_bar_closed)
        changes.changed.connect(self._on_changes_changed)

    # --- what is ----------------------------------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        """The run of the conversation on show, under way or the last one."""
        run = self._latest
        return run if run is not None and run.conversation_id == self._session.shown_id else None

    @property
    def _is_elsewhere(self) -> bool:
        """Whether what is said of calls is said of a conversation that is not on show."""
        run = self._latest
        return run is not None and run.conversation_id != self._session.shown_id

    @property
    def is_active(self) -> bool:
        """Whether a run goes on or waits, wherever."""
        run = self._latest
        return run is not None and run.state in ACTIVE

    @property
    def can_steer(self) -> bool:
        """Whether the run of the conversation on show takes messages."""
        return self.is_active and self.run is not None

    @property
    def can_continue(self) -> bool:
        """Whether the run on show can go on from where it stood."""
        return self.run is not None and self.run.state in RESUMABLE

    @property
    def pending(self) -> LiveCall | None:
        """The call that waits for the person first."""
        return next(iter(self._waiting.values()), None)

    @property
    def waits(self) -> bool:
        """Whether a run waits for the person, wherever."""
        run = self._latest
        return run is not None and run.state == "waiting"

    @property
    def changed_files(self) -> int:
        """How many files the run on show has changed, or the last one before it that changed some."""
        return self._changes.files if self.run is not None else 0

    def calls_of(self, turn_id: int) -> tuple[LiveCall, ...]:
        """Return the calls of a turn, for its view."""
        return self._port.calls_of(turn_id)

    # --- what changed -----------------------------------------------------------------------------------

    def apply(self, change: Change) -> None:
        """Show a change of the session that is about calls or runs."""
        if isinstance(change, CallChanged):
            self._tell_step(change.call)
        match change:
            case BranchShown():
                self._show_branch()
            case RunChanged():
                self._latest = self._port.run
                self._show_run()
            case CallChanged(call) if not self._is_elsewhere:
                self._show_call(call)
            case CallGrew(turn_id, call_id, key, text) if not self._is_elsewhere:
                self._calls.grow_call(turn_id, call_id, key, text)
            case ToolPrinted(turn_id, call_id, text) if not self._is_elsewhere:
                self._calls.print_tool(turn_id, call_id, text)
            case SpanChanged(run_id, span) if self.run is not None and self.run.id == run_id:
                self._latest = self._port.run
                self._draw()
                self.span_changed.emit(run_id, span)
            case _:
                pass

    def stop(self) -> None:
        """Show nothing any more: the store is about to be closed."""
        self._tick_timer.stop()
        self._changes.close()

    # --- verbs ------------------------------------------------------------------------------------------

    def act(self, action: str, call_id: str, payload: Any) -> None:
        """Do what was clicked at a call's card; say what stands against it.

        Args:
            action: What the transcript's ``call_action_requested`` tells.
            call_id: The call.
            payload: Of "approve" a dict with arguments (None for the model's) and remember; of "fix" one with name
                and arguments; of "deny" and "answer" the words.
        """
        port = self._port
        verbs: dict[str, Callable[[], object]] = {
            "approve": lambda: port.approve(call_id, arguments=payload["arguments"], remember=payload["remember"]),
            "deny": lambda: port.deny(call_id, payload),
            "answer": lambda: port.answer(call_id, payload),
            "fix": lambda: port.fix_and_run(call_id, payload["name"], payload["arguments"]),
            "ask_again": lambda: port.ask_again(call_id),
            "as_text": lambda: port.send_as_text(call_id),
            "cancel": lambda: port.cancel_call(call_id),
            "undo": lambda: self._undo_call(call_id),
            "inspect": lambda: self.inspect_requested.emit(self._shown.find(call_id)),
        }
        self._try(verbs[action])

    def inject(self, text: str, references: Sequence[ReferencePart] = ()) -> None:
        """Give the model a message, and what it points at, before its next step."""
        self._port.inject(text, references)

    def approve_pending(self) -> None:
        """Approve the call that asks, once the person has seen it."""
        self._calls.approve_asking()

    def deny_pending(self) -> None:
        """Refuse the call that asks."""
        self._calls.deny_asking()

    def show_pending(self) -> None:
        """Bring the call that waits on the screen, in whichever conversation it is."""
        run, call = self._latest, self.pending
        if run is not None and run.state in ACTIVE and self.run is None:
            self.conversation_requested.emit(run.conversation_id)
        elif call is not None:
            self._calls.scroll_to_turn(call.turn_id)

    def proceed(self) -> None:
        """Go on with the run from where it stood."""
        self._try(self._port.proceed)

    def stop_run(self) -> None:
        """Stop the run under way."""
        self._session.stop()

    def review(self) -> None:
        """Show what the run on show changed, or the last one before it that changed something."""
        if self._changing is not None:
            self._changes.review(self._changing, self._shown.titles(self._changing))

    def undo_run(self) -> None:
        """Ask whether all that ``review`` shows is to be undone."""
        if self._changing is not None:
            self._changes.review(self._changing, self._shown.titles(self._changing), ask_undo=True)

    # --- how --------------------------------------------------------------------------------------------

    def _try(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except AppError as error:
            self._notices.show_error(error)

    def _undo_call(self, call_id: str) -> None:
        call = self._shown.find(call_id)
        run = self._port.run_of(call.turn_id) if call is not None else None
        if call is not None and call.result is not None and has_step(call) and run is not None:
            self._changes.undo(run, (call.result.step,), {call.result.step: title_of(call)})

    def _show_branch(self) -> None:
        self._latest = self._port.run
        calls = self._shown.of_run(self.run)
        self._waiting = {call.part.call_id: call for call in calls if call.state in _WAITING}
        self._follow_changes(has_steps=any(map(has_step, calls)))
        self._show_run()

    def _show_run(self) -> None:
        if not self.is_active:
            self._waiting = {}
        run = self.run
        self._follow_changes()
        self._draw()
        self.run_shown.emit(run)
        self.state_changed.emit()

    def _follow_changes(self, *, has_steps: bool = False) -> None:
        """Count what the run on show changed, or the last one before it that changed something."""
        before, self._changing = self._changing, self._shown.changing_run(self.run)
        is_earlier = not _is_same(self._changing, self.run) and not _is_same(self._changing, before)
        self._changes.follow(self._changing, has_steps=has_steps or is_earlier)

    def _tell_step(self, call: LiveCall) -> None:
        run = self._port.run_of(call.turn_id) if has_step(call) else None
        if run is not None:
            self.step_made.emit(run, call)

    def _show_call(self, call: LiveCall) -> None:
        self._calls.show_call(call)
        call_id = call.part.call_id
        if call.state in _WAITING:
            self._waiting[call_id] = call
        else:
            self._waiting.pop(call_id, None)
        if has_step(call):
            self._changes.recount()
        self._draw()
        self.call_changed.emit(call)
        self.state_changed.emit()

    def _draw(self) -> None:
        state = self._bar_state()
        self._bar.show_state(state)
        if state is not None and state.is_active:
            self._tick_timer.start()
        else:
            self._tick_timer.stop()

    def _bar_state(self) -> RunBarState | None:
        run, anywhere = self.run, self._latest
        if run is None:
            is_away = anywhere is not None and anywhere.state in ACTIVE
            return away_bar(anywhere, self._title_of(anywhere)) if anywhere and is_away else None
        if (run.key, run.state) == self._hidden:
            return None
        return bar_of(
            run,
            tuple(self._waiting.values()),
            self._clock(),
            changed_files=self._changes.files if _is_same(self._changing, run) else 0,
        )

    def _title_of(self, run: Run) -> str:
        return self._store.conversation(run.conversation_id).title

    def _on_bar_closed(self) -> None:
        run = self.run
        if run is not None:
            self._hidden = (run.key, run.state)
            self._draw()

    def _on_changes_changed(self) -> None:
        self._draw()
        self.state_changed.emit()


def _is_same(one: Run | None, other: Run | None) -> bool:
    return one is other or (one is not None and other is not None and one.key == other.key)
