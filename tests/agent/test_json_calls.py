"""The forms that write calls as JSON, or as Python: Hermes, fences, Llama 3, Mistral."""

import json

import pytest

from tests.agent.replies import calls, codes, ran, read, said

ARGUMENTS = {"city": "Oslo", "days": 2}
OSLO = ("weather", ARGUMENTS)
NOW = ("now", {})
CALL = json.dumps({"name": "weather", "arguments": ARGUMENTS})
LLAMA = CALL.replace("arguments", "parameters")
ENCODED_TWICE = json.dumps({"name": "weather", "arguments": json.dumps(ARGUMENTS)})
DEEP = '{"name": "typed", "arguments": {"things": ' + "[" * 500 + "]" * 500 + "}}"
WRAPPED = f"<tool_call>{CALL}</tool_call>"
NOTHING = '{"name": "now", "arguments": {}}'


@pytest.mark.parametrize(
    ("format_", "text", "expected"),
    [
        ("hermes", f"<tool_call>\n{CALL}\n</tool_call>", [OSLO]),
        ("hermes", f"<tool_call>{CALL}</tool_call>", [OSLO]),
        ("hermes", f"<tool_call>\n{CALL}", [OSLO]),
        ("hermes", f"<tool_call>\n{CALL}\n</tool_call>\n<tool_call>\n{NOTHING}\n</tool_call>", [OSLO, NOW]),
        ("hermes", f"<tool_call>[{CALL}, {NOTHING}]</tool_call>", [OSLO, NOW]),
        ("hermes", f"<tool_call>\n{CALL}\n{NOTHING}\n</tool_call>", [OSLO, NOW]),
        ("hermes", f"<tool_call>\n```json\n{CALL}\n```\n</tool_call>", [OSLO]),
        ("hermes", f"<tool_call>\n{CALL}}}\n</tool_call>", [OSLO]),
        ("hermes", f"<tool_call>{LLAMA}</tool_call>", [OSLO]),
        ("hermes", '<tool_call>{"arguments": {"city": "Oslo", "days": 2}, "name": "weather"}</tool_call>', [OSLO]),
        ("hermes", '<tool_call>{"type": "function", "function": ' + CALL + "}</tool_call>", [OSLO]),
        ("hermes", '<tool_call>{"name": "now"}</tool_call>', [NOW]),
        ("hermes", f"<tool_call>{ENCODED_TWICE}</tool_call>", [OSLO]),
        ("hermes", f"<tool_call>{json.loads(CALL)!r}</tool_call>", [OSLO]),
        ("hermes", '<tool_call>{"name": "weather", "arguments": {"city": "Oslo", "days": "2"}}</tool_call>', [OSLO]),
        ("hermes", "<tool_call>\n<function=weather>\n<parameter=city>Oslo</parameter>\n<parameter=days>2</parameter>\n"
                   "</function>\n</tool_call>", [OSLO]),
        ("hermes", CALL, [OSLO]),
        ("hermes", f"{CALL}\n```", [OSLO]),
        ("hermes", f"\n {CALL}\n{NOTHING}\n", [OSLO, NOW]),
        ("hermes", f"```json\n{CALL}\n```", [OSLO]),
        ("hermes", f"```\n  {CALL}\n```\n\n```json\n{NOTHING}\n```\n", [OSLO, NOW]),
        ("hermes", f"<tools>\n{CALL}\n</tools>", [OSLO]),
        ("hermes", f"```xml\n<response>\n{CALL}\n</response>\n```", [OSLO]),
        ("hermes", f'<function name="weather">\n{json.dumps(ARGUMENTS)}\n</function>', [OSLO]),
        ("json-fence", f"```json\n{CALL}\n```", [OSLO]),
        ("json-fence", f"First:\n```python\nx = 1\n```\n```json\n{CALL}\n```\n```json\n{NOTHING}\n```", [OSLO, NOW]),
        ("llama3", LLAMA, [OSLO]),
        ("llama3", f"{LLAMA}; {NOTHING}", [OSLO, NOW]),
        ("llama3", f"{LLAMA}\n{NOTHING}", [OSLO, NOW]),
        ("llama3", f"<|python_tag|>{LLAMA};{NOTHING}<|eom_id|>", [OSLO, NOW]),
        ("llama3", f"<function=weather>{json.dumps(ARGUMENTS)}</function>", [OSLO]),
        ("llama3", "[weather(city='Oslo', days=2), now()]", [OSLO, NOW]),
        ("llama3", "<|python_start|>[weather(city='Oslo',days=2)]<|python_end|>", [OSLO]),
        ("llama3", "<|python_tag|>weather(city='Oslo', days=2)", [OSLO]),
        ("llama3", r"""[run(command='it\'s \"(]"')]""", [("run", {"command": "it's \"(]\""})]),
        ("llama3", "[typed(things=[], thing={'a': None}, truth=True, maybe=null)]",
         [("typed", {"things": [], "thing": {"a": None}, "truth": True, "maybe": None})]),
        ("mistral", f"[TOOL_CALLS][{CALL}]", [OSLO]),
        ("mistral", f"[TOOL_CALLS]  [ {CALL} , {NOTHING} ]", [OSLO, NOW]),
        ("mistral", f"[TOOL_CALLS]weather[ARGS]{json.dumps(ARGUMENTS)}[TOOL_CALLS]now[ARGS]{{}}", [OSLO, NOW]),
        ("mistral", f"[TOOL_CALLS]weather[CALL_ID]123456789[ARGS]{json.dumps(ARGUMENTS)}", [OSLO]),
        ("mistral", f"[TOOL_CALLS]weather{json.dumps(ARGUMENTS)}", [OSLO]),
        ("mistral", '[TOOL_CALLS]run[ARGS]{"command": "ls {a,b}/[c]"}', [("run", {"command": "ls {a,b}/[c]"})]),
    ],
)  # fmt: skip
def test_a_call_of_every_form_is_found(format_, text, expected):
    events = read(format_, text)
    assert ran(events) == expected
    assert len(calls(events)) == len(expected)
    assert "name" not in said(events)
    assert all(call.raw in text for call in calls(events))


