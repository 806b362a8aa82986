"""Reads what a command printed: text in pieces of one look, by the colours asked for (ECMA-48, 8.3.117). Pure."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from app.tools.visible import make_visible

#: The eight colours of a terminal; a theme has its own shades of them. "" is the colour of ordinary text.
TerminalColor = Literal["", "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
_COLORS: tuple[TerminalColor, ...] = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_HUES: tuple[TerminalColor, ...] = ("red", "yellow", "green", "cyan", "blue", "magenta")
_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
#: What may be the beginning of a sequence whose rest comes later.
_PARTIAL = re.compile(r"\x1b(?:\[[0-9;:]{0,40})?$")
#: What a code that takes no others with it changes of a look.
_CHANGES: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    2: {"faint": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"inverse": True},
    22: {"bold": False, "faint": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"inverse": False},
    39: {"color": ""},
    49: {"ground": ""},
}
_CUBE = (0, 95, 135, 175, 215, 255)  # xterm's 6x6x6 colours


@dataclass(frozen=True)
class Look:
    """How a piece of terminal text is drawn."""

    color: TerminalColor = ""
    ground: TerminalColor = ""
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: bool = False
    inverse: bool = False


class SgrReader:
    """Feed it output in any pieces; the looks are the same."""

    def __init__(self) -> None:
        self._look = Look()
        self._rest = ""

    def feed(self, text: str) -> list[tuple[str, Look]]:
        """Return the text in pieces of one look; hidden characters are spelled out, every line end is one."""
        text = self._rest + text
        partial = _PARTIAL.search(text)
        cut = partial.start() if partial else len(text) - text.endswith("\r")
        text, self._rest = text[:cut], text[cut:]
        return list(self._pieces(text))

    def finish(self) -> list[tuple[str, Look]]:
        """Return what was held back."""
        rest, self._rest = self._rest, ""
        return list(self._pieces(rest))

    def _pieces(self, text: str) -> Iterator[tuple[str, Look]]:
        place = 0
        for match in _SGR.finditer(text):
            if match.start() > place:
                yield _plain(text[place : match.start()]), self._look
            self._look = _changed(self._look, match[1])
            place = match.end()
        if place < len(text):
            yield _plain(text[place:]), self._look


def without_sgr(text: str) -> str:
    """Return output without its colours."""
    return _SGR.sub("", text)


def _plain(text: str) -> str:
    """A progress bar goes back to the start of its line; here every step of it has a line of its own."""
    return make_visible(text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text)


@lru_cache(1024)
def _changed(look: Look, parameters: str) -> Look:
    codes = [int(code) if code else 0 for code in re.split("[;:]", parameters)]
    while codes:
        code = codes.pop(0)
        match code:
            case 0:
                look = Look()
            case 38:
                look = replace(look, color=_extended(codes))
            case 48:
                look = replace(look, ground=_extended(codes))
            case _ if code in _CHANGES:
                look = replace(look, **_CHANGES[code])
            case _ if 30 <= code <= 37 or 90 <= code <= 97:
                look = replace(look, color=_COLORS[code % 10])
            case _ if 40 <= code <= 47 or 100 <= code <= 107:
                look = replace(look, ground=_COLORS[code % 10])
    return look


def _extended(codes: list[int]) -> TerminalColor:
    """Take "5;n" (one of 256) or "2;r;g;b" from ``codes`` and return the nearest of the eight."""
    kind = codes.pop(0) if codes else 0
    if kind == 2 and len(codes) >= 3:
        rgb = (codes.pop(0), codes.pop(0), codes.pop(0))
        return _nearest(*rgb)
    if kind != 5 or not codes:
        return ""
    number = min(codes.pop(0), 255)
    if number < 16:
        return _COLORS[number % 8]
    if number >= 232:
        level = 8 + 10 * (number - 232)
        return _nearest(level, level, level)
    number -= 16
    return _nearest(_CUBE[number // 36], _CUBE[number // 6 % 6], _CUBE[number % 6])


def _nearest(red: int, green: int, blue: int) -> TerminalColor:
    hue, saturation, value = colorsys.rgb_to_hsv(*(min(channel, 255) / 255 for channel in (red, green, blue)))
    if saturation < 0.25:
        return "white" if value > 0.5 else "black"
    return _HUES[round(hue * 6) % 6]
