"""Blocks of code get into files: shown first, as one step to undo, never outside of the open folder."""

import pytest

from app.files import block_messages
from app.files.block_source import BlockSource
from app.ipc.job import JobProcess
from app.ipc.launch import clean_environment
from tests.ui.desk_fakes import FakeAsker, FakeDesk, NearJob
from ui.chat.transcript_view import TranscriptView
from ui.control.block_control import BlockControl
from ui.process_transport import QtProcessTransport
from ui.widgets.notices import Notices

OLD = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
NEW = OLD.replace("return 1", "return 10")
ONE = "def one():\n    return 10"


class Person:
    """Somebody with a folder open."""

    def __init__(self, theme, qtbot, folder, job=None):
        self.transcript = TranscriptView(theme)
        qtbot.addWidget(self.transcript)
        self.transcript.resize(600, 400)
        self.desk, self.asker = FakeDesk(theme, qtbot), FakeAsker()
        self.notices = Notices(theme, self.transcript)
        self.folder = str(folder)
        self.job = job or NearJob()
        self.control = BlockControl(
            self.transcript, self.desk, self.asker, lambda: self.folder, self.job, self.notices, parent=self.transcript
        )

    def do(self, action, text, info="python", lead=""):
        self.control.do(action, BlockSource(text, info.split(" ")[0], info, lead))

    @property
    def notice(self):
        return self.notices.notices()[-1]


