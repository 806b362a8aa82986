"""The figures of a transfer; the defaults are for the world, tests make them small."""

from __future__ import annotations

from app.engine.messages import Value


class Tuning(Value, frozen=True, kw_only=True):
    """How a file is fetched.

    Attributes:
        chunk_bytes: What is fetched by one request, hashed as one and fetched again alone if damaged.
        connections: For one file; more than a few gain nothing and look like an attack.
        head_start_s: The first connection is alone for so long; the others join in unless it is fast by itself.
        stall_s: A connection without a byte for so long is closed.
        retry_s: The first wait between two tries; it doubles up to half a minute.
        sync_s: How often what was written is brought to the disk itself, if no chunk is completed before.
    """

    chunk_bytes: int = 64 * 1024 * 1024
    connections: int = 4
    head_start_s: float = 0.3
    stall_s: float = 30.0
    retry_s: float = 1.0
    sync_s: float = 5.0
