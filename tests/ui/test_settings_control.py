"""Settings in force: what is chosen is seen at once, written down, and there at the next start."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox

from app.paths import find_paths
from app.settings import Settings, SettingsFile
from ui.main_window import MainWindow
from ui.settings.settings_control import SettingsControl
from ui.settings.settings_dialog import SettingsDialog


@pytest.fixture
def paths(tmp_path):
    """Folders of this test's own."""
    return find_paths({"SAWHORSE_HOME": str(tmp_path / "home")})


@pytest.fixture
def window(theme, qtbot):
    """A main window on show."""
    window = MainWindow(theme)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def control(theme, paths, window):
    """Settings with nothing in them yet."""
    return SettingsControl(theme, SettingsFile(paths.settings), paths, window, window)


def dialog_of(window) -> SettingsDialog:
    """Return the dialog."""
    return window.findChild(SettingsDialog, "settings_dialog")


def test_dialog_is_made_only_when_it_is_asked_for(control, window):
    assert dialog_of(window) is None
    window.action_table.run("app.settings")
    assert dialog_of(window).isVisible()


def test_about_opens_the_dialog_at_its_page(control, window):
    window.action_table.run("help.about")
    assert dialog_of(window)._list.currentItem().text() == "About"


def test_choice_in_the_dialog_is_seen_written_and_there_at_the_next_start(control, window, theme, paths):
    window.action_table.run("app.settings")
    box = dialog_of(window).findChild(QComboBox, "setting_theme_mode")
    box.setCurrentText("Dark")
    box.activated.emit(box.currentIndex())
    dialog_of(window).findChild(QCheckBox, "setting_reduce_motion").click()
    assert theme.mode == "dark"
    assert theme.reduce_motion
    again = SettingsFile(paths.settings).settings
    assert (again.theme, again.reduce_motion) == ("dark", True)


def test_choice_in_the_window_is_written_and_shown_in_the_dialog(control, window, paths):
    window.action_table.run("app.settings")
    window.action_table.run("theme.dark")
    window.action_table.run("text.larger")
    assert dialog_of(window).findChild(QComboBox, "setting_theme_mode").currentText() == "Dark"
    assert dialog_of(window).findChild(QComboBox, "setting_text_scale").currentText() == "110%"
    again = SettingsFile(paths.settings).settings
    assert (again.theme, again.text_scale) == ("dark", 1.1)


def test_saved_settings_are_in_force_from_the_start(theme, paths, window):
    file = SettingsFile(paths.settings)
    file.replace(Settings(theme="dark", text_scale=1.25, code_size=18, reduce_motion=True))
    SettingsControl(theme, SettingsFile(paths.settings), paths, window, window)
    assert (theme.mode, theme.text_scale, theme.code_size, theme.reduce_motion) == ("dark", 1.25, 18, True)


def test_dialog_closes_with_the_window(control, window):
    window.action_table.run("app.settings")
    window.close()
    assert not dialog_of(window).isVisible()
