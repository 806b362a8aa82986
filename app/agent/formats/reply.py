"""Reads a whole reply: running text with its code, and the calls between."""

from __future__ import annotations

import re

from app.agent.formats import hermes, llama3, mistral
from app.agent.formats.dialect import DIALECTS, Dialect, dialect_of
from app.agent.formats.json_fence import BlockReader
from app.agent.formats.qwen3_coder import FunctionReader
from app.agent.formats.reading import Reading
from app.agent.formats.sink import BROKEN
from app.agent.formats.source import Reads, Tokens

_NO_TICK = re.compile(rb"[^`]")
_NO_TILDE = re.compile(rb"[^~]")
_FENCE = re.compile(rb"`{3,}|~{3,}")
_LIST_MARKS = frozenset(bytes([mark]) for mark in b"-*+0123456789")
_LIST_MARK = re.compile(rb"(?:[-*+]|\d{1,3}[.)])[ \t]")
_NO_LIST_MARK = re.compile(rb"[^-*+.)\d]")
_LINE_END = re.compile(rb"\n")
_LINE_END_OR_TICK = re.compile(rb"[\n`]")
_WORDS = re.compile(rb"[^ \t\r]")
_THOUGHTS = {b"<think>": Tokens(b"</think>"), b"[THINK]": Tokens(b"[/THINK]")}
_STRAY = (b"</tool_call>", b"</function>", b"</parameter>", *llama3.END_TAGS)
#: How often a reply is tried for a call that proves to be none; beyond that such places are text at once, so
#: that time stays linear in the length.
_MAX_TRIES = 64
_IN_SENTENCE = "It stands in the middle of a sentence, so it was taken for an example and not run."
_LAST_BLOCK = "It looks like a call, but stands below other text as an example would, so it was not run."


