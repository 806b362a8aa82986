"""What a branch of a conversation becomes for the model, and what is left out when it is too long."""

from app.chat.overflow import first_kept_turn
from app.chat.prompts import build_prompt
from app.conversations.parts import ContextCutPart, NoticePart, TextPart, ToolCallPart, ToolResultPart, Turn


def turn(number, role, *parts, ids=None, fingerprint="f"):
    parts = tuple(TextPart(text=p) if isinstance(p, str) else p for p in parts)
    return Turn(
        id=number,
        conversation_id=1,
        parent_id=None,
        role=role,
        parts=parts,
        state="complete",
        created_at=0,
        token_ids=ids,
        fingerprint=fingerprint,
    )


def roles_and_texts(prompt):
    return [(message.role, message.content) for message in prompt.messages]


def test_the_system_prompt_comes_first_and_only_when_there_is_one():
    branch = [turn(1, "user", "Hi")]
    assert roles_and_texts(build_prompt("Be brief.", branch, "f")) == [("system", "Be brief."), ("user", "Hi")]
    assert roles_and_texts(build_prompt("", branch, "f")) == [("user", "Hi")]


def test_ids_are_used_only_with_the_model_that_made_them():
    branch = [turn(1, "user", "Hi"), turn(2, "assistant", "Yo", ids=(5, 6))]
    assert build_prompt("", branch, "f").messages[1].token_ids == (5, 6)
    assert build_prompt("", branch, "other").messages[1].token_ids is None


def test_a_reply_that_never_said_anything_is_left_out():
    failed = NoticePart(level="error", code="failed", title="It failed")
    branch = [turn(1, "user", "Hi"), turn(2, "assistant", failed), turn(3, "user", "Again")]
    assert roles_and_texts(build_prompt("", branch, "f")) == [("user", "Hi"), ("user", "Again")]


def test_notices_are_never_sent():
    branch = [turn(1, "assistant", "Text", NoticePart(level="info", code="max_tokens", title="Limit"))]
    assert roles_and_texts(build_prompt("", branch, "f")) == [("assistant", "Text")]


def test_tool_calls_and_results_keep_their_ids():
    branch = [
        turn(1, "assistant", ToolCallPart(call_id="a", name="ls", arguments={"path": "."})),
        turn(2, "tool", ToolResultPart(call_id="a", name="ls", content="x.py")),
    ]
    call, result = build_prompt("", branch, "f").messages
    assert (call.tool_calls[0].name, call.tool_calls[0].id) == ("ls", "a")
    assert (result.role, result.tool_call_id, result.content) == ("tool", "a", "x.py")


def test_what_was_cut_stays_cut_and_its_summary_stands_in():
    cut = ContextCutPart(first_kept_id=3, dropped_turns=2, summary="They said hello.")
    branch = [turn(1, "user", "Hi"), turn(2, "assistant", "Yo"), turn(3, "user", "Q"), turn(4, "assistant", cut, "A")]
    system, *rest = build_prompt("Be brief.", [*branch, turn(5, "user", "More")], "f").messages
    assert "Be brief." in system.content
    assert "They said hello." in system.content
    assert [message.content for message in rest] == ["Q", "A", "More"]


def conversation(length):
    return [turn(i, "user" if i % 2 else "assistant", "x") for i in range(1, length + 1)]


def test_a_cut_reaches_half_of_the_context_and_falls_before_a_user():
    turns = conversation(10)
    offsets = [20 + 100 * i for i in range(10)]
    first = first_kept_turn(turns, offsets, total_tokens=1020, n_ctx=1000, max_tokens=-1)
    assert first.role == "user"
    assert 20 + 1020 - offsets[first.id - 1] <= 500


def test_a_cut_leaves_the_room_that_the_reply_asked_for():
    turns = conversation(10)
    offsets = [100 * i for i in range(10)]
    first = first_kept_turn(turns, offsets, total_tokens=1000, n_ctx=1000, max_tokens=700)
    assert 1000 - offsets[first.id - 1] <= 500


def test_when_only_the_last_message_fits_it_alone_is_kept():
    turns = conversation(3)
    assert first_kept_turn(turns, [0, 300, 400], total_tokens=1200, n_ctx=1000, max_tokens=-1).id == 3


def test_nothing_can_be_cut_from_a_single_message_that_is_too_long():
    assert first_kept_turn(conversation(1), [0], total_tokens=1200, n_ctx=1000, max_tokens=-1) is None
