"""What a terminal would show of a program's output: text and colours, nothing that moves, hides or commands.

Within a line the effects of carriage return, backspace and the erasing of a line are applied, so that a progress bar
leaves its last state. Every other control sequence (ECMA-48) is dropped, and so are titles, links and hidden text.
"""

from __future__ import annotations

import re

#: A line longer than this is handed on in pieces, within which nothing can be overwritten any more.
MAX_LINE = 65_536
#: Longer escape sequences are none: their beginning is dropped and their end is text.
_MOST_INTERMEDIATE = 16
#: A colour as ``TerminalText`` leaves it in text.
COLOUR = re.compile("\x1b\\[[0-9;]*m")
_SPECIAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CSI = re.compile("(?:\x1b\\[|\x9b)([0-?]{0,256})[ -/]{0,16}([@-~])")
_BAD_CSI = re.compile("(?:\x1b\\[|\x9b)[0-?]{0,256}[ -/]{0,16}")
_STRING_OPENERS = {"]": "\x9d", "P": "\x90", "_": "\x9f", "^": "\x9e", "X": "\x98"}
#: A line's end is one, too: a title that is never ended must not hide what follows.
_STRING_END = re.compile("\x07|\x1b\\\\|\x9c|[\x18\x1a]|(?=\n)")
_STYLES = {1: "1", 2: "2", 3: "3", 4: "4", 7: "7", 9: "9", 21: "21"}
_STYLES_OFF = {22: "1 2", 23: "3", 24: "4 21", 27: "7", 29: "9"}

#: A pen: the parameters that are on, by what they set ("fg", "bg", or a style's own number).
Pen = tuple[tuple[str, str], ...]


def without_colours(text: str) -> str:
    """Return text that ``TerminalText`` made, without its colours."""
    return COLOUR.sub("", text) if "\x1b" in text else text