class ReplyReader:
    """Reads one reply from beginning to end."""

    def __init__(self, reading: Reading, dialect: Dialect, *, is_auto: bool) -> None:
        self._reading = reading
        self._source = reading.source
        self._sink = reading.sink
        self._is_auto = is_auto
        self._blocks = BlockReader(reading)
        self._tries = 0
        self._line = 0
        self._line_words: int | None = None
        self._after_blank = False
        self._ticks = 0
        self._use(dialect)

    def run(self) -> Reads[None]:
        """Read everything."""
        source, sink = self._source, self._sink
        at = yield from self._beginning()
        at = yield from self._new_line(at)
        while True:
            match = self._tokens.search(source.data, at)
            if match is None:
                at = self._tokens.safe_end(source.data, at)
                if source.is_ended:
                    break
                sink.text_to(at)
                yield
            elif match.group() == b"\n":
                sink.text_to(match.end())
                self._after_blank = self._words() >= match.start() or self._is_code_line()
                at = yield from self._new_line(match.end())
            elif match.group() == b"`":
                sink.text_to(match.start())
                at = yield from self._backticks(match.start())
            elif match.group() in _THOUGHTS:
                at = yield from self._pass(_THOUGHTS[match.group()], match.end())
            else:
                at = yield from self._opener(match.start(), match.group())
        sink.finish_text()

    def _pass(self, ends: Tokens, at: int) -> Reads[int]:
        """Pass text on up to and with the first of some literals; return the position after it."""
        source = self._source
        while (match := ends.search(source.data, at)) is None:
            at = ends.safe_end(source.data, at)
            if source.is_ended:
                return len(source.data)
            self._sink.text_to(at)
            yield
        return match.end()

    def _use(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._tokens = Tokens(b"\n", b"`", *_THOUGHTS, *dialect.openers, *dialect.aliases)

    # --- where a reply begins -----------------------------------------------------------------------------

    def _beginning(self) -> Reads[int]:
        """Read the calls that a reply may consist of, or begin with; return where to go on."""
        source, sink = self._source, self._sink
        at = yield from source.space(0)
        first = source.byte(at)
        if self._dialect.lead and first in {b"{", b"["}:
            sink.hold()
            end = yield from self._leading(at)
            if end >= 0:
                end = yield from self._closers(end)
                sink.release()
                return end
            sink.drop()
        if self._dialect.blocks != "none" and first in {b"{", b"[", b"`", b"~", b"<"}:
            sink.hold()
            end = yield from self._blocks.group(at)
            if end >= 0:
                sink.release()
                return end
            self._no_call(-1)
        return 0

    def _leading(self, at: int) -> Reads[int]:
        """Read JSON or Python calls at the beginning of a reply; -1 where they are none."""
        source, sink = self._source, self._sink
        python = llama3.PythonReader(self._reading)
        if source.byte(at) == b"[" and (yield from python.is_list(at)):
            end = yield from python.read(at, (yield from source.space(at + 1)))
        else:
            end = yield from self._blocks.block(at, at)
        if end < 0 or (not self._is_auto and any(call.name in sink.tools for call in sink.held_calls)):
            return end
        rest = yield from source.space(end)
        return end if rest >= len(source.data) else -1

    # --- lines --------------------------------------------------------------------------------------------

    def _new_line(self, at: int) -> Reads[int]:
        """Begin a line; read the fence or block that begins with it, and return where to go on."""
        self._line, self._line_words, self._ticks = at, None, 0
        source = self._source
        words = yield from source.blank(at)
        fence = yield from self._fence_at(words)
        if fence is not None:
            end = yield from self._last_block(fence[0])
            return end if end >= 0 else (yield from self._code(*fence))
        if source.byte(words) == b"{" and self._dialect.hints and self._sink.has_text:
            end = yield from self._last_block(words)
            return end if end >= 0 else at
        return at

    def _fence_at(self, at: int) -> Reads[tuple[int, bytes] | None]:
        """Return where a fence begins in a line, perhaps behind a list's mark, and its own mark."""
        source = self._source
        if source.byte(at) in _LIST_MARKS:
            yield from source.find(_NO_LIST_MARK, at, 1)
            mark = _LIST_MARK.match(source.data, at)
            if mark is None:
                return None
            at = yield from source.blank(mark.end())
        for literal in (b"```", b"~~~"):
            if (yield from source.has(at, literal)):
                yield from source.find(_NO_TICK if literal == b"```" else _NO_TILDE, at, 1)
                match = _FENCE.match(source.data, at)
                rest = yield from source.find(_LINE_END_OR_TICK, match.end() if match else at, 1)
                if match is None or (literal == b"```" and rest is not None and rest.group() == b"`"):
                    return None  # backticks further on in the line: code within it
                return at, match.group()
        return None

    def _code(self, at: int, mark: bytes) -> Reads[int]:
        """Pass over a fenced block; return the position of the line's end after it."""
        source, data = self._source, self._source.data
        closing = re.compile(rb"[ \t]*" + re.escape(mark) + mark[:1] + rb"*[ \t\r]*(?=\n|\Z)")
        maybe_closing = re.compile(rb"[ \t]*" + mark[:1] + rb"*[ \t\r]*\Z")
        line, scan = -1, at  # the first line opens the block
        while True:
            match = _LINE_END.search(data, scan)
            if match is None and not source.is_ended:
                is_open = line < 0 or not maybe_closing.match(data, line)
                self._sink.text_to(len(data) if is_open else line)
                scan = len(data)
                yield
                continue
            end = match.start() if match else len(data)
            if line >= 0 and closing.fullmatch(data, line, end):
                self._line, self._line_words, self._after_blank = line, None, False
                return end
            if match is None:
                return end
            line = scan = match.end()

    def _last_block(self, at: int) -> Reads[int]:
        """Read blocks that may be the last thing in the reply; -1 where they are none or something follows."""
        sink, dialect = self._sink, self._dialect
        if self._tries >= _MAX_TRIES or not (dialect.hints or dialect.blocks == "last"):
            return -1
        sink.text_to(at)
        sink.hold()
        end = yield from self._blocks.group(at)
        if end >= 0 and sink.held_calls and all(call.name in sink.tools for call in sink.held_calls):
            sink.release(suspected="" if dialect.blocks == "last" else _LAST_BLOCK)
            return end
        return self._no_call(-1)

    def _no_call(self, at: int) -> int:
        """Forget what was read for a call and go on at a position."""
        self._sink.drop()
        self._tries = _MAX_TRIES if self._source.is_ended and at < 0 else self._tries + 1
        return at

    def _words(self) -> int:
        """Return where the words of the line begin."""
        if self._line_words is None:
            match = _WORDS.search(self._source.data, self._line)
            self._line_words = match.start() if match else len(self._source.data)
        return self._line_words

    def _backticks(self, at: int) -> Reads[int]:
        """Take note of code within a line beginning or ending."""
        end = yield from self._source.find(_NO_TICK, at, 1)
        stop = end.start() if end else len(self._source.data)
        if self._ticks == 0:
            self._ticks = stop - at
        elif self._ticks == stop - at:
            self._ticks = 0
        return stop

    # --- calls --------------------------------------------------------------------------------------------

    def _opener(self, at: int, opener: bytes) -> Reads[int]:
        """Read what begins with an opener; return where to go on, calls or not."""
        source, sink, passed = self._source, self._sink, at + len(opener)
        in_line, is_alias = self._words() < at, opener in self._dialect.aliases
        if self._ticks or self._is_example(at) or (in_line and is_alias) or self._tries >= _MAX_TRIES:
            return passed
        sink.text_to(at)
        is_below = in_line or sink.has_text
        if in_line or is_alias:
            sink.hold()
        end = yield from self._read(at, opener, is_prose=in_line)
        if end < 0 or (is_alias and not self._is_known()) or (in_line and self._is_only_spoken_of()):
            return self._no_call(passed)
        end = yield from self._closers(end)
        if is_below:
            rest = yield from source.blank(end)
            rest = (yield from source.blank(rest + 1)) if source.byte(rest) in {b";", b","} else rest
            is_apart = source.byte(rest) in {b"", b"\n"} or (yield from self._is_opener(rest))
            if in_line and not is_apart:
                self._no_call(end)
                return end
            sink.release(suspected="" if is_apart else _IN_SENTENCE)
        else:
            sink.release()
        if self._is_auto:
            self._is_auto = False
            self._use(DIALECTS[dialect_of(opener, bytes(source.data[at : at + 200]))])
        self._line, self._line_words, self._ticks, self._after_blank = end, None, 0, False
        return end

    def _closers(self, end: int) -> Reads[int]:
        """Return the position after closing tags too many, which belong to the call before them."""
        while True:
            at = yield from self._source.space(end)
            for tag in _STRAY:
                if (yield from self._source.has(at, tag)):
                    end = at + len(tag)
                    self._sink.extend(end, "" if tag in llama3.END_TAGS else "A closing tag closes nothing.")
                    break
            else:
                return end

    def _read(self, at: int, opener: bytes, *, is_prose: bool) -> Reads[int]:
        reading = self._reading
        if opener == hermes.OPENER:
            return (yield from hermes.ToolCallReader(reading).read(at, is_prose=is_prose))
        if opener == mistral.OPENER:
            return (yield from mistral.MistralReader(reading).read(at, is_prose=is_prose))
        if opener in llama3.TAGS:
            llama = llama3.LlamaReader(reading)
            return (yield from llama.read(at, opener, is_prose=is_prose))
        if opener in self._dialect.aliases:
            return (yield from self._blocks.tagged(at, at))
        reader = FunctionReader(reading)
        if (yield from reader.name_at(at)) not in self._sink.tools:
            return -1
        is_usual = hermes.OPENER not in self._dialect.openers
        return (yield from reader.read(at, at, is_wrapped=False, is_usual=is_usual))

    def _is_opener(self, at: int) -> Reads[bool]:
        for opener in self._dialect.openers:
            if (yield from self._source.has(at, opener)):
                return True
        return False

    def _is_known(self) -> bool:
        calls = self._sink.held_calls
        return bool(calls) and all(call.name in self._sink.tools for call in calls)

    def _is_only_spoken_of(self) -> bool:
        """Return whether what was read in running text is no call: broken, and of no tool there is."""
        calls = self._sink.held_calls
        unknown = [call for call in calls if call.name not in self._sink.tools]
        return not calls or any(problem.code in BROKEN for call in unknown for problem in call.problems)

    def _is_example(self, at: int) -> bool:
        """Return whether an opener stands in a quotation or in an indented block of code."""
        words = self._words()
        if self._source.byte(words) == b">":
            return True
        return words == at and self._is_code_line()

    def _is_code_line(self) -> bool:
        """Return whether the line is indented code: deep, and below an empty line or more such code."""
        indent = bytes(self._source.data[self._line : self._words()])
        return (len(indent) >= 4 or b"\t" in indent) and self._after_blank and self._sink.has_text
