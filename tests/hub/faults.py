"""What may go wrong with an answer, and for which requests."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from typing import Literal

Host = Literal["hub", "cdn"]


@dataclass
class Fault:
    """One way to misbehave.

    Attributes:
        host: Whose answers are meant; "hub" resolves names, "cdn" sends bytes.
        times: How often; each use counts down.
        path: Only for requests whose path contains it.
        status: Answer this status instead; with ``retry_after`` and ``headers``.
        cut_after: Close the connection after so many bytes of the body; ``reset`` does it the hard way.
        stall_after: Send nothing more after so many bytes, until the client or the test gives up.
        ignore_range: Answer 200 with the whole file.
        flip_at: Offset in the file of a byte that is sent wrong.
        etag: Send this entity tag.
        linked_etag: Say that the file's sha256 is this.
        size: Say that the file has this length.
        latency_s: Wait before answering.
        redirect: Send to this address instead.
        body: For ``status``.
    """

    host: Host = "cdn"
    times: float = 1
    path: str = ""
    status: int = 0
    retry_after: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    reset: bool = False
    stall_after: int | None = None
    ignore_range: bool = False
    flip_at: int | None = None
    etag: str = ""
    linked_etag: str = ""
    size: int | None = None
    latency_s: float = 0.0
    redirect: str = ""
    body: str = ""


NO_FAULT = Fault(times=float("inf"))


class Faults:
    """The faults still to come, in order; the first that matches a request is used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._cuts: tuple[random.Random, int, int] | None = None
        self.used = 0

    def add(self, *faults: Fault) -> None:
        """Let these happen too."""
        with self._lock:
            self._faults += faults

    def cut_randomly(self, seed: int, cuts: int, most_bytes: int) -> None:
        """Cut so many of the next bodies, each after a random number of bytes up to ``most_bytes``."""
        self._cuts = random.Random(seed), cuts, most_bytes

    def clear(self) -> None:
        """Behave from now on."""
        with self._lock:
            self._faults, self._cuts = [], None

    def take(self, host: Host, path: str, flip_range: range) -> Fault:
        """Return what is to happen to a request; a fault with ``flip_at`` only meets requests for that byte."""
        with self._lock:
            for fault in self._faults:
                is_meant = fault.host == host and fault.times > 0 and fault.path in path
                if is_meant and (fault.flip_at is None or fault.flip_at in flip_range):
                    fault.times -= 1
                    self.used += 1
                    return fault
            if host == "cdn" and self._cuts and self._cuts[1] > 0:
                dice, left, most = self._cuts
                self._cuts = dice, left - 1, most
                self.used += 1
                return Fault(cut_after=dice.randrange(most))
        return NO_FAULT
