"""Runs Pygments' rules so that lexing can stop at the start of a line and go on from there.

Pygments lexes whole texts. What it will make of the rest of a text depends on the position and its stack of states
alone, so whoever knows the stack at the start of a line can begin there. The loops below are those of
``pygments.lexer.RegexLexer`` and ``ExtendedRegexLexer``, with that stack given out at every start of a line that is
also a start of a rule. Lexers that do not work by rules can only begin at the beginning.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Protocol

from pygments.lexer import (  # type: ignore[attr-defined]  # the stubs lack do_insertions
    DelegatingLexer,
    ExtendedRegexLexer,
    Lexer,
    LexerContext,
    RegexLexer,
    do_insertions,
)
from pygments.lexers.data import YamlLexer, YamlLexerContext
from pygments.token import Error as ErrorToken
from pygments.token import Text, Whitespace, _TokenType

#: What a lexer knows at the start of a line; equal states go on in the same way.
State = tuple[Any, ...]
#: (position, type, text) of a token; (position, None, state) at the start of a line; (position, None, None) where
#: nothing is to be told but whoever is in a hurry may pause.
Item = tuple[int, _TokenType | None, Any]

#: No rule looks further than this, in characters: an open quote must not read megabytes at each key press.
MAX_LOOK_AHEAD = 250_000

#: So many rules in a row that match nothing mean that a language goes round in circles, as one of Pygments does.
MAX_EMPTY_MATCHES = 200

#: Their own state is no part of the stack, or their tokens depend on those before: they begin at the beginning.
_WITH_A_MEMORY = frozenset(
    {
        "CsoundDocumentLexer",
        "CsoundOrchestraLexer",
        "CsoundScoreLexer",
        "HttpLexer",
        "Inform6Lexer",
        "Inform6TemplateLexer",
        "LassoLexer",
        "PlPgsqlLexer",
        "PostgresLexer",
        "SnowballLexer",
        "Tads3Lexer",
    }
)


class Rules(Protocol):
    """A language as something that can be lexed from the start of some lines on."""

    start: State
    #: Whether it can begin nowhere but at the beginning.
    is_whole: bool

    def run(self, text: str, position: int, state: State) -> Iterator[Item]:
        """Yield the tokens of ``text`` from ``position`` on, and the states on the way."""
        ...


def make_rules(lexer: Lexer) -> Rules:
    """Return the way to lex by line with a lexer of Pygments."""
    if type(lexer).__name__ in _WITH_A_MEMORY:
        return WholeText(lexer)
    if isinstance(lexer, ExtendedRegexLexer):
        is_known = type(lexer).get_tokens_unprocessed in {
            ExtendedRegexLexer.get_tokens_unprocessed,
            YamlLexer.get_tokens_unprocessed,
        }
        return ContextRules(lexer) if is_known else WholeText(lexer)
    return StackRules(lexer) if isinstance(lexer, RegexLexer) else WholeText(lexer)


class StackRules:
    """A lexer whose whole state is its stack."""

    is_whole = False

    def __init__(self, lexer: RegexLexer) -> None:
        self.start: State = ("root",)
        self._lexer = lexer
        self._table = _rules_of(lexer)
        self._states: dict[State, State] = {}
        is_plain = type(lexer).get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed
        self._filter = None if is_plain else _Replay(lexer)

    def run(self, text: str, position: int, state: State) -> Iterator[Item]:
        """Yield tokens and states from ``position`` on."""
        items = self._run(text, position, state)
        return items if self._filter is None else self._filtered(items, self._filter)

    def _run(self, text: str, position: int, state: State) -> Iterator[Item]:
        stack, told, end, empty = list(state), -1, len(text), 0
        rules = self._table[stack[-1]]
        while True:
            if position != told and (not position or text[position - 1] == "\n"):
                told = position
                known = tuple(stack)
                yield position, None, self._states.setdefault(known, known)
            limit = min(end, position + MAX_LOOK_AHEAD)
            for match_rule, action, new_state in rules:
                match = match_rule(text, position, limit)
                if not match:
                    continue
                if type(action) is _TokenType:
                    yield position, action, match.group()
                elif action is not None:
                    yield from action(self._lexer, match)
                empty = empty + 1 if match.end() == position else 0
                position = match.end()
                if new_state is not None:
                    _change(stack, new_state)
                    rules = self._table[stack[-1]]
                if empty > MAX_EMPTY_MATCHES:
                    return
                break
            else:
                if position >= end:
                    return
                if text[position] == "\n":
                    stack = ["root"]
                    rules = self._table["root"]
                    yield position, Whitespace, "\n"
                else:
                    yield position, ErrorToken, text[position]
                position += 1

    def _filtered(self, items: Iterator[Item], lexer_filter: _Replay) -> Iterator[Item]:
        waiting: list[Item] = []
        for item in items:
            if item[1] is not None:
                waiting.append(item)
                continue
            yield from lexer_filter.run(waiting)
            waiting = []
            yield item
        yield from lexer_filter.run(waiting)


class _Replay:
    """Sends tokens through a lexer's own ``get_tokens_unprocessed``, which gives some of them other types.

    Such a method loops over what ``RegexLexer`` makes. It is called on a copy of the lexer that has one rule only:
    give out the tokens that are already there.
    """

    def __init__(self, lexer: RegexLexer) -> None:
        self._lexer = copy.copy(lexer)
        rules = [(self._match, self._emit, None)]
        table: defaultdict[str, list[Any]] = defaultdict(lambda: rules)
        self._lexer._tokens = table  # type: ignore[attr-defined]  # noqa: SLF001 - the rules have no public name
        self._items: list[Item] = []
        self._is_given = False

    def run(self, items: list[Item]) -> Iterator[Item]:
        """Yield the tokens as the lexer's method passes them on."""
        if items:
            self._items, self._is_given = items, False
            yield from self._lexer.get_tokens_unprocessed("")

    def _match(self, _text: str, _position: int) -> _Replay | None:
        return None if self._is_given else self

    def _emit(self, _lexer: Lexer, _match: object) -> Iterator[Item]:
        self._is_given = True
        return iter(self._items)

    def end(self) -> int:
        """Say where the only match ends: the rule does not look at text."""
        return 0


