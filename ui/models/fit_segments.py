"""Where the pieces of a device's bar lie: pure arithmetic, so that painting is only painting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.fit.values import PARTS, DevicePlan, Part

Kind = Literal["others", "part", "mapped", "free"]
#: The largest share of a bar's length that lies beyond what there is; more than that is cut off.
MOST_BEYOND = 0.3
#: A part that is there is seen, however small; in pixels.
LEAST_PX = 2.0
#: A piece no wider than this is hard to point at.
SLIM_PX = 6.0


@dataclass(frozen=True)
class Segment:
    """A piece of the bar, from ``start`` to ``end`` in pixels of its length."""

    kind: Kind
    part: Part | None
    size_bytes: int
    start: float
    end: float


@dataclass(frozen=True)
class BarLayout:
    """A device's bar.

    Attributes:
        edge: Where the device's memory ends, in pixels.
        is_cut: What is needed goes on beyond the bar's end.
    """

    segments: tuple[Segment, ...]
    edge: float
    is_cut: bool

    def at(self, place: float) -> Segment | None:
        """Return the piece at a place, the nearest one within a few pixels first for slim ones."""
        inside = [segment for segment in self.segments if segment.start <= place < segment.end]
        slim = [
            segment for segment in self.segments if segment.kind != "free" and segment.end - segment.start < SLIM_PX
        ]
        near = [segment for segment in slim if segment.start - LEAST_PX <= place <= segment.end + LEAST_PX]
        return next(iter([*near, *inside]), None)


def lay_out(device: DevicePlan, width: float, *, shows_mapped: bool = True) -> BarLayout:
    """Return the bar of a device, ``width`` pixels long.

    Args:
        shows_mapped: Whether mapped weights are told from others: where all fit, they are as good as in memory.
    """
    total = max(1, device.total_bytes)
    others = min(total, max(0, total - device.free_bytes))
    wanted = others + device.needed_bytes
    share = max(wanted / total, 1.0)
    is_cut = share > 1 / (1 - MOST_BEYOND)
    edge = width * (1 - MOST_BEYOND) if is_cut else width / share
    scale = edge / total
    mapped = min(device.parts.get("weights", 0), device.mapped_bytes) if shows_mapped else 0
    own = {**device.parts, "weights": device.parts.get("weights", 0) - mapped}
    pieces: list[tuple[Kind, Part | None, int]] = [
        ("others", None, others),
        *(("part", part, own.get(part, 0)) for part in PARTS),
        ("mapped", "weights", mapped),  # last: they take what is left, and the rest of them stays on disk
    ]
    segments: list[Segment] = []
    place = 0.0
    for kind, of, size in pieces:
        if size <= 0:
            continue
        end = min(width, place + max(LEAST_PX, size * scale))
        segments.append(Segment(kind, of, size, place, end))
        place = end
    if place < edge:
        segments.append(Segment("free", None, max(0, total - wanted), place, edge))
    return BarLayout(tuple(segments), edge, is_cut)
