"""Messages that point at files: what the model reads, what is kept, and what becomes of it on edit and export."""

from __future__ import annotations

import apsw
import pytest

from app.conversations.export import conversation_from_json, conversation_to_json, turn_to_markdown
from app.conversations.migrations import MIGRATIONS
from app.conversations.parts import ReferencePart, TextPart
from app.conversations.store import ConversationStore
from app.conversations.titles import UNTITLED, title_of
from tests.app.chats import open_chat

FILE = ReferencePart(path="src/a.py", text="x = 1\n")
OTHER = ReferencePart(path="b.md", target="lines", first_line=2, last_line=2, text="Two")
READ = "File: src/a.py\n```python\nx = 1\n```"


@pytest.fixture
def chat(tmp_path):
    with open_chat(tmp_path) as opened:
        yield opened


def test_the_model_reads_what_a_message_points_at_and_then_its_words(chat):
    chat.session.send("Why?", references=(FILE,))
    assert chat.asked == [("user", f"{READ}\n\nWhy?")]
    assert chat.branch[0].parts == (FILE, TextPart(text="Why?"))
    assert chat.branch[0].text == "Why?"


def test_later_prompts_begin_with_the_same_characters(chat):
    chat.session.send("Why?", references=(FILE,))
    chat.say("Because.")
    first = chat.asked
    chat.session.send("Really?")
    assert chat.asked[:1] == first[:1]


def test_a_message_may_point_at_something_and_say_nothing(chat):
    chat.session.send("", references=(FILE, OTHER))
    assert chat.asked[0][1].startswith(READ)
    assert chat.branch[0].parts == (FILE, OTHER)
    assert chat.session.conversation.title == "a.py and 1 other"


def test_an_edit_keeps_what_the_message_points_at(chat):
    chat.talk("Why?", "Because.", references=(FILE,))
    chat.session.edit(chat.branch[0].id, "How?")
    assert chat.asked == [("user", f"{READ}\n\nHow?")]
    assert chat.branch[0].parts == (FILE, TextPart(text="How?"))


def test_an_edit_can_point_at_something_else_or_nothing(chat):
    chat.talk("Why?", "Because.", references=(FILE,))
    chat.session.edit(chat.branch[0].id, "How?", (OTHER,))
    assert chat.branch[0].parts == (OTHER, TextPart(text="How?"))
    chat.say("So.")
    chat.session.edit(chat.branch[0].id, "How?", ())
    assert chat.asked == [("user", "How?")]


def test_an_edited_reply_gets_no_references(chat):
    chat.talk("Why?", "Because.", references=(FILE,))
    chat.session.edit(chat.last.id, "So.")
    assert chat.last.parts == (TextPart(text="So."),)


def test_the_prompt_that_is_counted_is_the_one_that_would_be_sent(chat):
    counted = chat.session.prompt_with("Why?", references=(FILE,))
    alone = chat.session.prompt_with("", references=(FILE,))
    chat.session.send("Why?", references=(FILE,))
    assert counted == chat.engine.prompts[-1]
    assert alone.messages[-1].content == READ


def test_a_conversation_is_named_by_its_words_before_what_it_points_at():
    assert title_of("Why does it fail?", (FILE,)) == "Why does it fail?"
    assert title_of(" \n", (FILE,)) == "a.py"
    assert title_of("", ()) == UNTITLED


# --- on disk ----------------------------------------------------------------------------------------------------


def test_references_are_there_again_in_the_next_session(tmp_path):
    with open_chat(tmp_path) as chat:
        chat.session.send("Why?", references=(FILE, OTHER))
        conversation = chat.session.shown_id
    with open_chat(tmp_path) as again:
        assert again.store.branch(conversation)[0].parts == (FILE, OTHER, TextPart(text="Why?"))


def test_a_conversation_is_found_by_the_name_of_a_file_it_points_at(chat):
    chat.session.send("Why?", references=(ReferencePart(path="src/tokenizer.py", text="unfindable"),))
    assert [one.id for one in chat.store.conversations("tokenizer")] == [chat.session.shown_id]
    assert chat.store.conversations("unfindable") == []


def test_a_draft_keeps_what_it_points_at(tmp_path):
    with open_chat(tmp_path) as chat:
        made = chat.store.create("A")
        assert made.draft_references == ()
        chat.store.update(made.id, draft_references=(OTHER, FILE))
    with open_chat(tmp_path) as again:
        assert again.store.conversation(made.id).draft_references == (OTHER, FILE)


def test_conversations_of_earlier_versions_get_empty_drafts_of_references(tmp_path):
    path = tmp_path / "conversations.db"
    old = apsw.Connection(str(path))
    for number, migration in enumerate(MIGRATIONS[:2], start=1):
        migration(old)
        old.pragma("user_version", number)
    old.execute("INSERT INTO conversations (title, created_at, updated_at, draft) VALUES ('Old', 1, 1, 'half')")
    old.close()
    store = ConversationStore(path)
    try:
        assert [(one.draft, one.draft_references) for one in store.conversations()] == [("half", ())]
    finally:
        store.close()


# --- for other programs -----------------------------------------------------------------------------------------


def test_markdown_has_the_text_in_a_fence_before_the_words(chat):
    chat.session.send("Why?", references=(FILE,))
    assert turn_to_markdown(chat.branch[0]) == f"{READ}\n\nWhy?"


def test_json_keeps_everything(chat):
    chat.session.send("Why?", references=(FILE, OTHER))
    data = conversation_to_json(chat.session.conversation, chat.branch)
    assert conversation_from_json(data).turns[0].parts == (FILE, OTHER, TextPart(text="Why?"))
