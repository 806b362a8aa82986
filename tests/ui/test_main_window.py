"""The main window: regions, actions, panels that come back as they were, files dropped onto it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QToolButton

from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.main_window import LEAST_SIZE, MainWindow
from ui.widgets.actions import Action
from ui.window.geometry import fitted, size_with_frame
from ui.window.menus import fill_sections

SCREENS = (QRect(0, 0, 1920, 1040), QRect(1920, 0, 1280, 1024))


def named(widget, text=""):
    """Return a widget with the names that every interactive widget has."""
    widget.setObjectName(text)
    widget.setAccessibleName(text)
    return widget


@pytest.fixture
def window(theme, qtbot):
    """A window with a chat and two panels."""
    return make_window(theme, qtbot)


def make_window(theme, qtbot, is_shown=True):
    window = MainWindow(theme)
    qtbot.addWidget(window)
    window.set_chat(named(QPlainTextEdit(), "chat"))
    window.set_sidebar(named(QLineEdit(), "conversations"))
    window.add_panel("sampling", "Sampling", QLabel("sampling"), "sampling", "Ctrl+Shift+S")
    window.add_panel("inspect", "Inspector", QLabel("inspector"), "layers", "Ctrl+Shift+I", is_open=False)
    if is_shown:
        window.show()
        qtbot.waitExposed(window)
    return window


def gguf(*paths: str) -> QMimeData:
    """Return files as a file manager hands them over."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return data


# --- how it is put together ---------------------------------------------------------------------------------


def test_every_control_has_a_name_to_find_and_a_name_to_hear(window):
    assert_accessible(window)
    assert_names_are_unique(window)


@pytest.mark.parametrize("name", ["model_button", "status_engine", "status_context", "status_speed"])
def test_names_that_others_rely_on_are_there(window, name):
    assert window.findChild(QPushButton, name) or window.findChild(QLabel, name)


def test_smallest_window_has_room_for_every_region(window):
    assert window.minimumSizeHint().width() <= LEAST_SIZE.width()
    assert window.minimumSizeHint().height() <= LEAST_SIZE.height()


