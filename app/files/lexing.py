"""Tokens of a text by line, kept up to date with its edits: only what an edit changed is lexed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pygments.lexer import Lexer
from pygments.token import Text, _TokenType

from app.files.lexing_rules import Item, State, make_rules

#: (first character in the line, how many, type); together they are the whole line.
Span = tuple[int, int, _TokenType]
#: A line's number, from 0, and its tokens.
LineTokens = tuple[int, list[Span]]

#: An edit can change how lines before it are read, where a rule looks ahead: so many are read again at once …
LOOK_BACK_LINES = 20
#: … and so many by ``recheck``, when there is time.
RECHECK_LINES = 5000


class LineLexer:
    """Lexes a text from its first line on, as far as asked; after an edit, from there until nothing changes.

    All positions are in characters of ``text``, which ends with a line feed that is not shown.
    """

    def __init__(self, lexer: Lexer, position_of: Callable[[int], int]) -> None:
        """Begin with an empty text.

        Args:
            lexer: Pygments' lexer of the language.
            position_of: Returns where a line, by its number from 0, begins in ``text``.
        """
        self._rules = make_rules(lexer)
        self._position_of = position_of
        self.reset("")

    @property
    def is_whole(self) -> bool:
        """Whether each edit means to lex from the first line on."""
        return self._rules.is_whole

    @property
    def reached(self) -> int:
        """Lines before this one are known, and as the text is now."""
        return self._reached if self._changed is None else min(self._reached, self._changed[0])

    def reset(self, text: str) -> None:
        """Take another text; nothing of it is known."""
        self.text = f"{text}\n"
        count = self.text.count("\n")
        self._states: list[State | None] = [None] * count
        self._states[0] = self._rules.start
        #: Lines before it were lexed once; states beyond are unknown.
        self._reached = 0
        #: First and last line that an edit made uncertain.
        self._changed: tuple[int, int] | None = None
        self._pass: _Pass | None = None
        #: The last line that the pass has come to.
        self._told = -1
        self._is_complete = False

    def edit(self, line: int, position: int, removed: int, added: str) -> tuple[int, int]:
        """Put ``added`` in the place of ``removed`` characters from ``position``, which is in ``line``.

        Returns:
            How many line ends went, and how many came.
        """
        gone = self.text.count("\n", position, position + removed)
        new = added.count("\n")
        self.text = f"{self.text[:position]}{added}{self.text[position + removed :]}"
        self._states[line + 1 : line + 1 + gone] = [None] * new
        self._pass, self._is_complete = None, False
        if line >= self._reached:
            return gone, new
        self._reached = max(line + 1, self._reached + new - gone)
        first, last = line, line + new
        if self._changed is not None:
            first = min(first, _shifted(self._changed[0], line, gone, new))
            last = max(last, _shifted(self._changed[1], line, gone, new))
        self._changed = (first, last)
        return gone, new

    def recheck(self, line: int) -> None:
        """Look again at the lines before an edit: a rule may have looked far ahead."""
        if self._changed is None and line < self._reached:
            self._pass, self._is_complete = None, False
            self._changed = (max(0, line - RECHECK_LINES), line)

    def step(self, until: int, count: int) -> list[LineTokens] | None:
        """Lex up to ``count`` tokens more, on the way to know the lines before ``until``.

        Returns:
            The lines that were finished, or None if nothing is left to do.
        """
        if self._is_complete or self.reached >= until:
            return None
        if self._pass is None:
            self._pass = self._begin()
        finished = self._pass.step(count)
        if self._pass.is_done:
            self._pass = None
        return finished

    def look(self, first: int, until: int) -> Iterator[list[LineTokens]]:
        """Yield the lines from ``first`` to before ``until`` in small lots, and remember nothing.

        Where ``first`` is not known yet, this begins shortly before it with a guess.
        """
        begin, state = self._known_before(first) if first < self._reached else (max(0, first - LOOK_BACK_LINES), None)
        position = self._position_of(begin)
        items = self._rules.run(self.text, position, self._rules.start if state is None else state)
        passed = _Pass(items, self.text, position, begin, lambda line, _state: line >= until)
        while not passed.is_done:
            yield [tokens for tokens in passed.step(50) if first <= tokens[0] < until]

    def _begin(self) -> _Pass:
        at = self._reached if self._changed is None else max(0, self._changed[0] - LOOK_BACK_LINES)
        line, state = self._known_before(at)
        position = self._position_of(line)
        self._told = line - 1
        return _Pass(
            self._rules.run(self.text, position, state), self.text, position, line, self._on_state, self._on_end
        )

    def _known_before(self, line: int) -> tuple[int, State]:
        """Return the last line up to ``line`` with a known state, and that state."""
        for number in range(min(line, len(self._states) - 1), 0, -1):
            state = self._states[number]
            if state is not None:
                return number, state
        return 0, self._rules.start

    def _on_state(self, line: int, state: State) -> bool:
        """Note the state at the start of a line; return whether the rest is known already."""
        if line >= len(self._states):
            return False
        changed = self._changed
        for skipped in range(self._told + 1, line):  # a token began before them and ended after
            self._states[skipped] = None
        self._told = line
        # One whole line must have passed unchanged, for rules that look back.
        if changed is not None and changed[1] + 1 < line < self._reached and self._states[line] == state:
            self._changed = None
            return True
        self._states[line] = state
        if line >= self._reached:
            self._reached, self._changed = line, None
        elif changed is not None and line > changed[0]:
            self._changed = (line, max(changed[1], line - 1))
        return False

    def _on_end(self) -> None:
        for skipped in range(self._told + 1, len(self._states)):
            self._states[skipped] = None
        self._reached, self._changed, self._is_complete = len(self._states), None, True


class _Pass:
    """One way through the text: cuts tokens at line ends and hands whole lines out."""

    def __init__(
        self,
        items: Iterator[Item],
        text: str,
        position: int,
        line: int,
        on_state: Callable[[int, State], bool],
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._items = items
        self._text = text
        self._position = position
        self._line = line
        self._column = 0
        self._spans: list[Span] = []
        self._finished: list[LineTokens] = []
        self._on_state = on_state
        self._on_end = on_end
        self.is_done = False

    def step(self, count: int) -> list[LineTokens]:
        """Take up to ``count`` items; return the lines that were finished."""
        self._finished = []
        for _ in range(count):
            item = next(self._items, None)
            if item is None:
                self._fill(len(self._text))
                self._on_end()
                self.is_done = True
                break
            position, kind, value = item
            if kind is not None:
                self._fill(position)
                self._take(kind, value)
            elif value is not None:
                self._fill(position)
                if self._on_state(self._line, value):
                    self.is_done = True
                    break
        return self._finished

    def _fill(self, position: int) -> None:
        """Take what a lexer passed over in silence, as some do."""
        if position > self._position:
            self._take(Text, self._text[self._position : position])

    def _take(self, kind: _TokenType, value: str) -> None:
        self._position += len(value)
        if "\n" not in value:
            self._add(kind, len(value))
            return
        first, *others = value.split("\n")
        self._add(kind, len(first))
        for part in others:
            self._finished.append((self._line, self._spans))
            self._line += 1
            self._column, self._spans = 0, []
            self._add(kind, len(part))

    def _add(self, kind: _TokenType, length: int) -> None:
        if length:
            self._spans.append((self._column, length, kind))
            self._column += length


def _shifted(number: int, line: int, gone: int, new: int) -> int:
    """Return where a line is after an edit in ``line``."""
    return number if number <= line else max(line + new, number + new - gone)
