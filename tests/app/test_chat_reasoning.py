"""Reasoning is told from the answer, however the text arrives."""

from hypothesis import given
from hypothesis import strategies as st

from app.chat.reasoning import ReasoningSplitter


def split(chunks: list[str]) -> tuple[str, str]:
    splitter = ReasoningSplitter()
    pieces = [piece for chunk in chunks for piece in splitter.feed(chunk)] + splitter.finish()
    return "".join(t for t, r in pieces if r), "".join(t for t, r in pieces if not r)


def test_a_block_at_the_start_is_reasoning():
    assert split(["<think>\nHm.\n\nYes.\n</think>\n\nThe answer."]) == ("Hm.\n\nYes.", "The answer.")


def test_a_tag_inside_the_answer_is_part_of_the_answer():
    assert split(["Use <think> tags.</think>"]) == ("", "Use <think> tags.</think>")


def test_an_unfinished_block_is_reasoning():
    assert split(["<think>Still thinking </thi"]) == ("Still thinking </thi", "")


def test_an_answer_that_only_looks_like_a_tag_is_kept_whole():
    assert split(["<thi", "s> is HTML"]) == ("", "<this> is HTML")


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "\n", "<", "th", " ", "ink>", "a", "</"]), max_size=12).map(
        "".join
    ),
    st.data(),
)
def test_chunking_changes_nothing(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(chunks) == split([text])