def test_every_mode_can_be_switched_to_while_the_window_is_open(window, theme, qtbot):
    for mode in ("dark", "high-contrast", "light"):
        with qtbot.waitSignal(window.theme_mode_chosen) as chosen:
            window.action_table.run(f"theme.{mode}")
        assert chosen.args == [mode]
        assert theme.mode == mode
        assert window.action_table[f"theme.{mode}"].isChecked()
        background = window.grab().toImage().pixelColor(window.width() // 2, window.height() - 60)
        assert background.name() in {theme.color("background").name(), theme.color("surface.raised").name()}


def test_closing_is_told(window, qtbot):
    with qtbot.waitSignal(window.close_requested):
        window.close()
    assert not window.isVisible()


def test_every_shortcut_is_in_a_menu_and_in_the_palette(window):
    fill_sections(window._menu, window.action_table)
    in_menus = {action for menu in window._menu.actions() for action in menu.menu().actions()}
    assert all(window.action_table[action.id] in in_menus for action in window.action_table.all())
    window.palette_view.open()
    assert len(window.palette_view.shown_ids()) == len(window.action_table.all())


def test_added_action_is_in_the_menu_at_once(window):
    window.action_table.add(Action("chat.new", "New conversation", "new_chat", "Ctrl+N", lambda: None, "File"))
    texts = [action.text() for menu in window._menu.actions() for action in menu.menu().actions()]
    assert "New conversation" in texts


def test_shortcuts_work_from_inside_the_chat(window, qtbot):
    chat = window.findChild(QPlainTextEdit, "chat")
    chat.setFocus()
    qtbot.keyClick(chat, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert window._sidebar.isHidden()
    qtbot.keyClick(chat, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.palette_view.isVisible()


def test_shortcuts_overlay_opens_lists_keys_and_closes_with_escape(window, qtbot):
    window.action_table.run("help.shortcuts")
    overlay = window._shortcuts
    assert overlay.isVisible()
    keys = [label.text() for label in overlay.findChildren(QLabel) if label.property("role") == "key"]
    assert "Ctrl+B" in keys
    qtbot.keyClick(overlay, Qt.Key.Key_Escape)
    assert not overlay.isVisible()


def test_text_gets_larger_and_it_is_told(window, theme, qtbot):
    with qtbot.waitSignal(window.text_scale_chosen) as chosen:
        window.action_table.run("text.larger")
    assert chosen.args == [theme.text_scale] == [1.1]


# --- top bar and sidebar --------------------------------------------------------------------------------------


def test_title_can_be_edited_in_place(window, qtbot):
    window.set_conversation("Old title", can_edit=True)
    field = window.findChild(QLineEdit, "conversation_title")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "New  title")
    with qtbot.waitSignal(window.top_bar.title_edited) as edited:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert edited.args == ["New title"]


def test_title_that_changes_while_the_cursor_is_in_it_is_not_changed_back(window, qtbot):
    window.set_conversation("New conversation", can_edit=True)
    field = window.findChild(QLineEdit, "conversation_title")
    field.setFocus()
    window.set_conversation("Named by the first message", can_edit=True)
    with qtbot.assertNotEmitted(window.top_bar.title_edited):
        window.findChild(QPlainTextEdit, "chat").setFocus()
    assert field.text() == "Named by the first message"


def test_long_title_is_shortened_until_the_cursor_is_in_it(window, qtbot):
    title = "A long title " * 12
    window.set_conversation(title, can_edit=True)
    field = window.findChild(QLineEdit, "conversation_title")
    qtbot.waitUntil(lambda: field.text().endswith("\u2026"))
    field.setFocus()
    assert field.text() == title
    with qtbot.assertNotEmitted(window.top_bar.title_edited):
        window.findChild(QPlainTextEdit, "chat").setFocus()
    qtbot.waitUntil(lambda: field.text().endswith("\u2026"))


def test_escape_leaves_the_title_as_it_was(window, qtbot):
    window.set_conversation("Old title", can_edit=True)
    field = window.findChild(QLineEdit, "conversation_title")
    field.setFocus()
    qtbot.keyClicks(field, "x")
    with qtbot.assertNotEmitted(window.top_bar.title_edited):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "Old title"


def test_title_of_nothing_cannot_be_edited(window):
    window.set_conversation("", can_edit=False)
    assert window.findChild(QLineEdit, "conversation_title").isReadOnly()
    assert window.windowTitle() == "Sawhorse"


def test_model_button_shows_the_model_and_tells_of_clicks(window, qtbot):
    window.top_bar.set_model("SmolLM2 & friends")
    assert window.top_bar.model_button.accessibleName() == "Model: SmolLM2 & friends"
    with qtbot.waitSignal(window.top_bar.model_requested):
        qtbot.mouseClick(window.top_bar.model_button, Qt.MouseButton.LeftButton)


def test_sidebar_hides_and_comes_back(window, qtbot):
    qtbot.mouseClick(window.findChild(QToolButton, "sidebar_hide_button"), Qt.MouseButton.LeftButton)
    assert window._sidebar.isHidden()
    qtbot.mouseClick(window.findChild(QToolButton, "sidebar_show_button"), Qt.MouseButton.LeftButton)
    assert window._sidebar.isVisible()


def test_conversation_menu_is_there_only_with_something_in_it(window):
    more = window.findChild(QToolButton, "more_button")
    assert not more.isVisible()
    window.set_conversation_actions(["view.sidebar"])
    assert more.isVisible()


# --- panels -----------------------------------------------------------------------------------------------------


def test_panel_opens_and_closes_by_its_button_and_its_action(window, qtbot):
    toggle = window.findChild(QToolButton, "inspect_toggle")
    dock = window.panels["inspect"]
    qtbot.mouseClick(toggle, Qt.MouseButton.LeftButton)
    assert not dock.isHidden()
    assert window.action_table["panel.inspect"].isChecked()
    window.action_table.run("panel.inspect")
    assert dock.isHidden()
    assert not toggle.isChecked()


def test_a_notice_stays_over_a_panel_that_is_opened(window):
    window.notices.show_info("Something was done")
    window.action_table.run("panel.inspect")
    stacked = window.children()  # Qt paints them in this order
    assert stacked.index(window.notices) > stacked.index(window.panels["inspect"])


def test_closing_a_panel_by_its_own_button_unchecks_its_action(window, qtbot):
    qtbot.mouseClick(window.findChild(QToolButton, "dock_sampling_close_button"), Qt.MouseButton.LeftButton)
    assert window.panels["sampling"].isHidden()
    assert not window.action_table["panel.sampling"].isChecked()


def test_panel_floats_with_an_outline_and_docks_again(window, qtbot):
    button = window.findChild(QToolButton, "dock_sampling_float_button")
    dock = window.panels["sampling"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    assert dock.titleBarWidget().property("floating") is True
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not dock.isFloating()
    assert dock.titleBarWidget().property("floating") is False


def test_window_comes_back_as_it_was(window, theme, qtbot):
    window.resize(900, 710)  # the offscreen screen is small, and no window comes back larger than its screen
    window.show_panel("sampling", False)
    window.show_panel("inspect", True)
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, window.panels["inspect"])
    window.show_sidebar(False)
    window.palette_view.recent = ["view.sidebar"]
    state = json.loads(json.dumps(window.state()))

    again = make_window(theme, qtbot)
    again.restore(state)
    assert again.size() == window.size()
    assert again.panels["sampling"].isHidden()
    assert not again.panels["inspect"].isHidden()
    assert again.dockWidgetArea(again.panels["inspect"]) == Qt.DockWidgetArea.BottomDockWidgetArea
    assert again._sidebar.isHidden()
    assert again.palette_view.recent == ["view.sidebar"]


@pytest.mark.parametrize("when", ["before it is shown", "after"])
def test_width_of_the_sidebar_comes_back(window, theme, qtbot, when):
    window._splitter.setSizes([240, 400])
    width = window._sidebar.width()
    again = make_window(theme, qtbot, is_shown=when == "after")
    again.restore(window.state())
    again.show()
    assert abs(again._sidebar.width() - width) <= 1
    assert width > 210


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"geometry": "not base64 \u2603", "docks": "AAAA", "sidebar_width": "wide", "recent_actions": 7},
        {
            "geometry": None,
            "docks": 3,
            "sidebar_open": "yes",
            "sidebar_width": -5,
            "recent_actions": [1, "view.sidebar"],
        },
    ],
)
def test_damaged_state_is_left_alone(window, state):
    window.restore(state)
    assert window.isVisible()
    assert window._sidebar.isVisible()


