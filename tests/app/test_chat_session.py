"""What can be done in a conversation: send, regenerate, edit, go on, delete, and what is refused."""

import contextlib

import pytest

from app.chat.changes import BranchShown, GenerationEnded, TurnAdded, TurnChanged
from app.conversations.parts import TextPart
from app.conversations.store import ConversationStore
from app.errors import AppError
from tests.app.chats import open_chat


@pytest.fixture
def chat(tmp_path):
    with open_chat(tmp_path) as opened:
        yield opened


def stored_turns(chat):
    return [turn for talk in chat.store.conversations() for turn in chat.store.branch(talk.id)]


# --- sending ----------------------------------------------------------------------------------------------


def test_the_first_message_makes_a_conversation_with_a_title_and_what_was_set_for_it(chat):
    chat.session.send("Why is the sky blue? Tell me.", system_prompt="Be brief.", sampling={"top_k": 3})
    (conversation,) = chat.store.conversations()
    assert chat.session.conversation == conversation
    assert conversation.title == "Why is the sky blue?"
    assert (conversation.system_prompt, conversation.sampling) == ("Be brief.", {"top_k": 3})
    assert chat.asked == [("system", "Be brief."), ("user", "Why is the sky blue? Tell me.")]


def test_a_second_message_goes_to_the_conversation_on_show(chat):
    chat.talk("Q1", "A1", "Q2")
    assert len(chat.store.conversations()) == 1
    assert chat.asked == [("user", "Q1"), ("assistant", "A1"), ("user", "Q2")]


def test_sending_leaves_the_draft_to_whoever_typed_it(chat):
    chat.talk("Q1", "A1")
    chat.store.update(chat.session.shown_id, draft="half a thought")
    chat.session.send("Q2")
    assert chat.session.conversation.draft == "half a thought"


def test_the_question_and_the_reply_under_way_are_told_in_order(chat):
    chat.session.send("Q1")
    question, reply = (change.turn for change in chat.heard(TurnAdded))
    assert (question.role, question.text, question.state) == ("user", "Q1", "complete")
    assert (reply.role, reply.parent_id, reply.state) == ("assistant", question.id, "streaming")


def test_the_reply_names_the_model_as_people_call_it(chat):
    chat.talk("Q1", "A1")
    assert chat.last.model == "Echo"
    chat.session.model_name = "My model"
    chat.talk("Q2", "A2")
    assert chat.last.model == "My model"


def test_a_message_during_a_reply_is_refused_and_nothing_is_stored(chat):
    chat.session.send("Q1")
    before = stored_turns(chat)
    for _ in range(2):
        with pytest.raises(AppError, match="A reply is being made"):
            chat.session.send("Q2")
    chat.session.show(None)
    with pytest.raises(AppError, match="A reply is being made"):
        chat.session.send("Another conversation")
    assert stored_turns(chat) == before
    assert len(chat.engine.prompts) == 1


def test_without_a_model_a_message_is_refused_and_nothing_is_stored(chat):
    chat.engine.model = None
    with pytest.raises(AppError, match="No model is loaded"):
        chat.session.send("Q1")
    assert chat.store.conversations() == []
    assert chat.session.shown_id is None


def test_after_a_reply_the_next_message_is_taken(chat):
    for _ in range(3):
        chat.talk("Q", "A")
    assert chat.texts == ["Q", "A"] * 3
    assert len(chat.heard(GenerationEnded)) == 3


def test_the_branch_shows_the_reply_as_far_as_it_has_come(chat):
    chat.session.send("Q1")
    chat.delta("half a ")
    chat.delta("reply")
    assert [turn.text for turn in chat.session.branch] == ["Q1", "half a reply"]
    assert chat.session.generating_turn.text == "half a reply"
    chat.finish()
    assert chat.session.generating_turn is None


def test_the_prompt_of_an_unsent_message_is_what_sending_it_would_make(chat):
    assert [m.content for m in chat.session.prompt_with("Q", "System").messages] == ["System", "Q"]
    chat.talk("Q1", "A1", system_prompt="Be brief.")
    counted = chat.session.prompt_with("Q2", "ignored: the conversation has its own")
    chat.session.send("Q2")
    assert counted == chat.engine.prompts[-1]


# --- other versions ---------------------------------------------------------------------------------------


def test_regenerating_keeps_the_earlier_reply_as_a_sibling(chat):
    first = chat.talk("Q1", "A1")[-1]
    chat.session.regenerate(first.id)
    assert chat.asked == [("user", "Q1")]
    chat.say("B1")
    assert chat.texts == ["Q1", "B1"]
    assert chat.store.siblings(first.id) == [first.id, chat.last.id]
    assert chat.store.turn(first.id) == first


