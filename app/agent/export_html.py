"""A run as one HTML file: nothing is fetched, nothing runs, everything is escaped.

The page's policy forbids all but its own style sheet, by hash, so that even a mistake in escaping would load and
run nothing. Light and dark follow the reader's system.
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
from importlib.resources import files
from string import Template

import msgspec

from app.agent.export import RunExport, calls_of
from app.agent.live import LiveCall
from app.agent.page_text import anchor, page_text
from app.agent.timeline import SHARES, steps_of, totals_of
from app.agent.timeline_svg import timeline_svg
from app.agent.timeline_words import (
    SHARE_WORDS,
    STATE_WORDS,
    outcome_words,
    seconds_words,
    started_words,
    token_words,
)
from app.chat.reference_text import heading_of, title_of_references
from app.conversations.blocks import split_blocks
from app.conversations.parts import (
    ContextCutPart,
    NoticePart,
    ReasoningPart,
    ReferencePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
)

_SPEAKERS = {"system": "System", "user": "You", "assistant": "Assistant", "tool": "Tool"}
_COLORS = (
    *("background", "surface", "surface.raised", "surface.sunken", "border", "border.strong", "text", "text.muted"),
    *("accent", "danger", "warning", "success", "danger.soft", "warning.soft", "timeline.prompt", "timeline.reused"),
    *("timeline.generate", "timeline.tool", "timeline.waiting", "timeline.queue"),
)
_MOST_SUMMARY = 120


def run_to_html(export: RunExport) -> bytes:
    """Return the page, in UTF-8."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    title = page_text(_title(export))
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    page = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{_head(export, title)}
{_totals(export)}
<section class="card scroll">{timeline_svg(export.run)}</section>
{_turns(export)}
</main>
</body>
</html>
"""
    return page.encode("utf-8", "replace")


# --- the run as a whole ---------------------------------------------------------------------------------------


def _title(export: RunExport) -> str:
    asked = next((turn for turn in export.turns if turn.id == export.run.asked_id), None)
    if asked is None:
        return "Agent run"
    references = [part for part in asked.parts if isinstance(part, ReferencePart)]
    return _cut(" ".join(asked.text.split())) or _cut(title_of_references(references)) or "Agent run"


def _head(export: RunExport, title: str) -> str:
    run = export.run
    model = next((turn.model for turn in export.turns if turn.model), "")
    facts = [
        ("State", f"{STATE_WORDS[run.state]}. {run.reason}".rstrip(". ")),
        ("Began", started_words(run)),
        ("Folder", run.workspace),
        ("Model", model),
        ("Tools", ", ".join(tool.name for tool in export.tools)),
    ]
    rows = "".join(f"<dt>{page_text(name)}</dt><dd>{page_text(words)}</dd>" for name, words in facts if words)
    return f"<header><h1>{title}</h1><dl>{rows}</dl></header>"


def _totals(export: RunExport) -> str:
    totals = totals_of(export.run.spans)
    parts = [
        f'<li><span class="key {share}"></span>{page_text(SHARE_WORDS[share])} '
        f"<b>{page_text(seconds_words(totals.seconds[share]))}</b> ({totals.share(share):.0%})</li>"
        for share in SHARES
        if totals.seconds[share] > 0
    ]
    return (
        f'<section class="totals"><h2>{page_text(seconds_words(totals.length))}</h2><ul>{"".join(parts)}</ul>'
        f"<p>{page_text(token_words(totals))}</p></section>"
    )


# --- turns ------------------------------------------------------------------------------------------------------


def _turns(export: RunExport) -> str:
    calls = {call.part.call_id: call for own in calls_of(export.turns, export.tools).values() for call in own}
    steps = {step.turn_id: step.number for step in steps_of(export.run.spans)}
    return "\n".join(_turn(turn, calls, steps.get(turn.id, 0)) for turn in export.turns if turn.role != "tool")


def _turn(turn: Turn, calls: dict[str, LiveCall], step: int) -> str:
    pieces: list[str] = []
    for part in turn.parts:
        match part:
            case TextPart(text=text):
                pieces.append(_prose(text))
            case ReferencePart():
                pieces.append(_reference(part))
            case ReasoningPart(text=text):
                pieces.append(f"<details><summary>Reasoning</summary>{_prose(text)}</details>")
            case ToolCallPart(call_id=call_id):
                pieces.append(_call(calls[call_id]))
            case ToolResultPart(name=name, content=content):
                pieces.append(_block(f"Result of {name}", content))
            case NoticePart():
                words = " ".join(words for words in (part.title + ".", part.message, part.hint) if words)
                pieces.append(f'<p class="notice">{page_text(words)}</p>')
            case ContextCutPart(dropped_turns=count, summary=summary):
                pieces.append(f'<p class="notice">{count:,} older messages were left out. {page_text(summary)}</p>')
    speaker = f"Step {step}" if step else _SPEAKERS[turn.role]
    return (
        f'<article class="card {turn.role}" id="{anchor(f"turn-{turn.id}")}"><h3>{page_text(speaker)}</h3>'
        f"{''.join(pieces)}{_cost(turn)}</article>"
    )


def _reference(reference: ReferencePart) -> str:
    heading = page_text(heading_of(reference))
    return f"<details><summary>{heading}</summary><pre>{page_text(reference.text)}</pre></details>"


def _cost(turn: Turn) -> str:
    stats = turn.stats
    if stats is None or not stats.generated_tokens:
        return ""
    words = (
        f"{stats.generated_tokens:,} tokens in {seconds_words(stats.generate_seconds)}; prompt {stats.prompt_tokens:,},"
        f" {stats.reused_tokens:,} reused, {stats.processed_tokens:,} processed"
        f" in {seconds_words(stats.prompt_seconds)}"
    )
    return f'<p class="cost">{page_text(words)}</p>'


def _call(call: LiveCall) -> str:
    part, result = call.part, call.result
    main = part.arguments.get(call.spec.main_argument, "") if call.spec else ""
    outcome = outcome_words(result.outcome) if result else "invalid" if not part.can_run else "no result"
    is_bad = result.is_error if result else not part.can_run
    took = seconds_words(result.seconds) if result and result.seconds else ""
    blocks = [_problems(part), _block("Arguments", _json(part.arguments))]
    if result is not None and result.arguments is not None:
        blocks.append(_block("Changed by you to", _json(result.arguments)))
    blocks.append(_block("What the model wrote", part.raw))
    if result is not None:
        sandbox = f", in {result.sandbox}" if result.sandbox else ""
        blocks.append(_block(f"What the model was told ({len(result.content):,} characters{sandbox})", result.content))
    summary = (
        f"<b>{page_text(part.name or '(no name)')}</b> <code>{page_text(_cut(str(main)))}</code>"
        f'<span class="outcome{" bad" if is_bad else ""}">{page_text(f"{outcome} {took}".strip())}</span>'
    )
    name = anchor(f"call-{part.call_id}")
    return f'<details class="call" id="{name}"><summary>{summary}</summary>{"".join(blocks)}</details>'


def _problems(part: ToolCallPart) -> str:
    items = "".join(
        f'<li class="{"bad" if problem.is_fatal else "remark"}">{page_text(problem.message)}</li>'
        for problem in part.problems
    )
    return f"<ul>{items}</ul>" if items else ""


# --- words --------------------------------------------------------------------------------------------------------


def _prose(text: str) -> str:
    return "".join(
        f"<pre>{words}</pre>" if block.kind == "code" else f'<p class="prose">{words}</p>'
        for block in split_blocks(text)
        for words in [page_text(block.text)]
    )


def _block(title: str, text: str) -> str:
    return f"<h4>{page_text(title)}</h4><pre>{page_text(text)}</pre>" if text else ""


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SUMMARY else text[: _MOST_SUMMARY - 1] + "…"


def _style() -> str:
    template = files("resources").joinpath("pages", "run.css").read_text(encoding="utf-8")
    return Template(template).substitute(light=_variables("light"), dark=_variables("dark"))


def _variables(theme: str) -> str:
    """Return a theme's colours as CSS variables."""
    table = tomllib.loads(files("resources").joinpath("theme", f"{theme}.toml").read_text(encoding="utf-8"))
    return " ".join(f"--{name.replace('.', '-')}: {table['color'][name]};" for name in _COLORS)
