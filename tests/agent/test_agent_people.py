"""What a person can say during a run: yes, no, something else, stop, and what was forgotten."""

import msgspec
import pytest

from app.chat.changes import RunChanged, TurnAdded
from app.conversations.parts import ReferencePart, TextPart
from app.errors import AppError
from app.tools.tool import SandboxState
from app.tools.views import AnswerView
from tests.agent.scenes import written


def asking(scene, **arguments):
    scene.ask()
    scene.call("write_file", **(arguments or {"path": "a", "content": "A"}))
    return scene.id


# --- yes --------------------------------------------------------------------------------------------------


def test_writing_asks_and_says_why(scene):
    asking(scene)
    (call,) = scene.calls()
    assert (call.state, call.can_remember, call.spec.name) == ("asking", True, "write_file")
    assert call.reason
    assert scene.run_state == "waiting"
    assert scene.agent.run.reason == "write_file needs your approval."
    assert scene.runner.runs == []


def test_a_yes_runs_it_and_the_next_one_asks_again(scene):
    scene.agent.approve(asking(scene))
    assert scene.run_state == "running"
    scene.runner.ends()
    scene.call("write_file", path="b", content="B")
    assert scene.states == ["done", "asking"]
    assert scene.settings.settings.tool_policies == {}


def test_always_means_this_tool_in_this_folder(scene):
    scene.agent.approve(asking(scene), remember=True)
    assert scene.settings.settings.tool_policies == {scene.folder: {"write_file": "allow"}}
    scene.runner.ends()
    scene.call("write_file", path="b", content="B")
    assert scene.states == ["done", "running"]


def test_always_is_not_kept_for_a_command_that_wants_more_than_the_sandbox(scene):
    scene.ask()
    scene.call("run_command", command="curl x", permissions="network")
    assert scene.calls()[0].reach == "network"
    scene.agent.approve(scene.id, remember=True)
    assert scene.settings.settings.tool_policies == {}
    assert scene.runner.runs[0].reach == "network"


def test_a_yes_where_there_is_no_sandbox_says_so_to_the_runner(scene):
    scene.runner.sandbox = SandboxState(kind="none", can_cut_network=False, message="None.")
    scene.ask()
    scene.call("run_command", command="ls")
    assert "no sandbox" in scene.calls()[0].reason
    scene.agent.approve(scene.id)
    assert scene.runner.runs[0].reach == "unsandboxed"


def test_changed_arguments_are_run_recorded_and_told(scene):
    scene.agent.approve(asking(scene), arguments={"path": "b", "content": "A"})
    assert scene.runner.runs[0].arguments == {"path": "b", "content": "A"}
    scene.runner.ends("written")
    (result,) = scene.results
    assert result.arguments == {"path": "b", "content": "A"}
    assert '"path":"b"' in scene.asked[-1][1]
    assert scene.asked[-1][1].endswith("written")


def test_changed_arguments_must_fit_the_tool(scene):
    identity = asking(scene)
    with pytest.raises(AppError, match="cannot take"):
        scene.agent.approve(identity, arguments={"path": 1})
    assert scene.states == ["asking"]


def test_a_command_changed_to_want_the_network_is_given_it(scene):
    scene.ask()
    scene.call("run_command", command="curl x")
    scene.agent.approve(scene.id, arguments={"command": "curl x", "permissions": "network"})
    assert scene.runner.runs[0].reach == "network"


# --- no, and something else -------------------------------------------------------------------------------


def test_a_no_is_told_and_the_model_goes_on(scene):
    scene.agent.deny(asking(scene), "Use b.")
    assert scene.outcomes == ["denied"]
    assert "Use b." in scene.asked[-1][1]
    assert scene.run_state == "running"


def test_what_the_settings_deny_is_refused_unasked_and_told(scene):
    scene.settings.change(tool_policies={"": {"write_file": "deny"}})
    asking(scene)
    assert scene.outcomes == ["denied"]
    assert "settings do not allow write_file" in scene.asked[-1][1]


def test_a_person_can_answer_in_the_place_of_a_tool(scene):
    scene.agent.answer(asking(scene), "It is written already.")
    assert (scene.outcomes, scene.results[0].is_error) == (["answered"], False)
    assert scene.asked[-1][1].endswith("It is written already.")


def test_a_question_waits_for_its_answer(scene):
    scene.ask()
    scene.call("ask_user", question="Which?")
    assert (scene.states, scene.run_state) == (["question"], "waiting")
    assert scene.runner.runs == []
    scene.agent.answer(scene.id, "The second.")
    assert scene.asked[-1] == ("tool", "The second.")
    assert scene.results[0].view == AnswerView(question="Which?", answer="The second.")


def test_the_list_of_things_to_do_runs_unasked(scene):
    scene.ask()
    scene.call("todo", items=[])
    assert scene.states == ["running"]


def test_a_click_that_comes_late_does_nothing(scene):
    identity = asking(scene)
    scene.agent.approve(identity)
    scene.agent.approve(identity)
    scene.agent.deny(identity)
    scene.agent.answer(identity, "late")
    assert len(scene.runner.runs) == 1
    scene.runner.ends()
    scene.agent.cancel_call(identity)
    scene.agent.deny(identity)
    scene.agent.deny("c00000000")
    assert scene.runner.cancelled == []
    assert scene.outcomes == ["done"]


