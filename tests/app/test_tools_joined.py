"""Several runners of tools as one: whose tool it is, and which call is ended."""

from __future__ import annotations

import pytest

from app.tools.joined import JoinedRunner
from app.tools.tool import SandboxState, ToolResult, ToolRun, ToolSpec

HELD = SandboxState(kind="landlock", can_cut_network=False, message="Held.")


def spec(name, source):
    return ToolSpec(name=name, description=source, parameters={"type": "object"}, kind="read", source=source)


class Runner:
    """A runner that remembers its calls and answers when it is told to."""

    def __init__(self, source, *names, first_request=1, sandbox=None):
        self.specs = tuple(spec(name, source) for name in names)
        self.sandbox = sandbox
        self.started = []
        self.cancelled = []
        self._next = first_request

    def run(self, run, on_output, on_done):
        self.started.append((run.name, on_output, on_done))
        self._next += 1
        return self._next - 1

    def cancel(self, request):
        self.cancelled.append(request)


@pytest.fixture
def own():
    """Sawhorse's own tools."""
    return Runner("sawhorse", "read_file", "search", sandbox=HELD)


@pytest.fixture
def remote():
    """Tools of a server, one with a name that is taken."""
    return Runner("mcp:files", "fetch", "search", first_request=70)


def call(name):
    return ToolRun(call_id="c", name=name, arguments={}, workspace="/", run_key="k")


def names(runner):
    return [name for name, _on_output, _on_done in runner.started]


def test_tools_are_listed_once_each_own_ones_first(own, remote):
    joined = JoinedRunner((own, remote))
    assert [(one.name, one.source) for one in joined.specs] == [
        ("read_file", "sawhorse"),
        ("search", "sawhorse"),
        ("fetch", "mcp:files"),
    ]


def test_what_holds_commands_is_said_by_the_first(own, remote):
    assert JoinedRunner((own, remote)).sandbox == HELD
    assert JoinedRunner((remote, own)).sandbox is None


def test_a_call_goes_to_the_one_that_lists_its_tool(own, remote):
    joined = JoinedRunner((own, remote))
    for name in ("fetch", "search", "gone"):
        joined.run(call(name), print, print)
    assert (names(own), names(remote)) == (["search", "gone"], ["fetch"])


def test_a_tool_that_a_server_adds_later_is_found(own, remote):
    joined = JoinedRunner((own, remote))
    remote.specs = (*remote.specs, spec("late", "mcp:files"))
    joined.run(call("late"), print, print)
    assert names(remote) == ["late"]


def test_output_and_result_come_back(own):
    heard = []
    JoinedRunner((own,)).run(call("search"), heard.append, heard.append)
    _name, on_output, on_done = own.started[0]
    on_output("a")
    result = ToolResult(content="b")
    on_done(result)
    assert heard == ["a", result]


def test_only_the_call_that_is_meant_is_ended_and_none_that_has_ended(own, remote):
    joined = JoinedRunner((own, remote))
    first = joined.run(call("search"), print, print)
    second = joined.run(call("fetch"), print, lambda _result: None)
    joined.cancel(second)
    assert (own.cancelled, remote.cancelled) == ([], [70])
    remote.started[0][2](ToolResult(content=""))
    joined.cancel(second)
    joined.cancel(first)
    assert (own.cancelled, remote.cancelled) == ([1], [70])