def test_window_last_seen_on_a_screen_that_is_gone_comes_back_on_this_one(window, theme, qtbot):
    window.setGeometry(5000, 4000, 1000, 700)
    state = window.state()
    again = make_window(theme, qtbot)
    again.restore(state)
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    assert any(screen.intersects(QRect(again.geometry().topLeft(), again.geometry().topLeft())) for screen in screens)


def test_window_on_the_second_screen_stays_there():
    frame = QRect(2000, 100, 1000, 700)
    assert fitted(frame, SCREENS) == frame


def test_window_whose_title_bar_is_above_the_screen_is_moved():
    assert fitted(QRect(100, -500, 1000, 700), SCREENS) != QRect(100, -500, 1000, 700)


@given(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000), st.integers(200, 6000), st.integers(200, 6000))
def test_title_bar_can_always_be_reached(x, y, width, height):
    found = fitted(QRect(x, y, width, height), SCREENS)
    top = QRect(found.x(), found.y(), found.width(), 32)
    assert any(screen.intersected(top).width() >= 120 for screen in SCREENS)


def test_window_with_the_frame_drawn_around_it_is_no_larger_than_its_screen():
    screen = QSize(1280, 800)
    assert size_with_frame(QSize(1280, 800), QSize(1282, 821), screen) == QSize(1278, 779)
    assert size_with_frame(QSize(1000, 700), QSize(1002, 721), screen) == QSize(1000, 700)


def test_window_that_was_made_larger_than_its_screen_stays_so():
    assert size_with_frame(QSize(2560, 1440), QSize(2562, 1461), QSize(1280, 800)) == QSize(2560, 1440)


def test_first_start_on_a_small_screen_is_no_larger_than_that(window):
    window.resize(1280, 1200)
    window.restore({})
    screen = window.screen().availableGeometry().size()
    assert window.size() == QSize(1280, 800).boundedTo(screen).expandedTo(LEAST_SIZE)


# --- files dropped onto it ----------------------------------------------------------------------------------------


def test_model_file_dragged_over_the_window_is_announced_and_loaded_on_drop(window, qtbot):
    data = gguf("/models/a.gguf", "/models/notes.txt")
    handle = window.windowHandle()
    QApplication.sendEvent(handle, drag_enter(data))
    assert window._drop.isVisible()
    event = QDropEvent(
        QPointF(300, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(window.files_dropped) as dropped:
        QApplication.sendEvent(window._drop, event)
    assert dropped.args == [["/models/a.gguf"]]
    assert not window._drop.isVisible()


def test_folder_dragged_over_the_window_is_announced_and_told_on_drop(window, qtbot, tmp_path):
    data = gguf(str(tmp_path))
    QApplication.sendEvent(window.windowHandle(), drag_enter(data))
    assert "Drop to let tools work here" in [label.text() for label in window._drop.findChildren(QLabel)]
    event = QDropEvent(
        QPointF(300, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(window.folder_dropped) as dropped:
        QApplication.sendEvent(window._drop, event)
    assert dropped.args == [str(tmp_path)]


def test_other_files_are_not_taken(window):
    data = gguf("/notes.txt")
    QApplication.sendEvent(window.windowHandle(), drag_enter(data))
    assert not window._drop.isVisible()


def test_ending_of_the_name_may_be_in_capitals(window):
    assert window._drop.offer(gguf("/models/A.GGUF"))


def drag_enter(data: QMimeData) -> QDragEnterEvent:
    """Return the event with which a drag comes into a window; keep ``data``, the event does not."""
    return QDragEnterEvent(
        QPoint(300, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )


def test_actions_have_their_icons_in_an_open_menu(window):
    menu = window._menu.actions()[0].menu()
    action = window.action_table["app.settings"]
    assert action in menu.actions()
    menu.popup(window.pos())
    assert not action.icon().isNull()
    menu.close()
