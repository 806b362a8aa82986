"""Replays: whatever way one goes through a run, what is shown is what was there."""

from __future__ import annotations

import msgspec
import pytest

from app.agent.replay import Replay
from app.agent.replay_schedule import schedule
from app.chat.changes import (
    CallChanged,
    CallGrew,
    PromptRead,
    RunChanged,
    SpanChanged,
    TextAppended,
    ToolPrinted,
    TurnAdded,
    TurnChanged,
)
from app.conversations.parts import TextPart, ToolCallPart, ToolResultPart
from tests.ui.run_examples import demo_run, malformed_call


@pytest.fixture(scope="module")
def export():
    return demo_run(30)


@pytest.fixture
def replay(export):
    return Replay(export)


def everything(replay):
    return replay.advance(replay.length)


def of(changes, kind):
    return [change for change in changes if isinstance(change, kind)]


def test_the_end_of_a_replay_is_the_run_itself(export, replay):
    snapshot = replay.seek(replay.length)
    assert snapshot.turns == export.turns
    assert snapshot.run == export.run
    assert replay.is_over


def test_the_beginning_is_the_task_alone(export, replay):
    snapshot = replay.seek(0.0)
    assert [turn.id for turn in snapshot.turns] == [1, 2]
    assert snapshot.turns[0] == export.turns[0]
    assert (snapshot.turns[1].state, snapshot.turns[1].parts) == ("streaming", ())
    assert snapshot.run.state == "running"
    assert not replay.is_over


def test_changes_come_in_the_order_of_time_and_each_span_ends_once(export):
    timed = schedule(export)
    assert [one.at for one in timed] == sorted(one.at for one in timed)
    spans = of([one.change for one in timed], SpanChanged)
    assert [change.span.number for change in spans if change.span.end is None] == list(range(len(export.run.spans)))
    assert {change.span for change in spans if change.span.end is not None} == set(export.run.spans)


def test_text_comes_in_pieces_that_make_the_whole(export, replay):
    changes = everything(replay)
    for turn in export.turns:
        pieces = [change.text for change in of(changes, TextAppended) if change.turn_id == turn.id]
        if turn.role == "assistant":
            assert "".join(pieces) == turn.text
    assert len(of(changes, TextAppended)) > 50


def test_a_calls_arguments_grow_while_it_is_written(export, replay):
    changes = everything(replay)
    edit = next(part for turn in export.turns for part in turn.parts if getattr(part, "name", "") == "edit_file")
    grown: dict[str, str] = {}
    for change in of(changes, CallGrew):
        if change.call_id == edit.call_id:
            grown[change.key] = grown.get(change.key, "") + change.text
    assert grown == edit.arguments


def test_a_call_goes_through_its_states_to_its_result(replay):
    states: dict[str, list[str]] = {}
    for change in of(everything(replay), CallChanged):
        states.setdefault(change.call.part.call_id, []).append(change.call.state)
    assert states["call00001"] == ["writing", "queued", "running", "done"]
    assert states["call00004"] == ["writing", "queued", "asking", "running", "done"]
    denied = next(change.call for change in of(everything(Replay(demo_run(7))), CallChanged)
                  if change.call.result and change.call.result.outcome == "denied")  # fmt: skip
    assert states[denied.part.call_id] == ["writing", "queued", "asking", "done"]


def test_nothing_in_a_replay_can_be_acted_upon(replay):
    assert all(change.call.is_record for change in of(everything(replay), CallChanged))


def test_no_result_is_told_before_its_time(replay):
    for change in of(everything(replay), CallChanged):
        assert (change.call.result is not None) == (change.call.state == "done")


def test_what_a_command_printed_comes_while_it_runs(export, replay):
    printed: dict[str, str] = {}
    for change in of(everything(replay), ToolPrinted):
        printed[change.call_id] = printed.get(change.call_id, "") + change.text
    views = {
        part.call_id: part.view.output
        for turn in export.turns
        for part in turn.parts
        if getattr(getattr(part, "view", None), "output", "")
    }
    assert printed == views


