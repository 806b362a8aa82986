"""The composition root: the only place that knows everybody."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from app.catalog.cards import load_cards
from app.chat.changes import Change
from app.chat.replier import Replier
from app.conversations.store import ConversationStore
from app.engine.messages import AnyEvent, Died
from app.engine.process import EngineProcess
from app.errors import AppError
from app.ipc.launch import clean_environment
from app.models import resolve_model
from app.paths import Paths
from app.presets import Presets
from app.settings import SettingsFile
from ui.agent_parts import AgentCore, AgentParts
from ui.backend_parts import BackendParts
from ui.chat.chat_pane import ChatPane
from ui.chat.composer import ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.control.chat_control import ChatControl
from ui.control.model_control import ModelControl
from ui.control.sampling_control import SamplingControl
from ui.control.status_control import StatusControl
from ui.control.window_actions import add_actions
from ui.editor_parts import EditorParts
from ui.garbage import GarbageCollector
from ui.main_window import MainWindow
from ui.model_parts import ModelParts
from ui.models.load_dialog import LoadDialog
from ui.models.loading_card import LoadingCard
from ui.models.model_menu import ModelMenu
from ui.process_transport import QtProcessTransport
from ui.sampling.sampling_panel import SamplingPanel
from ui.settings.settings_control import SettingsControl
from ui.sidebar.conversation_sidebar import ConversationSidebar
from ui.sidebar.sidebar_pages import SidebarPages
from ui.single_instance import Request
from ui.theme import Theme

log = logging.getLogger(__name__)

#: So long after it was changed how the window stands is written down, for a sudden end.
PLACE_MS = 1000


class SawhorseWindow(QObject):
    """The window with all that lives behind it. ``start`` shows it, ``close`` ends everything.

    Raises:
        AppError: Another Sawhorse has the conversations open.
    """

    def __init__(self, paths: Paths, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = SettingsFile(paths.settings)
        self.presets = Presets(paths.config / "presets.json")
        self.store = ConversationStore(paths.database)
        self.cards = load_cards()
        self.theme = Theme(self.settings.settings.theme, paths.cache / "icons", self)
        self._paths = paths
        self._is_closed = False
        self._garbage = GarbageCollector(self)
        self._place_timer = QTimer(self)
        self._place_timer.setSingleShot(True)
        self._place_timer.setInterval(PLACE_MS)
        self._place_timer.timeout.connect(lambda: self._keep_place(window=self._window_state()))
        self.backends = BackendParts(self.theme, self.settings, paths, self)
        self._build_widgets()
        self._build_engine()
        self._build_controls()
        self._build_models()
        self._tell_notices()

    # --- how it is put together -------------------------------------------------------------------------

    def _build_engine(self) -> None:
        self._transport = QtProcessTransport(clean_environment(), self)
        self.engine = EngineProcess(self._transport, self._on_engine_event)
        instruction = (files("resources") / "prompts" / "summarise.md").read_text("utf-8").strip()
        self.replier = Replier(self.engine, self.store, self._on_session_change, instruction)
        self.core = AgentCore(
            self.engine,
            self.store,
            self.replier,
            self.settings,
            self._paths,
            self.window,
            self._on_session_change,
            self,
        )
        self.session = self.core.session

    def _build_widgets(self) -> None:
        theme = self.theme
        self.window = MainWindow(theme)
        self.transcript = TranscriptView(theme)
        self.composer = ComposerPanel(theme)
        self.pane = ChatPane(theme, self.transcript, self.composer)
        self.sidebar = ConversationSidebar(theme)
        self.panel = SamplingPanel(theme)
        self.window.set_chat(self.pane)
        self.pages = SidebarPages(theme)
        self.pages.add_page("chats", "Chats", "conversations", lambda: self.sidebar, tip="Conversations")
        self.window.set_sidebar(self.pages)
        self.window.add_panel("sampling", "Sampling", self.panel, "sampling", "Ctrl+Shift+S")

    def _build_controls(self) -> None:
        window, theme = self.window, self.theme
        self.model = ModelControl(
            self.engine,
            self.settings,
            self.cards,
            window,
            self.pane,
            ModelMenu(theme, window),
            LoadDialog(theme, window),
            LoadingCard(theme),
            self,
        )
        self.sampling = SamplingControl(
            self.panel,
            self.session,
            self.store,
            self.settings,
            self.presets,
            self.model.card_sampling,
            window.notices,
            self,
        )
        self.agent = AgentParts(
            theme,
            window,
            self.core,
            self.engine,
            self.store,
            self.settings,
            self._paths,
            self.pane,
            self.transcript,
            self.composer,
            self,
        )
        self.chat = ChatControl(
            self.session,
            self.replier,
            self.store,
            self.transcript,
            self.composer,
            self.sidebar,
            window.notices,
            self.sampling.new_conversation,
            self,
            agent=self.agent.control,
        )
        self.status = StatusControl(
            self.engine, self.session, window, self.composer, self.chat, self.model, self.sampling, self
        )
        add_actions(window.action_table, self.chat, self.model, self._show_conversations, self.session)
        self.model.model_changed.connect(self._on_model_changed)
        self.transcript.models_requested.connect(self.model.models_requested)
        self.chat.leaving.connect(self.panel.flush)
        self.chat.new_draft_changed.connect(self._keep_place)
        self.chat.conversation_changed.connect(self._on_conversation_changed)
        self.chat.load_again_requested.connect(self.model.load_again)
        window.close_requested.connect(self.close)
        window.arranged.connect(self._note_place)
        self.pages.shown.connect(self._note_place)
        self.editor = EditorParts(
            theme,
            window,
            self.core,
            self.agent,
            self.engine,
            self.settings,
            self._paths,
            self.pages,
            self.transcript,
            self.composer,
            self.chat,
            self.status,
            self._change_settings,
            self,
        )
        self.editor.files.folder_changed.connect(self._note_place)
        pages = [*self.editor.pages, *self.agent.pages, *self.backends.pages]
        self.settings_control = SettingsControl(theme, self.settings, self._paths, window, self, pages=pages)
        self.agent.connect_settings(self.settings_control)
        self.agent.tools.workspace_changed.connect(self.status.recount)
        self.agent.control.conversation_requested.connect(self.chat.show)
        self.chat.conversation_changed.connect(self.agent.tools.refresh)
        window.top_bar.title_edited.connect(self._on_top_bar_title_edited)
        window.status.engine_clicked.connect(self._on_status_engine_clicked)

    def _build_models(self) -> None:
        parts = ModelParts(
            self.theme,
            self.window,
            self.settings,
            self.cards,
            self._paths,
            self.engine,
            self.model,
            self.settings_control.open,
            self,
        )
        self.background, self.listings = parts.background, parts.listings
        self.downloads, self.models = parts.downloads, parts.models
        self.settings_control.changed.connect(self._on_settings_changed)

    def _on_settings_changed(self) -> None:
        self.background.follow_settings(self.settings.settings)
        self.editor.refresh_settings()

    def _show_conversations(self) -> ConversationSidebar:
        self.window.show_sidebar(True)
        self.pages.show_page("chats")
        return self.sidebar

    def _change_settings(self, fields: dict[str, Any]) -> None:
        self.settings_control.change(fields)

    def _tell_notices(self) -> None:
        notices = [*self.settings.notices, *self.presets.notices, *self.store.notices]
        if self._paths.notice:
            notices.append(AppError("The usual folder cannot be used", self._paths.notice))
        for notice in notices:
            self.window.notices.show_error(notice)

    # --- life -------------------------------------------------------------------------------------------

    def start(self, model: str = "", *, new: bool = False) -> None:
        """Show the window as it was left, and load ``model``: a path, "starter", or empty for the last one."""
        settings = self.settings.settings
        self.window.restore(settings.window)
        self.chat.new_draft = settings.new_draft
        self.chat.new_references = settings.new_draft_references
        last = settings.last_conversation
        known = {conversation.id for conversation in self.store.conversations()}
        self.chat.show(last if last in known and not new else None)
        self.sampling.refresh()
        self.pages.restore(settings.window.get("sidebar") or {})
        self.editor.restore(settings.window.get("files") or {})
        self.window.show()
        self.composer.focus()
        QTimer.singleShot(0, self, lambda: self._load_first(model))
        QTimer.singleShot(0, self, self.agent.start)

    def answer(self, request: Request) -> None:
        """Come to the front, and do what a later start was asked for; a model that is loaded already stays."""
        window = self.window
        window.setWindowState((window.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
        window.show()
        window.raise_()
        window.activateWindow()
        if request.new:
            self.chat.show(None)
        if request.model:
            self._try(lambda: self._load_other(str(resolve_model(request.model))))

    def _load_other(self, path: str) -> None:
        last = self.engine.last_load
        if last is None or last[0] != path or self.engine.state in {"idle", "stopped", "failed"}:
            self.model.load(path)

    def close(self) -> None:
        """Save everything and end the engine; safe to call twice."""
        if self._is_closed:
            return
        self.panel.flush()
        self.composer.flush_draft()
        self.replier.save_now()
        self._is_closed = True
        self._place_timer.stop()
        for control in (self.status, self.model, self.chat, self.models, self.agent, self.editor):
            control.stop()
        self._keep_place(window=self._window_state())
        self.editor.close()
        self.core.close()
        self.engine.close()
        self._transport.close()
        self.background.close()
        self.backends.close()
        self.store.close()
        self._garbage.stop()

    def _note_place(self) -> None:
        if not self._is_closed:
            self._place_timer.start()

    def _window_state(self) -> dict[str, Any]:
        return {**self.window.state(), "sidebar": self.pages.state(), "files": self.editor.state()}

    def _keep_place(self, **fields: Any) -> None:
        """Write down what is on show and what was typed for nothing yet: they are there again after a sudden end."""
        conversation = self.session.conversation
        with contextlib.suppress(AppError):  # a place that is not kept is no reason to stop anybody
            self.settings.change(
                last_conversation=conversation.id if conversation else None,
                new_draft=self.chat.new_draft,
                new_draft_references=self.chat.new_references,
                **fields,
            )

    def _load_first(self, model: str) -> None:
        recent = self.settings.settings.recent_models
        if model:
            self._try(lambda: self.model.load(str(resolve_model(model))))
        elif recent:
            self.model.load(recent[0].path)
        else:
            self.model.load_starter()

    # --- what is said -----------------------------------------------------------------------------------

    def _on_engine_event(self, event: AnyEvent) -> None:
        if self._is_closed:
            return
        # A reply under way says itself, in the transcript, that its engine ended.
        is_told = isinstance(event, Died) and self.replier.turn is not None
        self.replier.handle(event)
        self.model.handle(event, is_told=is_told)
        self.status.handle(event)
        self.agent.handle(event)
        self.editor.handle(event)
        self.models.handle(event)

    def _on_session_change(self, change: Change) -> None:
        if not self._is_closed:
            self.agent.control.apply(change)
            self.chat.apply(change)

    def _on_model_changed(self) -> None:
        self.replier.card_sampling = self.model.card_sampling()
        self.session.model_name = self.model.model_name
        self.background.fit.set_loaded(self.engine.model)
        self.agent.model_changed()
        self.sampling.refresh()
        has_model = self.engine.model is not None
        title = "What are we building?" if has_model else "Choose a model to begin"
        text = (
            "Ask about code, paste an error, or describe a change. Everything stays on this machine."
            if has_model
            else "See what each variant needs on this machine before anything is downloaded, or drop a GGUF file here."
        )
        self.transcript.show_empty(title, text, offers_models=not has_model)

    def _on_conversation_changed(self) -> None:
        conversation = self.session.conversation
        self.window.set_conversation(conversation.title if conversation else "", can_edit=conversation is not None)
        self.sampling.refresh()
        self._keep_place()

    def _on_top_bar_title_edited(self, title: str) -> None:
        conversation = self.session.conversation
        if conversation:
            self.sidebar.rename_requested.emit(conversation.id, title)

    def _on_status_engine_clicked(self) -> None:
        if self.engine.state == "failed":
            self.model.load_again()
        else:
            self.model.open_menu()

    def _try(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except AppError as error:
            self.window.notices.show_error(error)
