"""Qwen3-Coder's form, as it should be and as models spoil it."""

import pytest

from tests.agent.replies import calls, check_order, codes, ran, read, said

OPEN, CLOSE = "<tool_call>\n<function=write_file>\n", "</function>\n</tool_call>"


def parameter(key: str, value: str) -> str:
    return f"<parameter={key}>\n{value}\n</parameter>\n"


def weather(city: str) -> str:
    return f"<tool_call>\n<function=weather>\n{parameter('city', city)}{CLOSE}"


def file(content: str) -> str:
    return OPEN + parameter("path", "a.txt") + parameter("content", content) + CLOSE


@pytest.mark.parametrize(
    "before", ["", "Let me look.\n", "Let me look.", "Two\n\nparagraphs:\n\n", "`code` and <b>bold</b>\n"]
)
def test_a_call_is_found_after_any_text(before):
    events = read("qwen3-coder", before + weather("Oslo"))
    assert ran(events) == [("weather", {"city": "Oslo"})]
    assert said(events) == before
    assert calls(events)[0].raw == weather("Oslo")
    check_order(events)


def test_several_calls_come_in_order_and_white_space_between_them_is_no_text():
    events = read("qwen3-coder", weather("Oslo") + "\n\n" + weather("Rome") + weather("Lima") + "\n")
    assert [arguments["city"] for _, arguments in ran(events)] == ["Oslo", "Rome", "Lima"]
    assert said(events) == ""


def test_text_after_a_call_is_kept():
    assert said(read("qwen3-coder", weather("Oslo") + "\nI hope this helps!")) == "\nI hope this helps!"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "\n\ntwo before and after\n\n",
        "  indented\t",
        "a </parameter> b",
        "a </function> b </tool_call> c",
        "</parameter>\nstill the value",
        "<tool_call>",
        "\n<tool_call>\nnot closed",
        "<parameter=content>on one line</parameter>",
        '"""\n</parameter>\n<parameter=new_text>\n#!/bin/sh\n</parameter>\n"""',
        '"""\n<parameter=path>\nother\n</parameter>\n"""',
        f'"""\n{weather("Oslo")}\n"""',
        'x = ["<tool_call>\\n", "\\n</parameter>\\n", "</function>\\n"]',
        "```\n<tool_call>\n```",
        "<tool_call>\n</parameter>\n</function>\nend",
        "{'a': 1}",
        "null",
        "5",
        "naïve 🦙\r\nwindows",
    ],
)
def test_a_text_comes_through_whatever_it_holds(content):
    events = read("qwen3-coder", file(content))
    assert ran(events) == [("write_file", {"path": "a.txt", "content": content})]
    assert read("qwen3-coder", file(content), piece=1) == events


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("whole", "42", 42),
        ("whole", " 42 ", 42),
        ("whole", "5.0", 5),
        ("whole", '"7"', 7),
        ("number", "3.14", 3.14),
        ("number", "-2e3", -2000.0),
        ("truth", "true", True),
        ("truth", "False", False),
        ("text", "null", "null"),
        ("text", '{"a": 1}', '{"a": 1}'),
        ("text", '"quoted"', '"quoted"'),
        ("thing", '{"a": [1, true, null]}', {"a": [1, True, None]}),
        ("thing", "{'a': True, 'b': None}", {"a": True, "b": None}),
        ("thing", "\"{'key': 'value', 'n': 1}\"", {"key": "value", "n": 1}),
        ("things", '["a", 1, true]', ["a", 1, True]),
        ("maybe", "None", None),
        ("maybe", "null", None),
        ("maybe", "9", 9),
        ("words", "42", "42"),
        ("words", "None", None),
    ],
)
def test_values_get_the_types_of_the_schema(key, text, value):
    for form in (f"<parameter={key}>\n{text}\n</parameter>\n", f"<parameter={key}>{text}</parameter>\n"):
        events = read("qwen3-coder", f"<tool_call>\n<function=typed>\n{form}{CLOSE}")
        assert ran(events) == [("typed", {key: value})]
        assert type(ran(events)[0][1][key]) is type(value)


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        (weather("Oslo").removeprefix("<tool_call>\n"), ["missing_opener"]),
        ("I look.\n\n" + weather("Oslo").removeprefix("<tool_call>\n"), ["missing_opener"]),
        (weather("Oslo").removesuffix("\n</tool_call>"), ["not_closed"]),
        (weather("Oslo").replace("</function>\n", ""), ["not_closed"]),
        (weather("Oslo") + "\n</tool_call>", ["stray_markup"]),
        (weather("Oslo").replace("</function>", "</parameter>\n</function>"), ["stray_markup"]),
        (weather("Oslo").replace("</function>", "<parameter=city>\n\n</parameter>\n</function>"), ["duplicate"]),
        (weather("x").replace("</function>", parameter("city", "Oslo") + "</function>"), ["duplicate"]),
        (weather("Oslo").replace("</parameter>", "</parameter1>"), []),
        (weather("Oslo").replace("\n", "\r\n"), []),
        (weather("Oslo").replace("<parameter=city>", '<parameter name="city">'), []),
        (weather("Oslo").replace("<function=weather>", '<function="weather">'), []),
        ('<tool_call>\n```json\n{"name": "weather", "arguments": {"city": "Oslo"}}\n```\n</tool_call>', []),
        ('<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>', []),
    ],
)
def test_slips_that_leave_no_doubt_are_tolerated_and_noted(text, remarks):
    (call,) = calls(read("qwen3-coder", text))
    assert (call.name, call.arguments, call.can_run) == ("weather", {"city": "Oslo"}, True)
    assert codes(call) == remarks


