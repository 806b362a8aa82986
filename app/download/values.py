"""Downloads as the application sees them. Values only; sizes are bytes, speeds bytes per second."""

from __future__ import annotations

from typing import Literal

from app.catalog.variants import Variant
from app.engine.messages import Value

DownloadState = Literal["queued", "checking", "running", "paused", "waiting", "verifying", "done", "failed"]


class Download(Value, frozen=True, kw_only=True):
    """One variant on its way to disk, all its shards together.

    Attributes:
        id: Stable over restarts.
        folder: Where its files go; the final names appear there only once they are complete and verified.
        state: "waiting" is between two tries, "checking" looks at what an earlier try left.
        done_bytes: Of ``variant.size_bytes``: fetched and kept.
        fetched_bytes: Fetched over the network in all, over every try.
        speed: Of the last seconds; 0 unless running.
        eta_s: Seconds to go at that speed; None where it cannot be said.
        problem: Why it waits or failed, for people; empty otherwise. ``hint`` says what to do.
        path: What llama.cpp is given, once done.
    """

    id: int
    variant: Variant
    folder: str
    state: DownloadState
    done_bytes: int = 0
    fetched_bytes: int = 0
    speed: float = 0.0
    eta_s: float | None = None
    problem: str = ""
    hint: str = ""
    path: str = ""