def test_one_tool_that_hangs_can_be_ended_and_the_run_goes_on(scene):
    scene.ask()
    scene.call("read_file", path="a")
    scene.agent.cancel_call(scene.id)
    assert scene.runner.cancelled == [1]
    scene.runner.ends("Ended.", outcome="cancelled")
    assert scene.outcomes == ["cancelled"]
    assert scene.asked[-1] == ("tool", "Ended.")


# --- stop -------------------------------------------------------------------------------------------------


def test_stopping_a_reply_keeps_its_text_and_runs_nothing(scene):
    scene.ask()
    scene.delta(written("read_file", path="a"))
    scene.session.stop()
    assert scene.engine.cancelled == [scene.engine.last_request]
    scene.finish("cancelled", ids=(1,))
    assert (scene.run_state, scene.last.state) == ("stopped", "stopped")
    assert scene.runner.runs == []
    assert not scene.session.is_busy


def test_stopping_a_tool_ends_it_and_the_calls_after_it_are_not_run(scene):
    scene.ask()
    scene.say(written("read_file", path="a") + written("read_file", path="b") + "[read_file {]\n")
    scene.session.stop()
    assert scene.runner.cancelled == [1]
    assert scene.session.is_busy
    scene.runner.ends("Ended.", outcome="cancelled")
    assert scene.outcomes == ["cancelled", "not_run", "not_run"]
    assert scene.run_state == "stopped"
    assert len(scene.engine.prompts) == 1


def test_stopping_while_it_asks_leaves_the_call_unrun(scene):
    asking(scene)
    scene.session.stop()
    assert (scene.outcomes, scene.run_state) == (["not_run"], "stopped")
    assert scene.runner.runs == []


def test_what_comes_late_from_a_tool_is_nobodys(scene):
    scene.ask()
    scene.call("read_file", path="a")
    scene.session.delete_turn(scene.branch[0].id)
    assert scene.runner.cancelled == [1]
    assert scene.agent.active_run is None
    scene.runner.prints("late")
    scene.runner.ends("late")
    assert scene.branch == []
    assert len(scene.engine.prompts) == 1


def test_deleting_the_conversation_ends_its_run(scene):
    asking(scene)
    undo = scene.session.delete_conversation(scene.session.shown_id)
    assert not scene.session.is_busy
    undo()
    assert scene.run_state == "stopped"


# --- what was forgotten -----------------------------------------------------------------------------------


def test_messages_sent_meanwhile_reach_the_model_before_its_next_reply_in_order(scene):
    asking(scene)
    scene.session.send("Use tabs.")
    scene.agent.inject("And be quick.")
    assert scene.agent.run.injected == ("Use tabs.", "And be quick.")
    assert scene.roles == ["user", "assistant"]
    scene.agent.approve(scene.id)
    scene.runner.ends("ok")
    assert scene.asked[-3:] == [("tool", "ok"), ("user", "Use tabs."), ("user", "And be quick.")]
    assert scene.roles == ["user", "assistant", "tool", "user", "user", "assistant"]
    assert scene.agent.run.injected == ()
    assert [change.turn.role for change in scene.heard(TurnAdded)] == scene.roles


def test_what_such_a_message_points_at_goes_with_it(scene):
    asking(scene)
    file = ReferencePart(path="a.py", text="x = 1\n")
    scene.session.send("See this.", references=(file,))
    scene.session.send("And be quick.")
    scene.session.send("", references=(file,))
    scene.agent.approve(scene.id)
    scene.runner.ends("ok")
    read = "File: a.py\n```python\nx = 1\n```"
    assert scene.asked[-3:] == [("user", f"{read}\n\nSee this."), ("user", "And be quick."), ("user", read)]
    assert scene.branch[3].parts == (file, TextPart(text="See this."))
    assert scene.agent.run.injected_references == ()


def test_a_message_sent_during_the_last_reply_is_answered_too(scene):
    scene.ask()
    scene.session.send("One more thing.")
    scene.say("Done.")
    assert scene.asked[-1] == ("user", "One more thing.")
    assert scene.run_state == "running"


def test_a_message_is_not_lost_when_the_run_is_stopped(scene):
    asking(scene)
    scene.session.send("Wait.")
    scene.session.stop()
    assert (scene.last.role, scene.last.text) == ("user", "Wait.")
    scene.agent.proceed()
    assert scene.asked[-1] == ("user", "Wait.")


def test_nothing_is_injected_where_no_run_is_under_way(scene):
    scene.agent.inject("Hello?")
    assert scene.branch == []


def test_every_state_is_told_with_the_run(scene):
    scene.agent.approve(asking(scene))
    scene.runner.ends()
    scene.say("Done.")
    assert scene.told_states == ["running", "waiting", "running", "complete"]
    last = scene.heard(RunChanged)[-1].run
    assert msgspec.structs.replace(last, spans=()) == msgspec.structs.replace(scene.agent.run, spans=())


# --- undo -------------------------------------------------------------------------------------------------


def test_undoing_is_asked_of_whoever_keeps_the_checkpoints(scene):
    scene.agent.approve(asking(scene))
    scene.runner.ends(step="s1")
    scene.say("Done.")
    scene.agent.undo(scene.agent.run.key, ("s1",), print, force=True)
    assert scene.undoer.asked == [(scene.folder, scene.agent.run.key, ("s1",), True)]


def test_undoing_a_run_that_is_not_known_is_an_error_in_words(scene):
    answers = []
    scene.agent.undo("gone", (), answers.append, force=False)
    assert answers[0].title == "There is nothing to undo"
