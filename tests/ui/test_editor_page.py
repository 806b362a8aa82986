"""Settings of the editor: completion, and how its text is shown."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox

from app.settings import Settings
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.settings.editor_page import EditorPage
from ui.widgets.number_field import IntField


@pytest.fixture
def page(theme, qtbot):
    """The page, showing the defaults."""
    page = EditorPage(theme)
    qtbot.addWidget(page)
    page.show_settings(Settings())
    page.show()
    return page


def test_completion_is_off_until_somebody_wants_it(page):
    assert not page.findChild(QCheckBox, "setting_infill").isChecked()


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("setting_infill", "infill"),
        ("setting_editor_wraps", "editor_wraps"),
        ("setting_editor_shows_spaces", "editor_shows_spaces"),
    ],
)
def test_a_switch_tells_its_field(qtbot, page, name, field):
    with qtbot.waitSignal(page.changed) as told:
        page.findChild(QCheckBox, name).click()
    assert told.args == [{field: True}]


def test_the_pause_is_told_in_seconds(qtbot, page):
    with qtbot.waitSignal(page.changed) as told:
        page.findChild(IntField, "infill_pause").setValue(700)
    assert told.args == [{"infill_pause": 0.7}]


def test_it_shows_settings_without_telling_them(qtbot, page):
    with qtbot.assertNotEmitted(page.changed):
        page.show_settings(Settings(infill=True, infill_pause=1.0, editor_wraps=True, editor_shows_spaces=True))
    assert page.findChild(IntField, "infill_pause").value() == 1000
    assert all(box.isChecked() for box in page.findChildren(QCheckBox))


def test_everything_on_it_has_a_name(page):
    assert_accessible(page)
    assert_names_are_unique(page)
