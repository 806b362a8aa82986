"""Connects the inspector: the run on show to its timeline, calls to the microscope, runs to files and replays."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from app.agent.export import RunExport, turns_of_run
from app.agent.live import LiveCall
from app.agent.port import AgentPort
from app.agent.token_lookup import TokenLookup
from app.agent.trace import Run, Span
from app.chat.session import ChatSession
from app.conversations.parts import Turn
from ui.chat.transcript_view import TranscriptView
from ui.control.agent_control import AgentControl
from ui.inspect.inspector import Inspector
from ui.inspect.run_actions import RunActions
from ui.main_window import MainWindow
from ui.theme import Theme

PANEL = "inspector"


class InspectControl(QObject):
    """Shows what the agent did."""

    def __init__(
        self,
        theme: Theme,
        window: MainWindow,
        inspector: Inspector,
        lookup: TokenLookup,
        port: AgentPort,
        agent: AgentControl,
        session: ChatSession,
        transcript: TranscriptView,
        parent: QObject | None = None,
    ) -> None:
        """Add the panel below the chat, and the actions on whole runs."""
        super().__init__(parent)
        self._theme = theme
        self._window = window
        self._inspector = inspector
        self._lookup = lookup
        self._port = port
        self._agent = agent
        self._session = session
        self._transcript = transcript
        area = Qt.DockWidgetArea.BottomDockWidgetArea
        window.add_panel(PANEL, "Inspector", inspector, "microscope", "Ctrl+Shift+I", is_open=False, area=area)
        self.actions = RunActions(window.action_table, window, window.notices, self.current, self.replay)
        agent.run_shown.connect(self._on_agent_run_shown)
        agent.span_changed.connect(self._on_agent_span_changed)
        agent.call_changed.connect(self._on_agent_call_changed)
        agent.inspect_requested.connect(self._on_agent_inspect_requested)
        inspector.jump_requested.connect(self._on_inspector_jump_requested)
        self._on_agent_run_shown(agent.run)

    def model_changed(self) -> None:
        """Look for the tokens on show anew: another model is loaded, or none."""
        self._inspector.microscope.ask_again()

    def current(self) -> RunExport | None:
        """Return the run on show with its turns and tools; None where there is none."""
        run = self._agent.run
        if run is None:
            return None
        return RunExport(run=run, turns=turns_of_run(self._session.branch, run), tools=self._port.specs)

    def replay(self, export: RunExport) -> None:
        """Open a window that replays a run."""
        from ui.inspect.replay import ReplayWindow  # noqa: PLC0415 - a start has no use for it

        transcript = TranscriptView(self._theme)
        replay = ReplayWindow(self._theme, export, transcript, self._lookup.find, self._lookup.count, self._window)
        replay.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        replay.show()

    # --- what changed -------------------------------------------------------------------------------------

    def _on_agent_run_shown(self, run: Run | None) -> None:
        before = self._inspector.timeline.run
        self._inspector.timeline.set_run(run)
        self.actions.refresh()
        call = self._inspector.microscope.call
        is_other = before is not None and (run is None or run.conversation_id != before.conversation_id)
        if is_other and call is not None and self._turn(call.turn_id) is None:
            self._inspector.microscope.clear()

    def _on_agent_span_changed(self, run_id: int, span: Span) -> None:
        self._inspector.timeline.update_span(run_id, span)

    def _on_agent_call_changed(self, call: LiveCall) -> None:
        shown = self._inspector.microscope.call
        if shown is not None and shown.part.call_id == call.part.call_id:
            self._examine(call)

    def _on_agent_inspect_requested(self, call: LiveCall | None) -> None:
        turn = self._turn(call.turn_id) if call else None
        if call is not None and turn is not None:
            self._window.show_panel(PANEL)
            self._inspector.show_call(call, turn)

    def _on_inspector_jump_requested(self, turn_id: int, call_id: str) -> None:
        self._transcript.scroll_to_turn(turn_id)
        call = next((call for call in self._port.calls_of(turn_id) if call.part.call_id == call_id), None)
        if call is not None:
            self._examine(call)

    # --- inside -------------------------------------------------------------------------------------------

    def _examine(self, call: LiveCall) -> None:
        """Put a call under the microscope, whichever tab is in front."""
        turn = self._turn(call.turn_id)
        if turn is not None:
            self._inspector.microscope.show_call(call, turn)

    def _turn(self, turn_id: int) -> Turn | None:
        return next((turn for turn in self._session.branch if turn.id == turn_id), None)
