"""Runs and their spans on disk, in the conversations' own database; every verb has taken effect when it returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.agent.trace import Run, RunLimits, Span
from app.conversations.rows import json_of
from app.conversations.store import ConversationStore

_COLUMNS = "id, conversation_id, asked_id, state, data"
#: Fields of a run that have a column or table of their own.
_APART = frozenset({"id", "conversation_id", "asked_id", "state", "spans"})
_span_decoder = msgspec.json.Decoder(Span)


class RunStore:
    """The agent's runs. Those that were under way when Sawhorse ended are "interrupted".

    Raises (every writing verb):
        AppError: The disk is full, or the database belongs to a newer Sawhorse.
    """

    def __init__(self, store: ConversationStore) -> None:
        self._store = store
        self._db = store.connection
        if not store.is_read_only:
            with store.transaction():
                self._db.execute("UPDATE runs SET state = 'interrupted' WHERE state IN ('running', 'waiting')")

    def begin(
        self, key: str, conversation_id: int, asked_id: int, workspace: str, limits: RunLimits, started_at: float
    ) -> Run:
        """Make a run."""
        run = Run(
            id=0,
            key=key,
            conversation_id=conversation_id,
            asked_id=asked_id,
            state="running",
            started_at=started_at,
            workspace=workspace,
            limits=limits,
        )
        with self._store.transaction():
            self._db.execute(
                "INSERT INTO runs (conversation_id, asked_id, state, data) VALUES (?, ?, ?, ?)",
                (conversation_id, asked_id, run.state, _data_of(run)),
            )
            identity = self._db.last_insert_rowid()
        return msgspec.structs.replace(run, id=identity)

    def save(self, run: Run) -> None:
        """Write a run down, without its spans."""
        with self._store.transaction():
            self._db.execute("UPDATE runs SET state = ?, data = ? WHERE id = ?", (run.state, _data_of(run), run.id))

    def save_span(self, run_id: int, span: Span) -> None:
        """Write a span down."""
        with self._store.transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO spans (run_id, number, turn_id, data) VALUES (?, ?, ?, ?)",
                (run_id, span.number, span.turn_id, json_of(span)),
            )

    def last(self, conversation_id: int) -> Run | None:
        """Return the latest run of a conversation."""
        return self._one("WHERE conversation_id = ? ORDER BY id DESC LIMIT 1", conversation_id)

    def with_key(self, key: str) -> Run | None:
        """Return the run of that random name."""
        return self._one("WHERE data ->> 'key' = ? LIMIT 1", key)

    def of_turn(self, turn_id: int) -> Run | None:
        """Return the latest run that has a span at a turn."""
        return self._one("WHERE id IN (SELECT run_id FROM spans WHERE turn_id = ?) ORDER BY id DESC LIMIT 1", turn_id)

    def _one(self, where: str, value: Any) -> Run | None:
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM runs {where}", (value,))  # noqa: S608 - constants
        return next((self._run_of(row) for row in rows), None)

    def _run_of(self, row: Sequence[Any]) -> Run:
        spans = self._db.execute("SELECT data FROM spans WHERE run_id = ? ORDER BY number", (row[0],))
        fields = msgspec.json.decode(row[4]) | {"id": row[0], "conversation_id": row[1], "asked_id": row[2]}
        run = msgspec.convert(fields | {"state": row[3]}, Run)
        return msgspec.structs.replace(run, spans=tuple(_span_decoder.decode(span[0]) for span in spans))


def _data_of(run: Run) -> str:
    return json_of({name: getattr(run, name) for name in run.__struct_fields__ if name not in _APART})
