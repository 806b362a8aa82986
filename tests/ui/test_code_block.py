"""A block of code offers what can be done with it now, in one click and in a menu, once all of it has come."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.files.block_source import BlockSource
from app.files.block_target import BlockFile
from tests.ui.accessibility import assert_accessible
from tests.ui.turns import button, view
from ui.chat.block_offers import Offer
from ui.chat.code_block import CodeBlock
from ui.chat.transcript_view import TranscriptView
from ui.control.block_words import DeskState, make_offers

SOURCE = BlockSource("x = 1", "python", "python src/a.py")
FILE = BlockFile("/p/src/a.py", "src/a.py", exists=True)
OPEN = DeskState("/p/b.py", has_editor=True, can_change=True, has_selection=True)
RUN = Offer("run", "Run it in /p, in the sandbox", "Run", "play")


@pytest.fixture
def block(theme, qtbot):
    block = CodeBlock(theme)
    qtbot.addWidget(block)
    block.show_code(SOURCE, is_closed=True)
    block.resize(500, block.layout_to(500))
    block.show()
    return block


def menu_of(block):
    """Return the menu's lines and whether each can be chosen, as they are when it opens."""
    menu = button(block, "apply_code_button").menu()
    menu.aboutToShow.emit()
    return {action.text(): action.isEnabled() for action in menu.actions()}


def click(block, qtbot, name):
    qtbot.mouseClick(button(block, name), Qt.MouseButton.LeftButton)


def test_without_anybody_who_knows_a_block_is_copied_and_wrapped_only(block, qtbot):
    assert button(block, "apply_code_button") is None
    assert button(block, "run_code_button") is None
    click(block, qtbot, "copy_code_button")
    assert QGuiApplication.clipboard().text() == "x = 1"
    assert_accessible(block)
    qtbot.waitUntil(lambda: button(block, "copy_code_button").toolTip() == "Copy code")


def test_one_click_applies_to_the_file_that_is_named(block, qtbot):
    block.show_offers(make_offers("src/a.py", FILE, "", OPEN, RUN))
    with qtbot.waitSignal(block.action_requested) as asked:
        click(block, qtbot, "apply_code_button")
    assert asked.args == ["apply", SOURCE]
    with qtbot.waitSignal(block.action_requested) as asked:
        click(block, qtbot, "run_code_button")
    assert asked.args == ["run", SOURCE]
    assert list(menu_of(block).values()) == [True] * 5
    assert_accessible(block)


@pytest.mark.parametrize(
    ("name", "file", "problem", "desk", "primary"),
    [
        ("src/a.py", FILE, "", DeskState(), "apply"),
        ("../a.py", None, "../a.py leads out of the open folder", OPEN, "insert"),
        ("../a.py", None, "../a.py leads out of the open folder", DeskState(), "new"),
        ("", None, "", OPEN, "insert"),
        ("", None, "", DeskState(), "new"),
        ("", None, "", DeskState("/p/b.py", has_editor=True), "new"),
    ],
)
def test_one_click_does_the_best_that_can_be_done(name, file, problem, desk, primary):
    assert make_offers(name, file, problem, desk).primary.action == primary


def test_what_cannot_be_done_says_why(block):
    block.show_offers(make_offers("../a.py", None, "../a.py leads out of the open folder", DeskState()))
    assert [text for text, can in menu_of(block).items() if can] == ["Open as a new file"]
    tips = [action.toolTip() for action in button(block, "apply_code_button").menu().actions()]
    assert "leads out of the open folder" in tips[0]
    assert "No file is open" in tips[1]
    read_only = make_offers("", None, "", DeskState("/p/b.py", has_editor=True))
    assert "cannot be changed" in next(offer.reason for offer in read_only.menu if offer.action == "insert")
    unselected = make_offers("", None, "", DeskState("/p/b.py", has_editor=True, can_change=True))
    assert "selected" in next(offer.reason for offer in unselected.menu if offer.action == "replace")


def test_a_run_that_is_not_allowed_cannot_be_clicked(block):
    block.show_offers(make_offers("", None, "", OPEN, Offer("run", "Run", "Run", "play", "The settings forbid it")))
    assert not button(block, "run_code_button").isEnabled()
    assert "forbid" in button(block, "run_code_button").toolTip()


def test_the_menu_asks_anew_when_it_opens(block):
    asked = []
    block.offers_asked.connect(asked.append)
    block.show_offers(make_offers("", None, "", OPEN))
    menu_of(block)
    assert asked == [block]


def test_the_name_of_a_file_is_shortened_where_there_is_no_room(block):
    name = "src/a/very/long/way/down/to/a/file.py"
    block.show_offers(make_offers(name, BlockFile(f"/p/{name}", name, exists=True), "", OPEN, RUN))
    height = block.layout_to(372)
    block.resize(372, height)
    assert button(block, "apply_code_button").geometry().right() < 372
    assert all(button(block, one).width() >= 20 for one in ("run_code_button", "copy_code_button"))


@pytest.fixture
def transcript(theme, qtbot):
    transcript = TranscriptView(theme)
    qtbot.addWidget(transcript)
    transcript.resize(800, 600)
    transcript.show()
    qtbot.waitExposed(transcript)
    return transcript


def test_a_block_that_still_grows_offers_nothing(transcript):
    asked = []
    transcript.code_offers_asked.connect(lambda block: asked.append(block.source))
    transcript.show_turns([view(1, "Go.", role="user"), view(2, role="assistant", state="streaming", is_last=True)])
    transcript.append_text(2, "In `a.py`:\n\n```python\nx = 1\n")
    transcript.flush()
    block = transcript.findChild(CodeBlock)
    block.ask_offers()
    assert not asked
    transcript.append_text(2, "```\n")
    transcript.flush()
    assert asked == [BlockSource("x = 1", "python", "python", "In `a.py`:")]


def test_blocks_near_the_screen_ask_when_they_are_made_and_when_told_to(transcript):
    asked = []
    transcript.code_offers_asked.connect(lambda block: asked.append(block.source.text))
    transcript.show_turns([view(1, "Go.", role="user"), view(2, "```py\na\n```\n\n```py\nb\n```", is_last=True)])
    assert asked == ["a", "b"]
    transcript.ask_code_offers()
    assert asked == ["a", "b"] * 2
