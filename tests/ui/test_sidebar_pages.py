"""The sidebar's pages: one at a time, made when first shown, the same after a restart."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QToolButton

from tests.ui.accessibility import assert_accessible
from tests.ui.test_main_window import named
from ui.sidebar.sidebar_pages import SidebarPages


@pytest.fixture
def made():
    """The keys of the pages that were made."""
    return []


@pytest.fixture
def pages(theme, qtbot, made):
    pages = SidebarPages(theme)
    qtbot.addWidget(pages)
    for key, words in (("chats", "Conversations"), ("files", "Files"), ("search", "Search")):
        pages.add_page(key, words, "search", lambda key=key: made.append(key) or named(QToolButton(), f"page_{key}"))
    pages.resize(256, 600)
    pages.show()
    return pages


def button(pages, key) -> QToolButton:
    return pages.findChild(QToolButton, f"sidebar_{key}_button")


def test_the_first_page_is_on_show_and_the_others_are_not_made_yet(pages, made):
    assert pages.current == "chats"
    assert made == ["chats"]
    assert button(pages, "chats").isChecked()


def test_a_click_shows_a_page_and_tells(pages, made, qtbot):
    with qtbot.waitSignal(pages.shown) as heard:
        button(pages, "files").click()
    assert heard.args == ["files"]
    assert pages.findChild(QToolButton, "page_files").isVisible()
    button(pages, "chats").click()
    button(pages, "files").click()
    assert made == ["chats", "files"]


def test_the_page_is_the_same_after_a_restart(pages):
    pages.show_page("search")
    state = pages.state()
    pages.show_page("chats")
    pages.restore(state)
    assert pages.current == "search"


@pytest.mark.parametrize("state", [{}, {"page": 3}, {"page": "gone"}])
def test_a_state_of_nonsense_changes_nothing(pages, state):
    pages.restore(state)
    assert pages.current == "chats"


def test_where_there_is_little_room_only_the_page_on_show_has_its_words(pages):
    assert button(pages, "chats").text().strip() == "Conversations"
    assert button(pages, "files").text() == ""
    pages.resize(600, 600)
    assert button(pages, "files").text().strip() == "Files"


def test_every_control_has_a_name_to_find_and_a_name_to_hear(pages):
    assert_accessible(pages)
