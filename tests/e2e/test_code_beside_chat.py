"""A person works on files beside the chat, in the real window: asks about code, takes code over, reviews a run."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QToolButton

from tests.e2e.conftest import close
from tests.e2e.tool_person import LEFT, Person, called

CTRL = Qt.KeyboardModifier.ControlModifier
COUNT = '''"""Counts words."""


def count(text):
    words = text.split(" ")
    return len(words)


def report(text):
    print(count(text), "words")
'''
BLOCK = """Split at any white space:

```python count.py
def count(text):
    words = text.split()
    return len(words)
```
"""


@pytest.fixture
def coder(person, workspace):
    """A person with a file of the folder in the editor."""
    (workspace / "count.py").write_text(COUNT, "utf-8")
    return Coder(person, str(workspace / "count.py"))


class Coder:
    """A person who has a file open beside the chat."""

    def __init__(self, person: Person, path: str) -> None:
        self.person, self.path = person, path
        self.control = person.sawhorse.editor.desk.control
        self.composer = person.sawhorse.composer
        self.control.open_file(path)
        person.wait(lambda: bool(self.text))

    @property
    def text(self):
        """The text in the tab, with what is not saved."""
        return self.control.text_of(self.path)

    @property
    def disk(self):
        return Path(self.path).read_text("utf-8")

    @property
    def editor(self):
        return self.control.page_of(self.path).editor

    def press(self, key, modifiers=CTRL):
        window = self.person.sawhorse.window
        self.person.qtbot.keyClick(window.focusWidget() or window, key, modifiers)

    def select_lines(self, first, last):
        self.editor.setFocus()
        self.editor.go_to(first)
        cursor = self.editor.textCursor()
        keep = QTextCursor.MoveMode.KeepAnchor
        cursor.movePosition(QTextCursor.MoveOperation.NextBlock, keep, last - first)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, keep)
        self.editor.setTextCursor(cursor)

    def wait_for_answer(self, text):
        self.person.wait(lambda: self.person.branch[-1].text.strip() == text.strip())
        self.person.wait(lambda: self.person.sawhorse.session.generating_turn is None)

    def click_chip(self):
        """Click the last chip in the transcript."""
        chips = self.person.sawhorse.transcript.findChildren(QToolButton, "reference_open")
        self.person.qtbot.mouseClick([chip for chip in chips if chip.isVisible()][-1], LEFT)


def test_the_model_reads_what_is_selected_and_its_chip_leads_back_to_the_lines(coder):
    person = coder.person
    coder.select_lines(4, 6)
    coder.press(Qt.Key.Key_L)
    assert person.sawhorse.window.focusWidget() is coder.composer.edit
    person.script("It counts.")
    person.qtbot.keyClicks(coder.composer.edit, "What is this?")
    coder.press(Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    coder.wait_for_answer("It counts.")
    lines = "\n".join(COUNT.split("\n")[3:6])
    assert f"File: count.py, lines 4-6\n```python\n{lines}\n```\n\nWhat is this?" in person.asked
    assert "def report" not in person.asked
    assert coder.composer.references == ()
    coder.control.close_current()
    person.wait(lambda: coder.control.open_paths == ())
    coder.click_chip()
    person.wait(lambda: coder.control.current_path == coder.path and bool(coder.text))
    assert coder.editor.textCursor().blockNumber() == 3


def test_what_is_not_saved_is_what_the_model_reads(coder):
    person = coder.person
    coder.select_lines(10, 10)
    person.qtbot.keyClicks(coder.editor, "    pass  # unsaved")
    coder.press(Qt.Key.Key_L)
    person.ask("And this?", "It passes.")
    coder.wait_for_answer("It passes.")
    assert "    pass  # unsaved" in person.asked
    assert coder.disk == COUNT


def test_a_draft_with_what_it_points_at_is_there_again_after_a_restart(coder, open_person):
    coder.select_lines(4, 6)
    coder.press(Qt.Key.Key_L)
    coder.person.qtbot.keyClicks(coder.composer.edit, "Later")
    close(coder.person.sawhorse)
    again = open_person()
    composer = again.sawhorse.composer
    assert composer.text() == "Later"
    assert [(one.first_line, one.last_line) for one in composer.references] == [(4, 6)]
    again.wait(lambda: again.sawhorse.editor.desk.control.text_of(coder.path) == COUNT)


def test_a_block_is_applied_to_the_file_it_names_after_a_look_and_saved(coder):
    person = coder.person
    person.ask("Make it robust.", BLOCK)
    coder.wait_for_answer(BLOCK)
    person.wait(lambda: person.button("apply_code_button") is not None)
    person.click("apply_code_button")
    person.wait(lambda: person.dialog("diff_dialog") is not None)
    person.click("diff_accept_button")
    person.wait(lambda: coder.text == COUNT.replace('split(" ")', "split()"))
    assert coder.disk == COUNT
    assert coder.editor.textCursor().blockNumber() == 4
    coder.press(Qt.Key.Key_S)
    person.wait(lambda: coder.disk == coder.text == COUNT.replace('split(" ")', "split()"))


def test_a_run_is_reviewed_hunk_by_hunk_commented_on_and_undone_while_its_file_is_open(coder):
    person = coder.person
    person.ask(
        "Improve it.",
        called("edit_file", path="count.py", old_text='split(" ")', new_text="split()"),
        called("edit_file", path="count.py", old_text='"words"', new_text='"words in all"'),
        "It is better.",
    )
    person.approve()
    person.wait(lambda: len(person.calls) == 2)
    person.approve()
    person.wait_for_end()
    changed = COUNT.replace('split(" ")', "split()").replace('"words"', '"words in all"')
    person.wait(lambda: coder.text == changed)
    assert coder.editor.marked_lines("model") == {5, 10}
    person.wait(lambda: "1 file changed" in person.bar)
    person.click("run_review_button")
    person.click("reject_hunk_1")
    person.wait(lambda: coder.text == coder.disk == changed.replace(" in all", ""))
    person.wait(lambda: coder.editor.marked_lines("model") == {5})
    person.click("comment_hunk_0")
    person.qtbot.keyClicks(person.shown("comment_field_0", QPlainTextEdit)[-1], "Say why.")
    person.click("send_comments_button")
    assert person.dialog("changes_dialog") is None
    person.script("Tabs count too.")
    coder.press(Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    coder.wait_for_answer("Tabs count too.")
    assert "`count.py`, line 5:" in person.asked
    assert '-    words = text.split(" ")\n+    words = text.split()\n' in person.asked
    assert person.asked.rstrip().endswith("Say why.")
    undo = person.sawhorse.window.action_table["changes.undo"]
    person.wait(undo.isEnabled)
    undo.trigger()
    person.click("undo_yes_button")
    person.wait(lambda: coder.text == coder.disk == COUNT)
    assert coder.editor.marked_lines("model") == set()


def test_the_chat_names_files_from_its_conversations_folder_whatever_folder_is_open(coder, tmp_path):
    person = coder.person
    coder.select_lines(4, 6)
    coder.press(Qt.Key.Key_L)
    other = tmp_path / "other"
    other.mkdir()
    (other / "count.py").write_text("another = True\n", "utf-8")
    person.sawhorse.editor.files.show_folder(str(other))
    person.ask("What is this?", BLOCK)
    coder.wait_for_answer(BLOCK)
    assert "File: count.py, lines 4-6\n" in person.asked
    coder.click_chip()
    assert coder.control.open_paths == (coder.path,)
    person.wait(lambda: person.button("apply_code_button") is not None)
    person.click("apply_code_button")
    person.wait(lambda: person.dialog("diff_dialog") is not None)
    person.click("diff_accept_button")
    person.wait(lambda: coder.text == COUNT.replace('split(" ")', "split()"))
    assert coder.control.open_paths == (coder.path,)
