"""The settings dialog: shows settings, tells changes at once, blocks nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QListWidget, QMainWindow, QPlainTextEdit, QToolButton

from app.engine.messages import LoadSettings
from app.paths import find_paths
from app.settings import Settings
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.settings.settings_dialog import SettingsDialog
from ui.widgets.actions import Action, ActionTable
from ui.widgets.number_field import IntField


@pytest.fixture
def paths(tmp_path):
    """Folders of this test's own."""
    return find_paths({"SAWHORSE_HOME": str(tmp_path / "home")})


@pytest.fixture
def dialog(theme, qtbot, paths):
    """The dialog, showing the defaults."""
    window = QMainWindow()
    qtbot.addWidget(window)
    table = ActionTable(theme, window)
    table.add(Action("chat.new", "New conversation", "new_chat", "Ctrl+N", lambda: None, "File"))
    dialog = SettingsDialog(theme, paths, table)
    qtbot.addWidget(dialog)
    dialog.show_settings(Settings())
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.keep = window
    return dialog


def choose(box: QComboBox, text: str) -> None:
    """Choose an entry as a user does."""
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


def test_dialog_does_not_block_the_window(dialog):
    assert not dialog.isModal()


def test_settings_are_shown(dialog):
    settings = Settings(theme="dark", text_scale=1.25, code_size=15, reduce_motion=True, load=LoadSettings(n_ctx=32768))
    dialog.show_settings(settings)
    assert dialog.findChild(QComboBox, "setting_theme_mode").currentText() == "Dark"
    assert dialog.findChild(QComboBox, "setting_text_scale").currentText() == "125%"
    assert dialog.findChild(IntField, "setting_code_size").value() == 15
    assert dialog.findChild(QCheckBox, "setting_reduce_motion").isChecked()
    assert dialog.findChild(IntField, "default_n_ctx").value() == 32768


def test_showing_settings_tells_no_change(dialog, qtbot):
    with qtbot.assertNotEmitted(dialog.settings_changed):
        dialog.show_settings(Settings(theme="dark", code_size=20, reduce_motion=True, load=LoadSettings(n_ctx=1024)))


def test_change_is_told_at_once_by_the_name_of_its_field(dialog, qtbot):
    with qtbot.waitSignal(dialog.settings_changed) as changed:
        choose(dialog.findChild(QComboBox, "setting_theme_mode"), "High contrast")
    assert changed.args == [{"theme": "high-contrast"}]
    with qtbot.waitSignal(dialog.settings_changed) as changed:
        dialog.findChild(IntField, "setting_code_size").setValue(16)
    assert changed.args == [{"code_size": 16}]
    with qtbot.waitSignal(dialog.settings_changed) as changed:
        dialog.findChild(QCheckBox, "setting_reduce_motion").click()
    assert changed.args == [{"reduce_motion": True}]


def test_code_as_large_as_the_text_is_zero(dialog, qtbot):
    field = dialog.findChild(IntField, "setting_code_size")
    assert field.text() == "as text"
    field.setValue(14)
    with qtbot.waitSignal(dialog.settings_changed) as changed:
        field.setValue(field.minimum())
    assert changed.args == [{"code_size": 0}]


def test_every_told_field_is_a_field_of_the_settings(dialog, qtbot):
    told = []
    dialog.settings_changed.connect(told.append)
    choose(dialog.findChild(QComboBox, "setting_text_scale"), "110%")
    choose(dialog.findChild(QComboBox, "default_type_k"), "q8_0")
    assert [set(change) for change in told] == [{"text_scale"}, {"load"}]
    assert all(name in Settings.__struct_fields__ for change in told for name in change)


def test_load_defaults_keep_what_the_page_does_not_show(dialog, qtbot):
    dialog.show_settings(Settings(load=LoadSettings(n_cpu_moe=7, n_ctx=4096)))
    with qtbot.waitSignal(dialog.settings_changed) as changed:
        dialog.findChild(IntField, "default_n_threads").setValue(6)
    load = changed.args[0]["load"]
    assert (load.n_threads, load.n_cpu_moe, load.n_ctx) == (6, 7, 4096)


def test_zero_threads_lets_the_engine_decide(dialog, qtbot):
    dialog.show_settings(Settings(load=LoadSettings(n_threads=4)))
    with qtbot.waitSignal(dialog.settings_changed) as changed:
        dialog.findChild(IntField, "default_n_threads").setValue(0)
    assert changed.args[0]["load"].n_threads is None


def test_data_page_names_the_folders_and_copies_them(dialog, paths, qtbot):
    dialog.show_page("Data")
    qtbot.mouseClick(dialog.findChild(QToolButton, "copy_models_button"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == str(paths.models)


def test_keyboard_page_lists_the_actions(dialog):
    dialog.show_page("Keyboard")
    words = [label.text() for label in dialog.findChildren(QLabel)]
    assert "New conversation" in words
    assert "Ctrl+N" in words


def test_about_page_has_versions_and_licences(dialog):
    dialog.show_page("About")
    words = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert "llama-cpp-python 0." in words
    licences = dialog.findChild(QPlainTextEdit, "licences").toPlainText()
    assert "SIL OPEN FONT LICENSE" in licences
    assert "ISC License" in licences


def test_pages_are_chosen_from_the_list(dialog):
    pages = dialog.findChild(QListWidget, "settings_list")
    assert [pages.item(row).text() for row in range(pages.count())] == [
        "Appearance",
        "Engine defaults",
        "Models",
        "Data",
        "Keyboard",
        "About",
    ]
    pages.setCurrentRow(2)
    assert dialog._pages.currentIndex() == 2


def test_dialog_can_be_used_by_keyboard_and_ear(dialog):
    assert_accessible(dialog)
    assert_names_are_unique(dialog)
