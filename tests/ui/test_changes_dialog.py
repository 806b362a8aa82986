"""The review of what a run changed: files, steps, diffs, and the way back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QTreeView

from app.errors import AppError
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.agent_fakes import file_change, undone
from ui.tools.change_list import files_of, outcome_words
from ui.tools.changes_dialog import ChangesDialog
from ui.widgets.labels import make_label

CHANGES = (
    file_change("main.py", "s1", "a0", "a1"),
    file_change("new.md", "s2", None, "n"),
    file_change("main.py", "s3", "a1", "a2"),
    file_change("logo.png", "s3", "b0", "b1", is_text=False),
    file_change("old.txt", "s4", "n", None),
)
CONTENTS = {"a0": b"one\n", "a1": b"two\n", "a2": b"three\n", "n": b"new\n", "b0": b"\x00\x01", "b1": b"\x00"}
TITLES = {"s1": "edit_file main.py", "s3": "run_command make"}


class Reader:
    """A checkpoint store that answers when it is told to, or at once."""

    def __init__(self):
        self.contents = dict(CONTENTS)
        self.waits = False
        self.waiting = []

    def __call__(self, name, on_done):
        if self.waits:
            self.waiting.append(lambda: on_done(self.contents.get(name)))
        else:
            on_done(self.contents.get(name))


@pytest.fixture
def reader():
    """Where the dialog reads contents."""
    return Reader()


@pytest.fixture
def dialog(theme, qtbot, reader):
    """The dialog with five changes of four files."""

    def make_diff(_theme, path, before, after):
        label = make_label(f"{path}: {before!r} -> {after!r}")
        label.setObjectName("diff")
        return label

    dialog = ChangesDialog(theme, reader, make_diff)
    qtbot.addWidget(dialog)
    dialog.show_changes(CHANGES, TITLES)
    dialog.open()
    return dialog


def rows(dialog):
    """Return the list as it reads: files, each with its steps."""
    model = dialog._model
    tops = [model.item(row) for row in range(model.rowCount())]
    return [(top.text(), [top.child(place).text() for place in range(top.rowCount())]) for top in tops]


def choose(dialog, row, child=None):
    index = dialog._model.index(row, 0)
    dialog._list.setCurrentIndex(index if child is None else dialog._model.index(child, 0, index))


def diff(dialog):
    label = dialog.findChild(QLabel, "diff")
    return label.text() if label else None


def words(dialog, name="change_words"):
    return dialog.findChild(QLabel, name).text()


def press(dialog, qtbot, name):
    button = dialog.findChild(QPushButton, name)
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def asked(dialog, qtbot, *names):
    """Press these buttons and return what is asked to be undone."""
    with qtbot.waitSignal(dialog.undo_requested) as requested:
        for name in names:
            press(dialog, qtbot, name)
    return tuple(requested.args)


# --- what is listed ---------------------------------------------------------------------------------------------


def test_files_come_in_the_order_of_the_run_with_their_steps_where_there_are_several(dialog):
    assert rows(dialog) == [
        ("main.py", ["edit_file main.py", "run_command make"]),
        ("new.md", []),
        ("logo.png", []),
        ("old.txt", []),
    ]


def test_what_became_of_each_file_is_said():
    assert [file.whole.kind for file in files_of(CHANGES, {})] == ["changed", "added", "changed", "deleted"]
    passing = (file_change("x", "s1", None, "n"), file_change("x", "s2", "n", None))
    assert files_of(passing, {})[0].whole.kind == "gone"


def test_a_file_shows_all_that_happened_to_it_and_a_step_only_its_own_part(dialog):
    assert diff(dialog) == "main.py: 'one\\n' -> 'three\\n'"
    choose(dialog, 0, child=1)
    assert diff(dialog) == "main.py: 'two\\n' -> 'three\\n'"


def test_added_and_deleted_files_have_one_side(dialog):
    choose(dialog, 1)
    assert diff(dialog) == "new.md: None -> 'new\\n'"
    choose(dialog, 3)
    assert diff(dialog) == "old.txt: 'new\\n' -> None"


def test_what_is_not_text_is_said_with_its_size(dialog):
    choose(dialog, 2)
    assert diff(dialog) is None
    assert words(dialog) == "Not text: 2 bytes before, 1 bytes now."


def test_contents_that_are_no_longer_kept_are_said(dialog, reader):
    reader.contents.pop("n")
    choose(dialog, 1)
    assert words(dialog) == "Its contents are no longer kept."


def test_contents_that_cannot_be_read_say_why(dialog, reader):
    reader.contents["n"] = AppError("The store cannot be read", "The disk is gone.")
    choose(dialog, 1)
    assert words(dialog) == "The store cannot be read. The disk is gone"


def test_an_answer_for_a_file_that_is_not_on_show_any_more_is_dropped(dialog, reader):
    reader.waits = True
    choose(dialog, 1)
    late = list(reader.waiting)
    reader.waits = False
    choose(dialog, 3)
    for answer in late:
        answer()
    assert diff(dialog) == "old.txt: 'new\\n' -> None"


# --- the way back -----------------------------------------------------------------------------------------------


def test_the_whole_run_is_undone_only_after_a_second_click(dialog, qtbot):
    with qtbot.assertNotEmitted(dialog.undo_requested):
        press(dialog, qtbot, "undo_run_button")
    assert words(dialog, "changes_question").startswith("Undo the whole run? 4 files will be as before: main.py, ")
    assert asked(dialog, qtbot, "undo_yes_button") == ((), False)


def test_enter_undoes_nothing(dialog, qtbot):
    press(dialog, qtbot, "undo_run_button")
    with qtbot.assertNotEmitted(dialog.undo_requested):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)


def test_one_may_think_better_of_it(dialog, qtbot):
    press(dialog, qtbot, "undo_run_button")
    press(dialog, qtbot, "undo_no_button")
    assert not dialog.findChild(QLabel, "changes_question").isVisible()


def test_a_file_is_undone_with_all_steps_that_touched_it_and_their_other_files_are_named(dialog, qtbot):
    press(dialog, qtbot, "undo_file_button")
    assert words(dialog, "changes_question") == "Undo this? 2 files will be as before: main.py, logo.png."
    assert asked(dialog, qtbot, "undo_yes_button") == (("s1", "s3"), False)


def test_a_single_step_can_be_undone(dialog, qtbot):
    choose(dialog, 0, child=0)
    assert dialog.findChild(QPushButton, "undo_file_button").text() == "Undo this step…"
    assert asked(dialog, qtbot, "undo_file_button", "undo_yes_button") == (("s1",), False)


def test_choosing_another_file_takes_the_question_away(dialog, qtbot):
    press(dialog, qtbot, "undo_file_button")
    choose(dialog, 1)
    assert not dialog.findChild(QLabel, "changes_question").isVisible()


def test_files_changed_since_are_named_and_undone_only_when_that_is_asked_for_again(dialog, qtbot):
    dialog.show_outcome(("s1",), undone(conflicts=["main.py"]))
    assert words(dialog, "changes_conflicts") == "1 file was changed after the run and left alone: main.py."
    press(dialog, qtbot, "undo_force_button")
    assert words(dialog, "changes_question").endswith("What was changed there since is lost.")
    assert asked(dialog, qtbot, "undo_yes_button") == (("s1",), True)


def test_an_undo_without_conflicts_mentions_none(dialog):
    dialog.show_outcome((), undone("main.py"))
    assert not dialog.findChild(QLabel, "changes_conflicts").isVisible()


def test_nothing_can_be_undone_while_the_run_is_at_work(dialog):
    dialog.show_changes(CHANGES, TITLES, can_undo=False)
    assert not dialog.findChild(QPushButton, "undo_run_button").isEnabled()
    assert not dialog.findChild(QPushButton, "undo_file_button").isEnabled()


def test_what_is_left_is_said_when_all_was_undone(dialog):
    dialog.show_changes((), {})
    assert rows(dialog) == []
    assert "Nothing of this run is left to undo." in [label.text() for label in dialog.findChildren(QLabel)]
    assert not dialog.findChild(QPushButton, "undo_file_button").isVisible()


def test_the_file_that_was_looked_at_stays_chosen(dialog):
    choose(dialog, 1)
    dialog.show_changes(CHANGES[1:], TITLES)
    assert dialog._list.currentIndex().data() == "new.md"


def test_outcomes_are_told_with_numbers():
    assert outcome_words(undone("a", "b")) == ("2 files as before", "a, b")
    assert outcome_words(undone("a", conflicts="b"))[1] == "1 file was changed since and left alone: b."
    assert outcome_words(undone())[0] == "Nothing was undone"


def test_a_new_theme_draws_the_diff_anew(dialog, theme):
    theme.set_mode("dark")
    assert diff(dialog) == "main.py: 'one\\n' -> 'three\\n'"


def test_it_can_be_used_by_keyboard_and_ear(dialog):
    assert not dialog.isModal()
    assert dialog.findChild(QTreeView, "changes_list").accessibleName() == "Changed files"
    assert_accessible(dialog)
    assert_names_are_unique(dialog)
    assert dialog.findChildren(QFrame)
