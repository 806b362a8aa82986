"""The command palette: a few letters find what is meant, the keyboard alone runs it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMainWindow

from ui.widgets.actions import Action, ActionTable
from ui.widgets.command_palette import CommandPalette
from ui.widgets.fuzzy import match


def best(query: str, *texts: str) -> str:
    """Return the text that matches best."""
    found = {text: match(query, text) for text in texts}
    return max((text for text in texts if found[text]), key=lambda text: found[text].score)


def test_letters_must_come_in_order():
    assert match("nw", "New conversation")
    assert match("wx", "New conversation") is None
    assert match("vc", "New conversation") is None
    assert match("zz", "New conversation") is None


def test_starts_of_words_beat_letters_in_the_middle():
    assert best("nc", "Open the console", "New conversation") == "New conversation"


def test_letters_in_a_row_beat_scattered_ones():
    assert best("the", "Take her elsewhere", "Theme: Light") == "Theme: Light"


def test_case_and_spaces_do_not_matter():
    assert match("NEW conv", "New conversation").positions == (0, 1, 2, 4, 5, 6, 7)


@given(st.text(max_size=12), st.text(max_size=40))
def test_matched_places_spell_the_query(query, text):
    found = match(query, text)
    if found is not None:
        letters = [letter for letter in query.casefold() if not letter.isspace()]
        assert len(found.positions) == len(letters)
        assert list(found.positions) == sorted(set(found.positions))
        assert all(0 <= place < len(text) for place in found.positions)


@given(st.text(min_size=1, max_size=30), st.data())
def test_any_letters_taken_from_a_text_in_order_find_it(text, data):
    text = text.lower()
    places = data.draw(st.lists(st.integers(0, len(text) - 1), unique=True).map(sorted))
    query = "".join(text[place] for place in places)
    if text.casefold() == text:
        assert match(query, text) is not None


@pytest.fixture
def ran():
    """What was run, in order."""
    return []


@pytest.fixture
def window(theme, qtbot, ran):
    """A window with a field that has the focus, five actions and a palette."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.field = QLineEdit()
    window.setCentralWidget(window.field)
    window.resize(900, 600)
    window.table = ActionTable(theme, window)
    window.table.add(
        Action("chat.new", "New conversation", "new_chat", "Ctrl+N", lambda: ran.append("new"), "File"),
        Action("chat.stop", "Stop", "stop", "Esc", lambda: ran.append("stop"), "Edit"),
        Action("view.sidebar", "Sidebar", "", "Ctrl+B", lambda on: ran.append(("sidebar", on)), "View", True),
        Action("model.open", "Open a GGUF file", "folder-open", "", lambda: ran.append("open"), "Model"),
        Action("model.unload", "Unload the model", "", "", lambda: ran.append("unload"), "Model"),
    )
    window.palette_view = CommandPalette(theme, window.table, window)
    window.show()
    qtbot.waitExposed(window)
    window.field.setFocus()
    return window


def field_of(window):
    """Return the palette's field."""
    return window.palette_view.findChild(QLineEdit, "palette_field")


def test_open_palette_lists_every_action(window):
    window.palette_view.open()
    assert window.palette_view.shown_ids() == [
        "chat.new",
        "chat.stop",
        "view.sidebar",
        "model.open",
        "model.unload",
    ]


def test_typing_filters_and_enter_runs_the_best(window, qtbot, ran):
    window.palette_view.open()
    qtbot.keyClicks(field_of(window), "gguf")
    assert window.palette_view.shown_ids() == ["model.open"]
    qtbot.keyClick(field_of(window), Qt.Key.Key_Return)
    assert ran == ["open"]
    assert not window.palette_view.isVisible()


def test_name_of_a_menu_finds_what_is_in_it(window, qtbot):
    window.palette_view.open()
    qtbot.keyClicks(field_of(window), "model open")
    assert window.palette_view.shown_ids() == ["model.open"]


def test_arrow_keys_choose_and_go_round(window, qtbot, ran):
    window.palette_view.open()
    qtbot.keyClick(field_of(window), Qt.Key.Key_Up)
    qtbot.keyClick(field_of(window), Qt.Key.Key_Return)
    assert ran == ["unload"]


def test_last_used_come_first(window, qtbot):
    window.palette_view.open()
    qtbot.keyClicks(field_of(window), "unload")
    qtbot.keyClick(field_of(window), Qt.Key.Key_Return)
    window.palette_view.open()
    assert window.palette_view.shown_ids()[0] == "model.unload"
    assert window.palette_view.recent == ["model.unload"]


def test_escape_closes_the_palette_and_does_not_stop_the_reply(window, qtbot, ran):
    window.palette_view.open()
    qtbot.keyClick(field_of(window), Qt.Key.Key_Escape)
    assert not window.palette_view.isVisible()
    assert ran == []


def test_focus_goes_back_where_it_was(window, qtbot):
    window.palette_view.open()
    qtbot.keyClick(field_of(window), Qt.Key.Key_Escape)
    assert window.focusWidget() is window.field


def test_disabled_actions_are_left_out(window):
    window.table.set_enabled(["model.unload"], False)
    window.palette_view.open()
    assert "model.unload" not in window.palette_view.shown_ids()


def test_nothing_found_says_so_and_enter_does_nothing(window, qtbot, ran):
    window.palette_view.open()
    qtbot.keyClicks(field_of(window), "qqq")
    qtbot.keyClick(field_of(window), Qt.Key.Key_Return)
    assert window.palette_view.shown_ids() == []
    assert ran == []


def test_checkable_action_gets_its_new_state(window, ran):
    window.table.run("view.sidebar")
    window.table.run("view.sidebar")
    assert ran == [("sidebar", True), ("sidebar", False)]


def test_two_actions_cannot_share_an_id_or_keys(window):
    with pytest.raises(ValueError, match="already"):
        window.table.add(Action("chat.new", "Again", "", "", print, "File"))
    with pytest.raises(ValueError, match=r"Ctrl\+N"):
        window.table.add(Action("chat.other", "Other", "", "Ctrl+N", print, "File"))
