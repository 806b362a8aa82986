"""One person, one window, one model: everything that can be done in a conversation.

A session puts what the user asks into the store and to the engine, and what the engine says back into
the store and to its listener. It knows no widget and no process: the window and tests drive it alike.
All calls and all engine events must come on one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.agent.agent import Agent
from app.agent.live_calls import calls_in
from app.chat.changes import BranchShown, Change, ConversationsChanged, TurnAdded, TurnChanged
from app.chat.offer import PromptTools
from app.chat.prompts import build_prompt
from app.chat.ready import require_ready
from app.chat.reference_text import message_text
from app.chat.replier import Overflow, Replier
from app.conversations.parts import AnyPart, Conversation, ReferencePart, TextPart, Turn
from app.conversations.store import ConversationStore
from app.conversations.titles import title_of
from app.engine.engine import Engine
from app.engine.messages import ChatMessage, ChatPrompt
from app.errors import AppError


class ChatSession:
    """What can be done in conversations with the model that is loaded.

    Args:
        agent: Runs the tools of conversations that have a folder; None: there are no tools.
    """

    def __init__(
        self,
        engine: Engine,
        store: ConversationStore,
        replier: Replier,
        listen: Callable[[Change], None],
        agent: Agent | None = None,
    ) -> None:
        self._engine = engine
        self._store = store
        self._replier = replier
        self._listen = listen
        self._agent = agent
        self._shown: int | None = None
        self._new_workspace = ""

    # --- what is ----------------------------------------------------------------------------------------

    @property
    def model_name(self) -> str:
        """What people call the model; empty for the name in its file."""
        return self._replier.model_name

    @model_name.setter
    def model_name(self, name: str) -> None:
        self._replier.model_name = name

    @property
    def conversation(self) -> Conversation | None:
        """The conversation on show; None before the first message of a new one."""
        return None if self._shown is None else self._store.conversation(self._shown)

    @property
    def shown_id(self) -> int | None:
        """The id of the conversation on show."""
        return self._shown

    @property
    def branch(self) -> list[Turn]:
        """The turns on show, root to leaf, the reply under way as far as it has come."""
        if self._shown is None:
            return []
        live = self._replier.turn
        return [live if live and turn.id == live.id else turn for turn in self._store.branch(self._shown)]

    @property
    def generating_turn(self) -> Turn | None:
        """The turn that is being written, as far as it has come."""
        return self._replier.turn

    @property
    def is_busy(self) -> bool:
        """Whether a reply or a run is under way, be it that it waits for a person."""
        return self._replier.turn is not None or bool(self._agent and self._agent.active_run)

    @property
    def workspace(self) -> str:
        """The folder tools act in, of the conversation on show or of the next new one; empty for none."""
        conversation = self.conversation
        return conversation.workspace if conversation else self._new_workspace

    def prompt_with(self, text: str, system_prompt: str = "", references: Sequence[ReferencePart] = ()) -> ChatPrompt:
        """Return the prompt that sending ``text`` now would make, for counting its tokens.

        ``system_prompt`` is that of a conversation that does not exist yet; ``references`` have their texts.
        """
        conversation = self.conversation
        if conversation is None:
            conversation = Conversation(
                id=0, title="", created_at=0, updated_at=0, system_prompt=system_prompt, workspace=self._new_workspace
            )
        tools = self._agent.tools_for(conversation) if self._agent else None
        prompt = build_prompt(conversation.system_prompt, self.branch, self._replier.fingerprint, tools=tools)
        content = message_text(_said(text, references))
        if not content:
            return prompt
        user = ChatMessage(role="user", content=content)
        return msgspec.structs.replace(prompt, messages=(*prompt.messages, user))

    # --- conversations ----------------------------------------------------------------------------------

    def show(self, conversation_id: int | None) -> None:
        """Show a conversation, or an empty new one for None."""
        self._set_shown(conversation_id)
        self._listen(BranchShown(conversation_id))

    def _set_shown(self, conversation_id: int | None) -> None:
        self._shown = conversation_id
        if self._agent:
            self._agent.show(conversation_id)

    def set_workspace(self, folder: str) -> None:
        """Let tools act in a folder, in the conversation on show or the next new one; empty for no tools.

        Raises:
            AppError: There is no such folder, or a run is under way in this conversation.
        """
        run = self._agent.active_run if self._agent else None
        if run and run.conversation_id == self._shown:
            raise AppError("A run is under way", "Its tools act in the present folder.", "Stop it first, or wait.")
        folder = _existing_folder(folder) if folder else ""
        if self._shown is None:
            self._new_workspace = folder
        else:
            self._store.update(self._shown, workspace=folder)
        self._listen(ConversationsChanged())

    def delete_conversation(self, conversation_id: int) -> Callable[[], None]:
        """Delete a conversation, stopping its reply; return what undoes that."""
        if self._agent:
            self._agent.abandon_in(conversation_id)
        live = self._replier.turn
        if live and live.conversation_id == conversation_id:
            self._replier.abandon()
        undo = self._store.delete(conversation_id)
        self._listen(ConversationsChanged())
        if conversation_id == self._shown:
            self.show(None)

        def restore() -> None:
            undo()
            self._listen(ConversationsChanged())
            self.show(conversation_id)

        return restore

    def select_sibling(self, turn_id: int, step: int) -> None:
        """Show the branch that goes through the previous (-1) or next (+1) sibling of a turn."""
        self._store.select_sibling(turn_id, step)
        self._listen(BranchShown(self._shown))

    def delete_turn(self, turn_id: int) -> Callable[[], None]:
        """Delete a turn and all that follows it, results of its calls too; return what undoes that."""
        if self._agent:
            self._agent.abandon_if_at([turn_id])
        live = self._replier.turn
        if live and turn_id in {turn.id for turn in self._store.branch_to(live.id)}:
            self._replier.abandon()
        undo = self._store.delete_turn(turn_id)
        self._listen(BranchShown(self._shown))

        def restore() -> None:
            undo()
            self._listen(BranchShown(self._shown))

        return restore

    # --- asking -----------------------------------------------------------------------------------------

    def send(
        self,
        text: str,
        *,
        references: Sequence[ReferencePart] = (),
        system_prompt: str = "",
        sampling: Mapping[str, Any] | None = None,
        overflow: Overflow = "stop",
    ) -> None:
        """Add the user's message to the conversation on show and have it answered.

        With none on show, a conversation is made, with ``system_prompt``, the user's ``sampling``, what to do
        on ``overflow``, and the folder of ``set_workspace``. While a run is under way in the conversation, the
        model gets the message before its next reply.

        Args:
            text: What the user wrote; may be empty where there are references.
            references: What it points at, with the texts that the model reads from now on.

        Raises:
            AppError: No model is ready, or a reply is under way; the text should stay where it was typed.
        """
        run = self._agent.active_run if self._agent else None
        if self._agent and run and run.conversation_id == self._shown:
            self._agent.inject(text, references)
            return
        self._require_ready()
        shown = self._shown
        if shown is None:
            created = self._store.create(
                title_of(text, references),
                system_prompt=system_prompt,
                sampling=dict(sampling or {}),
                overflow=overflow,
                workspace=self._new_workspace,
            )
            shown, self._new_workspace = created.id, ""
            self._set_shown(shown)
        leaf = self._store.conversation(shown).leaf_id
        user_turn = self._store.add_turn(shown, leaf, "user", _said(text, references), "complete")
        self._listen(ConversationsChanged())
        self._listen(TurnAdded(user_turn))
        reply = self._answer(user_turn)
        if reply:
            self._listen(TurnAdded(reply))

    def regenerate(self, turn_id: int) -> None:
        """Answer again what a turn answered, be it results of tools; the earlier reply stays as a sibling.

        Raises:
            AppError: As ``send``; or the turn answers nothing.
        """
        self._require_ready()
        turn = self._store.turn(turn_id)
        self._answer(self._asked_by(turn) if turn.role == "assistant" else turn)
        self._listen(BranchShown(self._shown))

    def edit(self, turn_id: int, text: str, references: Sequence[ReferencePart] | None = None) -> None:
        """Put another version beside a turn: a user's is answered, an assistant's stands as written.

        Args:
            turn_id: The turn.
            text: What it is to say.
            references: What it is to point at, with their texts; None keeps the turn's own.

        Raises:
            AppError: As ``send``, for a user's turn.
        """
        turn = self._store.turn(turn_id)
        if turn.role == "user":
            self._require_ready()
        kept = [part for part in turn.parts if isinstance(part, ReferencePart)]
        parts = _said(text, kept if references is None else references)
        edited = self._store.add_turn(turn.conversation_id, turn.parent_id, turn.role, parts, "complete")
        if turn.role == "user":
            self._answer(edited)
        self._listen(BranchShown(self._shown))

    def resume(self, turn_id: int, policy: Overflow | None = None) -> None:
        """Go on with a reply that stopped early; ``policy`` overrules the conversation's, this once.

        Raises:
            AppError: As ``send``.
        """
        self._require_ready()
        turn = self._store.turn(turn_id)
        if turn.text or calls_in(turn):
            self._go_on(turn, policy)
            live = self._replier.turn
            self._listen(TurnChanged(live or turn))
            return
        asked = self._asked_by(turn)
        self._store.delete_turn(turn_id)
        self._answer(asked, policy)
        self._listen(BranchShown(self._shown))

    def _go_on(self, turn: Turn, policy: Overflow | None) -> None:
        tools = self._tools(turn.conversation_id)
        if self._agent and tools:
            self._agent.resume(turn, tools, policy)
        else:
            self._replier.begin(turn, policy)

    def stop(self) -> None:
        """Stop the reply or the run under way; what has come so far is kept."""
        if self._agent and self._agent.active_run:
            self._agent.stop()
        else:
            self._replier.stop()

    # --- inside -----------------------------------------------------------------------------------------

    def _require_ready(self) -> None:
        if self._agent and self._agent.active_run:
            raise AppError("A run is under way", "Only one can be made at a time.", "Stop it first, or wait.")
        require_ready(self._engine, self._replier)

    def _answer(self, asked: Turn, policy: Overflow | None = None) -> Turn | None:
        """Add an empty reply under ``asked`` and have it written."""
        tools = self._tools(asked.conversation_id)
        if self._agent and tools:
            return self._agent.begin(asked, tools, policy)
        model = self._replier.model_label
        turn = self._store.add_turn(asked.conversation_id, asked.id, "assistant", (), "streaming", model=model)
        self._replier.begin(turn, policy)
        return turn

    def _tools(self, conversation_id: int) -> PromptTools | None:
        return self._agent.tools_for(self._store.conversation(conversation_id)) if self._agent else None

    def _asked_by(self, turn: Turn) -> Turn:
        if turn.parent_id is None:
            raise AppError("There is nothing to answer", "This reply begins the conversation.", "Send a message first.")
        return self._store.turn(turn.parent_id)


def _said(text: str, references: Sequence[ReferencePart]) -> tuple[AnyPart, ...]:
    """Return the parts of a person's message."""
    return (*references, TextPart(text=text)) if text or not references else tuple(references)


def _existing_folder(folder: str) -> str:
    """Return a folder's one absolute name, links resolved."""
    try:
        path = Path(folder).expanduser().resolve(strict=True)
    except OSError as error:
        raise AppError("The folder cannot be opened", f"{folder}: {error.strerror or error}.") from error
    if not path.is_dir():
        raise AppError("This is not a folder", f"{path} is something else.", "Choose the folder it is in.")
    return str(path)
