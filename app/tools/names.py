r"""File names as text: what they look like to models and people, and back. Pure.

A name is bytes to the system. Python keeps bytes that are no UTF-8 as lone surrogates, which no message can carry;
they are shown as ``\xNN``.
"""

from __future__ import annotations

import os
import re

_ESCAPE = re.compile(r"\\x([89a-f][0-9a-f])")


def shown(path: str) -> str:
    """Return a path as it can be shown and sent."""
    if path.isascii():
        return path
    try:
        return os.fsencode(path).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # other lone surrogates, which are no name's
        return path.encode("utf-8", "backslashreplace").decode("utf-8")


def meant(path: str) -> str:
    """Return the path that ``shown`` gave as ``path``, where it holds escapes."""
    return _ESCAPE.sub(lambda match: chr(0xDC00 + int(match[1], 16)), path)