def test_parameters_come_in_any_order_and_a_missing_closing_tag_is_seen():
    text = f"{OPEN}<parameter=content>\nhello\n<parameter=path>\na.txt\n</parameter>\n{CLOSE}"
    (call,) = calls(read("qwen3-coder", text))
    assert call.can_run
    assert call.arguments == {"path": "a.txt", "content": "hello"}
    assert "not_closed" in codes(call, fatal=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<tool_call>\n<function=erase>\n</function>\n</tool_call>", "unknown_tool"),
        ("<tool_call>\n<function=weather>\n</function>\n</tool_call>", "missing"),
        (weather("Oslo").replace("</function>", parameter("days", "many") + "</function>"), "wrong_type"),
        (weather("Oslo").replace("</function>", parameter("unit", "kelvin") + "</function>"), "wrong_type"),
        (weather("Oslo").replace("<function=weather>", "<function=weather"), "bad_json"),
        (weather("Oslo").replace("<function=weather>", "<function={{ name }}>"), "bad_json"),
        (weather("Oslo").replace("<parameter", "words\n<parameter"), "stray_markup"),
        ("<tool_call>\nweather in Oslo\n</tool_call>", "bad_json"),
        ("<tool_call>\n", "truncated"),
    ],
)
def test_what_cannot_be_understood_or_done_is_kept_in_sight_and_not_run(text, code):
    (call,) = calls(read("qwen3-coder", text))
    assert codes(call, fatal=True) == [code]
    assert call.raw == text
    assert all(problem.message for problem in call.problems)


def test_a_bad_call_does_not_lose_the_good_one_after_it():
    events = read("qwen3-coder", "<tool_call>\n<function=\n</tool_call>\n" + weather("Oslo"))
    assert [call.can_run for call in calls(events)] == [False, True]


def test_a_problem_with_a_value_points_at_the_value():
    (call,) = calls(
        read("qwen3-coder", weather("Ålesund").replace("</function>", parameter("days", "many") + "</function>"))
    )
    (problem,) = call.problems
    assert call.raw[problem.start : problem.end] == "many"


def test_a_value_streams_while_it_is_written():
    events = read("qwen3-coder", file("one\ntwo").partition("two")[0], piece=3)
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["CallStarted", "ArgumentDelta", "ArgumentDelta", "CallFinished"]
    assert events[2].text.startswith("one")


def test_an_example_inside_a_value_that_was_cut_off_is_never_run():
    text = file(f'doc = """\n{weather("Oslo")}\n"""\n')
    for end in range(len(text)):
        assert ran(read("qwen3-coder", text[:end])) in ([], ran(read("qwen3-coder", text)))
