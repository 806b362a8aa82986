"""Where the time and the tokens of a run went: spans on one axis, told while they last and kept when they end."""

import itertools

from app.agent.run_store import RunStore
from app.chat.changes import SpanChanged
from app.engine.messages import PromptProgress
from tests.agent.scenes import open_scene


def reads(scene, done=9, reused=5):
    request = scene.engine.last_request
    scene.hear(PromptProgress(request=request, done=done, total=9, reused=reused, tokens_per_second=50.0))


def told(scene):
    """Hold a run with a tool, an approval and a question."""
    scene.ask()
    reads(scene, 7)
    reads(scene)
    scene.call("read_file", path="a")
    scene.runner.ends("A")
    reads(scene)
    scene.call("write_file", path="a", content="A")
    scene.agent.approve(scene.id)
    scene.runner.ends("Written.", outcome="failed")
    reads(scene)
    scene.call("ask_user", question="Good?")
    scene.agent.answer(scene.id, "Yes.")
    reads(scene)
    scene.say("Done.")
    return scene.agent.run


def test_every_stretch_of_a_run_is_a_span_in_its_order(scene):
    run = told(scene)
    reply = ["queue", "prompt", "generate"]
    assert [span.kind for span in run.spans] == [
        *reply,
        "tool",
        *reply,
        "approval",
        "tool",
        *reply,
        "question",
        *reply,
    ]
    assert [span.number for span in run.spans] == list(range(len(run.spans)))
    for before, after in itertools.pairwise(run.spans):
        assert before.start <= before.end <= after.start


def test_spans_have_their_tokens_their_turn_and_how_they_ended(scene):
    run = told(scene)
    _queue, prompt, generate, tool, *rest = run.spans
    assert (prompt.tokens, prompt.reused_tokens) == (4, 5)
    assert (generate.tokens, generate.outcome, generate.turn_id) == (2, "eos", scene.branch[1].id)
    assert (tool.title, tool.outcome, tool.turn_id) == ("read_file", "done", scene.branch[1].id)
    assert tool.call_id == scene.calls()[0].part.call_id
    approval, written = rest[3:5]
    assert (approval.outcome, written.outcome, approval.call_id) == ("approved", "failed", written.call_id)


def test_a_span_is_told_when_it_begins_grows_and_ends(scene):
    scene.ask()
    reads(scene, 7)
    reads(scene)
    scene.delta("Hello")
    prompt = [change.span for change in scene.heard(SpanChanged) if change.span.kind == "prompt"]
    assert [(span.tokens, span.end is None) for span in prompt] == [(0, True), (2, True), (4, True), (4, False)]


def test_a_run_is_the_same_from_the_store_as_it_was_told(scene):
    run = told(scene)
    stored = RunStore(scene.store)
    assert stored.last(scene.session.shown_id) == run
    assert stored.with_key(run.key) == run
    assert stored.of_turn(scene.branch[1].id) == run
    assert stored.with_key("none") is None


def test_what_had_ended_is_kept_when_sawhorse_is_killed(tmp_path):
    with open_scene(tmp_path) as scene:
        scene.ask()
        reads(scene)
        scene.call("read_file", path="a")
        shown = scene.session.shown_id
        assert [span.kind for span in scene.agent.run.spans][-1] == "tool"
    with open_scene(tmp_path) as scene:
        scene.session.show(shown)
        assert [span.kind for span in scene.agent.run.spans] == ["queue", "prompt", "generate"]
        scene.agent.proceed()
        scene.runner.ends()
        numbers = [span.number for span in scene.agent.run.spans]
        assert numbers == sorted(set(numbers))


def test_a_clock_that_is_set_back_does_not_turn_time_round(scene):
    scene.ask()
    reads(scene)
    scene.now -= 3600
    scene.call("read_file", path="a")
    scene.runner.ends()
    spans = [span for span in scene.agent.run.spans if span.end is not None]
    assert all(span.start <= span.end for span in spans)


def test_runs_go_with_their_conversation(scene):
    run = told(scene)
    scene.store.connection.execute("DELETE FROM conversations")
    assert RunStore(scene.store).with_key(run.key) is None
