"""The list of conversations: grouped by age, searched, chosen, renamed, deleted, exported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QLineEdit, QListView, QMenu, QPushButton

from app.conversations.parts import Conversation
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.sidebar.conversation_model import ConversationModel, IdRole, RunningRole, age_of, rows_of
from ui.sidebar.conversation_sidebar import ConversationSidebar

NOW = datetime(2025, 3, 15, 0, 30).astimezone()
DAY = timedelta(days=1)


def conversation(number, title="", age=timedelta(0), now=None):
    then = ((now or datetime.now().astimezone()) - age).timestamp()
    return Conversation(id=number, title=title or f"Conversation {number}", created_at=then, updated_at=then)


THREE = (conversation(1), conversation(2), conversation(3))


@pytest.fixture
def sidebar(theme, qtbot):
    sidebar = ConversationSidebar(theme)
    qtbot.addWidget(sidebar)
    sidebar.resize(260, 500)
    sidebar.show()
    qtbot.waitExposed(sidebar)
    return sidebar


@pytest.fixture
def shown(sidebar):
    """A sidebar with three conversations, the second one on show."""
    sidebar.show_conversations(THREE, 2, None)
    return sidebar


def view_of(sidebar) -> QListView:
    return sidebar.findChild(QListView, "conversation_list")


def index_of(sidebar, number):
    model = view_of(sidebar).model()
    found = [model.index(row) for row in range(model.rowCount()) if model.index(row).data(IdRole) == number]
    assert len(found) == 1
    return found[0]


def place_of(sidebar, number) -> QPoint:
    return view_of(sidebar).visualRect(index_of(sidebar, number)).center()


def click(sidebar, number, qtbot):
    qtbot.mouseClick(view_of(sidebar).viewport(), Qt.MouseButton.LeftButton, pos=place_of(sidebar, number))


def current_id(sidebar):
    return view_of(sidebar).currentIndex().data(IdRole)


def open_editor(sidebar) -> QLineEdit | None:
    return next((editor for editor in view_of(sidebar).findChildren(QLineEdit) if editor.isVisible()), None)


def listened(signal):
    """Return a list that takes what a signal says: its value, or its values as a tuple."""
    heard = []
    signal.connect(lambda *values: heard.append(values[0] if len(values) == 1 else values))
    return heard


# --- groups ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "heading"),
    [
        (timedelta(minutes=10), "Today"),
        (timedelta(minutes=31), "Yesterday"),  # it is half past midnight
        (-DAY, "Today"),  # a clock that was put back
        (DAY + timedelta(minutes=29), "Yesterday"),
        (2 * DAY, "Previous 7 days"),
        (7 * DAY, "Previous 7 days"),
        (8 * DAY, "Previous 30 days"),
        (30 * DAY, "Previous 30 days"),
        (31 * DAY, "February 2025"),
        (400 * DAY, "February 2024"),
    ],
)
def test_a_conversation_stands_under_the_heading_of_its_age(age, heading):
    assert age_of(NOW - age, NOW) == heading


def test_headings_come_once_and_before_their_conversations():
    ages = [timedelta(0), timedelta(minutes=5), 3 * DAY, 4 * DAY, 100 * DAY]
    conversations = [conversation(number, age=age, now=NOW) for number, age in enumerate(ages)]
    texts = [row.text for row in rows_of(conversations, NOW)]
    assert texts == [
        "Today",
        "Conversation 0",
        "Conversation 1",
        "Previous 7 days",
        "Conversation 2",
        "Conversation 3",
        "December 2024",
        "Conversation 4",
    ]


@given(st.lists(st.integers(0, 10**8), max_size=30))
def test_every_conversation_is_there_once_and_no_heading_twice(ages):
    conversations = [
        conversation(number, age=timedelta(seconds=seconds), now=NOW) for number, seconds in enumerate(sorted(ages))
    ]
    rows = rows_of(conversations, NOW)
    assert [row.conversation for row in rows if row.conversation] == conversations
    headings = [row.text for row in rows if row.conversation is None]
    assert len(headings) == len(set(headings))


def test_a_heading_cannot_be_chosen(shown, qtbot):
    heading = view_of(shown).model().index(0)
    assert heading.data() == "Today"
    with qtbot.assertNotEmitted(shown.selected):
        qtbot.mouseClick(
            view_of(shown).viewport(), Qt.MouseButton.LeftButton, pos=view_of(shown).visualRect(heading).center()
        )
    assert current_id(shown) == 2


# --- choosing and refreshing ----------------------------------------------------------------------------------


def test_a_click_chooses_a_conversation_once(shown, qtbot):
    selected = listened(shown.selected)
    click(shown, 3, qtbot)
    assert selected == [3]


def test_arrow_keys_choose_too_and_step_over_headings(sidebar, qtbot):
    sidebar.show_conversations([conversation(1), conversation(2, age=60 * DAY)], 1, None)
    selected = listened(sidebar.selected)
    qtbot.keyClick(view_of(sidebar), Qt.Key.Key_Down)
    assert selected == [2]


def test_showing_the_list_chooses_nothing_by_itself(sidebar):
    selected = listened(sidebar.selected)
    sidebar.show_conversations(THREE, 2, None)
    assert current_id(sidebar) == 2
    sidebar.show_conversations(THREE[::-1], 3, None)
    sidebar.show_conversations((), None, None)
    assert selected == []


def test_the_conversation_on_show_stays_chosen_when_the_order_changes(shown):
    shown.show_conversations((THREE[2], THREE[0], THREE[1]), 2, None)
    assert current_id(shown) == 2
    assert [index.data(IdRole) for index in view_of(shown).selectedIndexes()] == [2]


def test_a_new_conversation_leaves_none_chosen(shown):
    shown.show_conversations(THREE, None, None)
    assert current_id(shown) is None
    assert view_of(shown).selectedIndexes() == []


def test_a_conversation_on_show_that_a_search_leaves_out_is_not_chosen_and_no_other_is(shown):
    selected = listened(shown.selected)
    shown.show_conversations((THREE[0],), 2, None)
    assert current_id(shown) is None
    assert selected == []


def test_a_new_title_is_shown_at_once_without_building_the_list_anew(shown, qtbot):
    model = view_of(shown).model()
    renamed = [THREE[0], conversation(2, "Better title"), THREE[2]]
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        shown.show_conversations(renamed, 2, None)
    assert index_of(shown, 2).data() == "Better title"


def test_a_list_that_did_not_change_is_left_alone(shown, qtbot):
    model = view_of(shown).model()
    with qtbot.assertNotEmitted(model.modelReset), qtbot.assertNotEmitted(model.dataChanged):
        shown.show_conversations(THREE, 2, None)


def test_the_conversation_in_which_a_reply_is_made_is_marked_for_eye_and_ear(shown, qtbot):
    model = view_of(shown).model()
    plain = view_of(shown).grab().toImage()
    with qtbot.waitSignal(model.dataChanged):
        shown.show_conversations(THREE, 2, 3)
    marks = {number: index_of(shown, number).data(RunningRole) for number in (1, 2, 3)}
    assert marks == {1: False, 2: False, 3: True}
    assert view_of(shown).grab().toImage() != plain
    spoken = index_of(shown, 3).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Conversation 3, a reply is being made"
    with qtbot.waitSignal(model.dataChanged):
        shown.show_conversations(THREE, 2, None)
    assert view_of(shown).grab().toImage() == plain
    assert index_of(shown, 3).data(Qt.ItemDataRole.AccessibleTextRole) == "Conversation 3"


def test_model_answers_for_no_row_with_nothing():
    model = ConversationModel()
    assert model.rowCount() == 0
    assert model.row_of(7) == -1
    assert model.conversation_at(model.index(5)) is None


# --- empty and searched ---------------------------------------------------------------------------------------


def test_an_empty_list_says_what_it_is_for_and_an_empty_search_says_so(sidebar):
    sidebar.show_conversations((), None, None)
    words = [label.text() for label in sidebar.findChildren(QLabel) if label.isVisible()]
    assert words == ["Conversations appear here and are kept on this machine."]
    assert not view_of(sidebar).isVisible()
    search(sidebar).setText("nowhere")
    sidebar.show_conversations((), None, None)
    assert [label.text() for label in sidebar.findChildren(QLabel) if label.isVisible()] == ["Nothing found."]
    sidebar.show_conversations(THREE, 1, None)
    assert view_of(sidebar).isVisible()
    assert not any(label.isVisible() for label in sidebar.findChildren(QLabel))


def search(sidebar) -> QLineEdit:
    return sidebar.findChild(QLineEdit, "conversation_search")


def test_a_search_is_told_at_once_and_then_only_its_latest_words(sidebar, qtbot):
    told = listened(sidebar.search_changed)
    qtbot.keyClicks(search(sidebar), "python")
    assert told == ["p"]
    qtbot.waitUntil(lambda: told == ["p", "python"])


def test_a_search_that_is_cleared_is_told(sidebar, qtbot):
    told = listened(sidebar.search_changed)
    search(sidebar).setText("python")
    search(sidebar).clear()
    qtbot.waitUntil(lambda: told == ["python", ""])


def test_the_cursor_can_be_put_into_the_search(sidebar, qtbot):
    search(sidebar).setText("old")
    sidebar.focus_search()
    qtbot.keyClicks(search(sidebar), "new")
    assert search(sidebar).text() == "new"


# --- what can be done -----------------------------------------------------------------------------------------


def test_a_title_is_renamed_in_place_for_its_conversation(shown, qtbot):
    renamed = listened(shown.rename_requested)
    shown.rename_current()
    editor = open_editor(shown)
    assert editor.text() == "Conversation 2"
    qtbot.keyClicks(editor, "  Better title ")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: renamed == [(2, "Better title")])


@pytest.mark.parametrize("typed", ["", "   ", "Conversation 2"])
def test_a_title_of_nothing_or_the_same_one_renames_nothing(shown, qtbot, typed):
    with qtbot.assertNotEmitted(shown.rename_requested):
        shown.rename_current()
        open_editor(shown).setText(typed)
        qtbot.keyClick(open_editor(shown), Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: open_editor(shown) is None)


def test_escape_leaves_a_title_as_it_was(shown, qtbot):
    with qtbot.assertNotEmitted(shown.rename_requested):
        shown.rename_current()
        qtbot.keyClicks(open_editor(shown), "x")
        qtbot.keyClick(open_editor(shown), Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: open_editor(shown) is None)


def test_with_no_conversation_on_show_there_is_none_to_rename(sidebar):
    sidebar.show_conversations(THREE, None, None)
    sidebar.rename_current()
    assert open_editor(sidebar) is None


def test_the_delete_key_deletes_the_chosen_conversation(shown, qtbot):
    deleted = listened(shown.delete_requested)
    qtbot.keyClick(view_of(shown), Qt.Key.Key_Delete)
    assert deleted == [2]


def test_the_delete_key_in_a_title_deletes_a_letter_only(shown, qtbot):
    with qtbot.assertNotEmitted(shown.delete_requested):
        shown.rename_current()
        qtbot.keyClick(open_editor(shown), Qt.Key.Key_Delete)
    assert open_editor(shown).text() == ""  # all of it was selected


def test_the_delete_key_deletes_nothing_where_none_is_chosen(sidebar, qtbot):
    sidebar.show_conversations(THREE, None, None)
    with qtbot.assertNotEmitted(sidebar.delete_requested):
        qtbot.keyClick(view_of(sidebar), Qt.Key.Key_Delete)


def menu_at(sidebar, place) -> QMenu | None:
    """Ask for the context menu at a place of the list."""
    view_of(sidebar).customContextMenuRequested.emit(place)
    return QApplication.activePopupWidget()


def run(menu, words):
    action = next(action for action in menu.actions() if action.text() == words)
    menu.setActiveAction(action)
    action.trigger()
    menu.close()


@pytest.mark.parametrize(
    ("words", "signal", "told"),
    [
        ("Export as Markdown …", "export_requested", (3, "markdown")),
        ("Export as JSON …", "export_requested", (3, "json")),
        ("Delete", "delete_requested", 3),
    ],
)
def test_the_menu_is_for_the_row_that_was_clicked_not_for_the_chosen_one(shown, words, signal, told):
    heard = listened(getattr(shown, signal))
    run(menu_at(shown, place_of(shown, 3)), words)
    assert heard == [told]


def test_the_menu_renames_the_conversation_it_was_opened_for_wherever_that_has_moved(shown):
    menu = menu_at(shown, place_of(shown, 3))
    shown.show_conversations((THREE[2], THREE[0], THREE[1]), 2, None)
    run(menu, "Rename")
    assert open_editor(shown).text() == "Conversation 3"


def test_a_heading_has_no_menu(shown):
    heading = view_of(shown).visualRect(view_of(shown).model().index(0)).center()
    assert menu_at(shown, heading) is None


def test_a_title_that_is_being_edited_survives_a_new_order_of_the_list(shown, qtbot):
    renamed = listened(shown.rename_requested)
    shown.rename_current()
    qtbot.keyClicks(open_editor(shown), "Better title")
    shown.show_conversations((THREE[2], THREE[0], THREE[1]), 2, None)
    qtbot.keyClick(open_editor(shown), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: renamed == [(2, "Better title")])


def test_the_button_asks_for_a_new_conversation(sidebar, qtbot):
    with qtbot.waitSignal(sidebar.new_requested):
        qtbot.mouseClick(sidebar.findChild(QPushButton, "new_conversation_button"), Qt.MouseButton.LeftButton)


def test_everything_can_be_found_and_heard(shown):
    assert_accessible(shown)
    assert_names_are_unique(shown)
    heading = view_of(shown).model().index(0)
    assert heading.data(Qt.ItemDataRole.AccessibleTextRole) == "Heading: Today"


def test_a_title_is_in_full_in_the_tip_with_the_time(sidebar):
    then = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
    sidebar.show_conversations([conversation(1, "Long " * 40, now=then)], 1, None)
    tip = index_of(sidebar, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "Long " * 40 + f"\n{then.astimezone():%d %B %Y, %H:%M}"


def test_many_conversations_stay_where_they_were_scrolled_to(sidebar):
    many = [conversation(number) for number in range(200)]
    sidebar.show_conversations(many, 150, None)
    bar = view_of(sidebar).verticalScrollBar()
    bar.setValue(0)
    sidebar.show_conversations(many, 150, 3)
    assert bar.value() == 0
    view_of(sidebar).scrollTo(index_of(sidebar, 150), QAbstractItemView.ScrollHint.PositionAtCenter)
    assert bar.value() > 0
