"""What a malformed call most likely meant."""

import pytest

from app.agent.repair import suggest
from tests.agent.replies import TOOLS, calls, read

FULL = {"city": "Oslo", "days": 3}


@pytest.mark.parametrize(
    ("raw", "name", "arguments"),
    [
        ('<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo", "days": 3}\n</tool_call>', "weather", FULL),
        ('<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo', "weather", {"city": "Oslo"}),
        ('<tool_call>{"name": "Weathr", "arguments": {"city": "Oslo", "days": "3"}}</tool_call>', "weather", FULL),
        ("<tool_call>\n<function=weather\n<parameter=city>\nOslo\n<parameter=days>\n3\n", "weather", FULL),
        ("<tool_call>\n<function=weather>\n<parameter=City>\nOslo\n</parameter>", "weather", {"city": "Oslo"}),
        (
            '<tool_call>{"name": "read_file", "arguments": {"filePath": "a.py"}}</tool_call>',
            "read_file",
            {"filePath": "a.py"},
        ),
        ('<tool_call>{"name": "read_file", "arguments": {"paths": "a.py"}}</tool_call>', "read_file", {"path": "a.py"}),
        ('[TOOL_CALLS]weather[ARGS]{"city": "Oslo"', "weather", {"city": "Oslo"}),
        ('<tool_call>{"name": "weather", "arguments": {"city": "Oslo", x}}</tool_call>', "weather", {"city": "Oslo"}),
        ("<tool_call>\nnothing here\n</tool_call>", "", {}),
    ],
)
def test_a_suggestion_keeps_what_can_be_read(raw, name, arguments):
    assert suggest(raw, (), TOOLS) == (name, arguments)


def test_what_the_parser_made_of_it_is_the_first_guess():
    (call,) = calls(read("hermes", '<tool_call>{"name": "run", "arguments": {"command": "say "hi""}}</tool_call>'))
    assert not call.can_run
    assert suggest(call.raw, call.problems, TOOLS, name=call.name)[0] == "run"
