"""Pointing at files in the composer: chips, what is typed after an at sign, and what is sent."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLabel, QListView, QToolButton

from app.conversations.parts import ReferencePart
from tests.ui.accessibility import assert_accessible
from tests.ui.reference_desk import FILES, Chat
from ui.chat.mention_popup import MentionPopup
from ui.chat.reference_chip import ReferenceChip
from ui.chat.reference_chips import MAX_REFERENCES

KEY = Qt.Key


@pytest.fixture
def chat(theme, own_home, tmp_path, qtbot):
    opened = Chat(theme, own_home, tmp_path)
    qtbot.addWidget(opened.window)
    qtbot.waitExposed(opened.window)
    qtbot.waitUntil(opened.composer.edit.hasFocus)
    yield opened
    opened.close()


def field(chat):
    return chat.composer.edit


def popup(chat) -> MentionPopup | None:
    found = chat.window.findChild(MentionPopup)
    return found if found is not None and found.isVisible() else None


def titles(chat):
    shown = popup(chat)
    return [row.title for row in shown.rows] if shown else []


def chips(chat) -> list[ReferenceChip]:
    return chat.composer.chips.findChildren(ReferenceChip)


def paste(chat, text="", paths=()):
    data = QMimeData()
    data.setText(text)
    if paths:
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    field(chat).insertFromMimeData(data)


# --- after an at sign ---------------------------------------------------------------------------------------


def test_an_at_sign_offers_what_is_open_and_the_files_of_the_folder(chat, qtbot):
    chat.desk.show(chat.path("src/parser.py"), FILES["src/parser.py"])
    qtbot.keyClicks(field(chat), "look at @")
    assert titles(chat)[0] == "parser.py"
    assert {"notes.md", "paint.py", "src", "README.md"} <= set(titles(chat))
    assert titles(chat).count("parser.py") == 1


def test_a_selection_is_offered_first(chat, qtbot):
    chat.desk.show(chat.path("src/parser.py"), FILES["src/parser.py"])
    chat.desk.select(4, 5)
    qtbot.keyClicks(field(chat), "@")
    assert titles(chat)[0] == "Selection: parser.py, 4\u20135"
    qtbot.keyClick(field(chat), KEY.Key_Return)
    assert chat.pointed == [(chat.path("src/parser.py"), 4, 5)]


def test_what_is_typed_after_it_finds_a_file_which_becomes_a_chip(chat, qtbot):
    qtbot.keyClicks(field(chat), "look at @nts")
    assert titles(chat) == ["notes.md"]
    qtbot.keyClick(field(chat), KEY.Key_Return)
    assert chat.composer.text() == "look at "
    assert chat.pointed == [(chat.path("docs/notes.md"), 0, 0)]
    assert popup(chat) is None
    assert [chip.reference.path for chip in chips(chat)] == [chat.path("docs/notes.md")]


def test_tab_takes_it_too_and_stays_in_the_field(chat, qtbot):
    qtbot.keyClicks(field(chat), "@paint")
    qtbot.keyClick(field(chat), KEY.Key_Tab)
    assert chat.pointed == [(chat.path("src/paint.py"), 0, 0)]
    assert field(chat).hasFocus()


def test_the_arrows_choose_and_go_round(chat, qtbot):
    qtbot.keyClicks(field(chat), "@")
    rows = popup(chat).rows
    qtbot.keyClick(field(chat), KEY.Key_Down)
    assert popup(chat).current == rows[1]
    qtbot.keyClick(field(chat), KEY.Key_Up)
    qtbot.keyClick(field(chat), KEY.Key_Up)
    assert popup(chat).current == rows[-1]
    qtbot.keyClick(field(chat), KEY.Key_Return)
    assert [one.path for one in chat.composer.references] == [rows[-1].reference.path]


def test_a_click_takes_a_row(chat, qtbot):
    qtbot.keyClicks(field(chat), "@")
    view = popup(chat).findChild(QListView)
    place = titles(chat).index("README.md")
    spot = view.visualRect(view.model().index(place, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert chat.pointed == [(chat.path("README.md"), 0, 0)]
    assert field(chat).hasFocus()


def test_a_folder_can_be_taken(chat, qtbot):
    qtbot.keyClicks(field(chat), "@docs")
    qtbot.keyClick(field(chat), KEY.Key_Return)
    assert [(one.path, one.target) for one in chat.composer.references] == [(chat.path("docs"), "folder")]


def test_escape_closes_the_list_and_leaves_the_text_until_the_next_sign(chat, qtbot):
    qtbot.keyClicks(field(chat), "@pa")
    qtbot.keyClick(field(chat), KEY.Key_Escape)
    assert popup(chat) is None
    qtbot.keyClicks(field(chat), "r")
    assert popup(chat) is None
    assert chat.composer.text() == "@par"
    qtbot.keyClicks(field(chat), " @")
    assert popup(chat) is not None


def test_enter_sends_where_nothing_fits(chat, qtbot):
    sent = []
    chat.composer.send_requested.connect(sent.append)
    qtbot.keyClicks(field(chat), "what is @dataclass")
    assert popup(chat) is None
    qtbot.keyClick(field(chat), KEY.Key_Return)
    assert sent == ["what is @dataclass"]
    assert chat.pointed == []


def test_enter_never_takes_what_does_not_fit_what_is_typed_because_the_answer_is_late(chat, qtbot):
    qtbot.keyClicks(field(chat), "@")
    chat.finder.is_slow = True
    qtbot.keyClicks(field(chat), "zz")
    assert popup(chat) is None
    qtbot.keyClick(field(chat), KEY.Key_Return)
    assert chat.pointed == []


def test_an_answer_to_an_older_question_is_not_shown(chat, qtbot):
    chat.finder.is_slow = True
    qtbot.keyClicks(field(chat), "@p")
    _query, on_found = chat.finder.asked[-1]
    qtbot.keyClicks(field(chat), "q")
    on_found(())
    assert popup(chat) is None
    qtbot.keyClick(field(chat), KEY.Key_Backspace)
    chat.finder.answer()
    assert "parser.py" in titles(chat)


def test_the_row_that_was_chosen_stays_chosen_when_more_is_found(chat, qtbot):
    chat.finder.is_slow = True
    chat.desk.texts = {chat.path("README.md"): "", chat.path("src/paint.py"): ""}
    qtbot.keyClicks(field(chat), "@")
    qtbot.keyClick(field(chat), KEY.Key_Down)
    assert popup(chat).current.title == "paint.py"
    chat.finder.answer()
    assert popup(chat).current.title == "paint.py"


def test_addresses_and_pasted_code_are_left_alone(chat, qtbot):
    qtbot.keyClicks(field(chat), "ask me@")
    assert popup(chat) is None
    qtbot.keyClicks(field(chat), "example.org ")
    paste(chat, "@dataclass\nclass A: @")
    assert popup(chat) is None
    paste(chat, "@")
    assert popup(chat) is None


@pytest.mark.parametrize("leave", ["space", "left", "erase", "click"])
def test_the_list_closes_when_the_word_is_left(chat, qtbot, leave):
    qtbot.keyClicks(field(chat), "a @")
    assert popup(chat) is not None
    if leave == "space":
        qtbot.keyClicks(field(chat), " ")
    elif leave == "left":
        qtbot.keyClick(field(chat), KEY.Key_Left)
    elif leave == "erase":
        qtbot.keyClick(field(chat), KEY.Key_Backspace)
    else:
        chat.transcript.setFocus(Qt.FocusReason.MouseFocusReason)
    assert popup(chat) is None


def test_the_list_closes_with_its_conversation(chat, qtbot):
    qtbot.keyClicks(field(chat), "@")
    chat.control.show(chat.store.create("Other").id)
    assert popup(chat) is None


def test_keys_while_a_word_is_composed_belong_to_the_input_method(chat, qtbot):
    qtbot.keyClicks(field(chat), "@")
    QApplication.sendEvent(field(chat), QInputMethodEvent("ni", []))
    qtbot.keyClick(field(chat), KEY.Key_Return)
    assert chat.pointed == []


def test_a_word_that_an_input_method_wrote_is_looked_for(chat, qtbot):
    qtbot.keyClicks(field(chat), "@")
    QApplication.sendEvent(field(chat), QInputMethodEvent("no", []))
    end = QInputMethodEvent("", [])
    end.setCommitString("note")
    QApplication.sendEvent(field(chat), end)
    assert titles(chat) == ["notes.md"]


def test_a_sign_that_an_input_method_wrote_counts(chat):
    typed = QInputMethodEvent("", [])
    typed.setCommitString("@")
    QApplication.sendEvent(field(chat), typed)
    assert "README.md" in titles(chat)


def test_without_a_folder_the_list_says_what_to_do_and_enter_sends(chat, qtbot):
    chat.finder.folder = ""
    sent = []
    chat.composer.send_requested.connect(sent.append)
    qtbot.keyClicks(field(chat), "@")
    assert popup(chat) is not None
    assert titles(chat) == []
    qtbot.keyClick(field(chat), KEY.Key_Return)
    assert sent == ["@"]


def test_taking_the_word_out_is_undone_in_one_step(chat, qtbot):
    qtbot.keyClicks(field(chat), "@paint")
    qtbot.keyClick(field(chat), KEY.Key_Return)
    field(chat).undo()
    assert chat.composer.text() == "@paint"


def test_the_button_types_the_sign_as_a_word_of_its_own(chat, qtbot):
    qtbot.keyClicks(field(chat), "look")
    qtbot.mouseClick(chat.composer.findChild(QToolButton, "mention_button"), Qt.MouseButton.LeftButton)
    assert chat.composer.text() == "look @"
    assert popup(chat) is not None


# --- chips --------------------------------------------------------------------------------------------------


def add(chat, *names):
    for name in names:
        chat.references.ask_about(chat.path(name))


def test_backspace_at_the_start_takes_the_last_chip(chat, qtbot):
    add(chat, "README.md", "src/paint.py")
    qtbot.keyClicks(field(chat), "x")
    qtbot.keyClick(field(chat), KEY.Key_Backspace)
    assert len(chat.pointed) == 2
    qtbot.keyClick(field(chat), KEY.Key_Backspace)
    assert chat.pointed == [(chat.path("README.md"), 0, 0)]


def test_backspace_over_a_selection_at_the_start_takes_the_text(chat, qtbot):
    add(chat, "README.md")
    qtbot.keyClicks(field(chat), "x")
    field(chat).selectAll()
    qtbot.keyClick(field(chat), KEY.Key_Backspace)
    assert (chat.composer.text(), len(chat.pointed)) == ("", 1)


def test_its_button_takes_a_chip_out(chat, qtbot):
    add(chat, "README.md", "src/paint.py")
    qtbot.mouseClick(chips(chat)[0].findChild(QToolButton, "reference_remove"), Qt.MouseButton.LeftButton)
    assert chat.pointed == [(chat.path("src/paint.py"), 0, 0)]


def test_chips_are_reached_moved_through_and_taken_out_by_keys(chat, qtbot):
    add(chat, "README.md", "src/paint.py", "docs/notes.md")
    first, second, _third = [chip.findChild(QToolButton, "reference_open") for chip in chips(chat)]
    first.setFocus()
    qtbot.keyClick(first, KEY.Key_Right)
    assert second.hasFocus()
    qtbot.keyClick(second, KEY.Key_Delete)
    assert [path for path, _, _ in chat.pointed] == [chat.path("README.md"), chat.path("docs/notes.md")]
    left = [chip.findChild(QToolButton, "reference_open") for chip in chips(chat) if chip.isVisible()]
    assert left[0].hasFocus()
    qtbot.keyClick(left[0], KEY.Key_Right)
    qtbot.keyClick(left[1], KEY.Key_Right)
    assert field(chat).hasFocus()


def test_chips_lie_before_the_text_for_the_keyboard(chat, qtbot):
    add(chat, "README.md", "src/paint.py")
    qtbot.keyClick(field(chat), KEY.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert chips(chat)[1].button.hasFocus()
    qtbot.keyClick(chips(chat)[1].button, KEY.Key_Tab)
    assert field(chat).hasFocus()
    qtbot.keyClick(field(chat), KEY.Key_Left)
    assert chips(chat)[1].button.hasFocus()


def test_a_draft_that_begins_with_a_sign_opens_no_list(chat, qtbot):
    qtbot.keyClicks(field(chat), "@")
    other = chat.store.create("Other").id
    chat.store.update(other, draft="@par")
    chat.control.show(other)
    assert popup(chat) is None


def test_a_click_opens_the_file_at_the_lines(chat, qtbot):
    chat.desk.show(chat.path("src/parser.py"), FILES["src/parser.py"])
    chat.desk.select(4, 5)
    chat.references.ask_about_selection()
    qtbot.mouseClick(chips(chat)[0].findChild(QToolButton, "reference_open"), Qt.MouseButton.LeftButton)
    assert chat.desk.opened == [(chat.path("src/parser.py"), 4)]


def test_a_click_on_a_folder_has_it_shown_among_the_files(chat, qtbot):
    chat.references.ask_about(chat.path("src"), is_folder=True)
    with qtbot.waitSignal(chat.references.folder_requested) as asked:
        qtbot.mouseClick(chips(chat)[0].findChild(QToolButton, "reference_open"), Qt.MouseButton.LeftButton)
    assert asked.args == [chat.path("src")]


def test_the_same_is_pointed_at_once(chat):
    add(chat, "README.md", "README.md")
    assert len(chat.pointed) == 1


def test_there_is_a_most_and_it_is_said(chat):
    add(chat, *(f"{number}.py" for number in range(MAX_REFERENCES + 2)))
    assert len(chat.pointed) == MAX_REFERENCES
    words = f"A message can point at {MAX_REFERENCES} things."
    assert [label for label in chat.composer.findChildren(QLabel) if label.accessibleName() == words]


@pytest.mark.parametrize("way", ["text", "panel", "paste"])
def test_files_that_are_dropped_or_pasted_become_chips(chat, way):
    paths = [chat.path("README.md"), chat.path("docs")]
    if way != "paste":
        target = field(chat).viewport() if way == "text" else chat.composer
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        spot, copy = QPoint(5, 5), Qt.DropAction.CopyAction
        button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(spot, copy, data, button, none)
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(target, QDropEvent(QPointF(spot), copy, data, button, none))
    else:
        paste(chat, paths=paths)
    assert [(one.path, one.target) for one in chat.composer.references] == [(paths[0], "file"), (paths[1], "folder")]
    assert chat.composer.text() == ""


def test_everything_can_be_found_and_heard(chat, qtbot):
    add(chat, "README.md")
    qtbot.keyClicks(field(chat), "@")
    chat.composer.set_hint("No model is loaded.", "Choose one")
    assert_accessible(chat.composer)
    assert_accessible(popup(chat))
    assert chips(chat)[0].findChild(QToolButton, "reference_open").accessibleName().startswith(chat.path("README.md"))


def test_a_name_of_another_kind_is_shown_as_it_is(chat):
    chat.composer.add_reference(ReferencePart(path="/x/<b>a\u202egpj.py"))
    chip = chips(chat)[0]
    assert "\u202e" not in chip.toolTip() + chip.findChild(QToolButton, "reference_open").text()
    assert "<b>" not in chip.toolTip()
