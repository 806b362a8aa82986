"""A run that outgrows the context: a cut never parts a call from its result, and the question stays."""

import pytest

from app.chat.overflow import first_kept_turn
from app.conversations.parts import Turn
from tests.agent.scenes import written
from tests.app.chats import cuts


def turns(*roles):
    return [
        Turn(id=n, conversation_id=1, parent_id=None, role=role, parts=(), state="complete", created_at=0)
        for n, role in enumerate(roles)
    ]


RUN = turns("user", "assistant", "tool", "assistant", "tool", "assistant", "tool")


def test_inside_a_run_the_cut_falls_before_a_reply_to_results():
    offsets = (10, 30, 100, 400, 450, 700, 720)
    assert first_kept_turn(RUN, offsets, 1200, 1300, 100).id == 5  # 10 + 20 + (1200 - 700)
    assert first_kept_turn(RUN, offsets, 1200, 2000, 100).id == 3


def test_a_question_further_on_goes_before_a_step_of_a_run():
    branch = [*RUN, *turns("user")]
    assert first_kept_turn(branch, (10, 30, 100, 400, 450, 700, 720, 900), 1000, 1100, 100).role == "user"


def test_a_run_of_one_step_cannot_be_cut():
    assert first_kept_turn(RUN[:3], (10, 30, 100), 1200, 1000, 100) is None


def long_run(scene, overflow):
    """Hold a run of three steps whose next reply does not fit; return the turns."""
    scene.session.set_workspace(scene.folder)
    scene.session.send("The task.", overflow=overflow)
    for number in range(3):
        scene.say(written("read_file", path=f"{number}") + written("read_file", path=f"{number}b"))
        scene.runner.ends(f"R{number}")
        scene.runner.ends(f"R{number}b")
    scene.overflow()
    return scene.branch


#: Of the system message, the question, and three times a reply with two calls and their results.
OFFSETS = (0, 20, 40, 100, 100, 400, 420, 420, 800, 820, 820)


@pytest.mark.parametrize("overflow", ["drop_oldest", "summarise"])
def test_making_room_inside_a_run_keeps_its_question_and_whole_steps(scene, overflow):
    branch = long_run(scene, overflow)
    scene.count(*OFFSETS)
    if overflow == "summarise":
        summary = scene.engine.prompts[-1]
        assert summary.tools
        assert [message.role for message in summary.messages] == [
            "system",
            "user",
            *["assistant", "tool", "tool"] * 2,
            "user",
        ]
        scene.say("They read files.")
    assert [message.role for message in scene.engine.prompts[-1].messages] == [
        "system",
        "user",
        "assistant",
        "tool",
        "tool",
    ]
    assert scene.asked[1] == ("user", "The task.")
    assert scene.asked[-1] == ("tool", "R2b")
    scene.say("Done.")
    (cut,) = cuts(scene.last)
    assert (cut.first_kept_id, cut.dropped_turns) == (branch[5].id, 4)
    scene.session.send("Thanks.")
    assert scene.asked[1:3] == [("user", "The task."), ("assistant", "")]


def test_where_the_places_are_not_known_it_says_so(scene):
    long_run(scene, "drop_oldest")
    scene.count()
    assert (scene.run_state, scene.last.state) == ("failed", "failed")
    assert scene.agent.run.reason == "This conversation no longer fits the context"