def test_regenerating_a_question_answers_it_again(chat):
    question = chat.talk("Q1", "A1", "Q2", "A2")[0]
    chat.session.regenerate(question.id)
    chat.say("B1")
    assert chat.texts == ["Q1", "B1"]


def test_arrows_switch_between_replies_and_the_next_message_goes_to_the_one_on_show(chat):
    first = chat.talk("Q1", "A1")[-1]
    chat.session.regenerate(first.id)
    chat.say("B1")
    chat.session.select_sibling(chat.last.id, -1)
    assert chat.heard(BranchShown)[-1] == BranchShown(chat.session.shown_id)
    assert chat.texts == ["Q1", "A1"]
    chat.session.send("Q2")
    assert chat.asked == [("user", "Q1"), ("assistant", "A1"), ("user", "Q2")]


def test_nothing_answers_a_reply_that_begins_a_conversation(chat):
    conversation = chat.store.create("Begun by the model")
    turn = chat.store.add_turn(conversation.id, None, "assistant", (TextPart(text="Hello"),), "complete")
    with pytest.raises(AppError, match="nothing to answer"):
        chat.session.regenerate(turn.id)
    assert chat.session.generating_turn is None


def test_an_edited_question_is_answered_beside_the_first(chat):
    question = chat.talk("Q1", "A1", "Q2", "A2")[0]
    chat.session.edit(question.id, "Q1, better")
    assert chat.asked == [("user", "Q1, better")]
    chat.say("B1")
    assert chat.texts == ["Q1, better", "B1"]
    chat.session.select_sibling(chat.branch[0].id, -1)
    assert chat.texts == ["Q1", "A1", "Q2", "A2"]


def test_an_edited_reply_stands_as_written_and_its_ids_are_not_the_models(chat):
    reply = chat.talk("Q1", "A1")[-1]
    chat.session.edit(reply.id, "What I wish it had said")
    assert chat.session.generating_turn is None
    assert len(chat.engine.prompts) == 1
    chat.session.send("Q2")
    assert chat.asked[1] == ("assistant", "What I wish it had said")
    assert chat.engine.prompts[-1].messages[1].token_ids is None
    assert chat.store.turn(reply.id) == reply


@pytest.mark.parametrize("verb", ["regenerate", "edit", "resume"])
def test_no_verb_begins_a_second_reply_or_leaves_a_turn_behind(chat, verb):
    question = chat.talk("Q1", "A1", "Q2")[0]
    before = stored_turns(chat)
    arguments = (question.id, "other") if verb == "edit" else (chat.branch[1].id,)
    with pytest.raises(AppError, match="A reply is being made"):
        getattr(chat.session, verb)(*arguments)
    assert stored_turns(chat) == before
    assert chat.store.siblings(question.id) == [question.id]


# --- going on ---------------------------------------------------------------------------------------------


def test_a_stopped_reply_goes_on_from_its_text_and_ids(chat):
    chat.session.send("Q1")
    chat.say("One two", "max_tokens", ids=(1, 2))
    stopped = chat.last
    chat.session.resume(stopped.id)
    prompt = chat.engine.prompts[-1]
    assert prompt.continue_last
    assert (prompt.messages[-1].content, prompt.messages[-1].token_ids) == ("One two", (1, 2))
    assert chat.heard(TurnChanged)[-1].turn.state == "streaming"
    chat.say(" three", ids=(3,))
    assert chat.last.id == stopped.id
    assert (chat.last.text, chat.last.token_ids, chat.last.state) == ("One two three", (1, 2, 3), "complete")
    assert [part for part in chat.last.parts if not isinstance(part, TextPart)] == []  # why it stopped is over


def test_a_reply_of_another_model_goes_on_from_its_text_alone(chat):
    chat.session.send("Q1")
    chat.say("One two", "max_tokens", ids=(1, 2))
    chat.engine.change_model("other")
    chat.session.resume(chat.last.id)
    assert chat.engine.prompts[-1].continue_last
    assert chat.engine.prompts[-1].messages[-1].token_ids is None
    chat.say(" three", ids=(30,))
    assert (chat.last.text, chat.last.token_ids) == ("One two three", None)


