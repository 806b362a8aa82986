"""Files as text: which encoding and line endings they have, and how to write them back in the same ones."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.tools.context import ToolError, WorkspaceFolder
from app.tools.names import shown

#: The largest file that is read whole.
MAX_FILE_BYTES = 64 * 2**20
#: Text with a NUL in its first bytes is taken for binary, as by git and grep.
_SNIFFED_BYTES = 8192
#: The longer mark first, for UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LABELS: Mapping[str, str] = {"utf-8": "UTF-8", "latin-1": "Latin-1"}


@dataclass(frozen=True)
class TextFile:
    """A file's text as it is, line endings included.

    Attributes:
        encoding: Python's name of it; with it and ``mark``, ``text`` gives the very bytes again.
        mark: The byte order mark it began with, which ``text`` has not.
    """

    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    @property
    def has_crlf(self) -> bool:
        """Whether its lines end as on Windows; where they are mixed, most of them."""
        crlf = self.text.count("\r\n")
        return crlf > 0 and crlf * 2 > self.text.count("\n")

    @property
    def note(self) -> str:
        """What is unusual about its encoding, for a model; "" for plain UTF-8."""
        label = _LABELS.get(self.encoding, self.encoding.upper().removesuffix("-LE").removesuffix("-BE"))
        if self.encoding == "latin-1":
            return "not UTF-8; read as Latin-1"
        return "" if self.encoding == "utf-8" else label

    def encode(self, text: str) -> bytes:
        """Return ``text`` as bytes in this file's encoding.

        Raises:
            ToolError: It has characters the encoding lacks.
        """
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            character = text[error.start]
            raise ToolError(
                f"The file is in {_LABELS.get(self.encoding, self.encoding)}, which has no {character!a}. "
                "Use characters it has, or write the whole file anew with write_file."
            ) from None


def decode(data: bytes) -> TextFile | None:
    """Return bytes as text, or None for what is binary."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                break
            return None if "\0" in text[:_SNIFFED_BYTES] else TextFile(text, encoding, mark)
    if b"\0" in data[:_SNIFFED_BYTES]:
        return None
    try:
        return TextFile(data.decode("utf-8"))
    except UnicodeDecodeError:
        return TextFile(data.decode("latin-1"), "latin-1")  # has a character for every byte


def read_bytes(workspace: WorkspaceFolder, path: str) -> bytes:
    """Return a file's bytes.

    Raises:
        ToolError: It is not there, no regular file, or larger than ``MAX_FILE_BYTES``.
    """
    with open(workspace.open_file(path), "rb") as file:  # noqa: PTH123 - a descriptor
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ToolError(
            f"{shown(path)} is larger than {MAX_FILE_BYTES // 2**20} MiB. Use search to find the part you need."
        )
    return data


def size_words(size: int) -> str:
    """Return a size in the unit that suits it, such as "1.2 kB"."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95 or unit == "GB":
            return f"{value:.1f} {unit}"
    raise AssertionError  # the last unit always returns


def text_argument(arguments: Mapping[str, Any], name: str) -> str:
    """Return an argument that is text, in a form that can be written: lone surrogates are no characters.

    Raises:
        ToolError: It has any.
    """
    value = str(arguments.get(name, ""))
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ToolError(f"{name} has a lone surrogate (U+{ord(value[error.start]):04X}), no character.") from None
    return value
