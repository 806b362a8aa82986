"""A run: reply, calls, results, reply, until the model is done; and everything is saved as it happens."""

import pytest

from app.chat.changes import CallChanged, CallGrew, GenerationEnded, TextAppended, ToolPrinted, TurnAdded
from app.conversations.parts import ToolCallPart
from app.errors import AppError
from app.tools.views import TextView
from tests.agent.scenes import SPECS, written


def test_without_a_folder_there_are_no_tools_and_a_call_is_text(scene):
    scene.session.send("Q1")
    scene.call("read_file", path="a")
    assert scene.engine.prompts[-1].tools == ()
    assert scene.last.text == '[read_file {"path": "a"}]\n'
    assert scene.agent.run is None


def test_with_a_folder_the_prompt_has_the_tools_and_a_text_that_names_it(scene):
    scene.session.set_workspace(scene.folder)
    scene.session.send("Q1", system_prompt="Be brief.")
    prompt = scene.engine.prompts[-1]
    assert prompt.tools == tuple(spec.schema for spec in SPECS)
    assert scene.asked[0] == ("system", f"Be brief.\n\nWork in {scene.folder}.")


def test_a_call_is_run_and_its_result_told_until_the_model_answers(scene):
    scene.ask("What is in a?")
    scene.call("read_file", "Let me see.\n", path="a")
    (run,) = scene.runner.runs
    assert (run.name, run.arguments, run.workspace) == ("read_file", {"path": "a"}, scene.folder)
    assert run.run_key == scene.agent.run.key
    scene.runner.ends("AAA", view=TextView(text="A!"), seconds=0.5, step="s1")
    prompt = scene.engine.prompts[-1]
    assert [message.role for message in prompt.messages] == ["system", "user", "assistant", "tool"]
    assert (prompt.messages[-1].content, prompt.messages[-1].tool_call_id) == ("AAA", run.call_id)
    assert prompt.messages[2].token_ids == (7,)
    scene.say("It says AAA.")
    assert scene.roles == ["user", "assistant", "tool", "assistant"]
    (result,) = scene.results
    assert (result.outcome, result.view, result.step, result.seconds) == ("done", TextView(text="A!"), "s1", 0.5)
    assert scene.run_state == "complete"
    assert not scene.session.is_busy


def test_the_system_part_and_the_tools_of_a_run_never_change(scene):
    scene.ask()
    for number in range(4):
        scene.call("read_file", path=f"{number}")
        scene.runner.ends(f"{number}")
    heads = {(prompt.messages[0], str(prompt.tools)) for prompt in scene.engine.prompts}
    assert len(scene.engine.prompts) == 5
    assert len(heads) == 1
    before = scene.engine.prompts[-2].messages
    assert scene.engine.prompts[-1].messages[: len(before)] == before


def test_calls_of_one_reply_run_in_their_order_and_a_refusal_loses_no_other(scene):
    scene.ask()
    scene.say(written("read_file", path="a") + written("write_file", path="b") + written("read_file", path="c"))
    assert scene.states == ["running", "queued", "queued"]
    scene.runner.ends("A")
    assert scene.states == ["done", "asking", "queued"]
    scene.agent.deny(scene.id, "Not there.")
    assert scene.states == ["done", "done", "running"]
    scene.runner.ends("C")
    assert scene.outcomes == ["done", "denied", "done"]
    assert [part.content for part in scene.results][::2] == ["A", "C"]
    assert "Not there." in scene.results[1].content
    assert [message.role for message in scene.engine.prompts[-1].messages][-3:] == ["tool"] * 3


def test_a_failed_tool_is_a_result_the_model_can_act_on(scene):
    scene.ask()
    scene.call("read_file", path="gone")
    scene.runner.ends("There is no gone.", outcome="failed")
    assert scene.results[0].is_error
    assert scene.asked[-1] == ("tool", "There is no gone.")


def test_a_malformed_call_goes_back_to_the_model_with_what_is_wrong(scene):
    scene.ask()
    scene.say("[read_file {oops]\n")
    assert scene.runner.runs == []
    assert scene.outcomes == ["invalid"]
    role, words = scene.asked[-1]
    assert role == "tool"
    assert "not JSON" in words
    assert '"path"' in words
    assert scene.states[0] == "invalid"


def test_an_unknown_tool_is_answered_with_the_names_of_those_there_are(scene):
    scene.ask()
    scene.call("fly", far=True)
    assert "read_file, write_file, run_command, ask_user, todo" in scene.asked[-1][1]


def test_text_arguments_and_output_are_told_as_they_come(scene):
    scene.ask()
    for piece in ("Look.\n", '[read_file {"pa', 'th": "a"}', "]\n"):
        scene.delta(piece)
    scene.finish()
    scene.runner.prints("half ")
    scene.runner.prints("done")
    identity = scene.id
    assert "".join(change.text for change in scene.heard(TextAppended)) == "Look.\n"
    assert sum(change.tokens for change in scene.heard(TextAppended)) == 4
    assert {change.call_id for change in scene.heard(CallGrew)} == {identity}
    assert [change.text for change in scene.heard(ToolPrinted)] == ["half ", "done"]
    assert [change.call.state for change in scene.heard(CallChanged)] == ["writing", "queued", "running"]
    assert scene.calls()[0].output == "half done"


