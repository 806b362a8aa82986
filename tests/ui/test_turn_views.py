"""What the transcript shows of a branch with tools: no tool turns, calls at their replies, versions in reach."""

from __future__ import annotations

import pytest

from tests.ui.agent_fakes import call
from tests.ui.turns import turn
from ui.control.turn_views import turn_of_versions, view_of, views_of

BRANCH = [
    turn(1, "Do it.", role="user"),
    turn(2, "I look."),
    turn(3, role="tool"),
    turn(4, "I see."),
    turn(5, role="tool"),
]


def no_calls(_turn_id):
    return ()


def test_tool_turns_are_left_out_and_the_last_turn_shown_is_the_last():
    views = views_of(BRANCH, {}, no_calls)
    assert [(view.turn.id, view.is_last) for view in views] == [(1, False), (2, False), (4, True)]


def test_a_reply_after_tools_continues_the_one_before():
    assert [view.continues for view in views_of(BRANCH, {}, no_calls)] == [False, False, True]


def test_a_message_between_steps_is_answered_by_a_reply_of_its_own():
    branch = [*BRANCH, turn(6, "No, the other.", role="user"), turn(7, "Right.")]
    assert [view.continues for view in views_of(branch, {}, no_calls)][-2:] == [False, False]


def test_calls_stand_at_the_reply_that_made_them():
    branch = [BRANCH[0], turn(2, call(2).part), BRANCH[2], turn(4, "Wait.", state="streaming"), turn(6, "No calls.")]
    asked = []
    views = views_of(branch, {}, lambda turn_id: asked.append(turn_id) or (call(turn_id),))
    assert [len(view.calls) for view in views] == [0, 1, 1, 0]
    assert asked == [2, 4]


@pytest.mark.parametrize(
    ("siblings", "expected"),
    [({}, (4, 0, 1)), ({4: [4, 9]}, (4, 0, 2)), ({3: [3, 8]}, (3, 0, 2)), ({3: [1, 3], 4: [2, 4]}, (4, 1, 2))],
)
def test_versions_of_tool_results_are_reached_at_the_reply_after_them(siblings, expected):
    def siblings_of(turn_id):
        return siblings.get(turn_id, [turn_id])

    view = view_of(BRANCH[3], BRANCH[2], siblings_of, no_calls, is_last=True)
    version = turn_of_versions(BRANCH[3], BRANCH[2], siblings_of)
    assert (version, view.sibling_index, view.sibling_count) == expected


def test_versions_of_a_message_are_its_own_whatever_it_answers():
    assert turn_of_versions(BRANCH[1], BRANCH[0], lambda _turn_id: [1, 2]) == 2
