"""Messages with references on their way: read when they are sent, kept where they cannot be, and shown afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from app.conversations.parts import ReferencePart, TextPart
from app.settings import Settings, SettingsFile
from tests.ui.reference_desk import FILES, Chat
from ui.chat.code_block import CodeBlock
from ui.chat.reference_chip import ReferenceChip

KEY = Qt.Key


@pytest.fixture
def chat(theme, own_home, tmp_path, qtbot):
    opened = Chat(theme, own_home, tmp_path)
    qtbot.addWidget(opened.window)
    qtbot.waitExposed(opened.window)
    qtbot.waitUntil(opened.composer.edit.hasFocus)
    opened.load()
    yield opened
    opened.close()


def send(chat, qtbot, text="Why?"):
    """Send and wait for the message to be there."""
    turns = len(chat.session.branch)
    qtbot.keyClicks(chat.composer.edit, text)
    qtbot.keyClick(chat.composer.edit, KEY.Key_Return)
    qtbot.waitUntil(lambda: len(chat.session.branch) > turns)
    chat.engine.finish()


def asked(chat):
    return next(turn for turn in chat.session.branch if turn.role == "user")


def told(chat):
    return [notice.title for notice in chat.notices.notices()]


def cost_words(chat):
    chips = chat.composer.chips.findChildren(ReferenceChip)
    return [chip._cost.text() for chip in chips]


# --- reading ------------------------------------------------------------------------------------------------


def test_the_text_is_read_from_the_disk_when_the_message_is_sent(chat, qtbot):
    chat.references.ask_about(chat.path("README.md"))
    (chat.folder / "README.md").write_text("Changed.\n")
    send(chat, qtbot)
    assert asked(chat).parts == (ReferencePart(path="README.md", text="Changed.\n"), TextPart(text="Why?"))
    assert (chat.composer.text(), chat.pointed) == ("", [])


def test_what_is_not_saved_yet_is_what_the_model_reads(chat, qtbot):
    chat.desk.show(chat.path("src/parser.py"), FILES["src/parser.py"])
    chat.desk.select(1, 1)
    chat.references.ask_about_selection()
    chat.desk.editor.replace_text("# new line\nimport re  # edited\n")
    send(chat, qtbot)
    assert asked(chat).parts[0].text == "# new line"


def test_lines_are_found_again_below_lines_that_were_added(chat, qtbot):
    chat.desk.show(chat.path("src/parser.py"), FILES["src/parser.py"])
    chat.desk.select(4, 5)
    chat.references.ask_about_selection()
    chat.desk.editor.replace_text("# new line\n" + FILES["src/parser.py"])
    send(chat, qtbot)
    part = asked(chat).parts[0]
    assert (part.first_line, part.last_line, part.text.split("(")[0]) == (5, 6, "def parse")


def test_text_that_is_no_file_yet_goes_along(chat, qtbot):
    chat.desk.show("", "draft one\ndraft two\n")
    chat.references.ask_about_selection()
    send(chat, qtbot)
    assert asked(chat).parts[0] == ReferencePart(path="", text="draft one\ndraft two\n")


def test_a_file_that_is_gone_is_said_and_nothing_is_lost(chat, qtbot):
    chat.references.ask_about(chat.path("README.md"))
    (chat.folder / "README.md").unlink()
    qtbot.keyClicks(chat.composer.edit, "Why?")
    qtbot.keyClick(chat.composer.edit, KEY.Key_Return)
    qtbot.waitUntil(lambda: told(chat) == ["README.md is not there any more"])
    assert chat.session.branch == []
    assert (chat.composer.text(), len(chat.pointed)) == ("Why?", 1)


def test_a_message_needs_no_words(chat, qtbot):
    chat.references.ask_about(chat.path("README.md"))
    assert chat.composer.findChild(QToolButton, "send_button").isEnabled()
    send(chat, qtbot, "")
    assert [type(part) for part in asked(chat).parts] == [ReferencePart]


def test_enter_twice_sends_once(chat, qtbot):
    chat.references.ask_about(chat.path("README.md"))
    qtbot.keyClicks(chat.composer.edit, "Why?")
    for _ in range(2):
        qtbot.keyClick(chat.composer.edit, KEY.Key_Return)
    qtbot.waitUntil(lambda: bool(chat.session.branch))
    chat.engine.finish()
    assert [turn.role for turn in chat.session.branch] == ["user", "assistant"]
    assert told(chat) == []


def test_what_is_typed_while_a_file_is_read_stays(chat, qtbot):
    chat.references.ask_about(chat.path("README.md"))
    qtbot.keyClicks(chat.composer.edit, "Why?")
    qtbot.keyClick(chat.composer.edit, KEY.Key_Return)
    qtbot.keyClicks(chat.composer.edit, " And how?")
    chat.composer.add_reference(ReferencePart(path=chat.path("src/paint.py")))
    qtbot.waitUntil(lambda: bool(chat.session.branch))
    chat.engine.finish()
    assert asked(chat).text == "Why?"
    assert (chat.composer.text(), chat.pointed) == (" And how?", [(chat.path("src/paint.py"), 0, 0)])


def test_a_message_whose_conversation_is_left_meanwhile_stays_its_draft(chat, qtbot):
    first, second = chat.store.create("First").id, chat.store.create("Second").id
    chat.control.show(first)
    answers = []
    chat.control.outbox.take_references = lambda references, on_done: answers.append((references, on_done))
    chat.references.ask_about(chat.path("README.md"))
    qtbot.keyClicks(chat.composer.edit, "Why?")
    qtbot.keyClick(chat.composer.edit, KEY.Key_Return)
    chat.control.show(second)
    assert chat.composer.findChild(QToolButton, "send_button").isEnabled() is False  # nothing is written here
    qtbot.keyClicks(chat.composer.edit, "Hello")
    assert chat.composer.findChild(QToolButton, "send_button").isEnabled()
    references, on_done = answers[0]
    on_done(references)
    assert chat.store.branch(first) == chat.store.branch(second) == []
    chat.control.show(first)
    assert (chat.composer.text(), len(chat.pointed)) == ("Why?", 1)


# --- drafts -------------------------------------------------------------------------------------------------


def test_chips_stay_with_their_conversation(chat):
    first, second = chat.store.create("First").id, chat.store.create("Second").id
    chat.control.show(first)
    chat.references.ask_about(chat.path("README.md"))
    chat.control.show(second)
    assert chat.pointed == []
    chat.control.show(first)
    assert chat.pointed == [(chat.path("README.md"), 0, 0)]


def test_chips_of_a_conversation_that_does_not_exist_yet_are_told_to_be_kept(chat, own_home):
    settings = SettingsFile(own_home / "settings.json")
    chat.control.new_draft_changed.connect(lambda: settings.change(new_draft_references=chat.control.new_references))
    chat.references.ask_about(chat.path("README.md"))
    again: Settings = SettingsFile(own_home / "settings.json").settings
    assert again.new_draft_references == (ReferencePart(path=chat.path("README.md")),)


def test_what_was_sent_is_no_draft_any_more(chat, qtbot):
    chat.references.ask_about(chat.path("README.md"))
    send(chat, qtbot)
    assert chat.session.conversation.draft_references == chat.control.new_references == ()


def test_a_message_that_cannot_be_sent_keeps_its_chips(chat, qtbot):
    chat.engine.unload()
    chat.references.ask_about(chat.path("README.md"))
    qtbot.keyClicks(chat.composer.edit, "Why?")
    qtbot.keyClick(chat.composer.edit, KEY.Key_Return)
    qtbot.waitUntil(lambda: told(chat) == ["No model is loaded"])
    assert (chat.composer.text(), len(chat.pointed)) == ("Why?", 1)


# --- editing ------------------------------------------------------------------------------------------------


def test_an_edit_keeps_the_text_that_the_model_read_then(chat, qtbot):
    chat.references.ask_about(chat.path("README.md"))
    send(chat, qtbot)
    (chat.folder / "README.md").unlink()
    chat.control.edit_last()
    assert [one.path for one in chat.composer.references] == ["README.md"]
    qtbot.keyClicks(chat.composer.edit, "!")
    qtbot.keyClick(chat.composer.edit, KEY.Key_Return)
    assert asked(chat).parts == (ReferencePart(path="README.md", text="Read me.\n"), TextPart(text="Why?!"))


def test_an_edit_can_take_one_out_and_point_at_another(chat, qtbot):
    chat.references.ask_about(chat.path("README.md"))
    send(chat, qtbot)
    chat.references.ask_about(chat.path("docs/notes.md"))  # of the draft, which comes back afterwards
    chat.control.edit_last()
    chat.composer.chips.remove(0)
    chat.references.ask_about(chat.path("src/paint.py"))
    qtbot.keyClick(chat.composer.edit, KEY.Key_Return)
    qtbot.waitUntil(lambda: asked(chat).parts[0].path == "src/paint.py")
    assert asked(chat).parts[0].text == FILES["src/paint.py"]
    assert chat.pointed == [(chat.path("docs/notes.md"), 0, 0)]
    assert len(chat.session.conversation.draft_references) == 1


def test_an_edit_that_points_at_what_is_gone_can_be_tried_again(chat, qtbot):
    send(chat, qtbot)
    chat.control.edit_last()
    chat.references.ask_about(chat.path("gone.py"))
    qtbot.keyClick(chat.composer.edit, KEY.Key_Return)
    qtbot.waitUntil(lambda: told(chat) == ["gone.py is not there any more"])
    assert chat.composer.is_editing
    assert (chat.composer.text(), chat.pointed) == ("Why?", [(chat.path("gone.py"), 0, 0)])


# --- what it costs ------------------------------------------------------------------------------------------


def test_a_chip_says_what_it_costs_and_the_prompt_that_is_counted_has_it(chat, qtbot):
    chat.references.ask_about(chat.path("README.md"))
    qtbot.waitUntil(lambda: len(chat.references.taken_references) == 1)
    chat.engine.finish()
    assert cost_words(chat)[0].endswith(" tokens")
    prompt = chat.session.prompt_with("Why?", "", chat.references.taken_references)
    assert prompt.messages[-1].content == "File: README.md\n```markdown\nRead me.\n```\n\nWhy?"


def test_without_a_model_a_chip_says_its_size(chat, qtbot):
    chat.engine.unload()
    chat.references.ask_about(chat.path("README.md"))
    qtbot.waitUntil(lambda: cost_words(chat) == ["9 B"])


def test_a_chip_of_what_cannot_be_read_says_so_before_it_is_sent(chat, qtbot):
    chat.references.ask_about(chat.path("gone.py"))
    qtbot.waitUntil(lambda: cost_words(chat) == ["cannot be read"])
    chip = chat.composer.chips.findChild(ReferenceChip)
    assert chip.property("level") == "danger"
    assert "gone.py is not there any more" in chip.toolTip()


# --- asking from the editor ---------------------------------------------------------------------------------


def test_asking_without_a_selection_is_about_the_file(chat):
    chat.desk.show(chat.path("src/parser.py"), FILES["src/parser.py"])
    chat.table.run("ask.selection")
    assert chat.pointed == [(chat.path("src/parser.py"), 0, 0)]
    assert chat.composer.edit.hasFocus()


def test_asking_with_nothing_open_lets_something_be_named(chat):
    chat.table.run("ask.selection")
    assert chat.composer.text() == "@"


def test_a_selection_inside_a_line_is_about_the_whole_line(chat, qtbot):
    chat.desk.show(chat.path("src/parser.py"), FILES["src/parser.py"])
    cursor = chat.desk.editor.textCursor()
    cursor.setPosition(2)
    cursor.setPosition(6, cursor.MoveMode.KeepAnchor)
    chat.desk.editor.setTextCursor(cursor)
    chat.references.ask_about_selection()
    send(chat, qtbot)
    assert asked(chat).parts[0].text == "import re"


# --- afterwards ---------------------------------------------------------------------------------------------


def test_a_message_shows_what_it_points_at_and_leads_there(chat, qtbot):
    chat.desk.show(chat.path("src/parser.py"), FILES["src/parser.py"])
    chat.desk.select(4, 5)
    chat.references.ask_about_selection()
    send(chat, qtbot)
    shown = chat.transcript.turn_widget(asked(chat).id)
    chip = shown.findChild(ReferenceChip)
    assert chip.findChild(QToolButton, "reference_remove") is None
    qtbot.mouseClick(chip.findChild(QToolButton, "reference_open"), Qt.MouseButton.LeftButton)
    assert chat.desk.opened == [(str(Path(chat.folder, "src/parser.py")), 4)]


def test_what_the_model_read_is_shown_on_demand_to_the_letter(chat, qtbot):
    chat.references.ask_about(chat.path("docs/notes.md"))
    send(chat, qtbot)
    shown = chat.transcript.turn_widget(asked(chat).id)
    assert shown.findChild(CodeBlock) is None
    fold = shown.findChild(QToolButton, "references_fold")
    height = shown.height()
    fold.click()
    assert (
        shown.findChild(CodeBlock).source.text == "File: docs/notes.md\n````markdown\n# Notes\n\n```\nfenced\n```\n````"
    )
    assert shown.height() > height
    fold.click()
    assert shown.height() == height