def test_a_malformed_call_is_kept_and_said_to_be_invalid(export):
    turn = msgspec.structs.replace(export.turns[1], parts=(malformed_call(),))
    changes = everything(Replay(msgspec.structs.replace(export, turns=(export.turns[0], turn))))
    assert [change.call.state for change in of(changes, CallChanged)] == ["writing", "invalid"]


def test_a_malformed_call_that_a_person_mended_ends_as_done(export):
    bad = malformed_call()
    mended = ToolResultPart(call_id=bad.call_id, name="read_file", content="text", arguments={"path": "a.py"})
    turn = msgspec.structs.replace(export.turns[1], parts=(bad,))
    results = msgspec.structs.replace(export.turns[2], parts=(mended,))
    changes = everything(Replay(msgspec.structs.replace(export, turns=(export.turns[0], turn, results))))
    assert [change.call.state for change in of(changes, CallChanged)][-1] == "done"


def test_the_prompt_is_read_before_the_reply_begins(replay):
    changes = everything(replay)
    first = next(place for place, change in enumerate(changes) if isinstance(change, TextAppended))
    assert len(of(changes[:first], PromptRead)) > 3
    assert all(change.reused <= change.done <= change.total for change in of(changes, PromptRead))


def test_playing_in_small_steps_tells_the_same_as_playing_at_once(export):
    slow, fast = Replay(export), Replay(export)
    told = []
    while not slow.is_over:
        told += slow.advance(0.731)
    assert told == fast.advance(fast.length)


def test_going_back_and_forth_ends_where_going_straight_does(export):
    wandering, straight = Replay(export), Replay(export)
    for share in (0.9, 0.2, 0.7, 0.1, 0.5):
        there = wandering.seek(wandering.length * share)
        assert there == Replay(export).seek(straight.length * share)
    assert wandering.seek(50.0) == straight.seek(50.0)


def test_stepping_stops_where_something_begins(export):
    replay = Replay(export)
    replay.advance(0.0)
    seen = 0
    while not replay.is_over:
        begun = [change for change in of(replay.step(), SpanChanged) if change.span.end is None]
        assert begun or replay.is_over
        seen += bool(begun)
    assert seen == replay.steps - 1


def test_long_waits_do_not_make_a_replay_long(export, replay):
    assert replay.length < export.run.spans[-1].end / 3
    replay.seek(replay.length)
    assert replay.seconds == pytest.approx(export.run.spans[-1].end)


def test_a_person_who_spoke_in_between_is_heard_before_the_next_reply(export):
    injected = msgspec.structs.replace(export.turns[0], id=1000, parts=(TextPart(text="Also the docs."),))
    turns = (*export.turns[:3], injected, *export.turns[3:])
    added = [
        change.turn.id for change in of(everything(Replay(msgspec.structs.replace(export, turns=turns))), TurnAdded)
    ]
    assert added[:5] == [1, 2, 3, 1000, 4]


def test_an_interrupted_run_ends_as_it_was_left(export):
    spans = (*export.run.spans[:3], msgspec.structs.replace(export.run.spans[3], end=None))
    run = msgspec.structs.replace(export.run, state="interrupted", reason="Sawhorse ended.", spans=spans)
    replay = Replay(msgspec.structs.replace(export, run=run, turns=export.turns[:4]))
    snapshot = replay.seek(replay.length)
    assert (snapshot.run.state, snapshot.run.reason) == ("interrupted", "Sawhorse ended.")
    assert snapshot.run.spans[-1].end is None


def test_a_run_without_spans_or_turns_is_over_at_once(export):
    empty = msgspec.structs.replace(export, run=msgspec.structs.replace(export.run, spans=()), turns=())
    replay = Replay(empty)
    assert [type(change) for change in replay.advance(1.0)] == [RunChanged, RunChanged]
    assert (replay.is_over, replay.length) == (True, 0.0)
    assert replay.step() == []


def test_calls_that_share_an_id_do_not_break_a_replay(export):
    call = ToolCallPart(call_id="same", name="list_dir", arguments={"path": "."}, raw="x")
    turn = msgspec.structs.replace(export.turns[1], parts=(call, call))
    replay = Replay(msgspec.structs.replace(export, turns=(export.turns[0], turn)))
    assert of(everything(replay), TurnChanged)[0].turn == turn
