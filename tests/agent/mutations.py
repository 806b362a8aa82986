"""Replies spoilt at random: cut, swapped, doubled, sprinkled with tags; run as a module to try many.

``python -m tests.agent.mutations 100000 [SEED]`` prints how many were tried, and stops at the first that fails.
"""

from __future__ import annotations

import random
import sys

from jsonschema import Draft202012Validator

from app.agent.call_events import CallFormat
from app.agent.tool_calls import render_call
from tests.agent.replies import FORMATS, TOOLS, calls, check_order, read, said

TAGS = (
    "<tool_call>", "</tool_call>", "<function=weather>", "<function=write_file>", "</function>", "<parameter=city>",
    "<parameter=content>", "</parameter>", "\n</parameter>\n", "\n", "```", "```json\n", "`", "{", "}", "[", "]", '"',
    "'", "\\", ",", ":", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "<|python_tag|>", "<think>", "</think>", "<tools>",
    '{"name": "weather", "arguments": {', "weather(", "[weather(city='x'), ", "True", "null", "é", "🦙", "    ", "> ",
    "\r\n", "\ud800", " and ", "<", "</", "</parameter1>", "~~~",
)  # fmt: skip
ARGUMENTS = (
    ("weather", {"city": "Oslo", "days": 3}),
    ("weather", {"city": "Ny\nÅlesund", "unit": "celsius"}),
    ("write_file", {"path": "a.py", "content": "print('hi')\n\nx = {\"a\": [1, 2]}\n"}),
    ("write_file", {"path": "t.md", "content": "```\n<tool_call>\n</parameter>\n</function>\nend"}),
    ("typed", {"whole": -4, "number": 2.5, "truth": True, "thing": {"a": None}, "things": [1, "b"], "maybe": None}),
    ("run", {"command": "echo \"it's\" | sed 's/</>/'"}),
    ("now", {}),
)
_SCHEMAS = {tool["function"]["name"]: Draft202012Validator(tool["function"]["parameters"]) for tool in TOOLS}


def sample(random_: random.Random, format_: CallFormat) -> str:
    """Return a reply of a format, as yet unspoilt."""
    parts = [random_.choice(("", "Let me see.\n", "Now:", "I use `run` here.\n\n", "```sh\nls\n```\n"))]
    for _ in range(random_.randint(1, 3)):
        parts += [render_call(format_, *random_.choice(ARGUMENTS)), random_.choice(("", "\n", "\n\n", " then ", "; "))]
    return "".join(parts)


def spoil(random_: random.Random, text: str) -> str:
    """Return a text with some random changes."""
    for _ in range(random_.randint(1, 5)):
        start, end = sorted((random_.randint(0, len(text)), random_.randint(0, len(text))))
        end = min(end, start + random_.choice((1, 3, 12, 60, 1000)))
        match random_.randrange(6):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:end]
            case 2:
                text = text[:end] + text[start:end] + text[end:]
            case 3:
                place = random_.randint(0, len(text))
                piece = text[start:end]
                rest = text[:start] + text[end:]
                text = rest[:place] + piece + rest[place:]
            case 4:
                text = text[:start] + random_.choice(TAGS) + text[start:]
            case _:
                text = text[:start] + random_.choice(TAGS) + text[end:]
    return text


def check(format_: CallFormat, text: str, random_: random.Random) -> None:
    """Assert what must hold for every text there is."""
    is_truncated = random_.random() < 0.3
    whole = read(format_, text, is_truncated=is_truncated)
    piece = random_.choice((1, 2, 3, 7, 19))
    assert read(format_, text, piece=piece, is_truncated=is_truncated) == whole, "the pieces matter"
    check_order(whole)
    place = 0
    for call in calls(whole):
        found = text.find(call.raw, place)
        assert found >= 0, "a raw text that is not in the reply, or out of order"
        place = found + len(call.raw)
        for problem in call.problems:
            assert 0 <= problem.start <= problem.end <= len(call.raw), "a problem outside its call"
        if call.can_run:
            assert call.name in _SCHEMAS, "a call of no tool"
            assert not list(_SCHEMAS[call.name].iter_errors(call.arguments)), "arguments that do not fit"
            assert not (is_truncated and text.endswith(call.raw) and "not_closed" in [p.code for p in call.problems])
    kept = len("".join(said(whole).split())) + sum(len("".join(call.raw.split())) for call in calls(whole))
    assert kept == len("".join(text.split())), "something of the reply was lost, or came twice"


def one(seed: int) -> None:
    """Try one spoilt reply."""
    random_ = random.Random(seed)
    format_ = random_.choice(FORMATS)
    text = spoil(random_, sample(random_, format_))
    try:
        check(random_.choice((format_, format_, format_, "auto", random_.choice(FORMATS))), text, random_)
    except Exception as error:
        error.add_note(f"seed {seed}, {format_}: {text!r}")
        raise


if __name__ == "__main__":
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for number in range(first, first + count):
        one(number)
    print(f"{count} spoilt replies: no crash, no wrong call, the same in any pieces")
