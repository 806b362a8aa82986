"""A run's timeline as an SVG element for an exported page: no script, no style attribute, everything escaped. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from app.agent.page_text import anchor, page_text
from app.agent.time_scale import TimeScale, scale_of
from app.agent.timeline import Lane, Step, end_of, lanes_of, length_of, share_of, step_at, steps_of
from app.agent.timeline_words import clock_words, describe, seconds_words
from app.agent.trace import Run, Span

WIDTH = 1120
GUTTER = 190
HEAD = 26
ROW = 24
_BAR = 16
_LEAST_BAR = 2.0
_MOST_TITLE = 24


def timeline_svg(run: Run) -> str:
    """Return the picture; long waits for a person are drawn shorter, and marked."""
    now = length_of(run.spans)
    lanes, steps = lanes_of(run.spans), steps_of(run.spans, now)
    scale = scale_of(run.spans, now, compress=True)
    height = HEAD + ROW * len(lanes) + 8
    zoom = (WIDTH - GUTTER - 12) / max(scale.shown_length, 0.001)
    pieces = [
        f'<svg class="timeline" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Timeline of the run">',
        *_steps(steps, scale, zoom, height),
        *_ticks(scale, zoom, height),
    ]
    for number, lane in enumerate(lanes):
        pieces += _lane(lane, steps, HEAD + number * ROW, scale, zoom, now)
    pieces += [_break(GUTTER + (scale.to_shown(b.start) + b.shown / 2) * zoom, height) for b in scale.breaks]
    return "\n".join([*pieces, "</svg>"])


def _steps(steps: Sequence[Step], scale: TimeScale, zoom: float, height: int) -> list[str]:
    bands = []
    for step in steps:
        left, right = (GUTTER + scale.to_shown(time) * zoom for time in (step.start, step.end))
        if step.number % 2:
            bands.append(_rect(left, HEAD, right - left, height - HEAD, "band"))
    return bands


def _ticks(scale: TimeScale, zoom: float, height: int) -> list[str]:
    ticks = scale.ticks(0.0, scale.shown_length, 90 / zoom)
    gap = min((other[1] - one[1] for one, other in pairwise(ticks)), default=1.0)
    return [
        f'<line class="tick" x1="{GUTTER + place * zoom:.1f}" x2="{GUTTER + place * zoom:.1f}" y1="4" y2="{height}"/>'
        f'<text class="axis" x="{GUTTER + place * zoom + 4:.1f}" y="15">{page_text(clock_words(seconds, gap))}</text>'
        for place, seconds in ticks
    ]


def _lane(lane: Lane, steps: Sequence[Step], top: int, scale: TimeScale, zoom: float, now: float) -> list[str]:
    title = lane.title if len(lane.title) <= _MOST_TITLE else lane.title[: _MOST_TITLE - 1] + "…"
    took = seconds_words(sum(end_of(span, now) - span.start for span in lane.spans))
    pieces = [
        f'<text class="lane" x="4" y="{top + 16}">{page_text(title)}</text>',
        f'<text class="took" x="{GUTTER - 8}" y="{top + 16}">{page_text(took)}</text>',
    ]
    for span in lane.spans:
        left, right = (GUTTER + scale.to_shown(time) * zoom for time in (span.start, end_of(span, now)))
        words = page_text(describe(span, step_at(steps, span.start), now))
        shapes = _bar(span, left, max(_LEAST_BAR, right - left), top + (ROW - _BAR) / 2)
        target = f"call-{span.call_id}" if span.call_id else f"turn-{span.turn_id}"
        pieces.append(f'<a href="#{anchor(target)}"><title>{words}</title>{shapes}</a>')
    return pieces


def _bar(span: Span, left: float, width: float, top: float) -> str:
    if span.kind == "prompt" and span.reused_tokens and span.tokens and width > 4:
        part = width * min(0.88, max(0.12, span.reused_tokens / (span.reused_tokens + span.tokens)))
        return _rect(left, top, part, _BAR, "reused") + _rect(left + part, top, width - part, _BAR, "prompt")
    is_failed = span.kind == "tool" and span.outcome not in {"done", "answered", ""}
    return _rect(left, top, width, _BAR, "failed" if is_failed else share_of(span))


def _break(x: float, height: int) -> str:
    return (
        f'<line class="break" x1="{x - 2:.1f}" x2="{x:.1f}" y1="{HEAD}" y2="{height}"/>'
        f'<line class="break" x1="{x + 2:.1f}" x2="{x + 4:.1f}" y1="{HEAD}" y2="{height}"/>'
    )


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.2f}" y="{y:.2f}" width="{max(0.0, width):.2f}" height="{height:.2f}" rx="2"/>'
