"""Between database rows and values: one function each way. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import msgspec

from app.conversations.parts import AnyPart, Conversation, ReferencePart, Turn
from app.engine.messages import Stats

CONVERSATION_COLUMNS = (
    "id, title, created_at, updated_at, leaf_id, system_prompt, sampling, draft, overflow, workspace, draft_references"
)
TURN_COLUMNS = "id, conversation_id, parent_id, role, state, created_at, token_ids, fingerprint, model, stats, sampling"

_part_decoder: msgspec.json.Decoder[AnyPart] = msgspec.json.Decoder(AnyPart)
_references_decoder = msgspec.json.Decoder(tuple[ReferencePart, ...])
_stats_decoder = msgspec.json.Decoder(Stats)


def conversation_of(row: Sequence[Any]) -> Conversation:
    """Return the conversation of a row of ``CONVERSATION_COLUMNS``."""
    return Conversation(
        id=row[0],
        title=row[1],
        created_at=row[2],
        updated_at=row[3],
        leaf_id=row[4],
        system_prompt=row[5],
        sampling=msgspec.json.decode(row[6]),
        draft=row[7],
        overflow=row[8],
        workspace=row[9],
        draft_references=_references_decoder.decode(row[10]),
    )


def turn_of(row: Sequence[Any], parts: Sequence[str]) -> Turn:
    """Return the turn of a row of ``TURN_COLUMNS`` and its parts' JSON."""
    return Turn(
        id=row[0],
        conversation_id=row[1],
        parent_id=row[2],
        role=row[3],
        parts=tuple(_part_decoder.decode(part) for part in parts),
        state=row[4],
        created_at=row[5],
        token_ids=ids_of(row[6]),
        fingerprint=row[7],
        model=row[8],
        stats=_stats_decoder.decode(row[9]) if row[9] else None,
        sampling=msgspec.json.decode(row[10]),
    )


def json_of(value: Any) -> str:
    """Return a value as JSON text."""
    return msgspec.json.encode(value).decode()


def blob_of(ids: Sequence[int] | None) -> bytes | None:
    """Return token ids as little-endian 32-bit integers."""
    return None if ids is None else array("i", ids).tobytes()


def ids_of(blob: bytes | None) -> tuple[int, ...] | None:
    """Return the token ids of a blob."""
    if blob is None:
        return None
    ids = array("i")
    ids.frombytes(blob)
    return tuple(ids)