class TerminalText:
    """Turns output, in any pieces, into text whose only escape sequences are colours (SGR).

    The same output gives the same text however it is cut.
    """

    def __init__(self) -> None:
        self._waiting = ""  # the beginning of a sequence whose end has not come
        self._in_string = False  # within a title, a link or a device's string
        self._line: list[tuple[str, Pen]] = []  # runs of the line at hand, while nothing was overwritten
        self._cells: list[tuple[str, Pen]] | None = None  # its characters, once something was
        self._column = 0
        self._pen: Pen = ()
        self._shown: Pen = ()  # the pen as the text so far leaves it

    def feed(self, text: str) -> str:
        """Return the lines that ``text`` completes."""
        text, self._waiting = self._waiting + text, ""
        out: list[str] = []
        at = 0
        while at < len(text):
            if self._in_string:
                at = self._skip_string(text, at)
                continue
            special = _SPECIAL.search(text, at)
            end = special.start() if special else len(text)
            if end > at:
                self._print_lines(text[at:end], out)
            if special is None:
                break
            at = self._control(text, end, out)
        return "".join(out)

    def partial(self) -> str:
        """Return the line that is not complete yet, without colours."""
        return "".join(text for text, _pen in (self._line if self._cells is None else self._cells))

    def finish(self) -> str:
        """Return the last line, if it has no end; colours are switched off."""
        out: list[str] = []
        self._flush(out)
        if self._shown:
            out.append("\x1b[0m")
        self._pen = self._shown = ()
        return "".join(out)

    def _control(self, text: str, at: int, out: list[str]) -> int:
        """Take the control character or sequence at ``at``; return where it ends."""
        character = text[at]
        if character in "\x1b\x9b":
            return self._escape(text, at)
        if character in _STRING_OPENERS.values():
            self._in_string = True
        elif character == "\r":
            self._move(0)
        elif character == "\b":
            self._move(self._column - 1)
        elif character in "\x0b\x0c\x85":  # line feeds by other names
            self._end_line(out)
        return at + 1

    def _escape(self, text: str, at: int) -> int:
        if text[at] == "\x1b":
            if at + 1 == len(text):
                return self._wait(text, at)
            following = text[at + 1]
            if following in _STRING_OPENERS:
                self._in_string = True
                return at + 2
            if following != "[":
                return self._short_escape(text, at)
        if match := _CSI.match(text, at):
            self._sequence(match[1], match[2])
            return match.end()
        begun = _BAD_CSI.match(text, at)
        end = begun.end() if begun else at + 1
        return self._wait(text, at) if end == len(text) else end

    def _short_escape(self, text: str, at: int) -> int:
        """Skip ESC, intermediate characters and a final one: character sets and the like."""
        end = at + 1
        while end < len(text) and " " <= text[end] <= "/" and end - at <= _MOST_INTERMEDIATE:
            end += 1
        if end == len(text):
            return self._wait(text, at)
        return end + 1 if "0" <= text[end] <= "~" else end

    def _wait(self, text: str, at: int) -> int:
        self._waiting = text[at:]
        return len(text)

    def _skip_string(self, text: str, at: int) -> int:
        match = _STRING_END.search(text, at)
        if match is None:
            if text.endswith("\x1b"):
                self._waiting = "\x1b"
            return len(text)
        self._in_string = False
        return match.end()

    def _sequence(self, parameters: str, final: str) -> None:
        if final == "m" and not parameters.startswith(("<", "=", ">", "?")):
            self._pen = pen_after(self._pen, parameters)
        elif final == "K":
            self._erase(_number(parameters, 0))
        elif final == "G":
            self._move(_number(parameters, 1) - 1)
        elif final == "D":
            self._move(self._column - max(1, _number(parameters, 1)))
        elif final == "C":
            self._move(self._column + max(1, _number(parameters, 1)))

    def _print_lines(self, text: str, out: list[str]) -> None:
        begin = 0
        while (end := text.find("\n", begin)) >= 0:
            self._print(text[begin:end], out)
            self._end_line(out)
            begin = end + 1
            if self._pen == self._shown and len(text) - begin < MAX_LINE:  # whole lines, as they are
                whole = text.rfind("\n") + 1
                out.append(text[begin:whole])
                begin = whole
        self._print(text[begin:], out)

    def _print(self, text: str, out: list[str]) -> None:
        while text:
            piece, text = text[: MAX_LINE - self._column], text[MAX_LINE - self._column :]
            if self._cells is None:
                self._line.append((piece, self._pen))
            else:
                self._cells += [(" ", ())] * (self._column - len(self._cells))
                new = [(character, self._pen) for character in piece]
                self._cells[self._column : self._column + len(new)] = new
            self._column += len(piece)
            if self._column >= MAX_LINE:
                self._flush(out)

    def _move(self, column: int) -> None:
        column = min(max(0, column), MAX_LINE - 1)
        if column == self._column:
            return
        self._as_cells()
        self._column = column

    def _as_cells(self) -> list[tuple[str, Pen]]:
        if self._cells is None:
            self._cells = [(character, pen) for run, pen in self._line for character in run]
        return self._cells

    def _erase(self, which: int) -> None:
        """Erase from the cursor on (0), up to it (1), or the whole line (2)."""
        cells = self._as_cells()
        if which == 2:
            cells.clear()
        elif which == 1:
            erased = min(len(cells), self._column + 1)
            cells[:erased] = [(" ", ())] * erased
        else:
            del cells[self._column :]

    def _end_line(self, out: list[str]) -> None:
        self._flush(out)
        out.append("\n")

    def _flush(self, out: list[str]) -> None:
        for text, pen in self._line if self._cells is None else self._cells:
            if pen != self._shown:
                codes = ";".join(code for _what, code in pen)
                out.append(f"\x1b[0;{codes}m" if codes else "\x1b[0m")
                self._shown = pen
            out.append(text)
        self._line, self._cells = [], None
        self._column = 0


def _number(parameters: str, default: int) -> int:
    first = parameters.partition(";")[0]
    return int(first) if first.isdecimal() and len(first) < 6 else default


def pen_after(pen: Pen, parameters: str) -> Pen:
    """Return the pen that an SGR sequence leaves, in one order; blinking and hidden text are not taken over. Pure."""
    on = dict(pen)
    codes = [int(code) if code.isdecimal() and len(code) < 4 else 0 for code in re.split("[;:]", parameters or "0")]
    index = 0
    while index < len(codes):
        code = codes[index]
        index += 1
        if code == 0:
            on.clear()
        elif code in _STYLES:
            on[_STYLES[code]] = _STYLES[code]
        elif code in _STYLES_OFF:
            for style in _STYLES_OFF[code].split():
                on.pop(style, None)
        elif code in {38, 48}:
            used = {5: 2, 2: 4}.get(codes[index] if index < len(codes) else -1, 0)
            value = codes[index : index + used]
            index += max(1, used)
            if used and len(value) == used and all(part < 256 for part in value[1:]):
                on["fg" if code == 38 else "bg"] = ";".join(map(str, [code, *value]))
        elif 30 <= code <= 37 or 90 <= code <= 97:
            on["fg"] = str(code)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            on["bg"] = str(code)
        elif code == 39:
            on.pop("fg", None)
        elif code == 49:
            on.pop("bg", None)
    return tuple(sorted(on.items()))
