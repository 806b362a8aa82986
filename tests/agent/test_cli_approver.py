"""Who decides on calls in a terminal: a person who is shown everything, or what was allowed beforehand."""

import pytest

from app.cli.chat_tools import Approver
from app.cli.interrupts import Interrupts
from app.tools.tool import SandboxState
from tests.agent.scenes import BUBBLEWRAP

NO_SANDBOX = SandboxState(kind="none", can_cut_network=False, message="None.")


@pytest.fixture
def typed(monkeypatch):
    """What is typed, line by line; the end of input after that."""
    lines = []

    def read():
        if not lines:
            raise EOFError
        return lines.pop(0)

    monkeypatch.setattr("builtins.input", read)
    return lines


def decide(scene, *, may_ask=False, in_sandbox=False):
    approver = Approver(Interrupts(), may_ask=may_ask, in_sandbox=in_sandbox)
    (call,) = scene.calls()
    approver.decide(call, scene.runner.sandbox, scene.agent)
    return scene.outcomes or scene.states


@pytest.mark.parametrize(
    ("name", "arguments", "sandbox", "is_allowed"),
    [
        ("write_file", {"path": "a", "content": ""}, BUBBLEWRAP, True),
        ("write_file", {"path": "a", "content": ""}, None, True),
        ("run_command", {"command": "ls"}, BUBBLEWRAP, True),
        ("run_command", {"command": "ls"}, NO_SANDBOX, False),
        ("run_command", {"command": "ls"}, None, False),
        ("run_command", {"command": "ls", "permissions": "network"}, BUBBLEWRAP, False),
        ("run_command", {"command": "ls", "permissions": "unsandboxed"}, BUBBLEWRAP, False),
    ],
)
def test_what_is_allowed_beforehand_never_goes_beyond_the_sandbox(scene, name, arguments, sandbox, is_allowed):
    scene.runner.sandbox = sandbox
    scene.ask()
    scene.call(name, **arguments)
    assert decide(scene, in_sandbox=True) == (["running"] if is_allowed else ["denied"])


@pytest.mark.parametrize(
    ("answer", "outcome"), [("y", "running"), ("YES", "running"), ("", "denied"), ("n", "denied"), ("sure", "denied")]
)
def test_only_a_clear_yes_is_one(scene, typed, answer, outcome):
    scene.ask()
    scene.call("write_file", path="a", content="A")
    typed.append(answer)
    assert decide(scene, may_ask=True) == [outcome]


def test_the_end_of_input_is_a_no(scene, typed):
    scene.ask()
    scene.call("write_file", path="a", content="A")
    assert decide(scene, may_ask=True) == ["denied"]


def test_everything_of_a_command_is_shown_and_nothing_in_it_is_obeyed(scene, typed, capsys):
    scene.ask()
    scene.call("run_command", command="ls\x1b[2K\u202e;rm -rf x\u200b")
    decide(scene, may_ask=True)
    shown = capsys.readouterr().err
    assert "\\u001b[2K\\u202e;rm -rf x\\u200b" in shown
    assert "\x1b" not in shown


def test_a_question_is_answered_by_whoever_sits_there(scene, typed):
    scene.ask()
    scene.call("ask_user", question="Which?")
    typed.append("The second.")
    decide(scene, may_ask=True)
    assert scene.asked[-1] == ("tool", "The second.")


def test_where_nobody_sits_a_question_gets_no_answer(scene):
    scene.ask()
    scene.call("ask_user", question="Which?")
    assert decide(scene) == ["denied"]
    assert "Nobody can be asked" in scene.asked[-1][1]
