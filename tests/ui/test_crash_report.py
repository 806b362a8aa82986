"""Faults of our own: told in the window, once, with a report to copy; a crash is told by the next start."""

import subprocess
import sys

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from app import crash_log
from app.paths import find_paths
from ui.crash_report import CrashReports, Faults
from ui.main_window import MainWindow


@pytest.fixture
def window(theme, qtbot):
    window = MainWindow(theme)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def faults():
    return Faults()


@pytest.fixture
def reports(window, faults):
    return CrashReports(faults, find_paths(), window.notices, window.action_table, window)


def fail(faults):
    try:
        int("no number")
    except ValueError as error:
        faults.hear(type(error), error, error.__traceback__)


def test_an_unexpected_error_is_told_with_its_last_line(window, faults, reports):
    fail(faults)
    (notice,) = window.notices.notices()
    assert notice.message == "ValueError: invalid literal for int() with base 10: 'no number'"
    assert "Traceback" in notice.detail


def test_a_fault_that_comes_again_and_again_is_told_once(window, faults, reports):
    for _ in range(5):
        fail(faults)
    assert len(window.notices.notices()) == 1


def test_the_report_has_traceback_versions_and_log(window, faults, reports):
    (find_paths().logs / "sawhorse.log").write_text("a line of the log\n", "utf-8")
    fail(faults)
    window.findChild(QPushButton, "notice_copy_report").click()
    text = QGuiApplication.clipboard().text()
    assert "ValueError: invalid literal for int() with base 10: 'no number'" in text
    assert "Python: " in text
    assert "a line of the log" in text


def test_a_report_can_be_copied_without_a_fault(window, reports):
    window.action_table.run("help.report")
    assert "Sawhorse: " in QGuiApplication.clipboard().text()


def test_the_home_folder_is_not_named_in_a_report(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/somewhere/ada lovelace")
    monkeypatch.setenv("USERPROFILE", "/somewhere/ada lovelace")
    text = crash_log.report("File /somewhere/ada lovelace/models/a.gguf", [], tmp_path)
    assert text.startswith("File ~/models/a.gguf")


def test_a_crash_is_told_by_the_next_start_alone(window, reports):
    logs = find_paths().logs
    code = (
        "import faulthandler, os, signal, sys; from pathlib import Path; from app import crash_log;"
        "faulthandler.enable(crash_log.begin(Path(sys.argv[1]))); os.kill(os.getpid(), signal.SIGSEGV)"
    )
    subprocess.run([sys.executable, "-c", code, str(logs)], check=False)
    crash_log.begin(logs).close()
    reports.tell_last_crash()
    (notice,) = window.notices.notices()
    assert notice.title == "Sawhorse crashed when it was last open"
    assert "Segmentation fault" in notice.detail
    window.notices.dismiss_all()
    reports.tell_last_crash()
    assert not window.notices.notices()


def test_a_run_that_ended_well_leaves_nothing_to_tell(tmp_path):
    for _ in range(2):
        crash_log.begin(tmp_path).close()
    assert crash_log.take_last(tmp_path) == ""
