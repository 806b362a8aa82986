"""Completion in the editor: when the model is asked, what is shown, and what ends it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from app.engine.echo import EchoEngine, Script
from app.engine.messages import ChatMessage, ChatPrompt, Finished, InfillPrompt, LoadSettings
from app.engine.sampling import Sampling
from app.settings import SettingsFile
from tests.ui.test_code_editor import make_editor, select  # noqa: F401 - a fixture
from ui.control.infill_actions import add_infill_actions
from ui.control.infill_control import InfillControl
from ui.widgets.actions import ActionTable


class Desk:
    """What is open, as the control sees it."""

    def __init__(self):
        self.current_editor = None
        self.current_path = ""
        self.open_paths = ()


class Bench:
    """A control with a scripted engine and one editor."""

    def __init__(self, control, desk, engine, settings, errors, events):
        self.control, self.desk, self.engine, self.settings = control, desk, engine, settings
        self.errors, self.events = errors, events
        self.is_busy = False

    @property
    def editor(self):
        return self.desk.current_editor

    @property
    def asked(self):
        return [prompt for prompt in self.engine.prompts if isinstance(prompt, InfillPrompt)]

    def show(self, editor, path="/project/file.py"):
        self.desk.current_editor, self.desk.current_path = editor, path
        self.desk.open_paths = (path, *(other for other in self.desk.open_paths if other != path))
        editor.setFocus()
        self.control.follow()


@pytest.fixture
def make_bench(qtbot, own_home, make_editor):  # noqa: F811
    made = []

    def make(*answers, text="x = ", infill=True, supports_infill=True, pause=0.0):
        errors, events, desk = [], [], Desk()
        file = SettingsFile(own_home / "settings.json")
        file.change(infill=infill, infill_pause=pause)

        def take(event):
            events.append(event)
            if made:
                made[-1].control.handle(event)

        scripts = [Script(text=answer) for answer in answers]
        engine = EchoEngine(take, scripts, tokens_per_second=1, supports_infill=supports_infill)
        engine.load("model.gguf", LoadSettings())
        engine.finish()
        control = InfillControl(
            engine, desk, file, lambda fields: file.change(**fields), lambda: bench.is_busy, errors.append
        )
        bench = Bench(control, desk, engine, file, errors, events)
        made.append(bench)
        editor = make_editor(text)
        qtbot.waitUntil(editor.isActiveWindow)
        bench.show(editor)
        editor.moveCursor(editor.textCursor().MoveOperation.End)
        return bench

    yield make
    for bench in made:
        bench.control.stop()


def type_and_wait(qtbot, bench, text):
    count = len(bench.asked)
    qtbot.keyClicks(bench.editor, text)
    qtbot.waitUntil(lambda: len(bench.asked) > count)


def test_a_pause_in_typing_asks_and_shows_what_the_model_says(qtbot, make_bench):
    bench = make_bench("42 + 1")
    type_and_wait(qtbot, bench, "y")
    assert (bench.asked[0].before, bench.asked[0].after, bench.asked[0].path) == ("x = y", "", "file.py")
    assert bench.control.state == "thinking"
    bench.engine.finish()
    assert bench.editor.ghost == "42 + 1"
    assert bench.editor.text() == "x = y"
    assert bench.control.state == "on"


def test_the_proposal_grows_as_it_comes(qtbot, make_bench):
    bench = make_bench("42 + 1")
    bench.control.request()
    bench.engine.advance(1.01)
    assert bench.editor.ghost == "42"
    bench.engine.advance(1)
    assert bench.editor.ghost == "42 +"


def test_while_it_is_off_only_a_request_asks(qtbot, make_bench):
    bench = make_bench("42", infill=False)
    qtbot.keyClicks(bench.editor, "y")
    assert not bench.control._pause.isActive()
    assert bench.control.words == "Completion: off"
    bench.control.request()
    bench.engine.finish()
    assert bench.editor.ghost == "42"


def test_the_next_key_cancels_what_is_under_way(qtbot, make_bench):
    bench = make_bench("42 + 1", "7")
    bench.control.request()
    bench.engine.advance(1.01)
    type_and_wait(qtbot, bench, "9")
    bench.engine.finish()
    reasons = [event.reason for event in bench.events if isinstance(event, Finished)]
    assert reasons == ["cancelled", "eos"]
    assert bench.editor.ghost == "7"


def test_typing_what_is_proposed_keeps_it_without_asking_again(qtbot, make_bench):
    bench = make_bench("value + 1")
    bench.control.request()
    bench.engine.finish()
    for typed, rest in (("v", "alue + 1"), ("a", "lue + 1")):
        qtbot.keyClicks(bench.editor, typed)
        assert bench.editor.ghost == rest
    assert not bench.control._pause.isActive()
    assert len(bench.asked) == 1


def test_typing_what_has_come_so_far_lets_the_rest_come(qtbot, make_bench):
    bench = make_bench("value + 1")
    bench.control.request()
    bench.engine.advance(1.01)
    qtbot.keyClicks(bench.editor, "val")
    assert bench.editor.ghost == "ue"
    bench.engine.finish()
    assert bench.editor.ghost == "ue + 1"


def test_tab_takes_it_and_the_next_pause_asks_for_more(qtbot, make_bench):
    bench = make_bench("42", "  # the answer")
    bench.control.request()
    bench.engine.finish()
    qtbot.keyClick(bench.editor, Qt.Key.Key_Tab)
    assert bench.editor.text() == "x = 42"
    qtbot.waitUntil(lambda: len(bench.asked) == 2)
    assert bench.asked[1].before == "x = 42"


def test_a_word_can_be_taken_and_the_rest_stays(qtbot, make_bench):
    bench = make_bench("value + 1")
    bench.control.request()
    bench.engine.finish()
    qtbot.keyClick(bench.editor, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert (bench.editor.text(), bench.editor.ghost) == ("x = value", " + 1")


def test_escape_ends_it_and_nothing_more_of_it_comes(qtbot, make_bench):
    bench = make_bench("42 + 1")
    bench.control.request()
    bench.engine.advance(1.01)
    qtbot.keyClick(bench.editor, Qt.Key.Key_Escape)
    bench.engine.finish()
    assert bench.editor.ghost == ""
    assert bench.control.state == "on"


@pytest.mark.parametrize("key", [Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Home])
def test_moving_the_cursor_ends_it(qtbot, make_bench, key):
    bench = make_bench("42 + 1", text="a = 1\nx = ")
    bench.control.request()
    qtbot.keyClick(bench.editor, key)
    bench.engine.finish()
    assert bench.editor.ghost == ""
    assert bench.events[-1].reason == "cancelled"


def test_deleting_behind_the_cursor_ends_it_too(qtbot, make_bench):
    bench = make_bench("42 + 1", text="x = )")
    bench.editor.moveCursor(bench.editor.textCursor().MoveOperation.Left)
    bench.control.request()
    bench.engine.advance(1.01)
    qtbot.keyClick(bench.editor, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(bench.asked) == 2)  # the pause after it asks for what fits now
    assert bench.editor.ghost == ""
    assert [prompt.after for prompt in bench.asked] == [")", ""]


def test_nothing_is_asked_while_a_reply_is_made_and_a_request_says_why(qtbot, make_bench):
    bench = make_bench("42")
    bench.is_busy = True
    bench.control.request()
    assert bench.asked == []
    assert bench.errors[-1].title == "The model is at work"


def test_a_message_that_is_sent_cancels_it_first(qtbot, make_bench):
    bench = make_bench("42 + 1", "Hello!")
    bench.control.request()
    bench.engine.generate(ChatPrompt(messages=(ChatMessage(role="user", content="Hi"),)), Sampling())
    bench.engine.finish()
    reasons = [event.reason for event in bench.events if isinstance(event, Finished)]
    assert reasons == ["cancelled", "eos"]
    assert bench.editor.ghost == ""


def test_a_model_without_the_tokens_is_said_to_be_one(qtbot, make_bench):
    bench = make_bench(supports_infill=False)
    assert bench.control.words == "Completion: not with this model"
    bench.control.request()
    assert bench.asked == []
    assert bench.errors[-1].title == "This model has no fill-in-the-middle tokens"


def test_switching_it_on_with_such_a_model_says_so_at_once(make_bench):
    bench = make_bench(infill=False, supports_infill=False)
    bench.control.toggle(True)
    assert "fill-in-the-middle" in bench.errors[-1].title


def test_with_no_model_a_request_says_that(make_bench):
    bench = make_bench()
    bench.engine.unload()
    bench.engine.finish()
    bench.control.request()
    assert bench.errors[-1].title == "No model is loaded"


@pytest.mark.parametrize("text", ["name(x)|.y", "na|me", "x = | + 1"])
def test_nothing_is_asked_unasked_inside_a_line(qtbot, make_bench, text):
    bench = make_bench(text=text.replace("|", ""))
    bench.editor.go_to(1, text.index("|") + 1)
    qtbot.keyClicks(bench.editor, "a")
    bench.control._pause.stop()
    bench.control._ask(is_requested=False)
    assert bench.asked == []


def test_nothing_is_proposed_in_a_text_that_cannot_be_changed_or_over_a_selection(make_bench):
    bench = make_bench("42")
    select(bench.editor, 0, 3)
    bench.control.request()
    select(bench.editor, 1, 1)
    bench.editor.setReadOnly(True)
    bench.control.request()
    assert bench.asked == []


def test_the_model_is_shown_the_files_that_were_looked_at_before(qtbot, make_bench, make_editor):  # noqa: F811
    bench = make_bench("42", text="import this\n")
    other = make_editor("y = ", "other.py")
    qtbot.waitUntil(other.isActiveWindow)
    bench.show(other, "/project/other.py")
    bench.control.request()
    assert bench.asked[0].others == (("file.py", "import this\n"),)
    assert bench.asked[0].path == "other.py"


def test_characters_outside_the_first_plane_do_not_shift_what_is_asked(make_bench):
    bench = make_bench("42", text='s = "\U0001f600"; x = ')
    bench.control.request()
    assert bench.asked[0].before == 's = "\U0001f600"; x = '


def test_another_model_says_it_anew(qtbot, make_bench):
    bench = make_bench("42", "43")
    bench.control.request()
    bench.engine.finish()
    bench.editor.clear_ghost()
    bench.engine.load("other.gguf", LoadSettings())
    bench.engine.finish()
    bench.control.request()
    bench.engine.finish()
    assert bench.editor.ghost == "43"


def test_an_editor_that_is_gone_is_left_in_peace(qtbot, make_bench, make_editor):  # noqa: F811
    bench = make_bench("42")
    bench.control.request()
    bench.editor.deleteLater()
    qtbot.wait(0)
    bench.engine.finish()
    bench.show(make_editor("z = "))
    assert bench.control.state == "on"


def test_its_actions_ask_and_switch(qtbot, theme, make_bench):
    bench = make_bench("42", infill=False)
    window = QMainWindow()
    qtbot.addWidget(window)
    table = ActionTable(theme, window)
    add_infill_actions(table, lambda: bench.control, bench.settings)
    assert not table["infill.toggle"].isChecked()
    table["infill.toggle"].trigger()
    assert bench.control.is_on
    assert table["infill.toggle"].isChecked()
    table["infill.request"].trigger()
    assert len(bench.asked) == 1
