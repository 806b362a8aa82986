"""A conversation reaches every template in the one form all of them accept."""

from __future__ import annotations

from app.engine.messages import ChatMessage, ToolCall
from app.engine.prompts.normalise import NO_RESULT, alternating, as_variables, normalised, shapes, without_system


def _say(role, content="", **fields):
    return ChatMessage(role=role, content=content, **fields)


def _result(content, call_id=""):
    return _say("tool", content, tool_call_id=call_id)


def _calls(*ids):
    return tuple(ToolCall(name=f"tool_{n}", arguments={}, id=call_id) for n, call_id in enumerate(ids))


def test_a_good_conversation_stays_as_it_is():
    messages = (_say("system", "s"), _say("user", "u"), _say("assistant", "a"), _say("user", "v"))
    assert normalised(messages) == messages


def test_system_messages_become_one_at_the_head():
    messages = (_say("user", "u"), _say("system", "one"), _say("assistant", "a"), _say("system", "two"))
    assert normalised(messages) == (_say("system", "one\n\ntwo"), _say("user", "u"), _say("assistant", "a"))


def test_results_come_in_the_order_of_their_calls():
    messages = (_say("assistant", tool_calls=_calls("x", "y")), _result("of y", "y"), _result("of x", "x"))
    _, first, second = normalised(messages)
    assert (first.content, first.name) == ("of x", "tool_0")
    assert (second.content, second.name) == ("of y", "tool_1")


def test_results_without_ids_are_taken_in_order():
    messages = (_say("assistant", tool_calls=_calls("", "")), _result("first"), _result("second"))
    assistant, first, second = normalised(messages)
    assert [first.content, second.content] == ["first", "second"]
    assert [call.id for call in assistant.tool_calls] == [first.tool_call_id, second.tool_call_id]


def test_a_call_without_result_is_said_to_have_none():
    messages = (_say("assistant", tool_calls=_calls("x", "y")), _result("of y", "y"), _say("user", "go on"))
    assert [m.content for m in normalised(messages)] == ["", NO_RESULT, "of y", "go on"]


def test_calls_at_the_end_still_wait_for_their_results():
    messages = (_say("user", "u"), _say("assistant", tool_calls=_calls("x")))
    assert normalised(messages) == messages


def test_a_result_of_no_known_call_is_not_lost():
    messages = (_say("assistant", tool_calls=_calls("x")), _result("of x", "x"), _result("of z", "z"))
    assert [m.content for m in normalised(messages)] == ["", "of x", "of z"]


def test_neighbours_of_one_role_are_joined_but_results_are_not():
    messages = (_say("user", "a"), _say("user", "b"), _result("x", "1"), _result("y", "2"))
    assert alternating(messages) == (_say("user", "a\n\nb"), *messages[2:])


def test_joined_replies_keep_their_ids_only_together():
    known, unknown = _say("assistant", "a", token_ids=(1, 2)), _say("assistant", "b")
    assert alternating((known, known))[0].token_ids == (1, 2, 1, 2)
    assert alternating((known, unknown))[0].token_ids is None


def test_the_system_message_can_move_into_the_first_question():
    messages = (_say("system", "s"), _say("user", "u"))
    assert without_system(messages) == (_say("user", "s\n\nu"),)


def test_shapes_are_tried_once_each():
    messages = (_say("user", "u"), _say("assistant", "a"))
    assert list(shapes(messages)) == [messages]


def test_arguments_reach_the_template_as_an_object_and_text_as_text():
    call = ToolCall(name="read", arguments={"path": "a.py"}, id="1")
    fields = as_variables(_say("assistant", "", tool_calls=(call,)), "")
    assert fields["content"] == ""
    assert fields["tool_calls"][0]["function"] == {"name": "read", "arguments": {"path": "a.py"}}
    assert "tool_calls" not in as_variables(_say("user", "u"), "u")
