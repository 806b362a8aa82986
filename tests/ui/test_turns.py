"""One turn: who speaks, what was said, how it ended, what was left out, and what can be done."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QToolButton

from app.conversations.parts import ContextCutPart, NoticePart, ReasoningPart, ToolCallPart
from tests.ui.accessibility import assert_accessible
from tests.ui.turns import STATS, button, turn, view, words_in
from ui.chat.code_block import CodeBlock
from ui.chat.fold_card import FoldCard
from ui.chat.shown_calls import ShownCalls
from ui.chat.text_block import TextBlock
from ui.chat.turn_notice import TurnNotice
from ui.chat.turn_view import TurnView
from ui.chat.turn_widget import TurnWidget

ACTIONS = ("copy", "edit", "regenerate", "continue", "delete")
WIDTH = 600


@pytest.fixture
def show(theme, qtbot):
    """Show a turn as the transcript does."""

    def show_one(number, *parts, **fields):
        widget = TurnWidget(theme, view(number, *parts, **fields), ShownCalls())
        qtbot.addWidget(widget)
        widget.resized.connect(lambda: widget.resize(WIDTH, widget.layout_to(WIDTH)))
        widget.show()
        widget.resize(WIDTH, widget.layout_to(WIDTH))
        qtbot.waitExposed(widget)
        return widget

    return show_one


def one(widget, kind):
    """Return the only part of a kind."""
    found = [part for part in widget.body.part_widgets if isinstance(part, kind)]
    assert len(found) == 1
    return found[0]


def offered(widget):
    """Return the actions that can be clicked."""
    return {name for name in ACTIONS if button(widget, f"turn_{name}")}


def notice(code, level="warning", **fields):
    return NoticePart(level=level, code=code, title="What happened", message="Why.", hint="What to do.", **fields)


# --- who and how it went --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "speaker"),
    [
        ({"role": "user"}, "You"),
        ({"role": "assistant", "model": "SmolLM2"}, "SmolLM2"),
        ({"role": "assistant"}, "Assistant"),
        ({"role": "tool"}, "Tool"),
    ],
)
def test_the_speaker_is_named(show, fields, speaker):
    widget = show(1, "Text", **fields)
    assert speaker in words_in(widget)
    assert widget.accessibleName() == f"Message of {speaker}"


@pytest.mark.parametrize("state", ["stopped", "failed", "interrupted"])
def test_an_end_before_the_end_is_said(show, state):
    assert any(state in words for words in words_in(show(1, "Text", state=state)))


def test_a_reply_that_is_whole_says_what_it_cost(show):
    words = " ".join(words_in(show(1, "Text", stats=STATS)))
    assert "50 tokens" in words
    assert "25.0 tok/s" in words
    assert "prompt 120, 100 reused" in words
    assert "stopped" not in words


# --- what can be done -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "actions"),
    [
        ({"role": "user"}, {"copy", "edit", "delete"}),
        ({"role": "user", "is_last": True}, {"copy", "edit", "delete", "regenerate"}),
        ({"role": "assistant"}, {"copy", "edit", "delete", "regenerate"}),
        ({"state": "stopped", "is_last": True}, set(ACTIONS)),
        ({"state": "interrupted", "is_last": True}, set(ACTIONS)),
        ({"state": "failed", "is_last": True}, set(ACTIONS)),
        ({"state": "stopped"}, {"copy", "edit", "delete", "regenerate"}),
        ({"state": "streaming", "is_last": True}, set()),
    ],
)
def test_a_turn_offers_what_fits_it(show, fields, actions):
    widget = show(1, "Text", **fields)
    widget.light()
    assert offered(widget) == actions


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_says_itself(show, qtbot, action):
    widget = show(1, "Text", state="stopped", is_last=True)
    widget.light()
    with qtbot.waitSignal(widget.action_requested) as asked:
        qtbot.mouseClick(button(widget, f"turn_{action}"), Qt.MouseButton.LeftButton)
    assert asked.args == [action]


def test_actions_come_with_the_pointer_but_continue_is_always_there(show):
    widget = show(1, "Text", state="stopped", is_last=True)
    assert offered(widget) == {"continue"}
    widget.light()
    assert offered(widget) == set(ACTIONS)


def test_a_turn_that_is_not_the_last_any_more_cannot_be_continued(show):
    widget = show(1, "Text", notice("max_tokens"), state="stopped", is_last=True)
    assert button(widget, "notice_continue")
    widget.show_place(TurnView(widget.view.turn, is_last=False))
    assert offered(widget) == set()
    assert button(widget, "notice_continue") is None
    assert "What happened" in words_in(widget)


def test_versions_are_counted_and_stepped_through(show, qtbot):
    widget = show(2, "Text", sibling_index=1, sibling_count=3)
    assert "2/3" in words_in(widget)
    for name, step in (("sibling_previous", -1), ("sibling_next", 1)):
        with qtbot.waitSignal(widget.sibling_requested) as asked:
            qtbot.mouseClick(button(widget, name), Qt.MouseButton.LeftButton)
        assert asked.args == [step]
    widget.show_place(TurnView(widget.view.turn, 2, 3))
    assert (button(widget, "sibling_previous").isEnabled(), button(widget, "sibling_next").isEnabled()) == (True, False)
    widget.show_place(TurnView(widget.view.turn, 0, 3))
    assert (button(widget, "sibling_previous").isEnabled(), button(widget, "sibling_next").isEnabled()) == (False, True)
    widget.show_place(TurnView(widget.view.turn))
    assert button(widget, "sibling_next") is None


def test_a_single_version_has_no_arrows(show):
    assert button(show(2, "Text"), "sibling_next") is None


# --- text -----------------------------------------------------------------------------------------------------


def test_what_a_person_typed_is_shown_as_typed_and_what_a_model_wrote_as_markdown(show):
    text = "Some **bold** words"
    assert one(show(1, text, role="user"), TextBlock).toPlainText() == text
    assert one(show(2, text), TextBlock).toPlainText() == "Some bold words"


def test_text_can_be_selected_across_paragraphs_and_copied(show, qtbot):
    block = one(show(1, "First paragraph.\n\nSecond one."), TextBlock)
    qtbot.mousePress(block.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(1, 3))
    qtbot.mouseMove(block.viewport(), QPoint(WIDTH - 1, block.height() - 3))
    qtbot.mouseRelease(block.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(WIDTH - 1, block.height() - 3))
    block.copy()
    assert QGuiApplication.clipboard().text().split("\n") == ["First paragraph.", "Second one."]


def test_code_is_copied_as_it_was_written_without_its_fences(show, qtbot):
    code = "def f():\n\treturn '<b>'\n\n"
    widget = show(1, f"Look:\n\n```python\n{code}\n```\n\nDone.")
    with qtbot.waitSignal(QGuiApplication.clipboard().dataChanged):
        qtbot.mouseClick(button(one(widget, CodeBlock), "copy_code_button"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == code
    assert button(widget, "copy_code_button").toolTip() == "Copied"
    qtbot.waitUntil(lambda: button(widget, "copy_code_button").toolTip() == "Copy code")


def test_code_says_its_language_and_length(show):
    widget = show(1, "```python\n" + "x = 1\n" * 1200 + "```")
    assert "python · 1,200 lines" in words_in(widget)
    assert widget.findChild(QPlainTextEdit, "code_text").accessibleName() == "Code block, python, 1200 lines"


def test_a_long_file_scrolls_inside_instead_of_burying_the_conversation(show):
    assert show(1, "```\n" + "x = 1\n" * 5000 + "```").height() < 2000


def test_long_lines_are_wrapped_on_demand(show, qtbot):
    widget = show(1, "```\n" + "word " * 200 + "\n```")
    before = widget.height()
    qtbot.mouseClick(button(widget, "wrap_code_button"), Qt.MouseButton.LeftButton)
    assert widget.height() > before + 50
    qtbot.mouseClick(button(widget, "wrap_code_button"), Qt.MouseButton.LeftButton)
    assert widget.height() == before


def test_only_safe_links_are_told(show, qtbot):
    widget = show(1, "[here](https://example.com)")
    block = one(widget, TextBlock)
    with qtbot.waitSignal(widget.link_activated) as clicked:
        block.anchorClicked.emit("https://example.com")
    assert clicked.args == ["https://example.com"]
    with qtbot.assertNotEmitted(widget.link_activated):
        block.anchorClicked.emit("file:///etc/passwd")


# --- what folds -----------------------------------------------------------------------------------------------


def test_reasoning_is_folded_counted_and_unfolds(show, qtbot):
    widget = show(1, ReasoningPart(text="Let me see what **this** is."), "The answer.")
    card = one(widget, FoldCard)
    head = card.findChild(QToolButton, "fold_button")
    assert head.text() == head.accessibleName() == "Reasoning  ·  6 words"
    assert not card.body.isVisible()
    before = widget.height()
    qtbot.mouseClick(head, Qt.MouseButton.LeftButton)
    assert card.body.isVisible()
    assert card.body.toPlainText() == "Let me see what this is."
    assert widget.height() > before
    qtbot.mouseClick(head, Qt.MouseButton.LeftButton)
    assert not card.body.isVisible()
    assert widget.height() == before


@pytest.mark.parametrize(
    ("count", "summary", "words"),
    [
        (4, "", "No longer read by the model: the 4 oldest messages"),
        (1, "", "No longer read by the model: the oldest message"),
        (1200, "We spoke of Python.", "Summarised: the 1,200 oldest messages"),
    ],
)
def test_what_the_model_no_longer_reads_is_said(show, count, summary, words):
    cut = ContextCutPart(first_kept_id=5, dropped_turns=count, summary=summary)
    card = one(show(9, cut, "The answer."), FoldCard)
    assert card.findChild(QToolButton, "fold_button").text() == words
    assert card.body.toPlainText() == summary


# --- notices --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "actions"),
    [
        ("engine_died", ["load_again"]),
        ("context_full", ["drop_oldest", "summarise"]),
        ("max_tokens", ["continue"]),
        ("interrupted", ["continue"]),
        ("failed", []),
    ],
)
def test_a_notice_says_what_why_and_what_to_do_and_offers_it(show, qtbot, code, actions):
    widget = show(1, "Half", notice(code), state="stopped", is_last=True)
    assert {"What happened", "Why.", "What to do."} <= set(words_in(one(widget, TurnNotice)))
    for action in actions:
        with qtbot.waitSignal(widget.notice_action_requested) as asked:
            qtbot.mouseClick(button(widget, f"notice_{action}"), Qt.MouseButton.LeftButton)
        assert asked.args == [action]
    assert "What happened" in one(widget, TurnNotice).accessibleName()


def test_a_notice_in_an_earlier_turn_offers_nothing(show):
    assert button(show(1, notice("max_tokens"), state="stopped"), "notice_continue") is None


def test_details_of_a_notice_are_copied_not_shown(show, qtbot):
    widget = show(1, notice("failed", "error", detail="ggml_abort at line 7"), is_last=True)
    assert not any("ggml_abort" in words for words in words_in(widget))
    qtbot.mouseClick(button(widget, "notice_copy_details"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "ggml_abort at line 7"


def test_words_of_a_notice_are_never_rich_text(show):
    part = NoticePart(level="error", code="failed", title="<b>bold</b>", message="<img src=x>")
    assert {"<b>bold</b>", "<img src=x>"} <= set(words_in(show(1, part)))


# --- growing, and being heard ---------------------------------------------------------------------------------


def test_a_turn_shown_anew_has_nothing_of_what_it_was(show):
    widget = show(1, ReasoningPart(text="Hm."), "Old text", notice("failed"))
    widget.show_turn(TurnView(turn(1, "New text")))
    assert [type(part) for part in widget.body.part_widgets] == [TextBlock]
    assert one(widget, TextBlock).toPlainText() == "New text"


def test_every_part_and_button_can_be_found_and_heard(show):
    widget = show(
        2,
        ReasoningPart(text="Hm."),
        "Text\n\n```python\nx = 1\n```\n",
        ToolCallPart(call_id="1", name="read_file", arguments={}),
        ContextCutPart(first_kept_id=5, dropped_turns=4),
        notice("context_full", detail="figures"),
        state="stopped",
        is_last=True,
        sibling_count=2,
    )
    widget.light()
    assert_accessible(widget)
