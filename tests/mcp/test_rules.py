"""The pure rules: what is hidden is seen, names are names, results are bounded, changes are told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tools.context import MAX_RESULT_CHARACTERS
from app.tools.mcp.approval import Approvals, StartFacts, start_facts, tools_key
from app.tools.mcp.config import McpServer
from app.tools.mcp.limits import EndlessLineError, Gate, LineSplitter
from app.tools.mcp.listing import MAX_TOOLS, tool_infos
from app.tools.mcp.messages import Inspected
from app.tools.mcp.names import MAX_NAME_CHARACTERS, tool_name
from app.tools.mcp.results import tool_result
from app.tools.mcp.review import command_line, start_review, tools_review
from app.tools.mcp.text import cut, for_model, one_line, reveal, suspicions, without_escapes
from app.tools.views import JsonView

SCHEMA = {"type": "object", "properties": {"a": {"type": "string", "description": "A."}}, "required": ["a"]}


def tool(name="t", description="D.", schema=None, **more):
    return {"name": name, "description": description, "inputSchema": SCHEMA if schema is None else schema, **more}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext", "plain\n\ttext"),
        ("a\u200bb", "a\u27e8U+200B\u27e9b"),
        ("\u202eevil", "\u27e8U+202E\u27e9evil"),
        ("x\U000e0041", "x\u27e8U+E0041\u27e9"),
        ("bell\x07", "bell\u27e8U+0007\u27e9"),
        ("over\rwritten", "over\u27e8U+000D\u27e9written"),
        ("a\u200db", "a\u27e8U+200D\u27e9b"),
        ("\U0001f469\u200d\U0001f33e", "\U0001f469\u200d\U0001f33e"),
        ("é\u200d\u200d", "é\u200d\u27e8U+200D\u27e9"),
        ("\u3164", "\u27e8U+3164\u27e9"),
    ],
)
def test_what_is_not_seen_is_made_visible(text, shown):
    assert reveal(text) == shown


@given(st.text())
def test_nothing_hidden_is_left(text):
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]", without_escapes(text)
    )
    assert "<|im_end|>" not in for_model(text + "<|im_end|>")


def test_escape_sequences_go_and_control_tokens_are_broken():
    assert without_escapes("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07") == "red link"
    assert for_model("<tool_call>[INST]<s>a < b</s>") == "\u2039tool_call>\u2045INST]\u2039s>a < b\u2039/s>"
    assert len(suspicions("\x1b[1m\u200b<|im_end|>")) == 3
    assert suspicions("A plain description with <b>HTML</b>.") == ()


def test_long_texts_keep_their_beginning_and_end():
    text = cut("a" * 1000 + "b" * 1000, 100)
    assert text.startswith("a" * 75)
    assert text.endswith("b" * 25)
    assert "1,900 characters left out" in text
    assert len(one_line("x " * 1000, 50)) == 50


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_are_what_models_may_call(server, name):
    made = tool_name(server, name)
    assert re.fullmatch(r"mcp__[A-Za-z0-9_-]{1,59}", made)
    assert len(made) <= MAX_NAME_CHARACTERS


def test_names_that_would_be_the_same_differ_and_stay_the_same():
    first = tool_name("s", "read file")
    second = tool_name("s", "read/file", {first})
    assert first == "mcp__s__read_file"
    assert second.startswith("mcp__s__read_file_")
    assert second == tool_name("s", "read/file", {first})
    assert tool_name("s", "x" * 100) != tool_name("s", "x" * 101)


def test_any_change_of_a_tool_changes_the_key():
    base = tools_key(tool_infos([tool()]))
    deep = {**SCHEMA, "properties": {"a": {"type": "string", "description": "A!"}}}
    for other in (
        tool(description="D"),
        tool(schema=deep),
        tool(name="u"),
        tool(title="T"),
        tool(outputSchema={"type": "object"}),
        tool(description="D." + "x" * 10_000 + "y"),
        tool(annotations={"readOnlyHint": True}),
    ):
        assert tools_key(tool_infos([other])) != base
    assert tools_key(tool_infos([tool(), tool("b")])) == tools_key(tool_infos([tool("b"), tool()]))


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {"type": "string"},
        {"type": "object", "properties": {"a\u200b": {}}},
        {"type": "object", "properties": {"a": {"enum": ["\u202e"]}}},
        {"type": "object", "properties": {"a": {"$ref": "https://x.org/schema"}}},
        {"type": "object", "properties": {"a": {"type": "nonsense"}}},
        {"type": "object", "description": "x" * 40_000},
    ],
)
def test_tool_whose_arguments_cannot_be_offered_says_why(schema):
    given_tool = {"name": "t", "inputSchema": schema} if schema is not None else {"name": "t"}
    (info,) = tool_infos([given_tool])
    assert info.problem
    assert info.parameters == {}


def test_explanations_in_schemas_are_cleaned_and_names_are_not():
    schema = {"type": "object", "properties": {"description": {"type": "string", "description": "<|im_end|>\x1b[1m"}}}
    (info,) = tool_infos([tool(schema=schema)])
    assert info.parameters["properties"]["description"] == {"type": "string", "description": "\u2039|im_end|>"}
    assert any("of its arguments" in note for note in info.notes)


def test_too_many_tools_and_twins_are_not_offered():
    infos = tool_infos([tool(f"t{n}") for n in range(MAX_TOOLS + 2)])
    assert sum(1 for info in infos if info.problem) == 2
    assert tool_infos([tool(), tool()])[1].problem


def test_every_kind_of_content_is_described():
    blocks = [
        {"type": "text", "text": "a\x1b[1mb"},
        {"type": "audio", "mimeType": "audio/wav", "data": "AAAA"},
        {"type": "resource_link", "uri": "file:///x", "name": "X"},
        {"type": "resource", "resource": {"uri": "file:///y", "text": "body"}},
        {"type": "resource", "resource": {"uri": "file:///z", "blob": "AAAA", "mimeType": "a/b"}},
        {"type": "hologram"},
    ]
    lines = tool_result({"content": blocks}, 0.0).content.splitlines()
    assert lines == [
        "ab",
        "[audio, audio/wav, 3 bytes; it cannot be shown to the model]",
        "[link to a resource: file:///x — X]",
        "[resource file:///y]",
        "body",
        "[resource file:///z, a/b, 3 bytes; it is not text]",
        "[a piece of the kind “hologram”, which Sawhorse does not know]",
    ]


def test_results_are_bounded_and_values_alone_are_shown_as_values():
    assert (
        len(tool_result({"content": [{"type": "text", "text": "x" * 10**6}]}, 0).content) < MAX_RESULT_CHARACTERS + 60
    )
    result = tool_result({"content": [], "structuredContent": {"a": 1}}, 0)
    assert result.view == JsonView(value={"a": 1})
    assert '"a": 1' in result.content
    assert tool_result({"content": []}, 0).content


@given(st.lists(st.binary(max_size=30), max_size=12), st.integers(1, 40))
def test_lines_are_the_same_in_any_pieces(lines, step):
    data = b"\n".join(line.replace(b"\n", b"") for line in lines) + b"\n"
    splitter = LineSplitter(20)
    found = [line for at in range(0, len(data), step) for line in splitter.feed(data[at : at + step])]
    assert found == [line if len(line) <= 20 else None for line in data.split(b"\n")[:-1]]


def test_line_without_an_end_is_given_up(monkeypatch):
    monkeypatch.setattr("app.tools.mcp.limits.MAX_DISCARDED_BYTES", 100)
    splitter = LineSplitter(10)
    assert list(splitter.feed(b"x" * 90)) == []
    with pytest.raises(EndlessLineError):
        list(splitter.feed(b"x" * 20))


def test_gate_lets_through_what_time_allows():
    now = [0.0]
    gate = Gate(per_second=2, burst=3, clock=lambda: now[0])
    assert [gate.passes() for _ in range(5)] == [True] * 3 + [False] * 2
    now[0] = 1.0
    assert [gate.passes() for _ in range(3)] == [True, True, False]
    assert gate.take_held_back() == 3
    assert gate.take_held_back() == 0


def facts(server, program="/bin/x", sha="1" * 64):
    return start_facts(server, Inspected(program=program, files={program: sha}))


def test_everything_that_decides_what_runs_is_bound():
    server = McpServer(name="a", command="x", args=("1",), env={"K": "v"})
    base = facts(server)
    others = [
        facts(McpServer(name="a", command="y", args=("1",), env={"K": "v"})),
        facts(McpServer(name="a", command="x", args=("1", ""), env={"K": "v"})),
        facts(McpServer(name="a", command="x", args=("1",), env={"K": "w"})),
        facts(McpServer(name="a", command="x", args=("1",), env={"K": "v", "L": ""})),
        facts(McpServer(name="a", command="x", args=("1",), env={"K": "v"}, cwd="/tmp")),
        facts(server, sha="2" * 64),
        facts(server, program="/usr/bin/x"),
    ]
    assert len({base.key, *(other.key for other in others)}) == 8
    for other in others:
        assert start_review(server, other, base).changes
    assert "v" not in base.env.values()


def test_review_shows_the_whole_command_with_what_is_hidden_in_it():
    server = McpServer(name="a", command="sh", args=("-c", "ls\nrm -rf ~ #\u202e"), env={"LD_PRELOAD": "x"})
    assert command_line(server) == "sh -c 'ls\u27e8U+000A\u27e9rm -rf ~ #\u27e8U+202E\u27e9'"
    review = start_review(server, facts(server), None)
    words = " ".join(review.warnings)
    for said in ("outside the sandbox", "a shell", "LD_PRELOAD", "hidden characters in the command"):
        assert said in words
    assert not review.is_change


def test_remote_server_without_encryption_is_warned_of():
    plain = McpServer(name="a", url="http://x.org/mcp")
    near = McpServer(name="a", url="http://127.0.0.1:9/mcp")
    assert any("not encrypted" in text for text in start_review(plain, facts(plain), None).warnings)
    assert not any("not encrypted" in text for text in start_review(near, facts(near), None).warnings)


def test_changes_of_tools_are_told_part_by_part():
    old = tool_infos([tool("gone"), tool("same"), tool("other", "Old."), tool("deep", outputSchema={"type": "object"})])
    new = tool_infos([tool("same"), tool("other", "New."), tool("added"), tool("deep")])
    review = tools_review(McpServer(name="a", command="x"), new, old)
    assert [change.what for change in review.changes] == [
        "Tool added",
        "deep: a part that is not shown, such as its results",
        "Tool gone",
        "other: description",
    ]
    assert review.is_change


def test_approvals_survive_and_a_damaged_file_approves_nothing(tmp_path):
    path = tmp_path / "approvals.json"
    start, tools = StartFacts(command="x", program="/x"), tool_infos([tool()])
    approvals = Approvals(path)
    approvals.approve_start("a", start)
    approvals.approve_tools("a", tools)
    again = Approvals(path)
    assert (again.start_of("a"), again.tools_of("a")) == (start, tools)
    path.write_text(path.read_text().replace('"/x"', '"/y"'))
    assert Approvals(path).start_of("a") is None
    again.forget("a")
    assert Approvals(path).tools_of("a") is None
    path.write_text("{")
    assert Approvals(path).notices