@pytest.mark.parametrize(
    ("format_", "text", "before", "after"),
    [
        ("hermes", f"Hi!<tool_call>{CALL}</tool_call>", "Hi!", ""),
        ("llama3", f"I look. <|python_tag|>{LLAMA}", "I look. ", ""),
        ("llama3", f"{LLAMA} I used {{weather}} for it.", "", " I used {weather} for it."),
        ("mistral", f"hi{{hi[TOOL_CALLS][{CALL}]\nmore", "hi{hi", "\nmore"),
        ("mistral", f"[THINK]or [TOOL_CALLS]now[ARGS]{{}}?[/THINK][TOOL_CALLS][{CALL}]",
         "[THINK]or [TOOL_CALLS]now[ARGS]{}?[/THINK]", ""),
        ("json-fence", f"So:\n```json\n{CALL}\n```", "So:\n", ""),
    ],
)  # fmt: skip
def test_text_around_a_call_is_kept(format_, text, before, after):
    events = read(format_, text)
    assert ran(events) == [OSLO]
    assert said(events) == before + after


@pytest.mark.parametrize(
    ("format_", "text", "code"),
    [
        ("hermes", f"<tool_call>\n{CALL[:-1]}\n</tool_call>", "bad_json"),
        ("hermes", f"<tool_call>\n{CALL[:-1]}", "truncated"),
        ("hermes", '<tool_call>{"name": "run", "arguments": {"command": "say "hi""}}</tool_call>', "bad_json"),
        ("hermes", '<tool_call>{"name": "weather", "arguments": "Oslo"}</tool_call>', "bad_json"),
        ("hermes", '<tool_call>{"city": "Oslo"}</tool_call>', "bad_json"),
        ("hermes", '<tool_call>{"name": "now", "arguments": {}, "name": "run"}</tool_call>', "bad_json"),
        ("hermes", '<tool_call>{"name": "typed", "arguments": {"number": NaN}}</tool_call>', "bad_json"),
        ("hermes", '<tool_call>{"name": "typed", "arguments": {"number": 1e999}}</tool_call>', "bad_json"),
        ("hermes", '<tool_call>{"name": "run", "arguments": {"command": "\\ud800"}}</tool_call>', "bad_json"),
        ("hermes", f"<tool_call>{DEEP}</tool_call>", "bad_json"),
        ("hermes", '<tool_call>{"name": "weather", "arguments": {"city": {"a": 1}}}</tool_call>', "wrong_type"),
        ("hermes", '<tool_call>{"name": "erase", "arguments": {}}</tool_call>', "unknown_tool"),
        ("llama3", "[run(command=__import__('os'))]", "bad_json"),
        ("llama3", "[run('ls')]", "bad_json"),
        ("llama3", "[run(command=b'ls')]", "bad_json"),
        ("llama3", "[run(command='ls'])]", "bad_json"),
        ("llama3", "<|python_tag|>print(1)", "bad_json"),
        ("mistral", "[TOOL_CALLS] not json at all", "bad_json"),
        ("mistral", "[TOOL_CALLS]weather", "truncated"),
        ("mistral", f"[TOOL_CALLS][{CALL[:-3]}", "truncated"),
    ],
)  # fmt: skip
def test_what_is_no_call_after_all_is_kept_in_sight_and_not_run(format_, text, code):
    (call,) = calls(read(format_, text))
    assert codes(call, fatal=True) == [code]
    assert call.raw == text


