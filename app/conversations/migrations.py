"""How the database came to look as it does: functions that are applied once each, in order.

``user_version`` holds how many of them have been applied. A migration is never changed after a release.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import apsw


def m001_conversations_as_trees_of_turns(db: apsw.Connection) -> None:
    """Conversations, their turns (a tree by ``parent_id``) and the parts of the turns."""
    db.execute(
        """
        CREATE TABLE conversations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            leaf_id INTEGER,
            system_prompt TEXT NOT NULL DEFAULT '',
            sampling TEXT NOT NULL DEFAULT '{}',
            draft TEXT NOT NULL DEFAULT '',
            overflow TEXT NOT NULL DEFAULT 'stop',
            deleted_at REAL
        );
        CREATE TABLE turns (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
            parent_id INTEGER REFERENCES turns ON DELETE CASCADE,
            chosen_id INTEGER,  -- the child that was last on show
            role TEXT NOT NULL,
            state TEXT NOT NULL,
            created_at REAL NOT NULL,
            token_ids BLOB,     -- little-endian 32-bit integers
            fingerprint TEXT NOT NULL DEFAULT '',
            model TEXT NOT NULL DEFAULT '',
            stats TEXT,
            sampling TEXT NOT NULL DEFAULT '{}',
            deleted_at REAL
        );
        CREATE INDEX turns_by_parent ON turns (conversation_id, parent_id);
        CREATE INDEX turns_under_way ON turns (state) WHERE state = 'streaming';
        CREATE TABLE parts (
            turn_id INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
            position INTEGER NOT NULL,
            data TEXT NOT NULL,
            PRIMARY KEY (turn_id, position)
        ) WITHOUT ROWID;
        CREATE VIRTUAL TABLE turn_texts USING fts5 (text, content='', contentless_delete=1);
        """
    )


def m002_folders_and_runs(db: apsw.Connection) -> None:
    """The folder a conversation's tools act in, and the runs of its agent with their time as spans."""
    db.execute(
        """
        ALTER TABLE conversations ADD COLUMN workspace TEXT NOT NULL DEFAULT '';
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
            asked_id INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
            state TEXT NOT NULL,
            data TEXT NOT NULL   -- the other fields of Run, as JSON
        );
        CREATE INDEX runs_by_conversation ON runs (conversation_id);
        CREATE TABLE spans (
            run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            number INTEGER NOT NULL,
            turn_id INTEGER NOT NULL,
            data TEXT NOT NULL,
            PRIMARY KEY (run_id, number)
        ) WITHOUT ROWID;
        CREATE INDEX spans_by_turn ON spans (turn_id);
        """
    )


def m003_references_in_drafts(db: apsw.Connection) -> None:
    """What a message that was not sent yet points at."""
    db.execute("ALTER TABLE conversations ADD COLUMN draft_references TEXT NOT NULL DEFAULT '[]'")


MIGRATIONS: Sequence[Callable[[apsw.Connection], None]] = (
    m001_conversations_as_trees_of_turns,
    m002_folders_and_runs,
    m003_references_in_drafts,
)


def migrate(db: apsw.Connection) -> None:
    """Apply what has not been applied yet, each in its own transaction."""
    applied = version_of(db)
    for number, migration in enumerate(MIGRATIONS[applied:], start=applied + 1):
        with db:
            migration(db)
            db.pragma("user_version", number)


def version_of(db: apsw.Connection) -> int:
    """Return how many migrations the database has seen."""
    return int(db.pragma("user_version"))