@pytest.fixture
def person(theme, qtbot, tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text(OLD)
    return Person(theme, qtbot, folder)


def test_a_change_is_shown_first_and_made_as_one_step_that_is_not_saved(person, tmp_path):
    path = str(tmp_path / "project/a.py")
    editor = person.desk.show(path, OLD)
    person.do("apply", ONE, "python a.py")
    assert person.asker.asked == [("Replaces one", path, OLD, NEW)]
    assert editor.text() == OLD
    person.asker.accept(NEW)
    assert editor.text() == NEW
    assert (tmp_path / "project/a.py").read_text() == OLD
    editor.undo()
    assert editor.text() == OLD
    assert person.job.rests


def test_a_warning_is_said_above_the_change(person, tmp_path):
    person.desk.show(str(tmp_path / "project/a.py"), OLD)
    person.do("apply", "# ... existing code ...\n\ndef three():\n    return 3", "python a.py")
    assert "not sure" in person.asker.asked[0][0]


def test_what_is_not_saved_yet_is_what_a_block_is_applied_to(person, tmp_path):
    editor = person.desk.show(str(tmp_path / "project/a.py"), OLD)
    editor.replace_text(OLD + "\nx = 1\n")
    person.do("apply", ONE, "python a.py")
    assert person.asker.asked[0][2].endswith("x = 1\n")


def test_a_file_that_changed_while_the_change_was_on_show_is_left_alone(person, tmp_path):
    editor = person.desk.show(str(tmp_path / "project/a.py"), OLD)
    person.do("apply", ONE, "python a.py")
    editor.replace_text("typed\n" + OLD)
    person.asker.accept(NEW)
    assert editor.text() == "typed\n" + OLD
    assert person.notice.title == "The block was not applied"
    person.notice.actions[0].run()
    assert person.asker.asked[1][2] == "typed\n" + OLD


def test_a_file_that_is_not_there_is_opened_unsaved_with_its_path(person, tmp_path):
    offers = person.control.offers(BlockSource("x = 1", "python", "python pkg/new.py"))
    assert (offers.primary.short, offers.file) == ("Create", "pkg/new.py")
    person.do("apply", "# pkg/new.py\nx = 1", "python")
    assert person.desk.new == [("pkg/new.py", "x = 1\n")]
    assert not (tmp_path / "project/pkg").exists()
    assert not person.asker.asked


def test_a_block_without_a_place_is_offered_at_the_cursor_or_as_a_new_file(person, tmp_path):
    person.desk.show(str(tmp_path / "project/a.py"), OLD * 10)
    person.do("apply", "x = compute()", "python a.py")
    assert person.notice.title == "The block was not applied to a.py"
    assert [action.text for action in person.notice.actions] == ["Insert at the cursor", "Open as a new file"]
    person.notice.actions[0].run()
    assert person.desk.current_editor.text() == "x = compute()\n" + OLD * 10
    person.notice.actions[1].run()
    assert person.desk.new == [("", "x = compute()\n")]


@pytest.mark.parametrize("name", ["../a.py", "/etc/passwd.py", "link.py"])
def test_nothing_outside_the_folder_is_offered_and_why_is_said(person, tmp_path, name):
    (tmp_path / "a.py").write_text("x")
    (tmp_path / "project/link.py").symlink_to(tmp_path / "a.py")
    source = BlockSource("x = 1", "python", f"python {name}")
    apply = person.control.offers(source).menu[0]
    assert apply.action == "apply"
    assert apply.reason
    person.control.do("apply", source)
    assert person.notice.title == "That cannot be done with the block now"
    assert not person.asker.asked
    assert not person.desk.new


def test_without_a_folder_a_named_file_is_not_looked_for(person):
    person.folder = ""
    assert "No folder" in person.control.offers(BlockSource("x", "python", "python a.py")).menu[0].reason


def test_a_block_that_names_nothing_goes_into_the_file_that_is_open(person, tmp_path):
    path = str(tmp_path / "project/a.py")
    person.desk.show(path, OLD)
    person.do("apply_here", ONE)
    assert person.asker.asked == [("Replaces one", path, OLD, NEW)]


def test_code_is_inserted_at_the_cursor_as_its_line_is_indented(person, tmp_path):
    editor = person.desk.show(str(tmp_path / "project/a.py"), OLD)
    editor.go_to(2, 5)
    person.do("insert", "if x:\n    y()")
    assert editor.text() == OLD.replace("    return 1", "    if x:\n        y()\n    return 1")
    editor.undo()
    assert editor.text() == OLD


def test_a_selection_is_replaced(person, tmp_path):
    editor = person.desk.show(str(tmp_path / "project/a.py"), OLD)
    editor.go_to(2, 5)
    editor.moveCursor(editor.textCursor().MoveOperation.EndOfLine, editor.textCursor().MoveMode.KeepAnchor)
    person.do("replace", "if x:\n    return 5")
    assert editor.text() == OLD.replace("    return 1", "    if x:\n        return 5")


def test_what_cannot_be_done_any_more_is_not_done(person):
    person.do("insert", "x")
    assert "No file is open" in person.notice.message
    person.do("run", "x")
    assert not person.desk.new


def test_a_block_opens_as_a_text_of_its_own(person):
    person.do("new", "x = 1")
    person.do("new", "y = 1", "python pkg/new.py")
    assert person.desk.new == [("", "x = 1\n"), ("pkg/new.py", "y = 1\n")]


def test_the_work_is_done_in_a_process_of_its_own(theme, qtbot, tmp_path):
    transport = QtProcessTransport(clean_environment())
    job = JobProcess(transport, block_messages.MODULE, block_messages.BlockEvent, "Placing the block")
    try:
        person = Person(theme, qtbot, tmp_path, job)
        path = str(tmp_path / "a.py")
        (tmp_path / "a.py").write_text(OLD)
        person.desk.show(path, OLD)
        person.do("apply", ONE, "python a.py")
        qtbot.waitUntil(lambda: bool(person.asker.asked), timeout=20_000)
        assert person.asker.asked == [("Replaces one", path, OLD, NEW)]
        qtbot.waitUntil(lambda: job.pid is None, timeout=20_000)
        person.do("apply", "x = compute()\ny = 1", "python a.py")
        qtbot.waitUntil(lambda: bool(person.notices.notices()), timeout=20_000)
        person.notices.dismiss_all()
    finally:
        job.close()
        transport.close()
