"""Connects the conversation on show: session to transcript, composer and list, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.agent.live import LiveCall
from app.chat.changes import (
    BranchShown,
    Change,
    ConversationsChanged,
    GenerationEnded,
    GenerationStarted,
    PromptRead,
    RunChanged,
    TextAppended,
    TurnAdded,
    TurnChanged,
)
from app.chat.replier import Overflow, Replier
from app.chat.session import ChatSession
from app.conversations.export import turn_to_markdown
from app.conversations.parts import ReferencePart, Turn
from app.conversations.store import ConversationStore
from app.errors import AppError
from ui.chat.composer import ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.chat.turn_view import TurnView
from ui.control.agent_control import AgentControl
from ui.control.conversation_export import ask_and_export
from ui.control.message_sender import MessageSender
from ui.control.turn_views import turn_of_versions, view_of, views_of
from ui.sidebar.conversation_sidebar import ConversationSidebar
from ui.widgets.notices import Notices

#: Saving is asked for this often while a reply grows; the replier itself decides when it is due.
SAVE_POLL_MS = 250


class ChatControl(QObject):
    """What can be clicked in a conversation.

    Signals:
        leaving(): The conversation on show is about to go; what was typed for it has to be said now.
        conversation_changed(): Another conversation is on show, or its own fields changed.
        progressed(object): Every PromptRead and TextAppended of the reply under way.
        generation_changed(): A reply began or ended.
        load_again_requested(): The model that ended is to be loaded again.
        new_draft_changed(): What is typed for a conversation that does not exist yet is another; see ``new_draft``
            and ``new_references``.
    """

    leaving = Signal()
    conversation_changed = Signal()
    progressed = Signal(object)
    generation_changed = Signal()
    load_again_requested = Signal()
    new_draft_changed = Signal()

    def __init__(
        self,
        session: ChatSession,
        replier: Replier,
        store: ConversationStore,
        transcript: TranscriptView,
        composer: ComposerPanel,
        sidebar: ConversationSidebar,
        notices: Notices,
        new_conversation: Callable[[], dict[str, Any]],
        parent: QObject | None = None,
        *,
        agent: AgentControl | None = None,
    ) -> None:
        super().__init__(parent)
        self._agent = agent
        self._last_id: int | None = None
        self._session = session
        self._store = store
        self._transcript = transcript
        self._composer = composer
        self._sidebar = sidebar
        self._notices = notices
        self._search = ""
        self.new_draft = ""
        self.new_references: tuple[ReferencePart, ...] = ()
        self.outbox = MessageSender(session, composer, notices, new_conversation, agent, self)
        self._save_timer = QTimer(self)
        self._save_timer.setInterval(SAVE_POLL_MS)
        self._save_timer.timeout.connect(replier.save)
        self._connect()

    def _connect(self) -> None:
        self._composer.send_requested.connect(self.outbox.send)
        self.outbox.sent.connect(self._on_outbox_sent)
        self._composer.stop_requested.connect(self._session.stop)
        self._composer.edit_last_requested.connect(self.edit_last)
        self._composer.edit_submitted.connect(self._on_composer_edit_submitted)
        self._composer.draft_changed.connect(self._save_draft)
        self._composer.draft_references_changed.connect(self._save_references)
        self._transcript.regenerate_requested.connect(lambda turn: self._try(lambda: self._session.regenerate(turn)))
        self._transcript.continue_requested.connect(lambda turn: self._try(lambda: self._session.resume(turn)))
        self._transcript.sibling_requested.connect(self._on_transcript_sibling_requested)
        self._transcript.edit_requested.connect(self._on_transcript_edit_requested)
        self._transcript.copy_requested.connect(self._on_transcript_copy_requested)
        self._transcript.delete_requested.connect(self._on_transcript_delete_requested)
        self._transcript.link_activated.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        self._transcript.notice_action_requested.connect(self._on_transcript_notice_action_requested)
        self._sidebar.new_requested.connect(self.new_conversation)
        self._sidebar.selected.connect(self.show)
        self._sidebar.rename_requested.connect(self._on_sidebar_rename_requested)
        self._sidebar.delete_requested.connect(self._on_sidebar_delete_requested)
        self._sidebar.search_changed.connect(self._on_sidebar_search_changed)
        self._sidebar.export_requested.connect(self._on_sidebar_export_requested)

    # --- verbs ------------------------------------------------------------------------------------------

    def new_conversation(self) -> None:
        """Show an empty conversation and wait for its first message."""
        self.show(None)
        self._composer.focus()

    def show(self, conversation_id: int | None) -> None:
        """Show a conversation with its draft; None for an empty new one."""
        self._leave()
        self._session.show(conversation_id)
        self._show_draft()

    def edit_last(self) -> None:
        """Put the last message of the user into the composer to be edited."""
        last = next((turn for turn in reversed(self._session.branch) if turn.role == "user"), None)
        if last:
            self._begin_edit(last)

    def select_sibling_of_last(self, step: int) -> None:
        """Show the earlier (-1) or later (+1) version of the last turn."""
        if self._last_id is not None:
            self._on_transcript_sibling_requested(self._last_id, step)

    def propose(self, conversation_id: int | None, text: str) -> None:
        """Put a message below what was typed in a conversation (None: a new one), for the person to send."""
        if self._session.shown_id == conversation_id:
            self._composer.cancel_edit()
        else:
            self.show(conversation_id)
        typed = self._composer.text().rstrip()
        self._composer.set_text(f"{typed}\n\n{text}" if typed else text)
        self._save_draft(self._composer.text())
        self.focus_composer()

    def focus_composer(self) -> None:
        """Put the cursor into the composer."""
        self._composer.focus()

    def jump_to_latest(self) -> None:
        """Show the end of the conversation."""
        self._transcript.scroll_to_latest()

    def regenerate_last(self) -> None:
        """Answer the last message again."""
        last = self._last_id
        if last is not None:
            self._try(lambda: self._session.regenerate(last))

    @property
    def is_busy(self) -> bool:
        """Whether a reply is made or a run goes on, in whichever conversation."""
        is_running = self._agent is not None and self._agent.is_active
        return is_running or self._session.generating_turn is not None

    def stop(self) -> None:
        """Save no more: everything has been saved."""
        self._save_timer.stop()

    # --- what changed -----------------------------------------------------------------------------------

    def apply(self, change: Change) -> None:
        """Show a change of the session."""
        match change:
            case TextAppended():
                self._on_text_appended(change)
            case PromptRead():
                self._show_prompt_progress(change)
            case TurnAdded(turn) if turn.role != "tool":
                self._last_id = turn.id
                self._transcript.append_turn(self._view(turn))
                self._transcript.scroll_to_latest()
            case TurnChanged(turn) if turn.role != "tool":
                self._transcript.update_turn(self._view(turn))
            case BranchShown():
                self._show_branch()
            case ConversationsChanged():
                self._show_conversations()
            case GenerationStarted():
                self._save_timer.start()
                self._on_generation_changed()
            case GenerationEnded():
                self._save_timer.stop()
                self._on_generation_changed()
            case RunChanged():
                self._on_generation_changed()
            case _:
                pass

    def _on_text_appended(self, change: TextAppended) -> None:
        if self._session.shown_id == change.conversation_id and change.text:
            append = self._transcript.append_reasoning if change.is_reasoning else self._transcript.append_text
            append(change.turn_id, change.text)
        self.progressed.emit(change)

    def _show_prompt_progress(self, change: PromptRead) -> None:
        if change.done < change.total:
            fraction = change.done / max(change.total, 1)
            text = f"Reading the prompt: {change.done:,} of {change.total:,} tokens"
            self._transcript.set_progress(change.turn_id, text, fraction)
        self.progressed.emit(change)

    def _show_branch(self) -> None:
        branch = self._session.branch
        conversation = self._session.conversation
        siblings = self._store.branchings(conversation.id) if conversation else {}
        views = views_of(branch, siblings, self._calls_of)
        self._last_id = views[-1].turn.id if views else None
        self._transcript.show_turns(views)
        self._show_conversations()
        self._on_generation_changed()

    def _show_conversations(self) -> None:
        live = self._session.generating_turn
        current = self._session.conversation
        self._sidebar.show_conversations(
            self._store.conversations(self._search),
            current.id if current else None,
            live.conversation_id if live else None,
        )
        self.conversation_changed.emit()

    def _on_generation_changed(self) -> None:
        can_steer = self._agent is not None and self._agent.can_steer
        self._composer.set_generating(self.is_busy, can_steer=can_steer)
        self.generation_changed.emit()

    def _view(self, turn: Turn) -> TurnView:
        is_last = turn.id == self._last_id
        return view_of(turn, self._parent(turn), self._store.siblings, self._calls_of, is_last=is_last)

    def _parent(self, turn: Turn) -> Turn | None:
        return None if turn.parent_id is None else self._store.turn(turn.parent_id)

    def _calls_of(self, turn_id: int) -> tuple[LiveCall, ...]:
        return () if self._agent is None else self._agent.calls_of(turn_id)

    # --- what was clicked -------------------------------------------------------------------------------

    def _try(self, verb: Callable[[], object]) -> bool:
        """Run a verb; show what keeps it from working. Returns whether it worked."""
        try:
            verb()
        except AppError as error:
            self._notices.show_error(error)
            return False
        return True

    def _on_outbox_sent(self, is_new: bool) -> None:
        self._save_draft(self._composer.text())
        self._save_references(self._composer.references)
        if is_new:
            self._keep_new_draft("", ())

    def _on_composer_edit_submitted(self, turn_id: int, text: str, references: tuple[ReferencePart, ...]) -> None:
        self.outbox.edit(turn_id, text, references, _references_of(self._store.turn(turn_id)))

    def _begin_edit(self, turn: Turn) -> None:
        self._composer.begin_edit(turn.id, turn.text, _references_of(turn))

    def _leave(self) -> None:
        """Keep what was typed with the conversation it was typed in, which is about to go from the screen."""
        self.outbox.forget()
        self._composer.cancel_edit()
        self._composer.flush_draft()
        self.leaving.emit()

    def _show_draft(self) -> None:
        conversation = self._session.conversation
        if conversation:
            self._composer.set_draft(conversation.draft, conversation.draft_references)
        else:
            self._composer.set_draft(self.new_draft, self.new_references)

    def _save_draft(self, text: str) -> None:
        conversation = self._session.conversation
        if conversation is None:
            self._keep_new_draft(text, self.new_references)
        elif text != conversation.draft:
            self._try(lambda: self._store.update(conversation.id, draft=text))

    def _save_references(self, references: tuple[ReferencePart, ...]) -> None:
        conversation = self._session.conversation
        if conversation is None:
            self._keep_new_draft(self.new_draft, references)
        elif references != conversation.draft_references:
            self._try(lambda: self._store.update(conversation.id, draft_references=references))

    def _keep_new_draft(self, text: str, references: tuple[ReferencePart, ...]) -> None:
        if (text, references) != (self.new_draft, self.new_references):
            self.new_draft, self.new_references = text, references
            self.new_draft_changed.emit()

    def _on_transcript_notice_action_requested(self, code: str, turn_id: int) -> None:
        if code == "load_again":
            self.load_again_requested.emit()
        else:
            policy = {"drop_oldest": "drop_oldest", "summarise": "summarise"}.get(code)
            self._try(lambda: self._session.resume(turn_id, cast("Overflow | None", policy)))

    def _on_transcript_sibling_requested(self, turn_id: int, step: int) -> None:
        turn = self._store.turn(turn_id)
        self._session.select_sibling(turn_of_versions(turn, self._parent(turn), self._store.siblings), step)

    def _on_transcript_edit_requested(self, turn_id: int) -> None:
        self._begin_edit(self._store.turn(turn_id))

    def _on_transcript_copy_requested(self, turn_id: int) -> None:
        QGuiApplication.clipboard().setText(turn_to_markdown(self._store.turn(turn_id)))

    def _on_transcript_delete_requested(self, turn_id: int) -> None:
        undo = self._session.delete_turn(turn_id)
        self._notices.show_undo("Message deleted", undo)

    def _on_sidebar_rename_requested(self, conversation_id: int, title: str) -> None:
        self._store.rename(conversation_id, title)
        self._show_conversations()

    def _on_sidebar_delete_requested(self, conversation_id: int) -> None:
        is_shown = conversation_id == self._session.shown_id
        if is_shown:
            self._leave()
        undo = self._session.delete_conversation(conversation_id)
        if is_shown:
            self._show_draft()

        def restore() -> None:
            self._leave()
            undo()
            self._show_draft()

        self._notices.show_undo("Conversation deleted", restore)

    def _on_sidebar_search_changed(self, query: str) -> None:
        self._search = query
        self._show_conversations()

    def _on_sidebar_export_requested(self, conversation_id: int, form: str) -> None:
        ask_and_export(self._sidebar.window(), self._store, self._notices, conversation_id, form)


def _references_of(turn: Turn) -> tuple[ReferencePart, ...]:
    return tuple(part for part in turn.parts if isinstance(part, ReferencePart))
