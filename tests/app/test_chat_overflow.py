"""A conversation that has outgrown the context: nothing is left out in silence, whichever policy holds."""

import pytest

from app.chat.changes import GenerationStarted, TurnChanged
from app.chat.prompts import SUMMARY_HEADING
from app.chat.replier import SUMMARY_TOKENS
from app.conversations.parts import ReasoningPart
from app.engine.messages import Finished
from tests.app.chats import INSTRUCTION, STATS, cuts, notices, open_chat

TALK = ("Q1", "A1", "Q2", "A2", "Q3")
#: Where the messages of TALK begin: what follows Q2 is 700 tokens long, what follows Q3 is 200.
OFFSETS = (20, 300, 520, 800, 1020)


@pytest.fixture
def chat(tmp_path):
    with open_chat(tmp_path) as opened:
        yield opened


def overflowing(chat, overflow):
    """Hold a conversation whose last question no longer fits; return the id of that question."""
    chat.talk(*TALK, overflow=overflow, system_prompt="Be brief.")
    chat.overflow()
    return chat.branch[-2].id


def count(chat):
    chat.count(0, *OFFSETS)


# --- stop -------------------------------------------------------------------------------------------------


def test_stopping_explains_with_numbers_and_sends_nothing(chat):
    overflowing(chat, "stop")
    assert (chat.last.state, notices(chat.last), cuts(chat.last)) == ("failed", ["context_full"], [])
    assert "1,200" in chat.last.parts[0].message
    assert "1,000" in chat.last.parts[0].message
    assert (len(chat.engine.prompts), chat.engine.counted) == (3, [])


def test_the_choice_can_be_made_for_one_reply(chat):
    question = overflowing(chat, "stop")
    chat.session.resume(chat.last.id, "drop_oldest")
    chat.overflow()
    count(chat)
    assert chat.asked == [("system", "Be brief."), ("user", "Q3")]
    chat.say("A3")
    assert cuts(chat.last)[0].first_kept_id == question
    assert chat.session.conversation.overflow == "stop"


# --- drop_oldest ------------------------------------------------------------------------------------------


def test_dropping_sends_the_rest_and_records_what_was_left_out(chat):
    question = overflowing(chat, "drop_oldest")
    count(chat)
    assert chat.asked == [("system", "Be brief."), ("user", "Q3")]
    assert [part.dropped_turns for part in chat.heard(TurnChanged)[-1].turn.parts] == [4]
    chat.say("A3")
    (cut,) = cuts(chat.last)
    assert (cut.first_kept_id, cut.dropped_turns, cut.summary) == (question, 4, "")
    assert (chat.last.text, chat.last.state) == ("A3", "complete")
    assert chat.texts == [*TALK, "A3"]


def test_following_prompts_begin_where_the_cut_was_made(chat):
    overflowing(chat, "drop_oldest")
    count(chat)
    chat.say("A3")
    chat.session.send("Q4")
    assert chat.asked == [("system", "Be brief."), ("user", "Q3"), ("assistant", "A3"), ("user", "Q4")]


def test_a_later_cut_counts_from_the_one_before(chat):
    overflowing(chat, "drop_oldest")
    count(chat)
    chat.say("A3")
    chat.talk("Q4", "A4", "Q5")
    chat.overflow()
    chat.count(0, *OFFSETS)  # Q3, A3, Q4, A4, Q5
    assert chat.asked == [("system", "Be brief."), ("user", "Q5")]
    chat.say("A5")
    (cut,) = cuts(chat.last)
    assert (cut.first_kept_id, cut.dropped_turns) == (chat.branch[-2].id, 4)


def test_a_branch_from_before_the_cut_is_sent_whole(chat):
    overflowing(chat, "drop_oldest")
    count(chat)
    chat.say("A3")
    chat.session.edit(chat.branch[2].id, "Q2, better")
    assert [text for _role, text in chat.asked] == ["Be brief.", "Q1", "A1", "Q2, better"]


def test_a_message_that_does_not_fit_alone_is_explained_and_nothing_is_cut(chat):
    chat.session.send("A very long message", overflow="drop_oldest")
    chat.overflow()
    chat.count(20)
    assert (chat.last.state, notices(chat.last), cuts(chat.last)) == ("failed", ["context_full"], [])
    assert "alone" in chat.last.parts[0].title
    assert len(chat.engine.prompts) == 1


def test_what_does_not_fit_even_after_the_cut_ends_the_reply(chat):
    overflowing(chat, "drop_oldest")
    count(chat)
    chat.overflow()
    assert (chat.last.state, notices(chat.last)) == ("failed", ["context_full"])
    assert chat.session.generating_turn is None


def test_a_count_that_does_not_match_the_messages_ends_the_reply_instead_of_cutting_anywhere(chat):
    overflowing(chat, "drop_oldest")
    chat.count(20, 40)
    assert (chat.last.state, notices(chat.last), cuts(chat.last)) == ("failed", ["context_full"], [])


def test_a_reply_that_filled_the_context_goes_on_after_a_cut(chat):
    chat.talk(*TALK[:4], "Q3", overflow="stop")
    chat.say("Long", "context_full", ids=(1,))
    chat.session.resume(chat.last.id, "drop_oldest")
    chat.overflow()
    chat.count(*OFFSETS, 1150)
    prompt = chat.engine.prompts[-1]
    assert chat.asked == [("user", "Q3"), ("assistant", "Long")]
    assert prompt.continue_last
    assert prompt.messages[-1].token_ids == (1,)
    chat.say(" reply")
    assert (chat.last.text, chat.last.state, len(cuts(chat.last))) == ("Long reply", "complete", 1)


