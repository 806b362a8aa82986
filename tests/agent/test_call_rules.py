"""What holds for every form: what is no call, what never runs, and that pieces do not matter."""

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agent.call_events import ArgumentDelta, CallStarted, Text
from app.agent.tool_calls import ToolCallParser, detect_format, render_call
from app.tools.tool import ToolSpec
from tests.agent import mutations
from tests.agent.replies import FORMATS, TOOLS, calls, check_order, codes, ran, read, said, tool

WRAPPED = ("qwen3-coder", "hermes", "mistral")
ARGUMENTS = {"city": "Oslo", "days": 2}


@pytest.mark.parametrize("format_", WRAPPED)
@pytest.mark.parametrize(
    "frame",
    [
        "Like this:\n```\n{}\n```\n",
        "Like this:\n```xml\n{}\n```\nThat is all.",
        "Like this:\n~~~\n{}\n~~~\nThat is all.",
        "Like this:\n````\n```\n{}\n```\n````\n",
        "- a list\n- ```json\n  {}\n  ```\nand on",
        "Like this:\n```\n{}",
        "You write `{}` for it.",
        "You write ``{}`` for it.",
        "You write {} and then wait.",
        "> {}\n\nis a quotation.",
        "<think>{}</think>No.",
    ],
)
def test_an_example_is_text(format_, frame):
    text = frame.replace("{}", render_call(format_, "weather", ARGUMENTS).replace("\n", ""))
    events = read(format_, text)
    assert said(events) == text
    assert calls(events) == []
    assert read(format_, text, piece=1) == events


@pytest.mark.parametrize("format_", WRAPPED)
def test_indented_code_is_text(format_):
    lines = render_call(format_, "weather", ARGUMENTS).splitlines()
    text = "Like this:\n\n" + "\n".join("    " + line for line in lines) + "\n\nThat is all."
    assert said(read(format_, text)) == text


@pytest.mark.parametrize("format_", WRAPPED)
def test_a_call_that_runs_into_a_sentence_is_pointed_out_and_not_run(format_):
    text = "It writes\n" + render_call(format_, "weather", ARGUMENTS) + " and then waits."
    (call,) = calls(read(format_, text))
    assert codes(call, fatal=True) == ["suspected"]
    assert call.arguments == ARGUMENTS


@pytest.mark.parametrize(
    "word", ["<tool_call>", "<function=", "[TOOL_CALLS]", "<|python_tag|>", "{", "```", "a < b", "`"]
)
@pytest.mark.parametrize("format_", [*FORMATS, "auto"])
def test_a_word_that_begins_calls_may_be_spoken_of(format_, word):
    text = f"The word {word} begins something.\nIt does."
    assert read(format_, text) == [Text(text)]


@pytest.mark.parametrize("format_", ["hermes", "llama3"])
@pytest.mark.parametrize("frame", ["I would run:\n```json\n{}\n```", "I would run:\n{}"])
def test_json_below_text_is_pointed_out_and_not_run(format_, frame):
    text = frame.replace("{}", json.dumps({"name": "weather", "arguments": ARGUMENTS}))
    events = read(format_, text)
    (call,) = calls(events)
    assert (call.name, call.arguments, codes(call, fatal=True)) == ("weather", ARGUMENTS, ["suspected"])
    assert said(events) + call.raw == text


@pytest.mark.parametrize("format_", ["hermes", "json-fence", "auto"])
def test_a_fence_above_text_is_an_example(format_):
    text = f"```json\n{json.dumps({'name': 'weather', 'arguments': ARGUMENTS})}\n```\nThat would do it."
    assert read(format_, text) == [Text(text)]


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "text",
    ['{"a": 1} is a dict', "{}", '{"name": "Ann", "age": 5}', "[link](http://x.org) and more", "[1, 2]", "", "  \n"],
)
def test_other_json_is_text(format_, text):
    assert said(read(format_, text)) == text


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(("name", "arguments"), mutations.ARGUMENTS)
def test_a_call_cut_anywhere_runs_whole_or_not_at_all(format_, name, arguments):
    text = render_call(format_, name, arguments)
    for end in range(len(text)):
        for is_truncated in (False, True):
            events = read(format_, text[:end], is_truncated=is_truncated)
            check_order(events)
            assert ran(events) in ([], [(name, arguments)])
            if is_truncated:
                assert not any("not_closed" in codes(call) for call in calls(events) if call.can_run)


