"""Lexing by line says what Pygments says of the whole text, also after edits."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name

from app.files.lexing import LineLexer

#: Small pieces in many languages, with what makes lexing by line hard: tokens over several lines.
SAMPLES = {path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "samples").glob("*.txt"))}
EDITS = [
    "x",
    "\n",
    '"',
    "'",
    '"""',
    "/*",
    "*/",
    "#",
    "(",
    "}",
    "<",
    "\\",
    "  ",
    "\n\n",
    "EOF\n",
    "`",
    "<!--",
    "-->",
    "é",
]


class Text:
    """A text in a lexer, and what is known of its lines."""

    def __init__(self, language: str, text: str) -> None:
        self.pygments = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        self.lexer = LineLexer(self.pygments, self.position_of)
        self.lexer.reset(text)
        self.lines: list[list[object] | None] = [None] * (text.count("\n") + 1)

    def position_of(self, line: int) -> int:
        return sum(len(text) + 1 for text in self.lexer.text.split("\n")[:line])

    def replace(self, position: int, removed: int, added: str) -> None:
        line = self.lexer.text.count("\n", 0, position)
        gone, new = self.lexer.edit(line, position, removed, added)
        self.lines[line + 1 : line + 1 + gone] = [None] * new

    def run(self, until: int | None = None, count: int = 7) -> None:
        until = len(self.lines) if until is None else until
        while (finished := self.lexer.step(until, count)) is not None:
            for number, spans in finished:
                self.lines[number] = spans

    def found(self) -> list[object]:
        kinds: list[object] = []
        for spans in self.lines:
            assert spans is not None
            kinds += [kind for _begin, length, kind in spans for _ in range(length)]
            kinds.append("end")
        return kinds

    def expected(self) -> list[object]:
        return whole(self.pygments, self.lexer.text)


def whole(lexer, text: str) -> list[object]:
    kinds: list[object] = ["?"] * len(text)
    for position, kind, value in lexer.get_tokens_unprocessed(text):
        kinds[position : position + len(value)] = [kind] * len(value)
    return ["end" if character == "\n" else kind for character, kind in zip(text, kinds, strict=True)]


@pytest.mark.parametrize("language", SAMPLES)
def test_a_text_has_the_tokens_that_pygments_finds_in_the_whole_of_it(language):
    text = Text(language, SAMPLES[language])
    text.run()
    assert text.found() == text.expected()


@pytest.mark.parametrize("language", SAMPLES)
def test_lines_looked_at_by_themselves_are_as_in_the_whole(language):
    text = Text(language, SAMPLES[language] * 2)
    text.run()
    middle = len(text.lines) // 2
    looked = [line for lot in text.lexer.look(middle, middle + 5) for line in lot]
    assert looked == [(number, text.lines[number]) for number in range(middle, middle + 5)]


@pytest.mark.parametrize("language", SAMPLES)
def test_after_each_edit_the_tokens_are_those_of_the_new_text(language):
    chance = random.Random(language)  # the same edits every time
    text = Text(language, SAMPLES[language] * 3)
    text.run()
    for _ in range(40):
        position = 0
        for _ in range(chance.choice([1, 1, 3])):
            length = len(text.lexer.text) - 1
            position = chance.randrange(length + 1)
            removed = min(chance.choice([0, 0, 1, 5, 60]), length - position)
            text.replace(position, removed, chance.choice(["", *EDITS]))
            text.run(until=chance.randrange(len(text.lines) + 1))
        text.run()
        text.lexer.recheck(text.lexer.text.count("\n", 0, position))
        text.run()
        assert text.found() == text.expected()


def test_a_language_that_goes_round_in_circles_comes_to_an_end():
    text = Text("mcschema", SAMPLES["html"])
    for _ in range(2000):
        if text.lexer.step(10, 100) is None:
            return
    pytest.fail("it went on for ever")
