"""The part of the composition root that knows tools: their processes, the agent, and all that shows its work."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.agent.agent import Agent
from app.agent.forms import grammar_for, parser_for, problems_of
from app.agent.policy import DEFAULTS, permission_for
from app.agent.run_store import RunStore
from app.agent.token_lookup import TokenLookup
from app.chat.changes import Change
from app.chat.replier import Replier
from app.chat.session import ChatSession
from app.conversations.store import ConversationStore
from app.engine.engine import Engine
from app.engine.messages import AnyEvent
from app.ipc.launch import clean_environment
from app.paths import Paths
from app.settings import SettingsFile
from app.tools.builtin import SPECS
from app.tools.joined import JoinedRunner
from app.tools.runner import ToolProcess
from app.tools.workspace import check_workspace, workspace_warning
from ui.chat.chat_pane import ChatPane
from ui.chat.composer import ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.control.agent_actions import add_agent_actions
from ui.control.agent_control import AgentControl
from ui.control.inspect_control import InspectControl
from ui.control.mcp_control import McpControl
from ui.control.run_changes import RunChanges
from ui.control.tool_costs import ToolCosts
from ui.control.tools_control import ToolsControl
from ui.editor.diff_look import DiffLook
from ui.inspect.inspector import Inspector
from ui.inspect.microscope import Microscope
from ui.inspect.timeline_view import TimelineView
from ui.main_window import MainWindow
from ui.process_transport import QtProcessTransport
from ui.settings.page import AddedPage, PageEntry
from ui.settings.settings_control import SettingsControl
from ui.theme import Theme
from ui.tools.run_bar import RunBar
from ui.tools.workspace_button import WorkspaceBar

TICK_MS = 1000


class AgentCore(QObject):
    """What works without a widget: the tools' processes, the agent, and the session that uses it.

    Attributes:
        process: Sawhorse's own tools.
        mcp: Those of MCP servers.
        runner: Both.
    """

    def __init__(
        self,
        engine: Engine,
        store: ConversationStore,
        replier: Replier,
        settings: SettingsFile,
        paths: Paths,
        window: MainWindow,
        listen: Callable[[Change], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._transport = QtProcessTransport(clean_environment(), self)
        self.process = ToolProcess(self._transport, SPECS)
        self.mcp = McpControl(paths, window.notices.show_error, parent=self)
        self.runner = JoinedRunner((self.process, self.mcp.servers))
        self.agent = Agent(
            engine,
            store,
            RunStore(store),
            replier,
            self.runner,
            settings,
            listen,
            make_parser=parser_for,
            grammar_for=grammar_for,
            check=problems_of,
            undoer=self.process,
            system_text=(files("resources") / "prompts" / "agent.md").read_text("utf-8").strip(),
        )
        self.session = ChatSession(engine, store, replier, listen, self.agent)
        self.lookup = TokenLookup(engine)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.process.tick)
        self._tick.start()

    def close(self) -> None:
        """Write down what a run has done, and end the processes; before the store is closed."""
        self._tick.stop()
        self.agent.close()
        self.process.close()
        self._transport.close()
        self.mcp.close()


class AgentParts(QObject):
    """What shows the agent's work and steers it."""

    def __init__(
        self,
        theme: Theme,
        window: MainWindow,
        core: AgentCore,
        engine: Engine,
        store: ConversationStore,
        settings: SettingsFile,
        paths: Paths,
        pane: ChatPane,
        transcript: TranscriptView,
        composer: ComposerPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._transcript = transcript
        self._paths = paths
        bar = RunBar(theme)
        pane.add_above_composer(bar)
        self.look = DiffLook(is_split=settings.settings.diff_side_by_side, parent=self)
        self.changes = RunChanges(theme, window, core.agent, core.process, self.look, window.notices, self)
        self.control = AgentControl(
            core.agent, core.session, store, transcript, bar, self.changes, window.notices, self
        )
        transcript.call_action_requested.connect(self.control.act)
        self._costs = ToolCosts(engine, self)
        self._mcp_costs = ToolCosts(engine, self)
        core.mcp.count_tokens = self._mcp_costs.tell
        self._theme, self._window, self._settings = theme, window, settings
        self._workspace_bar = WorkspaceBar(theme)
        composer.add_control(self._workspace_bar)
        inspector = Inspector(theme, TimelineView(theme), Microscope(theme, core.lookup.find, core.lookup.count))
        self._inspect = InspectControl(
            theme, window, inspector, core.lookup, core.agent, self.control, core.session, transcript, self
        )

    @property
    def pages(self) -> list[PageEntry]:
        """The pages that tools have in the settings."""
        return [
            PageEntry("tool", self._make_tools_page),
            PageEntry("plug", self._make_mcp_page),
        ]

    def connect_settings(self, control: SettingsControl) -> None:
        """Connect the folder and the permissions, which the settings know too."""
        core, settings, paths = self._core, self._settings, self._paths
        own = [paths.data, paths.config, paths.cache, paths.logs, paths.models]
        self.tools = ToolsControl(
            self._theme,
            self._workspace_bar,
            self._window,
            core.session,
            settings,
            core.runner,
            self._costs,
            probe=core.process.probe,
            change_settings=control.change,
            open_settings=control.open,
            permission_of=lambda folder, spec: permission_for(spec, folder, settings.settings.tool_policies),
            default_of=lambda spec: DEFAULTS[spec.kind],
            check_folder=lambda folder: check_workspace(Path(folder), own),
            warning_of=lambda folder: workspace_warning(Path(folder), Path.home()),
            is_running=lambda: self.control.can_steer,
            parent=self,
        )
        self.look.changed.connect(lambda: control.change({"diff_side_by_side": self.look.is_split}))
        add_agent_actions(self._window.action_table, self.control, self.tools)
        self.control.state_changed.connect(self.tools.refresh)
        control.changed.connect(self.tools.refresh)
        core.mcp.changed.connect(self.tools.refresh)
        core.mcp.changed.connect(self._show_tools)
        self.tools.workspace_changed.connect(self._on_workspace_changed)
        self._show_tools()

    def _make_tools_page(self) -> AddedPage:
        return self.tools.make_page()

    def _make_mcp_page(self) -> AddedPage:
        from ui.settings.mcp_page import McpPage  # noqa: PLC0415 - its dialogs take time, and few starts open it

        return McpPage(self._theme, self._core.mcp)

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        self._core.lookup.handle(event)
        self._costs.handle(event)
        self._mcp_costs.handle(event)

    def model_changed(self) -> None:
        """Another model is loaded, or none."""
        self._inspect.model_changed()

    def start(self) -> None:
        """Connect the MCP servers that are on and approved as they are."""
        self._core.mcp.connect_servers()

    def stop(self) -> None:
        """Look at nothing any more."""
        self.control.stop()

    def _on_workspace_changed(self) -> None:
        self._core.mcp.set_workspace(self.tools.folder)
        self._show_tools()

    def _show_tools(self) -> None:
        self._transcript.show_tools(self._core.runner.specs)