@pytest.mark.parametrize("format_", ["qwen3-coder", "hermes"])
def test_without_its_closing_tag_a_call_runs_only_if_the_model_was_done(format_):
    text = render_call(format_, "weather", ARGUMENTS).removesuffix("</tool_call>")
    assert ran(read(format_, text)) == [("weather", ARGUMENTS)]
    (call,) = calls(read(format_, text, is_truncated=True))
    assert codes(call, fatal=True) == ["truncated"]


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
TYPED = st.fixed_dictionaries(
    {},
    optional={
        "whole": st.integers(-(2**53), 2**53),
        "number": FLOATS,
        "truth": st.booleans(),
        "text": st.text(st.characters(exclude_categories=["Cs"])),
        "thing": st.dictionaries(st.text(max_size=5), JSON, max_size=3),
        "things": st.lists(JSON, max_size=3),
        "maybe": st.none() | st.integers(-9, 9),
    },
)


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=60, deadline=None)
@given(arguments=TYPED)
def test_a_rendered_call_reads_back_as_it_was(format_, arguments):
    assert ran(read(format_, render_call(format_, "typed", arguments))) == [("typed", arguments)]


@pytest.mark.parametrize("seeds", [range(400), range(1_005_500, 1_005_900)])
def test_a_spoilt_reply_crashes_nothing_and_runs_nothing_wrong(seeds):
    for seed in seeds:
        mutations.one(seed)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_pieces_give_the_same_events(data):
    format_ = data.draw(st.sampled_from([*FORMATS, "auto"]))
    text = "".join(data.draw(st.lists(st.sampled_from(mutations.TAGS) | st.text(max_size=4), max_size=25)))
    whole = read(format_, text)
    assert read(format_, text, piece=data.draw(st.integers(1, 9))) == whole
    check_order(whole)


@pytest.mark.parametrize("format_", FORMATS)
def test_text_and_values_are_passed_on_as_they_come(format_):
    parser = ToolCallParser(format_, TOOLS)
    assert parser.feed("Well, ") == [Text("Well, ")]
    assert parser.feed("now") == [Text("now")]
    parser = ToolCallParser(format_, TOOLS)
    begun = parser.feed(render_call(format_, "run", {"command": "x" * 100})[:-60])
    if format_ in WRAPPED:
        assert [type(event) for event in begun] == [CallStarted, ArgumentDelta]


@pytest.mark.parametrize("format_", [*FORMATS, "auto"])
@pytest.mark.parametrize(
    "part",
    [
        "x <tool_call>{ ",
        "<tool_call>\n",
        "<tool_call> is\n",
        '{"name": "',
        "```json\n{\n```\n",
        "</parameter>\n",
        "`",
        "[f(",
        "<tool_call><function=run><parameter=command>\n</parameter>\n<parameter=x>\n",
        "[TOOL_CALLS]",
        "\n ",
        "<tools>\n{",
    ],
)
def test_time_is_linear_in_the_length_whatever_comes(format_, part):
    steps = []
    for count in (300, 1200):
        counter = Counter()
        text = part * count
        parser = ToolCallParser(format_, TOOLS)
        with counter:
            for start in range(0, len(text), 4):
                parser.feed(text[start : start + 4])
            parser.finish()
        steps.append(counter.calls)
    assert steps[1] < 10 * steps[0] + 60_000


class Counter:
    """Counts the calls of Python functions, which unlike time is the same in every run."""

    calls = 0

    def __enter__(self):
        self._before = sys.getprofile()
        sys.setprofile(self._count)

    def __exit__(self, *_):
        sys.setprofile(self._before)

    def _count(self, frame, event, argument):
        self.calls += event in {"call", "c_call"}


def test_tools_may_be_specs_or_schemas_with_or_without_their_envelope():
    spec = ToolSpec(
        name="run",
        description="",
        parameters=tool("run", command={"type": "string"})["function"]["parameters"],
        kind="read",
    )
    text = render_call("hermes", "run", {"command": "ls"})
    for form in (spec, spec.schema, spec.schema["function"]):
        assert ran(read("hermes", text, tools=[form])) == [("run", {"command": "ls"})]


def test_a_schema_that_is_none_stands_in_nobodys_way():
    broken = {"name": "run", "parameters": {"type": "object", "properties": {"a": {"type": 5}}, "required": "a"}}
    assert ran(read("hermes", render_call("hermes", "run", {"a": 1}), tools=[broken])) == [("run", {"a": 1})]


@pytest.mark.parametrize(
    ("template", "format_"),
    [
        ("<function=x><parameter=y>", "qwen3-coder"),
        ("<tool_call>\n{'name'", "hermes"),
        ("[TOOL_CALLS]", "mistral"),
        ("<|python_tag|>", "llama3"),
        ("{{ messages }}", "auto"),
    ],
)
def test_the_template_tells_the_format(template, format_):
    assert detect_format(template) == format_


def test_white_space_is_read_once():
    counter = Counter()
    parser = ToolCallParser("hermes", TOOLS)
    with counter:
        for _ in range(3000):
            parser.feed("\n ")
        events = parser.finish()
    assert said(events) == "\n " * 3000
    assert counter.calls < 400_000
