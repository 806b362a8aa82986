"""The microscope: one call from the model's own words to what it was told."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPushButton

from app.agent.export import calls_of
from app.agent.live import LiveCall
from app.conversations.parts import ToolCallPart
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from tests.ui.run_examples import TOOLS, demo_run, malformed_call, token_text
from tests.ui.turns import words_in
from ui.inspect.microscope import Microscope
from ui.inspect.text_pane import Places, TextPane
from ui.theme.tokens import load_colors

EXPORT = demo_run(8)
CALLS = {call.part.name: call for own in calls_of(EXPORT.turns, TOOLS).values() for call in own}
TURNS = {turn.id: turn for turn in EXPORT.turns}
PREFIX = "I'll change it.\n"


class Tokens:
    """Answers for the engine; later, where ``waits``."""

    def __init__(self):
        self.waits = False
        self.waiting = []
        self.reason = ""
        self.asked = 0

    def find(self, turn, on_done):
        self.asked += 1
        raws = [part.raw for part in turn.parts if isinstance(part, ToolCallPart)]
        answer = self.reason or token_text("\n".join(raws), PREFIX)
        if self.waits:
            self.waiting.append(lambda: on_done(answer))
        else:
            on_done(answer)

    def count(self, text, on_done):
        on_done(None if self.reason else len(text) // 2)


@pytest.fixture
def tokens():
    return Tokens()


@pytest.fixture
def microscope(theme, qtbot, tokens):
    made = Microscope(theme, tokens.find, tokens.count)
    qtbot.addWidget(made)
    made.resize(1280, 340)
    made.show()
    qtbot.waitExposed(made)
    return made


def show(microscope, name):
    call = CALLS[name]
    microscope.show_call(call, TURNS[call.turn_id])
    return call


def show_malformed(microscope):
    part = malformed_call()
    turn = msgspec.structs.replace(TURNS[2], parts=(part,))
    microscope.show_call(LiveCall(2, part, "invalid", TOOLS[1]), turn)
    return part


def formats(view, line):
    return view.document().findBlockByNumber(line).layout().formats()


# --- raw text --------------------------------------------------------------------------------------------------


def test_the_raw_text_is_shown_as_the_tokens_that_made_it(microscope):
    call = show(microscope, "edit_file")
    view = microscope.raw.view
    assert view.toPlainText() == call.part.raw
    assert "".join(view.text[piece.start : piece.end] for piece in view.pieces) == call.part.raw
    assert f"{len(view.pieces)} tokens" in microscope.raw.words()
    grounds = [span.format.background().color().name() for span in formats(view, 0)]
    assert len(grounds) > 1
    assert all(one != other for one, other in pairwise(grounds))


def test_tints_of_neighbours_differ_in_every_line(microscope, qtbot):
    show(microscope, "edit_file")
    view = microscope.raw.view
    qtbot.waitUntil(lambda: not view._timer.isActive())
    colors = {}
    for line in range(view.document().blockCount()):
        for span in formats(view, line):
            colors.setdefault(span.format.background().color().name(), 0)
            colors[span.format.background().color().name()] += 1
    assert len(colors) == 2


def test_a_token_under_the_cursor_tells_its_id_and_place(microscope):
    show(microscope, "edit_file")
    view = microscope.raw.view
    piece = view.pieces[3]
    cursor = view.textCursor()
    cursor.setPosition(piece.start)
    view.setTextCursor(cursor)
    words = microscope.raw.words()
    assert f"Token 4 of {len(view.pieces)}" in words
    assert f"id {piece.token_ids[0]:,}".replace(",", "\u202f") in words
    assert f"place {piece.position:,} in the reply" in words
    assert len(view.extraSelections()) == 1
    cursor.movePosition(QTextCursor.MoveOperation.End)
    view.setTextCursor(cursor)
    assert "Choose one" in microscope.raw.words()


def test_the_pointer_learns_of_tokens_and_problems(microscope):
    show_malformed(microscope)
    view = microscope.raw.view
    place = view.cursorRect(view.cursor_at(2, 2)).center() + QPoint(1, 0)
    tip = view.tip_at(place)
    assert "begins without" in tip
    assert "Token" in tip


def test_problems_are_underlined_where_they_are(microscope):
    part = show_malformed(microscope)
    view = microscope.raw.view
    line = part.raw[: part.problems[1].start].count("\n")
    underlined = [
        span for span in formats(view, line) if span.format.underlineStyle() != span.format.UnderlineStyle.NoUnderline
    ]
    assert [(span.start, span.length) for span in underlined] == [(0, len("forty"))]
    assert microscope.raw.badge() == "1 problem"


def test_a_problem_in_the_list_leads_to_its_place(microscope, qtbot):
    part = show_malformed(microscope)
    button = microscope.findChild(QPushButton, "show_problem_1")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert microscope.raw.view.textCursor().selectedText() == "forty"
    assert part.problems[1].message in words_in(microscope.raw)


def test_where_tokens_are_not_known_the_text_stands_alone_with_the_reason(microscope, tokens):
    tokens.reason = "Another model is loaded."
    call = show(microscope, "edit_file")
    assert microscope.raw.view.toPlainText() == call.part.raw
    assert microscope.raw.view.pieces == ()
    assert "Another model is loaded." in microscope.raw.words()


def test_tokens_that_come_late_are_not_put_into_another_call(microscope, tokens):
    tokens.waits = True
    show(microscope, "edit_file")
    call = show(microscope, "list_dir")
    tokens.waiting.pop(0)()
    assert microscope.raw.view.pieces == ()
    tokens.waiting.pop(0)()
    assert "".join(call.part.raw[piece.start : piece.end] for piece in microscope.raw.view.pieces) == call.part.raw


def test_nothing_is_asked_while_nobody_can_see_it(microscope, tokens):
    microscope.hide()
    show(microscope, "edit_file")
    assert tokens.asked == 0
    microscope.show()
    assert tokens.asked == 1


def test_the_same_call_told_again_is_not_asked_for_again_until_the_model_changes(microscope, tokens):
    show(microscope, "edit_file")
    show(microscope, "edit_file")
    assert tokens.asked == 1
    microscope.ask_again()
    assert tokens.asked == 2


def test_a_call_that_is_being_written_has_no_tokens_yet(microscope, tokens):
    call = replace(CALLS["edit_file"], state="writing", result=None)
    microscope.show_call(call, TURNS[call.turn_id])
    assert tokens.asked == 0
    assert "still being written" in microscope.raw.words()
    assert "still writing" in words_in(microscope.sent)[-1]


# --- the other parts -------------------------------------------------------------------------------------------


def test_arguments_are_told_with_the_types_they_were_read_as(microscope):
    call = replace(CALLS["list_dir"], part=CALLS["list_dir"].part)
    microscope.show_call(call, TURNS[call.turn_id])
    assert [word for word in words_in(microscope.parsed) if word.startswith("read as")] == [
        "read as string",
        "read as integer",
    ]
    values = [pane.text for pane in microscope.parsed.findChildren(TextPane) if pane.isVisible()]
    assert values == [".", "2"]


def test_arguments_that_a_person_changed_stand_beside_what_the_model_asked_for(microscope):
    call = CALLS["run_command"]
    result = msgspec.structs.replace(call.result, arguments={"command": "ls", "time_limit_s": 5})
    microscope.show_call(replace(call, result=result), TURNS[call.turn_id])
    assert microscope.parsed.badge() == "Changed by you"
    values = [pane.text for pane in microscope.parsed.findChildren(TextPane) if pane.isVisible()]
    assert values == ["ls", call.part.arguments["command"], "5"]
    assert "The model did not give it." in words_in(microscope.parsed)


def test_the_schema_check_tells_each_parameter(microscope):
    show_malformed(microscope)
    assert microscope.schema.badge() == "1 problem"
    words = words_in(microscope.schema)
    assert [word for word in words if word in {"path", "first_line", "lines"}] == ["path", "first_line", "lines"]
    assert {"ok", "not given", "wrong", "required"} <= set(words)
    assert "integer, read as string" in words


def test_a_call_that_fits_is_said_to_fit(microscope):
    show(microscope, "edit_file")
    assert microscope.schema.badge() == "Fits"


def test_a_tool_that_is_not_known_is_said_to_be_so(microscope):
    call = replace(CALLS["edit_file"], spec=None)
    microscope.show_call(call, TURNS[call.turn_id])
    assert microscope.schema.badge() == "Unknown tool"


def test_what_was_sent_back_is_shown_to_the_letter_with_its_length(microscope):
    call = show(microscope, "run_command")
    pane = microscope.sent.pane
    assert pane.text == call.result.content
    assert microscope.sent.size_words() == f"{len(pane.text)} characters, {len(pane.text) // 2} tokens"
    assert microscope.sent.badge() == "Denied by you"
    show(microscope, "edit_file")
    assert microscope.sent.badge() == "Done"
    assert any(word.startswith("undo step") for word in words_in(microscope.sent))


def test_a_call_without_a_result_says_what_it_waits_for(microscope):
    call = replace(CALLS["edit_file"], state="asking", result=None)
    microscope.show_call(call, TURNS[call.turn_id])
    assert "Nothing yet: it waits for your approval." in words_in(microscope.sent)
    assert not microscope.sent.pane.isVisible()


# --- the whole -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "columns"), [(1280, 4), (600, 2), (300, 1)])
def test_sections_stand_side_by_side_where_there_is_room(microscope, qtbot, width, columns):
    show(microscope, "edit_file")
    microscope.resize(width, 700)
    sections = microscope._sections()
    qtbot.waitUntil(lambda: len({section.mapTo(microscope, QPoint()).x() for section in sections}) == columns)
    assert all(section.isVisible() for section in sections)
    assert all(section.width() <= width for section in sections)


def test_without_a_call_it_says_what_to_do(microscope):
    assert "No call chosen" in words_in(microscope)
    show(microscope, "edit_file")
    assert "No call chosen" not in words_in(microscope)
    microscope.clear()
    assert "No call chosen" in words_in(microscope)
    assert microscope.call is None


def test_everything_can_be_found_and_heard(microscope):
    show_malformed(microscope)
    assert_accessible(microscope)
    assert_names_are_unique(microscope)


def test_another_theme_tints_anew(microscope, theme):
    show(microscope, "edit_file")
    (before, *_others) = (span.format.background().color().name() for span in formats(microscope.raw.view, 0))
    theme.set_mode("dark")
    (after, *_others) = (span.format.background().color().name() for span in formats(microscope.raw.view, 0))
    assert (before, after) == (load_colors("light").colors["token.even"], load_colors("dark").colors["token.even"])


# --- text, character by character ------------------------------------------------------------------------------


def test_a_pane_shows_hidden_characters_one_for_one(theme, qtbot):
    pane = TextPane(theme, "pane", "Text")
    qtbot.addWidget(pane)
    pane.show_text("a\x1b[0m\u202eb\ufe01c")
    assert pane.toPlainText() == "a\u241b[0m\ufffdb\ufffdc"


def test_places_are_counted_in_characters_whatever_qt_counts():
    text = "a\U0001f600b\U0001f600"
    places = Places(text)
    assert [places.to_qt(place) for place in range(5)] == [0, 1, 3, 4, 6]
    assert [places.from_qt(place) for place in range(7)] == [0, 1, 1, 2, 3, 3, 4]


def test_a_text_with_wide_characters_is_selected_where_it_should(theme, qtbot):
    pane = TextPane(theme, "pane", "Text")
    qtbot.addWidget(pane)
    pane.show_text("x\U0001f600\nabc")
    pane.reveal(3, 5)
    assert pane.textCursor().selectedText() == "ab"
