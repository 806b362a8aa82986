"""The review of a run: its files and steps, their hunks, what is said about them, and the way back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QPushButton, QToolButton, QTreeView

from app.errors import AppError
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.agent_fakes import FakeStore, file_change, run, undone
from ui.editor.diff_look import DiffLook
from ui.editor.diff_rows import LineRow
from ui.tools.change_list import files_of, outcome_words
from ui.tools.change_row import STATE
from ui.tools.changes_dialog import ChangesDialog
from ui.tools.run_review import RunReview

CHANGES = (
    file_change("main.py", "s1", "a0", "a1"),
    file_change("new.md", "s2", None, "n"),
    file_change("main.py", "s3", "a1", "a2"),
    file_change("logo.png", "s3", "b0", "b1", is_text=False),
    file_change("old.txt", "s4", "o", None),
)
CONTENTS = {
    "a0": b"one\nkept\ntwo\n", "a1": b"uno\nkept\ntwo\n", "a2": b"uno\nkept\ndos\n", "n": b"new\n", "o": b"old\n",
    "b0": b"\x00\x01", "b1": b"\x00",
}  # fmt: skip
TITLES = {"s1": "edit_file main.py", "s3": "run_command make"}


class Reviewed:
    """The dialog, what it reviews, and the store."""

    def __init__(self, theme, qtbot):
        self.store = FakeStore()
        self.store.kept, self.store.data = CHANGES, dict(CONTENTS)
        self.review = RunReview(self.store)
        self.dialog = ChangesDialog(theme, DiffLook(is_split=False), self.review)
        self.errors = []
        self.review.failed.connect(self.errors.append)
        qtbot.addWidget(self.dialog)
        self.qtbot = qtbot
        self.list_again()
        self.dialog.open()

    def list_again(self, *, can_undo=True):
        self.dialog.expect(TITLES, can_undo=can_undo)
        self.review.open(run("complete"))

    def choose(self, row, child=None):
        model = self.dialog._model
        index = model.index(row, 0)
        self.dialog._list.setCurrentIndex(index if child is None else model.index(child, 0, index))

    def click(self, name, kind=QPushButton):
        button = self.dialog.findChild(kind, name)
        assert button.isVisible()
        button.click()

    def words(self, name="diff_words"):
        label = self.dialog.findChild(QLabel, name)
        return label.text() if label.isVisible() else None

    def sides(self):
        """Return the texts before and after, as they are shown; None for words."""
        pane = self.dialog._view.pane
        self.qtbot.waitUntil(lambda: not pane.view.row_list.is_growing)
        if not pane.view.isVisible():
            return None
        rows = [row for row in pane.view.row_list.rows if isinstance(row, LineRow)]
        return tuple("".join(f"{cell.text}\n" for cell in side if cell) for side in (
            [row.left for row in rows], [row.right for row in rows],
        ))  # fmt: skip

    def states(self):
        model = self.dialog._model
        return [model.item(row).data(STATE) or "" for row in range(model.rowCount())]

    def asked(self, *names):
        """Press these buttons and return what is asked to be undone."""
        with self.qtbot.waitSignal(self.dialog.undo_requested) as requested:
            for name in names:
                self.click(name)
        return tuple(requested.args)


@pytest.fixture
def shown(theme, qtbot):
    """The dialog with five changes of four files."""
    made = Reviewed(theme, qtbot)
    yield made
    made.dialog.stop()


def rows(shown):
    """Return the list as it reads: files, each with its steps."""
    model = shown.dialog._model
    tops = [model.item(row) for row in range(model.rowCount())]
    return [(top.text(), [top.child(place).text() for place in range(top.rowCount())]) for top in tops]


# --- what is listed ---------------------------------------------------------------------------------------------


def test_files_come_in_the_order_of_the_run_with_their_steps_where_there_are_several(shown):
    assert rows(shown) == [
        ("main.py", ["edit_file main.py", "run_command make"]),
        ("new.md", []),
        ("logo.png", []),
        ("old.txt", []),
    ]


def test_what_became_of_each_file_is_said(shown):
    assert [file.kind for file in shown.dialog._files()] == ["changed", "added", "changed", "deleted"]
    shown.store.kept = (file_change("x", "s1", None, "n"), file_change("x", "s2", "n", None))
    shown.list_again()
    assert shown.dialog._files()[0].kind == "gone"
    assert shown.words() == "The run added this file and deleted it again."


def test_a_file_that_only_got_another_name_is_listed_once_and_rejected_under_both(shown):
    shown.store.kept = (file_change("a", "s1", "n", None), file_change("b", "s1", None, "n"))
    shown.list_again()
    assert rows(shown) == [("a \u2192 b", [])]
    shown.click("reject_file_button")
    assert [written[::2] for written in shown.store.written] == [("a", "before"), ("b", "before")]


def test_a_file_shows_all_that_happened_to_it_and_a_step_only_its_own_part(shown):
    assert shown.sides() == ("one\nkept\ntwo\n", "uno\nkept\ndos\n")
    shown.choose(0, child=1)
    assert shown.sides() == ("uno\nkept\ntwo\n", "uno\nkept\ndos\n")
    assert shown.dialog._view.pane.view.bars == {}


def test_added_and_deleted_files_have_one_side(shown):
    shown.choose(1)
    assert shown.sides() == ("", "new\n")
    shown.choose(3)
    assert shown.sides() == ("old\n", "")


def test_what_is_not_text_is_said_with_its_size(shown):
    shown.choose(2)
    assert shown.sides() is None
    assert shown.words() == "Not text: 2 bytes before, 1 bytes now."


def test_contents_that_are_no_longer_kept_are_said(shown):
    shown.store.data.pop("n")
    shown.choose(1)
    assert shown.words() == "Its contents are no longer kept."


def test_contents_that_cannot_be_read_say_why(shown):
    shown.store.error = AppError("The store cannot be read", "The disk is gone.")
    shown.choose(1)
    assert shown.words() == "The store cannot be read. The disk is gone"


def test_an_answer_for_a_file_that_is_not_on_show_any_more_is_dropped(shown):
    shown.store.waits = True
    shown.choose(1)
    late = list(shown.store.waiting)
    shown.store.waits = False
    shown.choose(3)
    for answer in late:
        answer()
    assert shown.sides() == ("old\n", "")


def test_permissions_alone_are_named(shown):
    shown.store.kept = (file_change("run.sh", "s1", "n", "n"),)
    shown.list_again()
    assert shown.words() == "Its contents are the same; only its permissions changed."


# --- hunk by hunk -----------------------------------------------------------------------------------------------


def test_a_rejected_hunk_is_taken_back_at_once_and_can_be_accepted_again(shown):
    shown.click("reject_hunk_0", QToolButton)
    assert shown.store.data[shown.store.now["main.py"]] == b"one\nkept\ndos\n"
    assert shown.dialog._view.pane.states == ["rejected", ""]
    assert shown.states()[0] == "other"
    shown.click("accept_hunk_0", QToolButton)
    assert shown.store.written[-1][2] == "after"
    assert shown.dialog._view.pane.states == ["accepted", ""]


def test_with_every_hunk_rejected_the_file_is_as_before_the_run(shown):
    shown.click("reject_hunk_0", QToolButton)
    shown.click("reject_hunk_1", QToolButton)
    assert shown.store.written[-1][2] == "before"
    assert shown.states()[0] == "rejected"


def test_what_was_rejected_is_seen_again_later(shown, theme, qtbot):
    shown.click("reject_hunk_1", QToolButton)
    shown.choose(1)
    shown.choose(0)
    assert shown.dialog._view.pane.states == ["", "rejected"]


def test_clicks_while_a_file_is_being_written_are_written_afterwards(shown):
    shown.store.waits = True
    shown.click("reject_hunk_0", QToolButton)
    shown.click("reject_hunk_1", QToolButton)
    assert len(shown.store.written) == 1
    shown.store.waits = False
    while shown.store.waiting:
        shown.store.waiting.pop(0)()
    assert shown.store.now["main.py"] == "a0"
    assert shown.dialog._view.pane.states == ["rejected", "rejected"]
    assert shown.errors == []


def test_a_file_that_somebody_changed_is_shown_as_it_is_and_that_is_said(shown):
    shown.store.data["theirs"] = b"uno\nkept\nmine\n"
    shown.store.now["main.py"] = "theirs"
    shown.list_again()
    assert shown.sides() == ("one\nkept\ntwo\n", "uno\nkept\nmine\n")
    assert shown.words("review_banner").startswith("This file was changed after the run.")
    shown.click("reject_hunk_0", QToolButton)
    assert shown.store.data[shown.store.now["main.py"]] == b"one\nkept\nmine\n"


def test_what_changed_since_it_was_looked_at_is_not_written_over_and_shown_anew(shown):
    shown.store.data["theirs"] = b"uno\nkept\nmine\n"
    shown.store.now["main.py"] = "theirs"
    shown.click("reject_hunk_0", QToolButton)
    assert [error.title for error in shown.errors] == ["The file was changed meanwhile"]
    assert shown.store.now["main.py"] == "theirs"
    assert shown.sides() == ("one\nkept\ntwo\n", "uno\nkept\nmine\n")


def test_files_are_accepted_and_rejected_whole(shown):
    shown.choose(2)
    shown.click("reject_file_button")
    assert shown.store.now["logo.png"] == "b0"
    assert shown.states()[2] == "rejected"
    shown.click("accept_file_button")
    assert shown.store.now["logo.png"] == "b1"
    assert shown.states()[2] == "accepted"


def test_the_whole_run_is_rejected_and_accepted_again_but_for_what_somebody_changed(shown):
    shown.store.data["theirs"] = b"mine\n"
    shown.store.now["new.md"] = "theirs"
    shown.list_again()
    shown.click("reject_run_button")
    assert shown.states() == ["rejected", "other", "rejected", "rejected"]
    assert shown.dialog._view.pane.states == ["rejected", "rejected"]
    shown.click("accept_run_button")
    assert shown.states() == ["accepted", "other", "accepted", "accepted"]
    assert shown.store.now["new.md"] == "theirs"


def test_accepting_the_run_writes_nothing_where_nothing_was_rejected(shown):
    shown.click("accept_run_button")
    assert shown.states() == ["accepted"] * 4
    assert shown.dialog._view.pane.states == ["accepted", "accepted"]
    assert shown.store.written == []


def test_listing_the_files_again_leaves_what_is_looked_at_as_it_is(shown):
    shown.click("comment_hunk_1", QToolButton)
    field = shown.dialog.findChild(QPlainTextEdit, "comment_field_1")
    field.setPlainText("Why?")
    shown.list_again()
    assert shown.dialog.findChild(QPlainTextEdit, "comment_field_1") is field


# --- comments ---------------------------------------------------------------------------------------------------


def test_comments_are_counted_and_stay_with_their_hunk(shown):
    assert not shown.dialog.findChild(QPushButton, "send_comments_button").isVisible()
    shown.click("comment_hunk_1", QToolButton)
    shown.dialog.findChild(QPlainTextEdit, "comment_field_1").setPlainText("Why?")
    assert shown.words("comment_count") == "1 comment"
    shown.choose(1)
    shown.choose(0)
    assert shown.dialog.findChild(QPlainTextEdit, "comment_field_1").toPlainText() == "Why?"
    shown.click("remove_comment_1")
    assert shown.review.comments() == []


def test_comments_that_were_handed_on_are_shown_no_more(shown):
    shown.click("comment_hunk_1", QToolButton)
    shown.dialog.findChild(QPlainTextEdit, "comment_field_1").setPlainText("Why?")
    shown.review.forget_comments()
    shown.dialog.comments_sent()
    assert not [one for one in shown.dialog.findChildren(QPlainTextEdit, "comment_field_1") if one.isVisible()]


def test_escape_leaves_a_comment_and_drops_it_only_while_it_is_empty(shown, qtbot):
    shown.click("comment_hunk_0", QToolButton)
    field = shown.dialog.findChild(QPlainTextEdit, "comment_field_0")
    field.setPlainText("Keep me")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert shown.dialog.isVisible()
    assert [comment.text for comment in shown.review.comments()] == ["Keep me"]
    field.clear()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()


# --- the way back -----------------------------------------------------------------------------------------------


def test_the_whole_run_is_undone_only_after_a_second_click(shown, qtbot):
    with qtbot.assertNotEmitted(shown.dialog.undo_requested):
        shown.click("undo_run_button")
    assert shown.words("changes_question").startswith("Undo the whole run? 4 files will be as before: main.py, ")
    assert shown.asked("undo_yes_button") == ((), False)


def test_enter_undoes_nothing(shown, qtbot):
    shown.click("undo_run_button")
    with qtbot.assertNotEmitted(shown.dialog.undo_requested):
        qtbot.keyClick(shown.dialog, Qt.Key.Key_Return)


def test_one_may_think_better_of_it(shown):
    shown.click("undo_run_button")
    shown.click("undo_no_button")
    assert shown.words("changes_question") is None


def test_a_single_step_can_be_undone_and_its_other_files_are_named(shown):
    shown.choose(0, child=1)
    shown.click("undo_file_button")
    assert shown.words("changes_question") == "Undo this? 2 files will be as before: main.py, logo.png."
    assert shown.asked("undo_yes_button") == (("s3",), False)


def test_a_question_stays_while_the_files_are_listed_anew_unless_nothing_is_left(shown):
    shown.click("undo_run_button")
    shown.store.kept = CHANGES[:2]
    shown.dialog.returned.connect(shown.review.refresh)
    shown.dialog.returned.emit()  # as when the window is activated
    assert shown.words("changes_question").startswith("Undo the whole run? 2 files will be as before: main.py")
    shown.store.kept = ()
    shown.dialog.returned.emit()
    assert shown.words("changes_question") is None


def test_choosing_another_file_takes_the_question_away(shown):
    shown.click("undo_run_button")
    shown.choose(1)
    assert shown.words("changes_question") is None


def test_files_changed_since_are_named_and_undone_only_when_that_is_asked_for_again(shown):
    shown.dialog.show_outcome(("s1",), undone(conflicts=["main.py"]))
    assert shown.words("changes_conflicts") == "1 file was changed after the run and left alone: main.py."
    shown.click("undo_force_button")
    assert shown.words("changes_question").endswith("What was changed there since is lost.")
    assert shown.asked("undo_yes_button") == (("s1",), True)


def test_an_undo_without_conflicts_mentions_none(shown):
    shown.dialog.show_outcome((), undone("main.py"))
    assert shown.words("changes_conflicts") is None


def test_nothing_can_be_undone_while_the_run_is_at_work(shown):
    shown.list_again(can_undo=False)
    shown.choose(0, child=0)
    assert not shown.dialog.findChild(QPushButton, "undo_run_button").isEnabled()
    assert not shown.dialog.findChild(QPushButton, "undo_file_button").isEnabled()


def test_what_is_left_is_said_when_all_was_undone(shown):
    shown.store.kept = ()
    shown.list_again()
    assert rows(shown) == []
    assert "Nothing of this run is left to undo." in [label.text() for label in shown.dialog.findChildren(QLabel)]
    assert not shown.dialog.findChild(QPushButton, "reject_file_button").isVisible()


def test_the_file_that_was_looked_at_stays_chosen(shown):
    shown.choose(1)
    shown.store.kept = CHANGES[1:]
    shown.list_again()
    assert shown.dialog._list.currentIndex().data() == "new.md"


def test_outcomes_are_told_with_numbers():
    assert outcome_words(undone("a", "b")) == ("2 files as before", "a, b")
    assert outcome_words(undone("a", conflicts="b"))[1] == "1 file was changed since and left alone: b."
    assert outcome_words(undone())[0] == "Nothing was undone"


def test_a_review_is_no_step_of_the_run(shown):
    reviewed = (*CHANGES, file_change("new.md", "s9", "n", "x"))
    assert files_of(tuple(shown.review.files.values()), reviewed[:-1], {})[1].steps == ()


def test_it_can_be_used_by_keyboard_and_ear(shown):
    assert not shown.dialog.isModal()
    assert shown.dialog.findChild(QTreeView, "changes_list").accessibleName() == "Changed files"
    assert_accessible(shown.dialog)
    assert_names_are_unique(shown.dialog)
    assert shown.dialog.findChildren(QFrame)