def test_a_reply_that_said_nothing_is_replaced(chat):
    chat.session.send("Q1")
    chat.fail()
    failed = chat.last
    chat.session.resume(failed.id)
    assert not chat.engine.prompts[-1].continue_last
    assert chat.asked == [("user", "Q1")]
    chat.say("A1")
    assert chat.texts == ["Q1", "A1"]
    assert chat.store.siblings(chat.last.id) == [chat.last.id]


def test_what_a_tag_means_in_a_reply_that_goes_on_is_not_guessed_anew(chat):
    chat.session.send("Q1")
    chat.say("In HTML, ", "max_tokens")
    chat.session.resume(chat.last.id)
    chat.say("<think> is no tag.</think>")
    assert chat.last.text == "In HTML, <think> is no tag.</think>"


# --- stopping and deleting --------------------------------------------------------------------------------


def test_stopping_keeps_the_text(chat):
    chat.session.send("Q1")
    chat.delta("One two")
    chat.session.stop()
    assert chat.engine.cancelled == [chat.engine.last_request]
    chat.finish("cancelled", ids=(1,))
    assert (chat.last.text, chat.last.state) == ("One two", "stopped")
    assert chat.session.generating_turn is None


def test_stopping_with_no_reply_under_way_does_nothing(chat):
    chat.talk("Q1", "A1")
    chat.session.stop()
    assert chat.engine.cancelled == []


def test_a_deleted_turn_comes_back_with_what_followed(chat):
    chat.talk("Q1", "A1", "Q2", "A2")
    undo = chat.session.delete_turn(chat.branch[2].id)
    assert chat.texts == ["Q1", "A1"]
    undo()
    assert chat.texts == ["Q1", "A1", "Q2", "A2"]


@pytest.mark.parametrize("place", [0, 2, 3], ids=["its root", "its question", "itself"])
def test_deleting_what_is_being_written_stops_it_and_the_undo_brings_back_its_text(chat, place):
    chat.talk("Q1", "A1", "Q2")
    chat.delta("half a reply")
    undo = chat.session.delete_turn(chat.branch[place].id)
    assert chat.engine.cancelled == [chat.engine.last_request]
    assert chat.session.generating_turn is None
    chat.finish("cancelled")  # the engine's last word comes late, to nobody
    assert len(chat.branch) == place
    undo()
    assert (chat.last.text, chat.last.state) == ("half a reply", "stopped")


def test_deleting_another_branch_lets_the_reply_go_on(chat):
    first = chat.talk("Q1", "A1")[-1]
    chat.session.regenerate(first.id)
    chat.session.delete_turn(first.id)
    assert chat.engine.cancelled == []
    chat.say("B1")
    assert chat.texts == ["Q1", "B1"]


def test_deleting_a_conversation_while_it_is_answered_stops_it_and_the_undo_shows_it_again(chat):
    chat.session.send("Q1")
    chat.delta("half a reply <")
    shown = chat.session.shown_id
    undo = chat.session.delete_conversation(shown)
    assert chat.engine.cancelled == [chat.engine.last_request]
    assert (chat.session.shown_id, chat.session.branch, chat.store.conversations()) == (None, [], [])
    chat.session.send("Something else")
    undo()
    assert chat.session.shown_id == shown
    assert (chat.last.text, chat.last.state) == ("half a reply <", "stopped")


def test_what_the_splitter_held_back_is_not_lost_when_a_reply_is_deleted_and_brought_back(chat):
    chat.session.send("Q1")
    chat.delta("<th")
    chat.session.delete_turn(chat.last.id)()
    assert chat.last.text == "<th"


def test_deleting_another_conversation_lets_the_reply_go_on(chat):
    chat.talk("Q1", "A1")
    other = chat.session.shown_id
    chat.session.show(None)
    chat.session.send("Q2")
    chat.session.delete_conversation(other)
    assert chat.engine.cancelled == []
    assert chat.session.shown_id not in {None, other}
    chat.say("A2")
    assert chat.texts == ["Q2", "A2"]


def test_a_reply_goes_on_while_another_conversation_is_looked_at(chat):
    chat.session.send("Q1")
    written = chat.session.shown_id
    chat.session.show(None)
    chat.say("A1")
    assert chat.session.branch == []
    chat.session.show(written)
    assert chat.texts == ["Q1", "A1"]


def test_what_was_said_is_there_in_the_next_session(chat, tmp_path):
    chat.talk("Q1", "A1")
    shown, turns = chat.session.shown_id, chat.branch
    chat.store.close()
    with contextlib.closing(ConversationStore(tmp_path / "conversations.db")) as store:
        assert store.branch(shown) == turns
