"""The reply under way: how it is written down, how it ends, whose sampling holds."""

import pytest

from app.chat.changes import GenerationEnded, GenerationStarted, PromptRead, TextAppended
from app.chat.replier import SAVE_INTERVAL_S, Replier
from app.chat.session import ChatSession
from app.conversations.parts import NoticePart, ReasoningPart, TextPart
from app.engine.echo import EchoEngine, Script
from app.engine.messages import Delta, Failed, Finished, LoadSettings, PromptProgress
from app.engine.sampling import Sampling
from tests.app.chats import STATS, notices, open_chat


@pytest.fixture
def chat(tmp_path):
    with open_chat(tmp_path) as opened:
        opened.session.send("Q1", sampling={"top_k": 3})
        yield opened


def test_a_reply_is_told_from_its_start_to_its_end(chat):
    turn = chat.last
    where = (turn.conversation_id, turn.id)
    chat.hear(PromptProgress(request=chat.engine.last_request, done=5, total=9, reused=4, tokens_per_second=50.0))
    chat.say("Hello", ids=(1, 2))
    told = [change for change in chat.changes if isinstance(change, GenerationStarted | PromptRead | TextAppended)]
    assert told == [
        GenerationStarted(*where, "reply"),
        PromptRead(turn.id, 5, 9, 4, 50.0),
        TextAppended(*where, "Hello", 2),
    ]
    assert chat.heard(GenerationEnded) == [GenerationEnded(*where)]


def test_what_it_was_made_with_is_kept_with_it(chat):
    chat.say("Hello", ids=(1, 2))
    turn = chat.last
    assert (turn.text, turn.state, turn.token_ids, turn.stats) == ("Hello", "complete", (1, 2), STATS)
    assert turn.fingerprint == chat.engine.model.fingerprint
    assert turn.sampling["top_k"] == 3


def test_the_users_sampling_goes_over_the_cards_and_the_cards_over_the_engines(chat):
    chat.say("A1")
    chat.replier.card_sampling = {"top_k": 99, "temperature": 0.1}
    chat.session.send("Q2")
    sampling = chat.engine.samplings[-1]
    assert (sampling.top_k, sampling.temperature, sampling.top_p) == (3, 0.1, Sampling().top_p)


def test_a_growing_reply_is_written_down_every_half_second_and_not_more_often(chat):
    for tenth in range(1, 12):
        chat.now = 1000 + tenth / 10
        chat.delta(f"{tenth} ")
        if tenth in {4, 5, 9, 10}:
            words = {4: 0, 5: 5, 9: 5, 10: 10}[tenth]
            assert len(chat.last.text.split()) == words
    assert SAVE_INTERVAL_S == 0.5
    assert chat.last.state == "streaming"


def test_a_pause_in_the_stream_is_used_to_write_down_what_there_is(chat):
    chat.delta("One")
    chat.replier.save()
    assert chat.last.text == ""
    chat.now += SAVE_INTERVAL_S
    chat.replier.save()
    assert chat.last.text == "One"


def test_what_there_is_can_be_written_down_at_once(chat):
    chat.delta("One")
    chat.replier.save_now()
    assert chat.last.text == "One"
    chat.finish()
    chat.replier.save_now()  # nothing is under way
    assert chat.last.state == "complete"


def test_events_of_other_requests_are_ignored(chat):
    other = chat.engine.last_request + 1
    chat.hear(Delta(request=other, text="not ours", tokens=1))
    chat.hear(Finished(request=other, reason="eos", token_ids=(), stats=STATS))
    chat.hear(Failed(request=other, code="decode", title="not ours"))
    assert chat.session.generating_turn.text == ""
    chat.say("ours")
    chat.delta("too late")
    assert chat.texts == ["Q1", "ours"]


# --- ends -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "state", "codes"),
    [
        ("eos", "complete", []),
        ("stop_string", "complete", []),
        ("cancelled", "stopped", []),
        ("max_tokens", "stopped", ["max_tokens"]),
        ("context_full", "stopped", ["context_full"]),
    ],
)
def test_each_end_has_its_state_and_says_why_if_it_was_not_the_models_own(chat, reason, state, codes):
    chat.say("Text", reason)
    assert (chat.last.text, chat.last.state, notices(chat.last)) == ("Text", state, codes)


