"""What can be done in a conversation still can, with turns of results in its tree that nobody sees as their own."""

import pytest

from app.conversations.export import conversation_from_json, conversation_to_json, conversation_to_markdown
from app.errors import AppError
from tests.agent.scenes import written


def worked(scene):
    """Hold a run of two replies."""
    scene.ask("Q1")
    scene.call("read_file", path="a")
    scene.runner.ends("AAA")
    scene.say("A1")
    return scene.branch


def test_regenerating_the_answer_answers_the_results_again(scene):
    before = worked(scene)
    scene.session.regenerate(before[-1].id)
    assert scene.asked[-1] == ("tool", "AAA")
    scene.say("B1")
    assert scene.roles == ["user", "assistant", "tool", "assistant"]
    assert scene.store.siblings(scene.last.id) == [before[-1].id, scene.last.id]
    assert len(scene.runner.runs) == 1


def test_regenerating_a_reply_with_calls_leaves_its_results_behind(scene):
    before = worked(scene)
    scene.session.regenerate(before[1].id)
    assert scene.asked[-1] == ("user", "Q1")
    scene.say("B1")
    assert scene.roles == ["user", "assistant"]
    scene.session.select_sibling(scene.last.id, -1)
    assert scene.branch == before


def test_regenerating_where_results_come_last_answers_them(scene):
    scene.ask("Q1")
    scene.call("read_file", path="a")
    scene.session.stop()
    scene.runner.ends("Ended.", outcome="cancelled")
    scene.session.regenerate(scene.last.id)
    assert scene.asked[-1] == ("tool", "Ended.")


def test_deleting_a_reply_with_calls_takes_its_results_too(scene):
    before = worked(scene)
    undo = scene.session.delete_turn(before[1].id)
    assert scene.roles == ["user"]
    undo()
    assert scene.branch == before


def test_deleting_the_answer_leaves_the_results(scene):
    before = worked(scene)
    scene.session.delete_turn(before[-1].id)
    assert scene.roles == ["user", "assistant", "tool"]
    scene.agent.proceed()
    assert scene.asked[-1] == ("tool", "AAA")


def test_an_edited_question_begins_a_run_of_its_own(scene):
    before = worked(scene)
    first = scene.agent.run.key
    scene.session.edit(before[0].id, "Q1, better")
    scene.call("read_file", path="b")
    assert scene.agent.run.key != first
    assert scene.runner.runs[-1].run_key == scene.agent.run.key


def test_a_stopped_reply_goes_on_with_its_tools(scene):
    scene.ask("Q1")
    scene.say("I look. ", "max_tokens", ids=(1, 2))
    run = scene.agent.run
    scene.session.resume(scene.last.id)
    assert (scene.run_state, scene.agent.run.key) == ("running", run.key)
    scene.say(written("read_file", path="a"), ids=(3,))
    assert scene.states == ["running"]


def test_the_prompt_of_an_unsent_message_has_the_tools(scene):
    worked(scene)
    counted = scene.session.prompt_with("Q2")
    scene.session.send("Q2")
    assert counted == scene.engine.prompts[-1]


def test_the_folder_of_a_new_conversation_is_kept_until_it_begins(scene):
    scene.session.set_workspace(scene.folder)
    assert scene.session.workspace == scene.folder
    assert scene.session.prompt_with("Q").tools
    scene.session.send("Q1")
    assert scene.session.conversation.workspace == scene.folder
    scene.session.stop()
    scene.finish("cancelled")
    scene.session.show(None)
    assert scene.session.workspace == ""


def test_taking_the_folder_away_takes_the_tools_away_and_keeps_what_was_done(scene):
    worked(scene)
    scene.session.set_workspace("")
    scene.session.send("Q2")
    prompt = scene.engine.prompts[-1]
    assert prompt.tools == ()
    assert [message.role for message in prompt.messages] == ["user", "assistant", "tool", "assistant", "user"]
    assert scene.agent.specs == ()


def test_a_folder_goes_by_its_one_name(scene, tmp_path):
    (tmp_path / "link").symlink_to(scene.folder)
    scene.session.set_workspace(str(tmp_path / "link"))
    assert scene.session.workspace == scene.folder
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(AppError, match="not a folder"):
        scene.session.set_workspace(str(file))


def test_the_folder_cannot_change_under_a_run(scene):
    scene.ask()
    with pytest.raises(AppError, match="under way"):
        scene.session.set_workspace("")


def test_turns_know_the_run_they_belong_to(scene):
    turns = worked(scene)
    first = scene.agent.run
    scene.session.send("Q2")
    scene.say("A2")
    for turn in turns[1:]:
        assert scene.agent.run_of(turn.id).key == first.key
    assert scene.agent.run_of(scene.last.id).key == scene.agent.run.key != first.key


def test_exports_have_the_calls_and_their_results(scene):
    worked(scene)
    conversation, turns = scene.session.conversation, scene.branch
    text = conversation_to_markdown(conversation, turns)
    assert '"path": "a"' in text
    assert "AAA" in text
    exported = conversation_from_json(conversation_to_json(conversation, turns))
    assert exported.turns == tuple(turns)
