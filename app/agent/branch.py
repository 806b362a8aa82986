"""Adds the turns of a run to its conversation, and tells whoever shows that branch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.chat.changes import BranchShown, Change, ConversationsChanged, TurnAdded, TurnChanged
from app.conversations.parts import AnyPart, Turn, TurnState
from app.conversations.store import ConversationStore
from app.engine.messages import Role


class BranchWriter:
    """Writes turns under other turns.

    Args:
        shown: Tells which conversation is on show.
    """

    def __init__(
        self, store: ConversationStore, listen: Callable[[Change], None], shown: Callable[[], int | None]
    ) -> None:
        self._store = store
        self._listen = listen
        self._shown = shown

    def add(
        self,
        parent: Turn,
        role: Role,
        parts: Sequence[AnyPart],
        state: TurnState = "complete",
        *,
        model: str = "",
        is_told: bool = True,
    ) -> Turn:
        """Add a turn; its branch comes on show in its conversation."""
        leaf = self._store.conversation(parent.conversation_id).leaf_id
        turn = self._store.add_turn(parent.conversation_id, parent.id, role, parts, state, model=model)
        if is_told and turn.conversation_id == self._shown():
            is_next = leaf == parent.id
            self._listen(TurnAdded(turn) if is_next else BranchShown(turn.conversation_id))
        return turn

    def put_results(self, turn: Turn, results: Sequence[AnyPart]) -> Turn:
        """Write the results of tools that are known so far."""
        changed = self._store.finish_turn(turn.id, results, "complete")
        self._listen(TurnChanged(changed))
        return changed

    def show(self, conversation_id: int) -> None:
        """Say that a branch changed as a whole."""
        if conversation_id == self._shown():
            self._listen(BranchShown(conversation_id))
        self._listen(ConversationsChanged())
