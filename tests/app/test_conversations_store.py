"""Conversations as trees of turns on disk: branches, siblings, deletion, search, damage, and other processes."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import apsw
import pytest

from app.conversations.parts import NoticePart, TextPart
from app.conversations.store import ConversationStore
from app.engine.messages import Stats
from app.errors import AppError


def text(words):
    return (TextPart(text=words),)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "conversations.db"


@pytest.fixture
def store(path):
    with contextlib.closing(ConversationStore(path)) as opened:
        yield opened


def talk(store, *texts):
    """Make a conversation of alternating turns; return it and the turns' ids."""
    conversation = store.create("A talk")
    parent, ids = None, []
    for index, words in enumerate(texts):
        role = "assistant" if index % 2 else "user"
        parent = store.add_turn(conversation.id, parent, role, text(words), "complete").id
        ids.append(parent)
    return conversation, ids


def shown(store, conversation):
    return [turn.text for turn in store.branch(conversation.id)]


def test_a_branch_reads_from_root_to_leaf(store):
    conversation, _ids = talk(store, "Q1", "A1", "Q2", "A2")
    assert shown(store, conversation) == ["Q1", "A1", "Q2", "A2"]


def test_everything_of_a_turn_is_there_after_reopening(path):
    stats = Stats(
        prompt_tokens=9,
        reused_tokens=5,
        processed_tokens=4,
        prompt_seconds=0.1,
        generated_tokens=2,
        generate_seconds=0.2,
        context_tokens=11,
    )
    notice = NoticePart(level="info", code="max_tokens", title="Limit")
    with contextlib.closing(ConversationStore(path)) as store:
        conversation, (_q, answer) = talk(store, "Q", "")
        written = store.finish_turn(
            answer,
            (*text("Grüße 🙂\x00"), notice),
            "stopped",
            token_ids=(1, 2, 151_935),
            fingerprint="f",
            stats=stats,
            sampling={"top_k": 40},
        )
    with contextlib.closing(ConversationStore(path)) as store:
        assert store.branch(conversation.id)[-1] == written
        assert written.token_ids == (1, 2, 151_935)


def test_regenerating_keeps_the_earlier_branch_and_arrows_switch_between_them(store):
    conversation, (q1, a1, _q2, _a2) = talk(store, "Q1", "A1", "Q2", "A2")
    other = store.add_turn(conversation.id, q1, "assistant", text("B1"), "complete").id
    assert shown(store, conversation) == ["Q1", "B1"]
    assert store.siblings(a1) == store.siblings(other) == [a1, other]
    store.select_sibling(other, -1)
    assert shown(store, conversation) == ["Q1", "A1", "Q2", "A2"]
    assert store.select_sibling(a1, -1) is None


def test_switching_back_returns_to_the_leaf_that_was_last_on_show(store):
    conversation, (_q1, a1, q2, a2) = talk(store, "Q1", "A1", "Q2", "A2")
    store.add_turn(conversation.id, q2, "assistant", text("B2"), "complete")
    store.select_sibling(store.branch(conversation.id)[-1].id, -1)
    q2b = store.add_turn(conversation.id, a1, "user", text("Q2b"), "complete").id
    store.select_sibling(q2b, -1)
    assert shown(store, conversation) == ["Q1", "A1", "Q2", "A2"]
    assert store.branch(conversation.id)[-1].id == a2


def test_first_messages_can_have_siblings_too(store):
    conversation, (q1, _a1) = talk(store, "Q1", "A1")
    edited = store.add_turn(conversation.id, None, "user", text("Q1b"), "complete").id
    assert store.siblings(q1) == [q1, edited]
    assert store.branchings(conversation.id) == {q1: [q1, edited], edited: [q1, edited]}


def test_a_deleted_turn_takes_what_follows_with_it_and_comes_back(store):
    conversation, (_q1, _a1, q2, _a2) = talk(store, "Q1", "A1", "Q2", "A2")
    undo = store.delete_turn(q2)
    assert shown(store, conversation) == ["Q1", "A1"]
    undo()
    assert shown(store, conversation) == ["Q1", "A1", "Q2", "A2"]


def test_deleting_one_of_two_replies_shows_the_other(store):
    conversation, (q1, a1) = talk(store, "Q1", "A1")
    b1 = store.add_turn(conversation.id, q1, "assistant", text("B1"), "complete").id
    store.delete_turn(b1)
    assert shown(store, conversation) == ["Q1", "A1"]
    assert store.siblings(a1) == [a1]


def test_deleting_the_only_message_leaves_an_empty_conversation(store):
    conversation, (q1,) = talk(store, "Q1")
    store.delete_turn(q1)
    assert shown(store, conversation) == []


