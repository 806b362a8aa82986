"""What a run left behind when Sawhorse ended, however it ended, and how it goes on in the next session."""

import pytest

from app.chat.changes import SpanChanged
from app.chat.offer import call_id
from app.conversations.parts import ReferencePart, TextPart, ToolCallPart
from app.errors import AppError
from tests.agent.scenes import open_scene, written


def leave(home, *, is_closed, until):
    """Take a run to some point and end the session there, in order or not; return its conversation."""
    with open_scene(home) as scene:
        scene.ask("Do it.")
        until(scene)
        if is_closed:
            scene.agent.close()
        else:
            scene.replier.save_now()
        return scene.session.shown_id, scene.agent.run.key


def writing(scene):
    scene.delta("I look at ")
    scene.delta('it. [read_file {"pa')


def running(scene):
    scene.say(written("read_file", path="a") + written("read_file", path="b"))
    scene.runner.ends("AAA")


def asking(scene):
    scene.call("write_file", path="a", content="A")


def answered(scene):
    scene.call("read_file", path="a")
    scene.runner.ends("AAA")


both_ways = pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "killed"])


@both_ways
@pytest.mark.parametrize("until", [writing, running, asking, answered])
def test_a_run_that_was_under_way_is_interrupted_and_starts_nothing_by_itself(tmp_path, is_closed, until):
    shown, key = leave(tmp_path, is_closed=is_closed, until=until)
    with open_scene(tmp_path) as scene:
        scene.session.show(shown)
        assert (scene.agent.run.key, scene.run_state) == (key, "interrupted")
        assert not scene.session.is_busy
        assert (scene.engine.prompts, scene.runner.runs) == ([], [])


@both_ways
def test_a_reply_goes_on_from_its_text_and_its_call_is_completed(tmp_path, is_closed):
    shown, key = leave(tmp_path, is_closed=is_closed, until=writing)
    with open_scene(tmp_path) as scene:
        scene.session.show(shown)
        scene.agent.proceed()
        assert scene.asked[-1] == ("assistant", 'I look at it. [read_file {"pa')
        scene.say('th": "a"}]\n')
        assert scene.runner.runs[0].arguments == {"path": "a"}
        assert scene.runner.runs[0].run_key == key
        assert scene.branch[1].text == "I look at it. "


@both_ways
def test_calls_without_results_are_taken_up_and_those_with_results_are_not_repeated(tmp_path, is_closed):
    shown, _key = leave(tmp_path, is_closed=is_closed, until=running)
    with open_scene(tmp_path) as scene:
        scene.session.show(shown)
        assert [call.state for call in scene.calls()] == ["done", "queued"]
        scene.agent.proceed()
        assert [run.arguments["path"] for run in scene.runner.runs] == ["b"]
        scene.runner.ends("BBB")
        assert scene.asked[-2:] == [("tool", "AAA"), ("tool", "BBB")]
        scene.say("Done.")
        assert scene.run_state == "complete"
        assert scene.roles == ["user", "assistant", "tool", "assistant"]


@both_ways
def test_a_call_that_asked_asks_again(tmp_path, is_closed):
    shown, _key = leave(tmp_path, is_closed=is_closed, until=asking)
    with open_scene(tmp_path) as scene:
        scene.session.show(shown)
        scene.agent.proceed()
        assert (scene.states, scene.runner.runs) == (["asking"], [])
        scene.agent.approve(scene.id)
        assert len(scene.runner.runs) == 1


@both_ways
def test_results_the_model_was_about_to_answer_are_answered(tmp_path, is_closed):
    shown, _key = leave(tmp_path, is_closed=is_closed, until=answered)
    with open_scene(tmp_path) as scene:
        scene.session.show(shown)
        scene.agent.proceed()
        assert scene.asked[-1] == ("tool", "AAA")
        assert len(scene.store.siblings(scene.last.id)) == 1


@both_ways
def test_what_the_user_said_meanwhile_is_not_lost(tmp_path, is_closed):
    def until(scene):
        asking(scene)
        scene.session.send("Use tabs.", references=(ReferencePart(path="a.py", text="x = 1\n"),))

    shown, _key = leave(tmp_path, is_closed=is_closed, until=until)
    with open_scene(tmp_path) as scene:
        scene.session.show(shown)
        assert scene.agent.run.injected == ("Use tabs.",)
        scene.agent.proceed()
        scene.agent.deny(scene.id)
        assert scene.asked[-1] == ("user", "File: a.py\n```python\nx = 1\n```\n\nUse tabs.")


def test_a_pause_lasts_over_a_restart_and_its_end_gives_the_whole_share_again(tmp_path):
    with open_scene(tmp_path) as scene:
        scene.ask()
        for _ in range(3):
            scene.call("read_file", path="a")
            scene.runner.ends("same")
        shown, before = scene.session.shown_id, scene.agent.run
        assert before.state == "paused"
    with open_scene(tmp_path) as scene:
        scene.session.show(shown)
        assert scene.agent.run == before
        scene.agent.proceed()
        ended = [change.span for change in scene.heard(SpanChanged) if change.span.kind == "pause"]
        assert ended[-1].end is not None
        assert scene.run_state == "running"


def test_going_on_without_a_model_or_a_folder_is_refused_in_words(tmp_path):
    shown, _key = leave(tmp_path, is_closed=True, until=running)
    with open_scene(tmp_path) as scene:
        scene.session.show(shown)
        (tmp_path / "work").rmdir()
        with pytest.raises(AppError, match="folder is gone"):
            scene.agent.proceed()
        scene.engine.model = None
        with pytest.raises(AppError, match="No model"):
            scene.agent.proceed()
        assert scene.run_state == "interrupted"


def test_there_is_nothing_to_go_on_with_in_a_new_conversation(scene):
    scene.agent.proceed()
    scene.session.set_workspace(scene.folder)
    assert scene.agent.run is None
    assert scene.engine.prompts == []


def test_calls_in_a_conversation_without_a_run_are_done_in_a_new_one(scene):
    conversation = scene.store.create("Brought along", workspace=scene.folder)
    asked = scene.store.add_turn(conversation.id, None, "user", (TextPart(text="Read it."),), "complete")
    turn = scene.store.add_turn(conversation.id, asked.id, "assistant", (), "streaming")
    call = ToolCallPart(call_id=call_id(turn.id, 0), name="read_file", arguments={"path": "a"})
    scene.store.finish_turn(turn.id, (call,), "complete")
    scene.session.show(conversation.id)
    assert scene.agent.run is None
    scene.agent.proceed()
    scene.runner.ends("its text")
    assert scene.results[0].content == "its text"
    assert scene.agent.run.asked_id == asked.id
