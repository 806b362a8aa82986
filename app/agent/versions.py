"""Other versions of a turn with calls, for repairs the model was not told of in time."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.agent.branch import BranchWriter
from app.agent.live_calls import calls_in, results_in
from app.chat.offer import call_id
from app.conversations.parts import AnyPart, TextPart, ToolCallPart, ToolResultPart, Turn
from app.conversations.store import ConversationStore


class Repairer:
    """Makes siblings of turns. Their ids stay the model's own: what it wrote is the same, only what it means is not."""

    def __init__(self, store: ConversationStore, branch: BranchWriter) -> None:
        self._store = store
        self._branch = branch

    def is_told(self, turn: Turn) -> bool:
        """Whether the model has been told the results of a turn's calls."""
        results = self._store.results_turn(turn.id)
        return results is not None and self._store.has_answer(results.id)

    def version(self, turn: Turn, *, as_text: str = "", without_result: str = "") -> tuple[Turn, Turn | None]:
        """Return another version of an assistant's turn and the results it starts with.

        Args:
            as_text: The call that is plain text in it.
            without_result: The call whose result is left out, because it is to be run anew.
        """
        parent = self._store.turn(turn.parent_id) if turn.parent_id is not None else None
        if parent is None:
            raise ValueError("a reply with calls answers something")
        ids = [part.call_id for part in calls_in(turn)]
        made = self._branch.add(parent, "assistant", (), model=turn.model, is_told=False)
        names = {old: call_id(made.id, place) for place, old in enumerate(ids)}
        parts = _joined([_part(part, names, as_text) for part in turn.parts])
        made = self._store.finish_turn(
            made.id,
            parts,
            "complete",
            token_ids=turn.token_ids,
            fingerprint=turn.fingerprint,
            stats=turn.stats,
            sampling=turn.sampling,
        )
        results = results_in(self._store.results_turn(turn.id))
        kept = [_renamed(result, names) for old, result in results.items() if old not in {as_text, without_result}]
        return made, self._branch.add(made, "tool", kept, is_told=False) if kept else None


def _part(part: AnyPart, names: dict[str, str], as_text: str) -> AnyPart:
    if not isinstance(part, ToolCallPart):
        return part
    if part.call_id == as_text:
        return TextPart(text=part.raw)
    return msgspec.structs.replace(part, call_id=names[part.call_id])


def _renamed(result: ToolResultPart, names: dict[str, str]) -> ToolResultPart:
    return msgspec.structs.replace(result, call_id=names[result.call_id])


def _joined(parts: Sequence[AnyPart]) -> list[AnyPart]:
    """Join texts that stand side by side."""
    joined: list[AnyPart] = []
    for part in parts:
        before = joined[-1] if joined else None
        if isinstance(part, TextPart) and isinstance(before, TextPart):
            joined[-1] = TextPart(text=before.text + part.text)
        else:
            joined.append(part)
    return joined
