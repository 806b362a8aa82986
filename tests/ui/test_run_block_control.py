"""What a click runs is told and held; what no sandbox holds is asked about first; every end is said in words."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from app.files.block_source import BlockSource
from app.settings import SettingsFile
from app.tools.tool import ToolResult, UndoOutcome
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.agent_fakes import NO_SANDBOX
from tests.ui.desk_fakes import FakeDesk, FakeTools
from tests.ui.turns import button
from ui.control.code_actions import add_code_actions
from ui.control.run_block_control import MAX_RUNS, RunBlockControl
from ui.editor.output_panel import OutputPanel
from ui.widgets.actions import ActionTable
from ui.widgets.notices import Notices

PYTHON = BlockSource("print(1)\nprint(2)", "python")
SHELL = BlockSource("$ make test", "console")


class Person:
    """Somebody with a folder open and the panel on the screen."""

    def __init__(self, theme, qtbot, folder):
        self.qtbot = qtbot
        self.panel = OutputPanel(theme)
        qtbot.addWidget(self.panel)
        self.panel.resize(900, 300)
        self.notices = Notices(theme, self.panel)
        self.desk, self.tools = FakeDesk(theme, qtbot), FakeTools()
        self.folder = str(folder)
        self.settings = SettingsFile(folder / "settings.json")
        self.shown = 0
        self.control = RunBlockControl(
            self.panel, self.show, self.desk, self.tools, self.tools, lambda: self.folder, self.settings, self.notices,
            self.panel,
        )  # fmt: skip

    def show(self):
        self.shown += 1
        self.panel.show()
        self.qtbot.waitExposed(self.panel)

    def click(self, name):
        self.qtbot.waitUntil(lambda: button(self.panel, name) is not None and button(self.panel, name).isEnabled())
        self.qtbot.mouseClick(button(self.panel, name), Qt.MouseButton.LeftButton)

    def choose(self, words):
        menu = button(self.panel, "output_more_button").menu()
        menu.aboutToShow.emit()
        next(action for action in menu.actions() if words in action.text()).trigger()

    def says(self, name):
        label = self.panel.findChild(QLabel, name)
        whole = label.whole_text() if hasattr(label, "whole_text") else label.text()
        return whole if label.isVisible() else ""

    @property
    def state(self):
        return self.says("output_state")

    @property
    def output(self):
        return self.panel.findChild(QPlainTextEdit, "output_text").toPlainText()

    @property
    def run(self):
        return self.tools.runs[-1][0]


@pytest.fixture
def person(theme, qtbot, tmp_path):
    person = Person(theme, qtbot, tmp_path)
    yield person
    person.control.stop()
    person.notices.dismiss_all()
    person.panel.close()


def test_one_click_runs_a_block_in_the_open_folder_in_the_sandbox_and_says_so(person, tmp_path):
    person.control.run_block(PYTHON)
    run = person.run
    assert (run.name, run.arguments, run.workspace, run.reach) == (
        "run_python", {"code": PYTHON.text}, str(tmp_path), "sandbox",
    )  # fmt: skip
    assert run.time_limit_s == person.settings.settings.tool_seconds
    assert person.shown == 1
    assert "in bubblewrap, no network" in person.says("output_place")
    assert str(tmp_path) in person.says("output_place")
    assert person.state == "Running"
    person.tools.print(0, "1\n")
    person.tools.print(0, "\x1b[31m2\x1b[0m\n")
    assert person.output == "1\n2"
    person.tools.end(0, output="1\n2\n", exit_code=0)
    assert person.state == "Finished in 1.5 s"
    assert_accessible(person.panel)
    assert_names_are_unique(person.panel)


@pytest.mark.parametrize(
    ("end", "state", "hint"),
    [
        ({"exit_code": 1}, "Failed with exit code 1 after 1.5 s", ""),
        ({"exit_code": 127}, "Command not found (exit code 127) after 1.5 s", ""),
        ({"exit_code": 137}, "Ended by SIGKILL (exit code 137) after 1.5 s", ""),
        ({"ended": "time limit", "outcome": "timed_out"}, "Ended at its time limit, after 1.5 s", "waited for input"),
        ({"ended": "stopped", "outcome": "cancelled"}, "Stopped after 1.5 s", ""),
        ({"ended": "memory"}, "Ended after 1.5 s: it took too much memory", ""),
        ({"exit_code": 1, "output": "EOFError: EOF when reading a line\n"}, "Failed", "asked for input"),
        ({"exit_code": 6, "output": "Could not resolve host: x\n"}, "Failed", "no network"),
        ({"exit_code": 0, "note": "It cannot be undone."}, "Finished", "cannot be undone"),
        ({"outcome": "failed", "content": "The process ended."}, "Failed", "The process"),
    ],
)
def test_every_end_is_said_in_words(person, end, state, hint):
    person.control.run_block(PYTHON)
    if "content" in end:
        person.tools.runs[0][2](ToolResult(**end))
    else:
        person.tools.end(0, **end)
    assert person.state.startswith(state)
    assert hint in person.says("output_hint")
    assert bool(hint) == bool(person.says("output_hint"))


def test_without_a_sandbox_nothing_runs_before_a_yes(person):
    person.tools.sandbox = NO_SANDBOX
    assert "asked first" in person.control.offer(PYTHON).tip
    person.control.run_block(PYTHON)
    assert not person.tools.runs
    assert person.state == "Waits for your answer"
    assert not button(person.panel, "output_yes_button").isEnabled()
    person.click("output_no_button")
    assert person.state == "Did not run"
    person.click("output_again_button")
    person.click("output_yes_button")
    assert person.run.reach == "unsandboxed"
    assert "without a sandbox" in person.says("output_place")


def test_code_with_characters_that_cannot_be_seen_asks_first(person):
    person.control.run_block(BlockSource("echo a\u202eb", "bash"))
    assert not person.tools.runs
    assert "RIGHT-TO-LEFT OVERRIDE" in person.panel.run.reason
    assert "U+202E" in person.says("output_place")
    person.click("output_yes_button")
    assert person.run.reach == "sandbox"


def test_the_network_is_asked_for(person):
    person.control.run_block(SHELL)
    assert person.run.arguments == {"command": "make test"}
    person.tools.end(0, exit_code=1)
    person.choose("with the network")
    assert len(person.tools.runs) == 1
    assert "network" in person.panel.run.reason
    person.click("output_yes_button")
    assert person.run.reach == "network"
    assert "with the network" in person.says("output_place")


def test_what_the_settings_deny_does_not_run(person, tmp_path):
    person.settings.change(tool_policies={str(tmp_path): {"run_python": "deny"}})
    assert "do not allow" in person.control.offer(PYTHON).reason
    assert not person.control.offer(SHELL).reason
    person.control.run_block(PYTHON)
    assert person.state == "Did not run"
    assert "do not allow" in person.says("output_hint")
    assert not person.tools.runs


def test_the_sandbox_is_looked_for_before_the_first_run(person):
    person.tools.sandbox = None
    person.control.run_block(PYTHON)
    assert person.run.reach == "sandbox"
    person.tools.sandbox, person.tools.found = None, NO_SANDBOX
    person.control.run_block(PYTHON)
    assert len(person.tools.runs) == 1
    assert person.state == "Waits for your answer"


def test_without_a_folder_it_runs_in_an_empty_one_that_goes_again(person):
    person.folder = ""
    person.control.run_block(PYTHON)
    folder = Path(person.run.workspace)
    assert folder.is_dir()
    assert not list(folder.iterdir())
    assert "empty folder" in person.says("output_place")
    person.control.stop()
    assert not folder.exists()
    assert person.tools.cancelled == [1]


def test_a_run_is_stopped_and_one_that_waits_follows_it(person):
    person.control.run_block(PYTHON)
    person.control.run_block(SHELL)
    assert person.state == "Waits for the run before it"
    person.choose("Python block")
    person.click("output_stop_button")
    assert person.tools.cancelled == [1]
    person.tools.end(0, ended="stopped", outcome="cancelled")
    assert person.state.startswith("Stopped")
    person.choose("Shell block")
    assert person.state == "Running"
    person.control.stop_last()
    assert person.tools.cancelled == [1, 2]


def test_runs_before_it_can_be_looked_at_and_cleared(person):
    for number in range(MAX_RUNS + 3):
        person.control.run_block(BlockSource(f"print({number})", "python"))
        person.tools.end(number, output=f"{number}\n", exit_code=0)
    assert len(person.control.runs) == MAX_RUNS
    person.panel.show_runs(person.control.runs, person.control.runs[0])
    assert person.output == "3"
    person.choose("Clear")
    assert person.panel.run is None
    assert not person.control.runs


def test_what_a_run_changed_is_undone_and_open_tabs_are_told(person, tmp_path):
    path = str(tmp_path / "a.py")
    person.desk.show(path, "x")
    person.control.run_block(PYTHON)
    assert button(person.panel, "output_undo_button") is None
    person.tools.end(0, exit_code=0, changed_files=("a.py", "b.py"), step="s1")
    assert person.desk.tool_changes == [path]
    person.click("output_undo_button")
    assert person.tools.undone == [(str(tmp_path), person.run.run_key)]
    person.tools.answer_undo(UndoOutcome(restored=("a.py", "b.py")))
    assert person.desk.taken == [path]
    assert button(person.panel, "output_undo_button") is None
    assert person.notices.notices()[-1].title == "2 files as before"


def test_what_runs_again_runs_where_it_ran(person, tmp_path):
    person.control.run_block(PYTHON)
    person.tools.end(0, exit_code=0)
    person.folder = str(tmp_path / "elsewhere")
    person.click("output_again_button")
    assert person.run.workspace == str(tmp_path)


def test_a_question_about_an_output_tells_what_ran_and_what_came(person):
    person.control.run_block(PYTHON)
    person.tools.end(0, output="\x1b[31mno\x1b[0m ``` \n" + "x\n" * 5000, exit_code=1)
    with person.qtbot.waitSignal(person.control.ask_requested) as asked:
        person.click("output_ask_button")
    text = asked.args[0]
    assert "```python\nprint(1)\nprint(2)\n```" in text
    assert "Failed with exit code 1" in text
    assert "\x1b" not in text
    assert len(text) < 5000
    person.click("output_copy_button")
    assert QGuiApplication.clipboard().text().startswith("no ``` \nx\n")


def test_the_file_in_the_editor_runs_as_a_file_once_it_is_saved(person, tmp_path):
    path = str(tmp_path / "src/a.py")
    editor = person.desk.show(path, "print(1)\n")
    editor.document().setModified(False)
    person.control.run_file()
    assert person.run.arguments == {"command": "python3 src/a.py"}
    editor.replace_text("print(2)\n")
    person.control.run_file()
    assert person.run.arguments == {"code": "print(2)\n"}
    assert "not saved" in person.says("output_place")


def test_a_new_text_runs_in_the_language_that_its_proposed_name_says(person):
    person.desk.show("", "print(1)\n").set_language("hello.py")
    person.control.run_file()
    assert person.run.arguments == {"code": "print(1)\n"}


def test_a_file_that_cannot_be_run_is_said(person, theme, tmp_path):
    table = ActionTable(theme, person.panel)
    add_code_actions(table, lambda: person.control)
    table.run("code.run_file")
    assert "No file is open" in person.notices.notices()[-1].message
    person.desk.show(str(tmp_path / "a.txt"), "x")
    table.run("code.run_file")
    assert "Python and shell" in person.notices.notices()[-1].message
    assert not person.tools.runs


def test_what_comes_after_the_end_of_the_window_is_not_shown(person):
    person.control.run_block(PYTHON)
    person.control.stop()
    person.tools.print(0, "late")
    person.tools.end(0, exit_code=0)
    assert person.output == ""


def test_an_empty_panel_says_what_it_is_for_and_another_theme_keeps_the_output(person, theme):
    person.show()
    assert person.panel.run is None
    person.control.run_block(PYTHON)
    person.tools.print(0, "kept\n")
    theme.set_mode("dark")
    assert person.output == "kept"
