"""When a run stops by itself to ask: limits, circles, calls that cannot be run; and how it goes on."""

from app.agent.limits import Spent, limit_reached, spent
from app.agent.loop_guard import AGAIN, LoopGuard, words_only
from app.agent.trace import RunLimits, Span
from tests.agent.scenes import written


def limited(scene, **limits):
    scene.settings.change(run_limits=RunLimits(**limits))
    scene.ask()


def step(scene, content="ok", **arguments):
    scene.call("read_file", **(arguments or {"path": content}))
    if scene.runner.is_running:
        scene.runner.ends(content)


def test_the_limit_of_replies_stops_before_the_next_and_going_on_gives_as_many_again(scene):
    limited(scene, turns=2)
    step(scene, "1")
    step(scene, "2")
    assert (scene.run_state, len(scene.engine.prompts)) == ("limit", 2)
    assert "2 replies" in scene.agent.run.reason
    assert scene.roles[-1] == "tool"
    key = scene.agent.run.key
    scene.agent.proceed()
    step(scene, "3")
    assert scene.run_state == "running"
    step(scene, "4")
    assert scene.run_state == "limit"
    assert scene.agent.run.key == key
    assert [span.kind for span in scene.agent.run.spans].count("pause") == 2


def test_going_on_does_nothing_where_every_turn_was_deleted(scene):
    limited(scene, turns=1)
    step(scene, "1")
    scene.session.delete_turn(scene.branch[0].id)
    scene.agent.proceed()
    assert (scene.branch, scene.run_state, len(scene.engine.prompts)) == ([], "limit", 1)


def test_the_limit_of_tokens_counts_what_was_written(scene):
    limited(scene, tokens=4)  # each reply is said to have two
    step(scene, "1")
    assert scene.run_state == "running"
    step(scene, "2")
    assert (scene.run_state, "4 tokens" in scene.agent.run.reason) == ("limit", True)


def test_the_limit_of_time_does_not_count_waiting_for_a_person(scene):
    limited(scene, seconds=60)
    scene.call("write_file", path="a", content="A")
    scene.now += 3600
    scene.agent.approve(scene.id)
    scene.now += 30
    scene.runner.ends()
    assert scene.run_state == "running"
    scene.call("read_file", path="a")
    scene.now += 31
    scene.runner.ends()
    assert (scene.run_state, "minutes" in scene.agent.run.reason) == ("limit", True)


def test_no_limit_is_no_limit():
    endless = RunLimits(turns=0, seconds=0, tokens=0)
    assert limit_reached(Spent(turns=10**6, seconds=1e9, tokens=10**9), endless) == ""


def test_only_what_follows_the_last_pause_counts():
    spans = (
        Span(number=0, kind="generate", start=0, end=5, turn_id=1, tokens=50),
        Span(number=1, kind="pause", start=5, end=100),
        Span(number=2, kind="approval", start=100, end=200, turn_id=2),
        Span(number=3, kind="generate", start=200, end=201, turn_id=2, tokens=7),
        Span(number=4, kind="generate", start=201, end=203, turn_id=2, tokens=3),
        Span(number=5, kind="tool", start=203, turn_id=2),
    )
    assert spent(spans) == Spent(turns=1, seconds=3, tokens=10)


def test_the_same_call_with_the_same_result_three_times_stops_to_ask(scene):
    scene.ask()
    for _ in range(3):
        assert scene.run_state == "running" if scene.results else True
        step(scene, "same")
    assert scene.run_state == "paused"
    assert "read_file 3 times" in scene.agent.run.reason
    assert not scene.session.is_busy
    scene.agent.proceed()
    assert scene.run_state == "running"
    assert scene.asked[-1] == ("tool", "same" + AGAIN)
    step(scene, "same")
    assert scene.run_state == "running"


def test_the_model_is_told_with_the_second_same_result_before_it_is_stopped(scene):
    scene.ask()
    step(scene, "same")
    assert scene.asked[-1] == ("tool", "same")
    step(scene, "same")
    assert scene.asked[-1] == ("tool", "same" + AGAIN)


def test_circles_of_several_readings_stop_to_ask_too(scene):
    scene.ask()
    for _ in range(2):
        step(scene, "a", path="a")
        step(scene, "b", path="b")
    assert scene.run_state == "running"
    step(scene, "a", path="a")
    assert scene.run_state == "paused"


def test_another_result_is_no_circle(scene):
    scene.ask()
    for number in range(6):
        step(scene, f"{number}", path="same")
    assert scene.run_state == "running"


def test_work_between_two_equal_readings_is_no_circle():
    guard = LoopGuard(RunLimits())
    for number in range(4):
        guard.note("read_file", {"path": "a"}, "done", "same", only_looks=True)
        guard.note("edit_file", {"path": "b"}, "done", f"{number}")
    assert not guard.reason


def test_a_model_that_reads_the_same_again_is_held_to_words(scene):
    scene.ask()
    step(scene, "same")
    assert scene.engine.samplings[-1].grammar == ""
    step(scene, "same")
    assert scene.engine.samplings[-1].grammar == words_only("plain words")


def test_only_malformed_calls_in_a_row_stop_to_ask(scene):
    scene.ask()
    bad = "[read_file {oops]\n"
    scene.say(bad)
    scene.say(bad)
    step(scene)
    scene.say(bad)
    scene.say(bad)
    assert scene.run_state == "running"
    scene.say(bad)
    assert (scene.run_state, "3 calls in a row" in scene.agent.run.reason) == ("paused", True)


def test_a_message_instead_of_going_on_begins_a_new_run(scene):
    limited(scene, turns=1)
    step(scene)
    first = scene.agent.run
    scene.session.send("Do something else.")
    assert scene.asked[-1] == ("user", "Do something else.")
    assert scene.agent.run.key != first.key
    assert scene.agent.run.asked_id == scene.branch[-2].id


def test_a_reply_cut_off_in_a_call_is_completed_and_then_run(scene):
    scene.ask()
    text = written("write_file", path="a", content="A")
    scene.say("Look.\n" + text[:20], "max_tokens", ids=(1, 2))
    assert scene.run_state == "limit"
    scene.agent.proceed()
    prompt = scene.engine.prompts[-1]
    assert prompt.continue_last
    assert (prompt.messages[-1].content, prompt.messages[-1].token_ids) == ("Look.\n" + text[:20], (1, 2))
    assert prompt.messages[-1].tool_calls == ()
    scene.say(text[20:], ids=(3,))
    (call,) = scene.calls()
    assert call.part.arguments == {"path": "a", "content": "A"}
    assert (call.part.raw, call.state) == (text, "asking")
    assert scene.last.token_ids == (1, 2, 3)


def test_a_reply_that_failed_fails_the_run_and_can_be_tried_again(scene):
    scene.ask()
    step(scene)
    scene.fail()
    assert (scene.run_state, scene.agent.run.reason) == ("failed", "It failed")
    scene.agent.proceed()
    assert [message.role for message in scene.engine.prompts[-1].messages][-1] == "tool"
    scene.say("Done.")
    assert scene.run_state == "complete"
    assert scene.roles == ["user", "assistant", "tool", "assistant"]