def test_an_engine_that_dies_leaves_the_text_and_says_so(chat):
    chat.delta("half a reply")
    chat.die()
    assert (chat.last.text, chat.last.state) == ("half a reply", "failed")
    notice = chat.last.parts[-1]
    assert isinstance(notice, NoticePart)
    assert (notice.code, notice.title, notice.hint) == ("engine_died", "The engine gave up", "Load again.")
    assert chat.last.token_ids is None
    assert len(chat.heard(GenerationEnded)) == 1


def test_a_request_that_fails_leaves_the_text_and_says_so(chat):
    chat.delta("half a reply")
    chat.fail("decode")
    assert (chat.last.text, chat.last.state, notices(chat.last)) == ("half a reply", "failed", ["failed"])


def test_after_an_engines_death_a_reply_goes_on_with_the_next(chat):
    model = chat.engine.model
    chat.delta("half ")
    chat.die()
    chat.engine.model = model
    chat.session.resume(chat.last.id)
    assert chat.asked[-1] == ("assistant", "half ")
    chat.say("a reply")
    assert (chat.last.text, chat.last.state, notices(chat.last)) == ("half a reply", "complete", [])


def test_the_ids_of_a_stopped_reply_are_those_of_the_text_that_was_shown(chat):
    """The engine goes on for a moment after it was told to stop; nobody hears what it says then."""
    chat.delta("One two", tokens=2)
    chat.session.stop()
    chat.finish("cancelled", ids=(1, 2, 3, 4))
    assert (chat.last.text, chat.last.token_ids) == ("One two", (1, 2))


def test_a_reply_that_ends_just_after_it_was_stopped_is_not_called_complete(chat):
    chat.delta("One two", tokens=2)
    chat.session.stop()
    chat.finish("eos", ids=(1, 2, 3, 4))
    assert (chat.last.text, chat.last.state) == ("One two", "stopped")


# --- reasoning --------------------------------------------------------------------------------------------


def test_reasoning_is_kept_apart_from_the_answer(chat):
    for text in ("<thi", "nk>Let me", " see.</th", "ink>\n\nYes", "."):
        chat.delta(text)
    chat.finish(ids=(1, 2, 3))
    assert chat.last.parts == (ReasoningPart(text="Let me see."), TextPart(text="Yes."))
    shown = chat.heard(TextAppended)
    assert "".join(change.text for change in shown if change.is_reasoning) == "Let me see."
    assert "".join(change.text for change in shown if not change.is_reasoning) == "Yes."
    assert sum(change.tokens for change in shown) == 5  # held-back text counts when its tokens came


def test_an_answer_that_could_have_become_a_tag_is_shown_at_the_end(chat):
    chat.delta("<th")
    chat.finish()
    assert chat.last.text == "<th"
    assert [change.text for change in chat.heard(TextAppended) if change.text] == ["<th"]


def test_reasoning_is_not_sent_again_as_text_but_its_ids_are(chat):
    chat.say("<think>Hm.</think>Yes.", ids=(1, 2, 3))
    chat.session.send("Q2")
    reply = chat.engine.prompts[-1].messages[1]
    assert (reply.content, reply.token_ids) == ("Yes.", (1, 2, 3))


# --- with the scripted engine -----------------------------------------------------------------------------


def test_a_whole_conversation_with_the_scripted_engine(chat):
    chat.say("A1")
    scripts = [Script(text="one two three"), Script(text="four five six", fault="die", fault_at=2)]

    def hear(event):
        replier.handle(event)

    engine = EchoEngine(hear, scripts, tokens_per_second=10)
    replier = Replier(engine, chat.store, chat.changes.append, "")
    session = ChatSession(engine, chat.store, replier, chat.changes.append)
    engine.load("echo.gguf", LoadSettings())
    engine.finish()
    session.show(chat.session.shown_id)
    session.send("Q2")
    engine.advance(0.25)
    session.stop()
    engine.finish()
    assert (chat.last.text, chat.last.state, len(chat.last.token_ids)) == ("one two", "stopped", 2)
    session.send("Q3")
    engine.finish()
    assert (chat.last.text, chat.last.state, notices(chat.last)) == ("four five", "failed", ["engine_died"])