@pytest.mark.parametrize(
    ("format_", "bad", "good"),
    [
        ("hermes", '<tool_call>{"name": "run", "arguments": {"command": "open}}</tool_call>\n', WRAPPED),
        ("llama3", "[erase(x=b'z'), ", "weather(city='Oslo', days=2)]"),
        ("llama3", "[typed(number=1e999), ", "weather(city='Oslo', days=2)]"),
    ],
)  # fmt: skip
def test_a_bad_call_does_not_lose_the_good_one_after_it(format_, bad, good):
    events = read(format_, bad + good)
    assert [call.can_run for call in calls(events)] == [False, True]
    assert ran(events) == [OSLO]


def test_a_key_given_twice_is_noted_and_the_last_counts():
    (call,) = calls(
        read("hermes", '<tool_call>{"name": "run", "arguments": {"command": "a", "command": "b"}}</tool_call>')
    )
    assert (call.arguments, codes(call)) == ({"command": "b"}, ["duplicate"])


def test_null_for_what_may_be_left_out_counts_as_left_out():
    (call,) = calls(
        read("hermes", '<tool_call>{"name": "weather", "arguments": {"city": "Oslo", "days": null}}</tool_call>')
    )
    assert call.arguments == {"city": "Oslo"}
    assert call.can_run


def test_tags_inside_a_json_text_belong_to_it():
    command = "echo '</tool_call><tool_call>{' ```"
    text = f"<tool_call>\n{json.dumps({'name': 'run', 'arguments': {'command': command}})}\n</tool_call>"
    assert ran(read("hermes", text)) == [("run", {"command": command})]


def test_the_name_is_told_before_the_arguments_are_complete_and_these_stream():
    events = read("hermes", f"<tool_call>\n{CALL}"[:-5], piece=4)
    assert [type(event).__name__ for event in events] == ["CallStarted", "ArgumentDelta", "CallFinished"]
    assert json.dumps(ARGUMENTS).startswith(events[1].text)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("…<function=x>…<parameter=y>…", "<tool_call>\n<function=now>\n</function>\n</tool_call>"),
        ("…<tool_call>\n{…}", f"<tool_call>\n{NOTHING}\n</tool_call>"),
        ("…[TOOL_CALLS]…", "[TOOL_CALLS]now[ARGS]{}"),
        ("…<|python_tag|>…", '{"name": "now", "parameters": {}}'),
        ("", "<tool_call>\n<function=now>\n</function>\n</tool_call>"),
        ("", f"<tool_call>\n{NOTHING}\n</tool_call>"),
        ("", "[TOOL_CALLS]now[ARGS]{}"),
        ("", "<|python_tag|>" + NOTHING),
        ("", NOTHING),
        ("", "[now()]"),
    ],
)
def test_auto_goes_by_the_template_or_by_what_comes(template, text):
    assert ran(read("auto", text, template=template)) == [NOW]
