"""What may run at once, what asks and what is refused: the whole table."""

import itertools
from typing import get_args

import pytest

from app.agent.policy import DEFAULTS, decide, permission_for, reach_of
from app.settings import Permission
from app.tools.tool import Reach, SandboxState, ToolKind, ToolSpec

FOLDER = "/home/you/project"
KINDS = ("bubblewrap", "landlock", "sandbox-exec", "none")


def tool(kind, name="it"):
    return ToolSpec(name=name, description="", parameters={}, kind=kind, source="mcp:files")


def held(kind):
    return SandboxState(kind=kind, can_cut_network=True, message="")


def policies(permission, folder=FOLDER):
    return {folder: {"it": permission}} if permission else {}


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("read", "allow"), ("talk", "allow"), ("write", "ask"), ("command", "ask"), ("external", "ask")],
)
def test_without_a_word_of_the_user_reading_is_allowed_and_the_rest_asks(kind, verdict):
    decision = decide(tool(kind), {}, FOLDER, {}, held("bubblewrap"))
    assert (decision.verdict, decision.can_remember) == (verdict, verdict == "ask")
    assert bool(decision.reason) == (verdict == "ask")
    assert set(DEFAULTS) == set(get_args(ToolKind))


@pytest.mark.parametrize("kind", get_args(ToolKind))
@pytest.mark.parametrize("permission", get_args(Permission))
def test_the_users_word_overrules_the_default(kind, permission):
    decision = decide(tool(kind), {}, FOLDER, policies(permission), held("bubblewrap"))
    assert decision.verdict == permission


def test_the_folders_own_word_goes_before_that_for_every_folder():
    both = {"": {"it": "deny"}, FOLDER: {"it": "allow"}}
    assert permission_for(tool("write"), FOLDER, both) == "allow"
    assert permission_for(tool("write"), "/elsewhere", both) == "deny"
    assert permission_for(tool("write", "other"), FOLDER, both) == "ask"


@pytest.mark.parametrize(
    ("permission", "reach", "sandbox"),
    [*itertools.product(["", *get_args(Permission)], get_args(Reach), [None, *KINDS])],
)
def test_a_command_runs_unasked_only_where_it_is_allowed_and_held(permission, reach, sandbox):
    state = held(sandbox) if sandbox else None
    arguments = {"command": "ls", "permissions": reach}
    decision = decide(tool("command"), arguments, FOLDER, policies(permission), state)
    is_held = sandbox not in {None, "none"}
    if permission == "deny":
        assert decision.verdict == "deny"
    elif permission == "allow" and reach == "sandbox" and is_held:
        assert (decision.verdict, decision.reach) == ("allow", "sandbox")
    else:
        assert decision.verdict == "ask"
        assert decision.reason
        assert decision.can_remember == (reach == "sandbox" and is_held)


def test_what_a_command_wants_and_what_is_missing_is_said():
    def reason(arguments, state):
        return decide(tool("command"), arguments, FOLDER, policies("allow"), state).reason

    assert "network" in reason({"permissions": "network"}, held("bubblewrap"))
    assert "outside the sandbox" in reason({"permissions": "unsandboxed"}, held("bubblewrap"))
    assert "no sandbox" in reason({}, held("none"))
    assert "not known yet" in reason({}, None)


def test_where_there_is_no_sandbox_a_yes_is_for_running_without():
    assert decide(tool("command"), {}, FOLDER, {}, held("none")).reach == "unsandboxed"


def test_where_there_is_no_sandbox_the_network_is_had_by_running_without():
    decision = decide(tool("command"), {"permissions": "network"}, FOLDER, policies("allow"), held("none"))
    assert (decision.verdict, decision.reach) == ("ask", "unsandboxed")
    assert "network" in decision.reason
    assert "no sandbox" in decision.reason


@pytest.mark.parametrize("value", ["root", None, 1, ["network"], {"a": 1}])
def test_what_is_no_reach_asks_for_nothing_more(value):
    assert reach_of({"permissions": value}) == "sandbox"
