"""A growing message is cut into blocks that do not depend on how it arrived."""

from hypothesis import given
from hypothesis import strategies as st

from app.conversations.blocks import Block, BlockSplitter, split_blocks


def test_prose_and_code_are_told_apart():
    text = "Hello.\n\nMore.\n\n```python\nx = 1\n\ny = 2\n```\nAfter."
    assert split_blocks(text) == [
        Block("prose", "Hello."),
        Block("prose", "More."),
        Block("code", "x = 1\n\ny = 2", "python", "python", "More."),
        Block("prose", "After."),
    ]


def test_a_longer_fence_holds_shorter_ones():
    assert split_blocks("````md\n```\ninner\n```\n````") == [Block("code", "```\ninner\n```", "md", "md")]


def test_a_fence_that_never_ends_is_code_to_the_end():
    assert split_blocks("```c\nint x;") == [Block("code", "int x;", "c", "c")]


def test_a_list_with_gaps_and_nested_text_is_one_block():
    text = "- a\n\n- b\n\n  more of b\n\nNot the list."
    assert split_blocks(text) == [Block("prose", "- a\n\n- b\n\n  more of b"), Block("prose", "Not the list.")]


def test_code_under_a_list_is_without_the_blanks_before_its_fence():
    text = "1. Write:\n   ```py\n   if x:\n       y\n z\n   ```"
    assert split_blocks(text)[1] == Block("code", "if x:\n    y\nz", "py", "py", "1. Write:")


def test_a_fence_that_names_a_file_says_its_language_too():
    blocks = split_blocks("```python:src/a.py\nx\n```\n```src/b.rs\ny\n```")
    assert [(block.language, block.info) for block in blocks] == [("python", "python:src/a.py"), ("rust", "src/b.rs")]


def test_inline_code_with_three_backticks_is_not_a_fence():
    assert split_blocks("``` a`b ```") == [Block("prose", "``` a`b ```")]


def test_the_open_block_shows_the_line_under_way():
    splitter = BlockSplitter()
    splitter.feed("Done.\n\n```js\nlet a")
    assert splitter.closed == [Block("prose", "Done.")]
    assert splitter.open_block == Block("code", "let a", "js", "js", "Done.")


pieces = st.lists(
    st.sampled_from(["```", "~~~", "py", "\n", "\n\n", "- x", "  y", "word ", "|a|b|", "1. z", "\r\n", "   ", "`"]),
    max_size=25,
).map("".join)


@given(pieces, st.data())
def test_chunking_changes_nothing(text, data):
    splitter = BlockSplitter()
    closed_before: list[Block] = []
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        splitter.feed(text[start:end])
        assert splitter.closed[: len(closed_before)] == closed_before
        closed_before = list(splitter.closed)
    splitter.finish()
    assert splitter.closed == split_blocks(text)