def test_an_unfinished_call_is_on_disk_with_what_came_of_it(scene):
    scene.ask()
    scene.delta("Look.\n")
    scene.delta('[write_file {"path": "a", "content": "hal')
    scene.replier.save_now()
    text, call = scene.last.parts
    assert (text.text, call.name, call.can_run) == ("Look.\n", "write_file", False)
    assert call.raw == '[write_file {"path": "a", "content": "hal'
    assert call.problems[0].code == "truncated"


def test_text_that_may_yet_begin_a_call_is_on_disk_but_not_shown(scene):
    scene.ask()
    scene.delta("See [wri")
    scene.replier.save_now()
    assert scene.last.text == "See [wri"
    assert scene.session.branch[-1].text == "See "


@pytest.mark.parametrize(("reason", "state"), [("max_tokens", "limit"), ("context_full", "limit")])
def test_calls_of_a_reply_that_broke_off_never_run(scene, reason, state):
    scene.ask()
    scene.say(written("read_file", path="a") + '[write_file {"path"', reason)
    assert scene.runner.runs == []
    assert scene.run_state == state
    assert [type(part) for part in scene.last.parts[:2]] == [ToolCallPart, ToolCallPart]


def test_what_looks_like_a_call_in_the_reasoning_is_none(scene):
    scene.ask()
    scene.say(f"<think>{written('read_file', path='a')}</think>Done.")
    assert scene.runner.runs == []
    assert scene.last.text == "Done."


def test_ids_of_calls_are_nine_letters_and_digits_and_never_the_same(scene):
    scene.ask()
    for number in range(3):
        scene.say(written("read_file", path=f"{number}") + written("read_file", path=f"{number}b"))
        scene.runner.ends(f"{number}")
        scene.runner.ends(f"{number}b")
    ids = [call.part.call_id for call in scene.calls()]
    assert len(set(ids)) == 6
    assert all(len(identity) == 9 and identity.isalnum() for identity in ids)


def test_a_huge_result_is_shortened_in_the_middle_and_says_so(scene):
    scene.ask()
    scene.call("read_file", path="a")
    scene.runner.ends("begin" + "x" * 10_000_000 + "end")
    content = scene.asked[-1][1]
    assert len(content) < 50_000
    assert content.startswith("begin")
    assert content.endswith("end")
    assert "characters were left out" in content


def test_the_turns_of_a_run_are_told_in_order_and_each_reply_ends(scene):
    scene.ask()
    scene.call("read_file", path="a")
    scene.runner.ends()
    scene.say("Done.")
    assert [change.turn.role for change in scene.heard(TurnAdded)] == scene.roles
    assert len(scene.heard(GenerationEnded)) == 2
    assert scene.told_states == ["running", "complete"]


def test_a_run_goes_on_while_another_conversation_is_looked_at(scene):
    scene.ask()
    working = scene.session.shown_id
    scene.session.show(None)
    told = len(scene.heard(TurnAdded))
    scene.call("read_file", path="a")
    scene.runner.ends()
    scene.say("Done.")
    assert len(scene.heard(TurnAdded)) == told
    scene.session.show(working)
    assert scene.roles == ["user", "assistant", "tool", "assistant"]
    assert scene.run_state == "complete"


def test_a_folder_that_is_not_there_cannot_be_chosen(scene):
    with pytest.raises(AppError, match="cannot be opened"):
        scene.session.set_workspace(scene.folder + "/gone")
    assert scene.session.workspace == ""


def test_there_is_one_run_at_a_time(scene):
    scene.ask()
    scene.call("write_file", path="a")
    assert scene.session.generating_turn is None
    assert scene.session.is_busy
    scene.session.show(None)
    with pytest.raises(AppError, match="A run is under way"):
        scene.session.send("Something else")


def test_tools_that_are_off_are_not_offered(scene):
    scene.settings.change(tools_off=("run_command", "write_file"))
    scene.ask()
    assert [spec.name for spec in scene.agent.specs] == ["read_file", "ask_user", "todo"]
    assert len(scene.engine.prompts[-1].tools) == 3


def test_a_folder_that_is_gone_means_no_tools(scene, tmp_path):
    scene.ask()
    scene.say("Done.")
    (tmp_path / "work").rmdir()
    scene.session.send("And now?")
    assert scene.engine.prompts[-1].tools == ()


def test_a_reply_of_another_model_gives_its_calls_in_words_not_in_ids(scene):
    scene.ask()
    scene.call("read_file", "Look.\n", path="a")
    scene.engine.change_model("other")
    scene.runner.ends("A")
    message = scene.engine.prompts[-1].messages[2]
    assert (message.token_ids, message.content) == (None, "Look.\n")
    assert [(call.name, call.arguments) for call in message.tool_calls] == [("read_file", {"path": "a"})]