def test_turns_that_say_nothing_to_this_model_do_not_move_the_cut(chat):
    chat.talk("Q1", "A1", "Q2", overflow="drop_oldest")
    chat.say("<think>Hm", "cancelled", ids=(1, 2))  # ids of a model that is not there any more, and no text
    assert chat.last.parts == (ReasoningPart(text="Hm"),)
    chat.engine.change_model("other")
    chat.session.send("Q3")
    question = chat.branch[-2].id
    assert chat.asked == [("user", "Q1"), ("assistant", "A1"), ("user", "Q2"), ("user", "Q3")]
    chat.overflow()
    chat.count(20, 300, 520, 1020)
    chat.say("A3")
    assert (cuts(chat.last)[0].first_kept_id, cuts(chat.last)[0].dropped_turns) == (question, 3)


# --- summarise --------------------------------------------------------------------------------------------


def test_the_turns_that_are_cut_are_summarised_first(chat):
    overflowing(chat, "summarise")
    count(chat)
    assert chat.asked == [
        ("system", "Be brief."),
        ("user", "Q1"),
        ("assistant", "A1"),
        ("user", "Q2"),
        ("assistant", "A2"),
        ("user", INSTRUCTION),
    ]
    assert chat.engine.samplings[-1].max_tokens == SUMMARY_TOKENS
    assert [change.purpose for change in chat.heard(GenerationStarted)[-2:]] == ["reply", "summary"]


def test_the_summary_stands_in_for_them_now_and_later_and_is_no_reply(chat):
    overflowing(chat, "summarise")
    count(chat)
    chat.say("\nThey said A.\n")
    summarised = ("system", f"Be brief.\n\n{SUMMARY_HEADING}\nThey said A.")
    assert chat.asked == [summarised, ("user", "Q3")]
    chat.say("A3")
    assert chat.last.text == "A3"
    assert (cuts(chat.last)[0].summary, cuts(chat.last)[0].dropped_turns) == ("They said A.", 4)
    chat.session.send("Q4")
    assert chat.asked == [summarised, ("user", "Q3"), ("assistant", "A3"), ("user", "Q4")]


def test_a_summary_under_way_is_not_written_down_as_the_reply(chat):
    overflowing(chat, "summarise")
    count(chat)
    chat.delta("They said")
    chat.now += 10
    chat.replier.save()
    chat.replier.save_now()
    assert chat.last.parts == ()
    assert chat.session.generating_turn.parts == ()


def end_by_stopping(chat):
    chat.session.stop()
    assert chat.engine.cancelled == [chat.engine.last_request]
    chat.finish("cancelled")


def end_by_stopping_too_late(chat):
    chat.session.stop()
    chat.finish("eos")


def end_by_deleting(chat):
    chat.session.delete_turn(chat.last.id)()


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (end_by_stopping, "stopped"),
        (end_by_stopping_too_late, "stopped"),
        (end_by_deleting, "stopped"),
        (lambda chat: chat.die(), "failed"),
        (lambda chat: chat.fail("decode"), "failed"),
        (lambda chat: chat.overflow(), "failed"),
    ],
    ids=["stopped", "stopped too late", "deleted and back", "died", "failed", "too long itself"],
)
def test_without_its_summary_nothing_is_cut(chat, end, state):
    overflowing(chat, "summarise")
    count(chat)
    asked = len(chat.engine.prompts)
    chat.delta("They said")
    end(chat)
    assert (chat.last.state, chat.last.text, cuts(chat.last)) == (state, "", [])
    assert chat.session.generating_turn is None
    assert len(chat.engine.prompts) == asked


def test_too_much_to_summarise_is_not_called_a_long_message_and_the_turns_can_be_dropped(chat):
    overflowing(chat, "summarise")
    count(chat)
    chat.overflow(prompt_tokens=1010)
    (notice,) = chat.last.parts
    assert notice.code == "context_full"
    assert "last message" not in notice.title
    assert "1,010" in notice.message


# --- stopping while room is made --------------------------------------------------------------------------


def test_stopping_while_the_prompt_is_counted_ends_the_reply(chat):
    overflowing(chat, "drop_oldest")
    chat.session.stop()
    count(chat)  # counting is not interrupted; its answer still comes
    assert (chat.last.state, chat.last.parts) == ("stopped", ())
    assert len(chat.engine.prompts) == 3


def test_stopping_before_the_overflow_is_known_ends_the_reply(chat):
    chat.talk(*TALK, overflow="drop_oldest")
    chat.session.stop()
    chat.overflow()
    assert (chat.last.state, chat.last.parts) == ("stopped", ())
    assert chat.engine.counted == []


def test_a_stop_does_not_outlive_its_reply(chat):
    overflowing(chat, "drop_oldest")
    chat.session.stop()
    count(chat)
    chat.session.resume(chat.last.id)
    chat.overflow()
    count(chat)
    chat.hear(Finished(request=chat.engine.last_request, reason="eos", token_ids=(), stats=STATS))
    assert chat.last.state == "complete"