def test_a_deleted_conversation_comes_back_with_undo_and_is_purged_after_thirty_days(path):
    with contextlib.closing(ConversationStore(path)) as store:
        kept, _ids = talk(store, "Q")
        gone, _ids = talk(store, "Q")
        undo = store.delete(kept.id)
        store.delete(gone.id)
        assert store.conversations() == []
        undo()
    with contextlib.closing(ConversationStore(path, clock=lambda: time.time() + 31 * 24 * 3600)) as store:
        assert [conversation.id for conversation in store.conversations()] == [kept.id]
        with pytest.raises(KeyError):
            store.conversation(gone.id)


def test_search_finds_titles_and_text_by_the_beginning_of_words(store):
    first, _ids = talk(store, "How do generators work?", "They yield.")
    second = store.create("Über Größen")
    assert [c.id for c in store.conversations("gener")] == [first.id]
    assert [c.id for c in store.conversations("Größen")] == [second.id]
    assert store.conversations("nothing like it") == []
    assert len(store.conversations('  "')) == 2


def test_search_treats_every_character_as_text(store):
    talk(store, "100% of it")
    for query in ("%", "_", "' OR 1=1 --", 'x" NEAR "y', "*", "\\"):
        store.conversations(query)
    assert len(store.conversations("100%")) == 1


def test_edited_text_is_found_and_the_old_is_not(store):
    _conversation, (_q, answer) = talk(store, "Q", "first words")
    store.finish_turn(answer, text("second thoughts"), "complete")
    assert store.conversations("first") == []
    assert len(store.conversations("second")) == 1


def test_latest_conversations_come_first_even_if_the_clock_goes_back(path):
    clock = iter([100.0, 50.0] + [60.0] * 20)
    with contextlib.closing(ConversationStore(path, clock=lambda: next(clock))) as store:
        old, new = store.create("a"), store.create("b")
        turn = store.add_turn(new.id, None, "user", text("x"), "complete")
        assert [t.id for t in store.branch(new.id)] == [turn.id]
        assert {c.id for c in store.conversations()} == {old.id, new.id}


def test_a_second_process_is_told_that_the_first_has_it_open(store, path):
    with pytest.raises(AppError, match="already running"):
        ConversationStore(path)


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 500, None])
def test_a_damaged_database_is_set_aside_and_the_newest_backup_takes_its_place(path, damage):
    with contextlib.closing(ConversationStore(path)) as store:
        talk(store, *["word " * 200] * 40)
    backups = path.parent / "backups"
    for backup in backups.glob("*.db"):
        backup.unlink()
    with contextlib.closing(ConversationStore(path)):
        pass  # makes the day's backup, of what was there
    data = damage
    if data is None:
        raw = bytearray(path.read_bytes())
        raw[4096:20480] = os.urandom(16384)
        data = bytes(raw)
    path.write_bytes(data)
    with contextlib.closing(ConversationStore(path)) as store:
        if damage == b"":  # an empty file is an empty database, not a damaged one
            assert store.notices == []
            return
        assert "set aside" in str(store.notices[0])
        assert len(store.conversations()) == 1
    aside = [file for file in path.parent.glob("*.corrupt-*") if not file.name.endswith(("wal", "shm"))]
    assert [file.read_bytes() for file in aside] == [data]


def test_a_database_of_a_newer_version_is_shown_but_not_changed(path):
    with contextlib.closing(ConversationStore(path)) as store:
        conversation, _ids = talk(store, "Q")
    db = apsw.Connection(str(path))
    db.pragma("user_version", 999)
    db.close()
    with contextlib.closing(ConversationStore(path)) as store:
        assert "newer" in str(store.notices[0])
        assert shown(store, conversation) == ["Q"]
        with pytest.raises(AppError, match="cannot be changed"):
            store.rename(conversation.id, "x")


def test_a_full_disk_is_told_and_what_was_there_stays(store):
    conversation, _ids = talk(store, "Q")
    pages = store._db.pragma("page_count")
    store._db.pragma("max_page_count", pages + 2)
    with pytest.raises(AppError, match="disk is full"):
        store.add_turn(conversation.id, None, "user", text("x" * 100_000), "complete")
    store._db.pragma("max_page_count", 1_000_000)
    assert shown(store, conversation) == ["Q"]


WRITER = """
import sys, time
from pathlib import Path
from app.conversations.parts import TextPart
from app.conversations.store import ConversationStore
store = ConversationStore(Path(sys.argv[1]))
conversation = store.create("t")
turn = store.add_turn(conversation.id, None, "assistant", (), "streaming")
count = 0
while True:
    count += 1
    store.save_streaming(turn.id, (TextPart(text="word " * count),))
    print(count, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_was_written_and_its_reply_is_marked(path):
    for _round in range(10):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        last = 0
        for _ in range(30):
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        last = max([last, *map(int, writer.stdout.read().split("\n")[:-1] or [0])])
        writer.stdout.close()
        writer.wait()
        with contextlib.closing(ConversationStore(path)) as store:
            assert store.notices == []
            turn = store.branch(store.conversations()[0].id)[-1]
            assert turn.state == "interrupted"
            assert turn.text.count("word") >= last
            assert turn.parts[-1].code == "interrupted"
