"""Replays a run in a window of its own, without a model: nothing in it can be changed."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QSplitter, QVBoxLayout, QWidget

from app.agent.export import RunExport
from app.agent.live import LiveCall
from app.agent.replay import Replay
from app.agent.replay_state import Snapshot
from app.chat.changes import (
    CallChanged,
    CallGrew,
    Change,
    PromptRead,
    RunChanged,
    SpanChanged,
    TextAppended,
    ToolPrinted,
    TurnAdded,
    TurnChanged,
)
from app.conversations.export import turn_to_markdown
from app.conversations.parts import Turn
from ui.chat.transcript_view import TranscriptView
from ui.chat.turn_view import TurnView
from ui.inspect.inspector import Inspector
from ui.inspect.microscope import CountTokens, FindPieces, Microscope
from ui.inspect.replay_bar import ReplayBar
from ui.inspect.timeline_view import TimelineView
from ui.theme import Theme
from ui.widgets.throttle import Throttle

TICK_MS = 33
SEEK_MS = 80
#: More changes at once are not told one by one: the transcript is drawn anew.
MOST_CHANGES = 200


class ReplayWindow(QDialog):
    """A transcript, its timeline, and a bar that plays them. Not modal."""

    def __init__(
        self,
        theme: Theme,
        export: RunExport,
        transcript: TranscriptView,
        find_pieces: FindPieces,
        count_tokens: CountTokens,
        parent: QWidget | None = None,
    ) -> None:
        """Build it, paused at the beginning.

        Args:
            theme: Colours and spaces.
            export: What is replayed.
            transcript: One of its own, connected to nothing.
            find_pieces, count_tokens: As of ``Microscope``.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._replay = Replay(export)
        self._transcript = transcript
        self._roles = {turn.id: turn.role for turn in export.turns}
        self._speed = 1.0
        started = export.run.started_at
        self.timeline = TimelineView(theme, lambda: started + self._replay.seconds)
        self.inspector = Inspector(theme, self.timeline, Microscope(theme, find_pieces, count_tokens))
        self.bar = ReplayBar(theme)
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._seek_throttle = Throttle[float](SEEK_MS, self.seek, self)
        self._build(theme, export)
        self._connect()
        self._show_snapshot(self._replay.snapshot())
        self._tell(self._replay.advance(0.0))  # the task that began it is there from the start

    # --- verbs --------------------------------------------------------------------------------------------

    @property
    def is_playing(self) -> bool:
        """Whether time goes on."""
        return self._timer.isActive()

    @property
    def position(self) -> float:
        """Where it is, in seconds of an axis on which long waits are shortened."""
        return self._replay.position

    def play(self) -> None:
        """Let time go on; from the beginning where it had come to the end."""
        if self._replay.is_over:
            self.seek(0.0)
        if not self._speed:
            self.seek(self._replay.length)
            return
        self._clock.start()
        self._timer.start()
        self._show_bar()

    def pause(self) -> None:
        """Stop time."""
        self._timer.stop()
        self._show_bar()

    def step(self) -> None:
        """Go on to where the next thing begins, and pause there."""
        self._timer.stop()
        self._tell(self._replay.step())

    def seek(self, position: float) -> None:
        """Go to a position."""
        self._show_snapshot(self._replay.seek(position))

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast; 0: at once."""
        self._speed = speed
        if self.is_playing and not speed:
            self._timer.stop()
            self.seek(self._replay.length)

    def inspect(self, call_id: str) -> None:
        """Put a call under the microscope."""
        found = self._find(call_id)
        if found is not None:
            self.inspector.show_call(*found)

    # --- inside -------------------------------------------------------------------------------------------

    def _build(self, theme: Theme, export: RunExport) -> None:
        self.setObjectName("replay_window")
        self.setAccessibleName("Replay")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint, True)
        self.resize(theme.space(280), theme.space(195))
        asked = next((turn.text for turn in export.turns if turn.id == export.run.asked_id), "")
        self.setWindowTitle(f"Replay: {' '.join(asked.split())[:80]}" if asked else "Replay of a run")
        lower = QFrame()
        lower.setProperty("role", "surface")
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.inspector)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setObjectName("replay_splitter")
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._transcript)
        splitter.addWidget(lower)
        splitter.setSizes([theme.space(108), theme.space(87)])
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.bar)

    def _connect(self) -> None:
        self.bar.play_toggled.connect(self._on_bar_play_toggled)
        self.bar.step_requested.connect(self.step)
        self.bar.speed_chosen.connect(self.set_speed)
        self.bar.position_chosen.connect(self._seek_throttle.call)
        self.bar.close_requested.connect(self.close)
        self.inspector.jump_requested.connect(self._on_inspector_jump_requested)
        self._transcript.call_action_requested.connect(self._on_transcript_call_action_requested)
        self._transcript.copy_requested.connect(self._on_transcript_copy_requested)
        self._transcript.link_activated.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))

    def _on_inspector_jump_requested(self, turn_id: int, call_id: str) -> None:
        self._transcript.scroll_to_turn(turn_id)
        found = self._find(call_id)
        if found is not None:
            self.inspector.microscope.show_call(*found)

    def _on_transcript_call_action_requested(self, action: str, call_id: str, _payload: object) -> None:
        if action == "inspect":  # a record offers nothing else
            self.inspect(call_id)

    def _on_transcript_copy_requested(self, turn_id: int) -> None:
        turn = next(turn for turn in self._replay.snapshot().turns if turn.id == turn_id)
        QGuiApplication.clipboard().setText(turn_to_markdown(turn))

    def _find(self, call_id: str) -> tuple[LiveCall, Turn] | None:
        """Return a call as it stands now, with its turn."""
        snapshot = self._replay.snapshot()
        calls = [call for own in snapshot.calls.values() for call in own if call.part.call_id == call_id]
        turns = [turn for turn in snapshot.turns for call in calls if turn.id == call.turn_id]
        return (calls[0], turns[0]) if calls and turns else None

    def _on_bar_play_toggled(self, is_wanted: bool) -> None:
        (self.play if is_wanted else self.pause)()

    def _tick(self) -> None:
        self._tell(self._replay.advance(self._clock.restart() / 1000 * self._speed))
        if self._replay.is_over:
            self.pause()

    def _tell(self, changes: list[Change]) -> None:
        """Pass changes on, one by one while they are few."""
        if len(changes) > MOST_CHANGES:
            self._show_snapshot(self._replay.snapshot())
            return
        for change in changes:
            self._apply(change)
        self._show_bar()

    def _apply(self, change: Change) -> None:
        transcript = self._transcript
        match change:
            case TurnAdded(turn) if turn.role != "tool":  # results stand in the cards of their calls
                transcript.append_turn(self._view(turn, self._replay.snapshot(), is_last=True))
            case TurnChanged(turn):
                transcript.update_turn(self._view(turn, self._replay.snapshot(), is_last=True))
            case TextAppended(turn_id=turn_id, text=text, is_reasoning=is_reasoning):
                (transcript.append_reasoning if is_reasoning else transcript.append_text)(turn_id, text)
            case PromptRead(turn_id=turn_id, done=done, total=total):
                words = f"Reading the prompt: {done:,} of {total:,} tokens"
                transcript.set_progress(turn_id, words, done / max(1, total))
            case CallChanged(call):
                transcript.show_call(call)
            case CallGrew(turn_id, call_id, key, text):
                transcript.grow_call(turn_id, call_id, key, text)
            case ToolPrinted(turn_id, call_id, text):
                transcript.print_tool(turn_id, call_id, text)
            case RunChanged(run):
                self.timeline.set_run(self._replay.snapshot().run if run.spans else run)
            case SpanChanged(run_id, span):
                self.timeline.update_span(run_id, span)
            case _:
                pass

    def _view(self, turn: Turn, snapshot: Snapshot, *, is_last: bool) -> TurnView:
        parent = None if turn.parent_id is None else self._roles.get(turn.parent_id)
        continues = turn.role == "assistant" and parent == "tool"
        calls = snapshot.calls.get(turn.id, ())
        return TurnView(turn, is_last=is_last, calls=calls, continues=continues, is_record=True)

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        turns = [turn for turn in snapshot.turns if turn.role != "tool"]
        views = [self._view(turn, snapshot, is_last=turn is turns[-1]) for turn in turns]
        self._transcript.show_turns(views)
        self.timeline.set_run(snapshot.run)
        self._show_bar()

    def _show_bar(self) -> None:
        self.bar.show_state(
            is_playing=self.is_playing,
            is_over=self._replay.is_over,
            position=self._replay.position,
            length=self._replay.length,
        )

    # --- Qt -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays and pauses."""
        if event.key() == Qt.Key.Key_Space:
            self._on_bar_play_toggled(not self.is_playing)
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop time, however it was closed."""
        super().hideEvent(event)
        self.pause()
        self._seek_throttle.drop()
