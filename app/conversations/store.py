"""Conversations on disk: the verbs. One thread owns a store; every verb has taken effect when it returns."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import msgspec

from app.conversations.database import open_database
from app.conversations.parts import (
    AnyPart,
    Conversation,
    NoticePart,
    ReasoningPart,
    ReferencePart,
    TextPart,
    Turn,
    TurnState,
)
from app.conversations.rows import CONVERSATION_COLUMNS, TURN_COLUMNS, blob_of, conversation_of, json_of, turn_of
from app.engine.messages import Role, Stats
from app.errors import AppError

#: Deleted conversations can be brought back for so long.
PURGE_AFTER_S = 30 * 24 * 3600
CACHED_TURNS = 20_000

_UP = """
    WITH RECURSIVE up (id, parent_id) AS (
        SELECT id, parent_id FROM turns WHERE id = ?
        UNION ALL SELECT turns.id, turns.parent_id FROM turns JOIN up ON turns.id = up.parent_id
    ) SELECT id FROM up ORDER BY id
"""
_INTERRUPTED = NoticePart(
    level="info",
    code="interrupted",
    title="This reply was interrupted",
    message="Sawhorse ended while it was being written.",
    hint="Continue it, or regenerate.",
)
Undo = Callable[[], None]
_AS_JSON = frozenset({"sampling", "draft_references"})
_CHANGEABLE = _AS_JSON | {"title", "draft", "system_prompt", "overflow", "workspace", "leaf_id"}


class ConversationStore:
    """The conversations in one database file.

    Raises (every writing verb):
        AppError: The disk is full, or the database belongs to a newer Sawhorse.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._database = open_database(path)
        self._db = self._database.connection
        self._clock = clock
        self._turns: OrderedDict[int, Turn] = OrderedDict()
        self.notices = self._database.notices
        if not self._database.is_read_only:
            self._tidy()

    @property
    def connection(self) -> apsw.Connection:
        """The database, for those who keep more in it; of the owner's thread."""
        return self._db

    @property
    def is_read_only(self) -> bool:
        """The database belongs to a newer Sawhorse and is only shown."""
        return self._database.is_read_only

    def close(self) -> None:
        """Write everything to disk; safe to call twice."""
        self._database.close()

    # --- conversations ----------------------------------------------------------------------------------

    def conversations(self, query: str = "") -> list[Conversation]:
        """Return the conversations, latest first; with ``query`` those whose title or text has its words."""
        words = re.findall(r"\w+", query)
        where, values = "deleted_at IS NULL", list[Any]()
        if words:
            where += """ AND (title LIKE ? ESCAPE '\\' OR id IN (
                SELECT conversation_id FROM turns WHERE deleted_at IS NULL
                AND id IN (SELECT rowid FROM turn_texts WHERE turn_texts MATCH ?)))"""
            pattern = re.sub(r"([%_\\])", r"\\\1", query.strip())
            values = [f"%{pattern}%", " ".join(f'"{word}"*' for word in words)]
        sql = f"SELECT {CONVERSATION_COLUMNS} FROM conversations WHERE {where} ORDER BY updated_at DESC, id DESC"  # noqa: S608
        return [conversation_of(row) for row in self._db.execute(sql, values)]

    def conversation(self, conversation_id: int) -> Conversation:
        """Return one conversation.

        Raises:
            KeyError: There is none.
        """
        sql = f"SELECT {CONVERSATION_COLUMNS} FROM conversations WHERE id = ?"  # noqa: S608 - constants
        for row in self._db.execute(sql, (conversation_id,)):
            return conversation_of(row)
        raise KeyError(conversation_id)

    def create(
        self,
        title: str,
        *,
        system_prompt: str = "",
        sampling: dict[str, Any] | None = None,
        overflow: str = "stop",
        workspace: str = "",
    ) -> Conversation:
        """Make an empty conversation."""
        now = self._clock()
        self._write(
            "INSERT INTO conversations (title, created_at, updated_at, system_prompt, sampling, overflow, workspace)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (title, now, now, system_prompt, json_of(sampling or {}), overflow, workspace),
        )
        return self.conversation(self._db.last_insert_rowid())

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title."""
        self.update(conversation_id, title=title)

    def update(self, conversation_id: int, **fields: Any) -> None:
        """Change fields of a conversation: those of ``_CHANGEABLE``."""
        unknown = fields.keys() - _CHANGEABLE
        if unknown:
            raise TypeError(f"a conversation has no {', '.join(sorted(unknown))}")
        values = [json_of(value) if name in _AS_JSON else value for name, value in fields.items()]
        names = ", ".join(f"{name} = ?" for name in fields)
        self._write(f"UPDATE conversations SET {names} WHERE id = ?", (*values, conversation_id))  # noqa: S608

    def delete(self, conversation_id: int) -> Undo:
        """Delete a conversation; return what brings it back. It is purged after 30 days."""
        sql = "UPDATE conversations SET deleted_at = ? WHERE id = ?"
        self._write(sql, (self._clock(), conversation_id))
        return lambda: self._write(sql, (None, conversation_id))

    # --- turns ------------------------------------------------------------------------------------------

    def turn(self, turn_id: int) -> Turn:
        """Return one turn.

        Raises:
            KeyError: There is none.
        """
        return self._load([turn_id])[0]

    def branch(self, conversation_id: int) -> list[Turn]:
        """Return the turns on show, root to leaf."""
        leaf = self.conversation(conversation_id).leaf_id
        return [] if leaf is None else self.branch_to(leaf)

    def branch_to(self, turn_id: int) -> list[Turn]:
        """Return the turns from the root to ``turn_id``."""
        return self._load([row[0] for row in self._db.execute(_UP, (turn_id,))])

    def siblings(self, turn_id: int) -> list[int]:
        """Return the turns that answer the same turn, ``turn_id`` among them, oldest first."""
        sql = """SELECT sibling.id FROM turns AS sibling JOIN turns AS own
            ON sibling.conversation_id = own.conversation_id AND sibling.parent_id IS own.parent_id
            WHERE own.id = ? AND sibling.deleted_at IS NULL ORDER BY sibling.id"""
        return [row[0] for row in self._db.execute(sql, (turn_id,))]

    def results_turn(self, turn_id: int) -> Turn | None:
        """Return the turn with the results of an assistant's calls; None while there is none."""
        sql = """SELECT id FROM turns WHERE parent_id = ? AND role = 'tool' AND deleted_at IS NULL
            ORDER BY id DESC LIMIT 1"""
        return next((self.turn(row[0]) for row in self._db.execute(sql, (turn_id,))), None)

    def has_answer(self, turn_id: int) -> bool:
        """Tell whether any turn follows a turn."""
        sql = "SELECT 1 FROM turns WHERE parent_id = ? AND deleted_at IS NULL LIMIT 1"
        return next(iter(self._db.execute(sql, (turn_id,))), None) is not None

    def branchings(self, conversation_id: int) -> dict[int, list[int]]:
        """Return ``siblings`` of every turn that has any, by turn: one query for a whole conversation."""
        sql = """SELECT json_group_array(id ORDER BY id) FROM turns WHERE conversation_id = ?
            AND deleted_at IS NULL GROUP BY parent_id HAVING count(*) > 1"""
        groups = [msgspec.json.decode(row[0]) for row in self._db.execute(sql, (conversation_id,))]
        return {turn_id: group for group in groups for turn_id in group}

    def add_turn(
        self,
        conversation_id: int,
        parent_id: int | None,
        role: Role,
        parts: Sequence[AnyPart],
        state: TurnState,
        *,
        model: str = "",
    ) -> Turn:
        """Add a turn under ``parent_id`` and show the branch that ends with it."""
        now = self._clock()
        with self.transaction():
            self._db.execute(
                "INSERT INTO turns (conversation_id, parent_id, role, state, created_at, model)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (conversation_id, parent_id, role, state, now, model),
            )
            turn_id = self._db.last_insert_rowid()
            self._put_parts(turn_id, parts)
            self._index(turn_id, parts)
            self._db.execute("UPDATE turns SET chosen_id = ? WHERE id = ?", (turn_id, parent_id))
            self._db.execute(
                "UPDATE conversations SET leaf_id = ?, updated_at = ? WHERE id = ?", (turn_id, now, conversation_id)
            )
        return self.turn(turn_id)

    def save_streaming(self, turn_id: int, parts: Sequence[AnyPart]) -> None:
        """Write down a turn that is still growing."""
        with self.transaction():
            self._put_parts(turn_id, parts)
            self._db.execute("UPDATE turns SET state = 'streaming' WHERE id = ?", (turn_id,))
        self._turns.pop(turn_id, None)

    def finish_turn(
        self,
        turn_id: int,
        parts: Sequence[AnyPart],
        state: TurnState,
        *,
        token_ids: Sequence[int] | None = None,
        fingerprint: str = "",
        stats: Stats | None = None,
        sampling: dict[str, Any] | None = None,
    ) -> Turn:
        """Write a turn's last word."""
        stats_json = None if stats is None else json_of(stats)
        with self.transaction():
            self._put_parts(turn_id, parts)
            self._index(turn_id, parts)
            self._db.execute(
                "UPDATE turns SET state = ?, token_ids = ?, fingerprint = ?, stats = ?, sampling = ? WHERE id = ?",
                (state, blob_of(token_ids), fingerprint, stats_json, json_of(sampling or {}), turn_id),
            )
            self._db.execute(
                "UPDATE conversations SET updated_at = ? WHERE id = (SELECT conversation_id FROM turns WHERE id = ?)",
                (self._clock(), turn_id),
            )
        self._turns.pop(turn_id, None)
        return self.turn(turn_id)

    def select_sibling(self, turn_id: int, step: int) -> int | None:
        """Show the branch through the sibling ``step`` places on; return its leaf, None at either end."""
        siblings = self.siblings(turn_id)
        place = siblings.index(turn_id) + step
        if not 0 <= place < len(siblings):
            return None
        turn = self.turn(siblings[place])
        with self.transaction():
            self._db.execute("UPDATE turns SET chosen_id = ? WHERE id = ?", (turn.id, turn.parent_id))
            leaf = self._leaf_below(turn.id)
            self._db.execute("UPDATE conversations SET leaf_id = ? WHERE id = ?", (leaf, turn.conversation_id))
        return leaf

    def delete_turn(self, turn_id: int) -> Undo:
        """Delete a turn and what follows it; a sibling or the turn before comes on show. Returns the undo."""
        turn = self.turn(turn_id)
        leaf = self.conversation(turn.conversation_id).leaf_id
        others = [sibling for sibling in self.siblings(turn_id) if sibling != turn_id]
        is_shown = leaf is not None and turn_id in {row[0] for row in self._db.execute(_UP, (leaf,))}
        with self.transaction():
            self._db.execute("UPDATE turns SET deleted_at = ? WHERE id = ?", (self._clock(), turn_id))
            if is_shown:
                next_leaf = self._leaf_below(others[-1]) if others else turn.parent_id
                self._set_leaf(turn.conversation_id, next_leaf)

        def undo() -> None:
            with self.transaction():
                self._db.execute("UPDATE turns SET deleted_at = NULL WHERE id = ?", (turn_id,))
                self._set_leaf(turn.conversation_id, leaf)

        return undo

    # --- inside -----------------------------------------------------------------------------------------

    def _tidy(self) -> None:
        """End replies whose writer was killed, and purge what was deleted long ago."""
        under_way = [row[0] for row in self._db.execute("SELECT id FROM turns WHERE state = 'streaming'")]
        for turn_id in under_way:
            self.finish_turn(turn_id, (*self.turn(turn_id).parts, _INTERRUPTED), "interrupted")
        self._write("DELETE FROM conversations WHERE deleted_at < ?", (self._clock() - PURGE_AFTER_S,))

    def _load(self, ids: Sequence[int]) -> list[Turn]:
        missing = [turn_id for turn_id in ids if turn_id not in self._turns]
        if missing:
            wanted = json_of(missing)
            parts: dict[int, list[str]] = {}
            sql = """SELECT turn_id, data FROM parts WHERE turn_id IN (SELECT value FROM json_each(?))
                ORDER BY turn_id, position"""
            for turn_id, data in self._db.execute(sql, (wanted,)):
                parts.setdefault(turn_id, []).append(data)
            sql = f"SELECT {TURN_COLUMNS} FROM turns WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
            for row in self._db.execute(sql, (wanted,)):
                self._turns[row[0]] = turn_of(row, parts.get(row[0], ()))
        turns = [self._turns[turn_id] for turn_id in ids]
        while len(self._turns) > max(CACHED_TURNS, len(ids)):
            self._turns.popitem(last=False)
        return turns

    def _put_parts(self, turn_id: int, parts: Iterable[AnyPart]) -> None:
        self._db.execute("DELETE FROM parts WHERE turn_id = ?", (turn_id,))
        rows = [(turn_id, position, json_of(part)) for position, part in enumerate(parts)]
        self._db.executemany("INSERT INTO parts (turn_id, position, data) VALUES (?, ?, ?)", rows)

    def _index(self, turn_id: int, parts: Iterable[AnyPart]) -> None:
        text = "\n".join(
            _found_by(part) for part in parts if isinstance(part, TextPart | ReasoningPart | ReferencePart)
        )
        self._db.execute("DELETE FROM turn_texts WHERE rowid = ?", (turn_id,))
        if text:
            self._db.execute("INSERT INTO turn_texts (rowid, text) VALUES (?, ?)", (turn_id, text))

    def _set_leaf(self, conversation_id: int, leaf: int | None) -> None:
        self._db.execute("UPDATE conversations SET leaf_id = ? WHERE id = ?", (leaf, conversation_id))

    def _leaf_below(self, turn_id: int) -> int:
        """Follow the children last on show; the newest where none was or it was deleted."""
        sql = """SELECT child.id FROM turns AS child JOIN turns AS own ON child.parent_id = own.id
            WHERE own.id = ? AND child.deleted_at IS NULL
            ORDER BY child.id = own.chosen_id DESC, child.id DESC LIMIT 1"""
        while row := next(iter(self._db.execute(sql, (turn_id,))), None):
            turn_id = row[0]
        return turn_id

    def _write(self, sql: str, values: Sequence[Any]) -> None:
        with self.transaction():
            self._db.execute(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write in one transaction whose failures are put into words; for those who keep more in this database.

        Raises:
            AppError: As every writing verb.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._db.execute("ROLLBACK")
        except (apsw.FullError, apsw.IOError) as error:
            raise AppError(
                "The disk is full",
                "The conversation could not be written down. What you see is still there, in memory.",
                "Make room, then go on; the next change writes it again.",
            ) from error
        except apsw.ReadOnlyError as error:
            raise AppError(
                "These conversations cannot be changed here",
                "They belong to a newer Sawhorse, or their folder is read-only.",
                "Update Sawhorse, or check the folder's permissions.",
            ) from error


def _found_by(part: TextPart | ReasoningPart | ReferencePart) -> str:
    """Return the words a part is found by; of a file its name, for its text is found in the file."""
    return part.path if isinstance(part, ReferencePart) else part.text
