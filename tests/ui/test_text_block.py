"""Prose in the transcript: what streams in is what is read at the end, and nothing is fetched for it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument

from ui.chat.markdown import plain_addition
from ui.chat.text_block import TextBlock


@pytest.fixture
def make_block(qtbot, theme):
    def make():
        block = TextBlock(theme, is_markdown=True)
        qtbot.addWidget(block)
        return block

    return make


SAMPLES = [
    "A plain sentence that goes on, with commas and 12 digits.",
    "Some **bold words** and *slanted ones* and `code here` and then plain ones again.",
    "# A heading that is long\n\nAnd a paragraph below it.\n\n- a list item here\n- another item\n  1. nested one two",
    "A [link to there](https://example.com/a_b) and <b>no tag</b> &amp; an entity, 3 * 4 \\* 5.",
    "| a | b |\n|---|---|\n| one two three | four five six |",
    "> a quote of someone that is long\n> and goes on here",
    "Two lines of text\nthat are one paragraph  \nbut this one breaks.",
    "Heading to come\n===\n\n    indented code in here\n",
]


@pytest.mark.parametrize("text", SAMPLES)
@pytest.mark.parametrize("step", [1, 3, 7])
def test_growing_text_looks_at_the_end_as_if_it_had_come_at_once(make_block, text, step):
    grown, whole = make_block(), make_block()
    for end in range(step, len(text) + step, step):
        grown.show_text(text[:end], is_growing=True)
    grown.show_text(text)
    whole.show_text(text)
    assert grown.toHtml() == whole.toHtml()


@pytest.mark.parametrize("text", SAMPLES)
def test_growing_text_reads_right_on_the_way(make_block, text):
    grown, whole = make_block(), make_block()
    for end in range(1, len(text) + 1):
        grown.show_text(text[:end], is_growing=True)
        whole.show_text(text[:end])
        assert grown.toPlainText() == whole.toPlainText()


marks = st.text(alphabet="ab c*_`[]()#>-1.\n|&;\\<", max_size=40)


@given(marks, st.text(alphabet="ab c.1,", max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
def test_an_addition_that_is_called_plain_changes_nothing_before_it(make_block, before, addition):
    added = plain_addition(before, before + addition)
    if added is None:
        return
    first, second = make_block(), make_block()
    first.show_text(before)
    if not first.document().lastBlock().text().endswith(before.split()[-1]):
        return
    second.show_text(before + addition)
    assert " ".join((first.toPlainText() + added).split()) == " ".join(second.toPlainText().split())


def test_a_long_paragraph_grows_without_being_read_anew(make_block, monkeypatch):
    block = make_block()
    block.show_text("The first words of it ", is_growing=True)
    monkeypatch.setattr(block, "setHtml", lambda _html: pytest.fail("the whole paragraph was laid out again"))
    text = "The first words of it "
    for word in ("and", "then", "some", "more"):
        text += word + " "
        block.show_text(text, is_growing=True)
    assert block.toPlainText() == text.rstrip()


def test_nothing_that_the_text_names_is_loaded(make_block, tmp_path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"not read")
    block = make_block()
    block.show_text(f"![here]({picture.as_uri()}) and ![there](https://example.com/x.png)")
    assert "<img" not in block.toHtml()
    assert block.loadResource(QTextDocument.ResourceType.ImageResource, QUrl(picture.as_uri())) is None


def test_only_safe_links_are_links(make_block):
    block = make_block()
    block.show_text("[a](https://example.com) [b](javascript:alert(1)) [c](file:///etc/passwd)")
    html = block.toHtml()
    assert "https://example.com" in html
    assert 'href="javascript' not in html
    assert 'href="file' not in html
