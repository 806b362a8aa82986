"""The checkpoints' index: which steps there were, what each changed, and what each workspace last looked like."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import apsw
import msgspec

from app.tools.snapshot import Node, Seen, Snapshot

BUSY_TIMEOUT_MS = 5000

#: "files": some files are about to change; "command": any may; "done": what changed is known.
StepState = Literal["files", "command", "done"]

SCHEMA = """
    CREATE TABLE IF NOT EXISTS workspaces (
        id INTEGER PRIMARY KEY,
        path BLOB NOT NULL UNIQUE,
        used_at INTEGER NOT NULL          -- seconds since 1970
    );
    CREATE TABLE IF NOT EXISTS known (    -- what a workspace held when it was last looked through
        workspace INTEGER NOT NULL,
        path BLOB NOT NULL,
        seen BLOB NOT NULL,
        PRIMARY KEY (workspace, path)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS steps (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workspace INTEGER NOT NULL,
        run_key TEXT NOT NULL,
        state TEXT NOT NULL,
        made_at INTEGER NOT NULL          -- seconds since 1970
    );
    CREATE INDEX IF NOT EXISTS steps_of_run ON steps (workspace, run_key);
    CREATE TABLE IF NOT EXISTS reviews (  -- steps in which a person, not the run, changed what the run had made
        step INTEGER PRIMARY KEY
    );
    CREATE TABLE IF NOT EXISTS changes (
        step INTEGER NOT NULL,
        path BLOB NOT NULL,
        before BLOB NOT NULL,             -- a Node, or null
        after BLOB NOT NULL,
        undone_by INTEGER,                -- the step that took it back
        PRIMARY KEY (step, path)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS changes_undone ON changes (undone_by, path) WHERE undone_by IS NOT NULL;
"""

_seen = msgspec.msgpack.Decoder(tuple[Node, tuple[int, int, int, int, int], int])
_node = msgspec.msgpack.Decoder(Node | None)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a step did to one path."""

    step: int
    path: str
    before: Node | None
    after: Node | None


class Index:
    """The tables. Every verb raises apsw.Error where the disk fails."""

    def __init__(self, path: Path) -> None:
        self.db = apsw.Connection(str(path))
        self.db.set_busy_timeout(BUSY_TIMEOUT_MS)
        self.db.pragma("auto_vacuum", "incremental")
        self.db.pragma("journal_mode", "wal")
        self.db.pragma("synchronous", "normal")
        self.db.execute(SCHEMA)

    def close(self) -> None:
        """Close it; safe to call twice."""
        self.db.close()

    def workspace(self, root: Path, now: int) -> int:
        """Return the number of a workspace, and note that it is used."""
        sql = (
            "INSERT INTO workspaces (path, used_at) VALUES (?, ?) "
            "ON CONFLICT (path) DO UPDATE SET used_at = excluded.used_at RETURNING id"
        )
        return int(self.db.execute(sql, (os.fsencode(root), now)).get)

    def known(self, workspace: int) -> dict[str, Seen]:
        """Return what a workspace held when it was last looked through."""
        rows = self.db.execute("SELECT path, seen FROM known WHERE workspace = ?", (workspace,))
        return {os.fsdecode(path): Seen(*_seen.decode(seen)) for path, seen in rows}

    def set_known(self, workspace: int, before: Snapshot, after: Snapshot) -> None:
        """Note what a workspace holds; only what differs from ``before``, which was noted, is written."""
        gone = [(workspace, os.fsencode(path)) for path in before.keys() - after.keys()]
        new = [
            (workspace, os.fsencode(path), msgspec.msgpack.encode((seen.node, seen.look, seen.at_ns)))
            for path, seen in after.items()
            if before.get(path) is not seen
        ]
        self.db.executemany("DELETE FROM known WHERE workspace = ? AND path = ?", gone)
        self.db.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", new)

    def begin(self, workspace: int, run_key: str, now: int, *, is_review: bool = False) -> int:
        """Begin a step and return its number."""
        sql = "INSERT INTO steps (workspace, run_key, state, made_at) VALUES (?, ?, 'files', ?) RETURNING id"
        step = int(self.db.execute(sql, (workspace, run_key, now)).get)
        if is_review:
            self.db.execute("INSERT INTO reviews VALUES (?)", (step,))
        return step

    def reviews(self, steps: Iterable[int]) -> frozenset[int]:
        """Return which of these steps are a person's."""
        sql = "SELECT step FROM reviews WHERE step = ?"
        return frozenset(step for step in steps if self.db.execute(sql, (step,)).fetchone())

    def set_state(self, step: int, state: StepState) -> None:
        """Note how far a step is."""
        self.db.execute("UPDATE steps SET state = ? WHERE id = ?", (state, step))

    def unfinished(self, workspace: int) -> list[tuple[int, StepState]]:
        """Return the steps of a workspace that are not done: under way, or cut off by the end of a process."""
        sql = "SELECT id, state FROM steps WHERE workspace = ? AND state != 'done' ORDER BY id"
        return list(self.db.execute(sql, (workspace,)))

    def delete_step(self, step: int) -> None:
        """Delete a step that changed nothing."""
        self.db.execute("DELETE FROM reviews WHERE step = ?", (step,))
        self.db.execute("DELETE FROM changes WHERE step = ?", (step,))
        self.db.execute("DELETE FROM steps WHERE id = ?", (step,))

    def steps(self, workspace: int, run_key: str) -> list[int]:
        """Return the steps of a run, in order."""
        sql = "SELECT id FROM steps WHERE workspace = ? AND run_key = ? AND state = 'done' ORDER BY id"
        return [step for (step,) in self.db.execute(sql, (workspace, run_key))]

    def note_before(self, step: int, nodes: Mapping[str, Node | None]) -> None:
        """Note what stood under paths before a step; of a path noted already, the first holds."""
        rows = [(step, os.fsencode(path), msgspec.msgpack.encode(node), b"\xc0") for path, node in nodes.items()]
        sql = "INSERT OR IGNORE INTO changes (step, path, before, after) VALUES (?, ?, ?, ?)"
        self.db.executemany(sql, rows)

    def note_after(self, step: int, nodes: Mapping[str, Node | None]) -> None:
        """Note what stands under noted paths after a step, and forget those that did not change."""
        rows = [(msgspec.msgpack.encode(node), step, os.fsencode(path)) for path, node in nodes.items()]
        self.db.executemany("UPDATE changes SET after = ? WHERE step = ? AND path = ?", rows)
        self.db.execute("DELETE FROM changes WHERE step = ? AND before = after", (step,))

    def changes(self, steps: Iterable[int], *, undone: bool = False) -> list[Change]:
        """Return what steps changed, in their order, without what was taken back unless ``undone``."""
        found = []
        sql = "SELECT path, before, after FROM changes WHERE step = ? AND (undone_by IS NULL OR ?) ORDER BY path"
        for step in steps:
            for path, before, after in self.db.execute(sql, (step, undone)):
                change = Change(
                    step=step, path=os.fsdecode(path), before=_node.decode(before), after=_node.decode(after)
                )
                found.append(change)
        return found

    def set_undone(self, changes: Iterable[Change], by: int) -> None:
        """Note that changes were taken back; those that these had taken back are in force again."""
        for change in changes:
            path = os.fsencode(change.path)
            sql = "UPDATE changes SET undone_by = ? WHERE step = ? AND path = ?"
            self.db.execute(sql, (by, change.step, path))
            self.db.execute("UPDATE changes SET undone_by = NULL WHERE undone_by = ? AND path = ?", (change.step, path))
