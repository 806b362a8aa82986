"""JSON with comments and trailing commas, as editors keep their settings. Pure.

Form: https://code.visualstudio.com/docs/languages/json#_json-with-comments
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

#: A string, a comment of either kind, or a comma with nothing but space and comments before the bracket after it.
_COMMENT = r"//[^\n]*|/\*.*?\*/"
_TOKEN = re.compile(rf'"(?:[^"\\\n]|\\.)*"|{_COMMENT}|,(?=(?:\s|{_COMMENT})*[}}\]])', re.DOTALL)


def decode(data: bytes) -> Any:
    """Return the value of a document.

    Raises:
        ValueError: It is not JSON, even so.
    """
    text = data.decode("utf-8-sig")
    return msgspec.json.decode(_TOKEN.sub(lambda match: match[0] if match[0].startswith('"') else " ", text))
