"""Comments on hunks become one message that the model can act on."""

from __future__ import annotations

from app.files.hunks import find_hunks
from ui.tools.comment_words import MAX_LINES, Comment, message_of


def comment(before, after, text="Why?", **fields):
    (hunk,) = find_hunks(before, after)
    return Comment("app/a.py", hunk, text, **fields)


def test_a_comment_names_file_lines_and_change():
    message = message_of([comment("a\nb\nc\n", "a\nB\nBB\nc\n", " Why two?\n")])
    assert message == (
        "I reviewed your changes and have 1 comment.\n\n"
        "`app/a.py`, lines 2 to 3:\n\n"
        "```diff\n@@ -2,1 +2,2 @@\n-b\n+B\n+BB\n```\n\n"
        "Why two?"
    )


def test_what_was_taken_back_is_said():
    message = message_of([comment("a\n", "b\n", is_rejected=True), comment("a\n", "")])
    assert "I reviewed your changes and have 2 comments." in message
    assert "line 1 (I took this change back; the file has the lines from before):" in message
    assert "line 1 before the change:" in message


def test_no_fence_in_a_change_ends_the_fence_around_it():
    message = message_of([comment("````\na\n", "````\nb\n", "x"), comment("", "````\ncode\n````\n", "y")])
    assert "`````diff\n@@ -1,0 +1,3 @@\n+````\n+code\n+````\n`````\n" in message


def test_a_long_change_is_not_repeated_to_its_end():
    after = "".join(f"{n}\n" for n in range(1000))
    message = message_of([comment("", after)])
    assert f"({1000 - MAX_LINES} more lines)" in message