class ContextRules:
    """A lexer that keeps more than a stack, in a context: indentations, names that end here-documents."""

    is_whole = False

    def __init__(self, lexer: ExtendedRegexLexer) -> None:
        self._lexer = lexer
        self._table = _rules_of(lexer)
        self._states: dict[State, State] = {}
        self.start: State = _freeze(self._make_context("", 0))

    def _make_context(self, text: str, position: int) -> LexerContext:
        kind = YamlLexerContext if isinstance(self._lexer, YamlLexer) else LexerContext
        context: LexerContext = kind(text, position)
        context.end = len(text)
        return context

    def run(self, text: str, position: int, state: State) -> Iterator[Item]:
        """Yield tokens and states from ``position`` on."""
        context = self._make_context(text, position)
        _thaw(context, state)
        told, end = -1, len(text)
        while True:
            position = context.pos
            if position != told and (not position or text[position - 1] == "\n"):
                told = position
                known = _freeze(context)
                yield position, None, self._states.setdefault(known, known)
            limit = min(end, position + MAX_LOOK_AHEAD)
            for match_rule, action, new_state in self._table[context.stack[-1]]:
                match = match_rule(text, position, limit)
                if not match:
                    continue
                if type(action) is _TokenType:
                    yield position, action, match.group()
                    context.pos = match.end()
                elif action is not None:
                    yield from action(self._lexer, match, context)
                if new_state is not None:
                    _change(context.stack, new_state)
                break
            else:
                if position >= end:
                    return
                if text[position] == "\n":
                    context.stack = ["root"]
                    yield position, Text, "\n"
                else:
                    yield position, ErrorToken, text[position]
                context.pos += 1


class WholeText:
    """A lexer that can only begin at the beginning; pauses come often all the same."""

    is_whole = True

    def __init__(self, lexer: Lexer) -> None:
        self.start: State = ()
        self._lexer = lexer

    def run(self, text: str, position: int, state: State) -> Iterator[Item]:
        """Yield all tokens; ``position`` is 0."""
        yield position, None, state
        yield from _whole(self._lexer, text)


def _whole(lexer: Lexer, text: str) -> Iterator[Item]:
    """Do what ``DelegatingLexer`` does, with pauses while the first of its two lexers is at work."""
    if not isinstance(lexer, DelegatingLexer):
        yield from lexer.get_tokens_unprocessed(text)
        return
    parts: list[str] = []
    length = 0
    insertions: list[tuple[int, list[Any]]] = []
    others: list[Any] = []
    for item in _whole(lexer.language_lexer, text):
        position, kind, value = item
        if kind is lexer.needle:
            if others:
                insertions.append((length, others))
                others = []
            parts.append(value)
            length += len(value)
        elif kind is not None:
            others.append(item)
        yield position, None, None
    if others:
        insertions.append((length, others))
    yield from do_insertions(insertions, lexer.root_lexer.get_tokens_unprocessed("".join(parts)))


def _rules_of(lexer: RegexLexer) -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = lexer._tokens  # type: ignore[attr-defined]  # noqa: SLF001 - they have no public name
    return table


def _change(stack: list[str], new_state: Any) -> None:
    """Push and pop as a rule says."""
    if isinstance(new_state, tuple):
        for name in new_state:
            if name == "#pop":
                if len(stack) > 1:
                    stack.pop()
            else:
                stack.append(stack[-1] if name == "#push" else name)
    elif isinstance(new_state, int):  # minus how many to pop; the first always stays
        del stack[max(1, len(stack) + new_state) :]
    else:  # "#push"
        stack.append(stack[-1])


def _freeze(context: LexerContext) -> State:
    """Return all that a context remembers, but text and place, as a value."""
    known = {name: value for name, value in vars(context).items() if name not in {"text", "pos", "end"}}
    return tuple((name, isinstance(value, list), _value(value)) for name, value in sorted(known.items()))


def _value(value: Any) -> Any:
    return tuple(_value(one) for one in value) if isinstance(value, list) else value


def _thaw(context: LexerContext, state: State) -> None:
    for name, is_list, value in state:
        setattr(context, name, list(value) if is_list else value)
