"""One person, one window, one model: everything that can be done in a conversation.

A session puts what the user asks into the store and to the engine, and what the engine says back into
the store and to its listener. It knows no widget and no process: the window and tests drive it alike.
All calls and all engine events must come on one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.chat.changes import BranchShown, Change, ConversationsChanged, TurnAdded, TurnChanged
from app.chat.prompts import build_prompt
from app.chat.replier import Overflow, Replier
from app.conversations.parts import Conversation, TextPart, Turn
from app.conversations.store import ConversationStore
from app.conversations.titles import title_of
from app.engine.engine import Engine
from app.engine.messages import ChatMessage, ChatPrompt
from app.errors import AppError


class ChatSession:
    """What can be done in conversations with the model that is loaded.

    Attributes:
        model_name: What people call the model; empty for the name in its file.
    """

    def __init__(
        self, engine: Engine, store: ConversationStore, replier: Replier, listen: Callable[[Change], None]
    ) -> None:
        self._engine = engine
        self._store = store
        self._replier = replier
        self._listen = listen
        self._shown: int | None = None
        self.model_name = ""

    # --- what is ----------------------------------------------------------------------------------------

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

    def prompt_with(self, text: str, system_prompt: str = "") -> ChatPrompt:
        """Return the prompt that sending ``text`` now would make, for counting its tokens.

        ``system_prompt`` is that of a conversation that does not exist yet.
        """
        conversation = self.conversation
        system = conversation.system_prompt if conversation else system_prompt
        prompt = build_prompt(system, self.branch, self._replier.fingerprint)
        if not text:
            return prompt
        return ChatPrompt(messages=(*prompt.messages, ChatMessage(role="user", content=text)))

    # --- conversations ----------------------------------------------------------------------------------

    def show(self, conversation_id: int | None) -> None:
        """Show a conversation, or an empty new one for None."""
        self._shown = conversation_id
        self._listen(BranchShown(conversation_id))

    def delete_conversation(self, conversation_id: int) -> Callable[[], None]:
        """Delete a conversation, stopping its reply; return what undoes that."""
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
        """Delete a turn and all that follows it; return what undoes that."""
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
        system_prompt: str = "",
        sampling: Mapping[str, Any] | None = None,
        overflow: Overflow = "stop",
    ) -> None:
        """Add the user's message to the conversation on show and have it answered.

        With none on show, a conversation is made, with ``system_prompt``, the user's ``sampling`` and
        what to do on ``overflow``.

        Raises:
            AppError: No model is ready, or a reply is under way; the text should stay where it was typed.
        """
        self._require_ready()
        if self._shown is None:
            title = title_of(text)
            created = self._store.create(
                title, system_prompt=system_prompt, sampling=dict(sampling or {}), overflow=overflow
            )
            self._shown = created.id
        leaf = self._store.conversation(self._shown).leaf_id
        user_turn = self._store.add_turn(self._shown, leaf, "user", (TextPart(text=text),), "complete")
        self._listen(ConversationsChanged())
        self._listen(TurnAdded(user_turn))
        self._listen(TurnAdded(self._answer(user_turn)))

    def regenerate(self, turn_id: int) -> None:
        """Answer again what a turn answered; the earlier reply stays as a sibling.

        Raises:
            AppError: As ``send``; or the turn answers nothing.
        """
        self._require_ready()
        turn = self._store.turn(turn_id)
        self._answer(turn if turn.role == "user" else self._asked_by(turn))
        self._listen(BranchShown(self._shown))

    def edit(self, turn_id: int, text: str) -> None:
        """Put another version beside a turn: a user's is answered, an assistant's stands as written.

        Raises:
            AppError: As ``send``, for a user's turn.
        """
        turn = self._store.turn(turn_id)
        if turn.role == "user":
            self._require_ready()
        parts = (TextPart(text=text),)
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
        if turn.text:
            self._replier.begin(turn, policy)
            live = self._replier.turn
            self._listen(TurnChanged(live or turn))
            return
        asked = self._asked_by(turn)
        self._store.delete_turn(turn_id)
        self._answer(asked, policy)
        self._listen(BranchShown(self._shown))

    def stop(self) -> None:
        """Stop the reply under way; what has come so far is kept."""
        self._replier.stop()

    # --- inside -----------------------------------------------------------------------------------------

    def _require_ready(self) -> None:
        if self._replier.turn is not None:
            raise AppError("A reply is being made", "Only one reply can be made at a time.", "Stop it first, or wait.")
        if self._engine.model is None:
            raise AppError("No model is loaded", "A reply needs a model.", "Choose one from the model menu.")

    def _answer(self, asked: Turn, policy: Overflow | None = None) -> Turn:
        """Add an empty reply under ``asked`` and have it written."""
        model = self.model_name or (self._engine.model.name if self._engine.model else "")
        turn = self._store.add_turn(asked.conversation_id, asked.id, "assistant", (), "streaming", model=model)
        self._replier.begin(turn, policy)
        return turn

    def _asked_by(self, turn: Turn) -> Turn:
        if turn.parent_id is None:
            raise AppError("There is nothing to answer", "This reply begins the conversation.", "Send a message first.")
        return self._store.turn(turn.parent_id)
