"""Reads the header of a GGUF file from bytes that arrive in any pieces; hostile ones are refused at once.

Sans-IO: the parser says how many bytes it wants and never reads, waits or trusts. Every count and length is held
against a limit before anything is made of it, so that neither memory nor time can be spent by a number in a file.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; what llama.cpp refuses is refused here too.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from dataclasses import dataclass
from math import prod
from typing import Any

from app.gguf.types import TENSOR_TYPES
from app.gguf.values import ArrayValue, GgufError, GgufHeader, MetadataValue, TensorInfo

MAGIC = b"GGUF"
VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
#: Arrays up to this length are kept (one value per layer); longer ones (vocabularies) are only counted.
KEPT_ITEMS = 1024
#: GGML_MAX_NAME of ggml.h, with its final zero.
MAX_TENSOR_NAME = 64
MAX_DIMENSIONS = 4  # GGML_MAX_DIMS
_INT64_MAX = 2**63 - 1

_STRING, _ARRAY = 8, 9
#: Number, struct format and name of the metadata types of fixed size.
_SCALARS = {
    0: ("<B", "u8"),
    1: ("<b", "i8"),
    2: ("<H", "u16"),
    3: ("<h", "i16"),
    4: ("<I", "u32"),
    5: ("<i", "i32"),
    6: ("<f", "f32"),
    7: ("<?", "bool"),
    10: ("<Q", "u64"),
    11: ("<q", "i64"),
    12: ("<d", "f64"),
}
_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")


@dataclass(frozen=True)
class Limits:
    """The most an honest header has; the largest vocabularies make about 20 MB."""

    header_bytes: int = 128 * 1024 * 1024
    keys: int = 65_536
    key_bytes: int = 65_535
    string_bytes: int = 16 * 1024 * 1024
    array_items: int = 16 * 1024 * 1024
    tensors: int = 262_144


class HeaderParser:
    """Parses one header. ``wanted`` is how many bytes from the file's beginning it needs at least to go on."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.header: GgufHeader | None = None
        self.data = bytearray()
        self._limits = limits or Limits()
        self._at = 0
        self._steps = self._parse()
        self.wanted = next(self._steps)

    def feed(self, data: bytes) -> bool:
        """Take the bytes that follow those fed before; return whether the header is complete.

        Raises:
            GgufError: This is not the header of a GGUF model, or it lies.
        """
        self.data += data
        while self.header is None and len(self.data) >= self.wanted:
            try:
                self.wanted = self._wanted(next(self._steps))
            except StopIteration as done:
                self.header = done.value
        return self.header is not None

    def end(self) -> GgufHeader:
        """Say that the file ends here; return its header.

        Raises:
            GgufError: It ends inside the header.
        """
        if self.header is None:
            raise GgufError(
                "The model file ends too early",
                f"Its header is cut off after {len(self.data):,} bytes; at least {self.wanted:,} are needed.",
                "Download the file again.",
            )
        return self.header

    def _wanted(self, end: int) -> int:
        if end > self._limits.header_bytes:
            raise _lie(f"it claims a header of more than {self._limits.header_bytes:,} bytes")
        return end

    # --- steps: generators that yield how many bytes they want -------------------------------------------

    def _parse(self) -> Generator[int, None, GgufHeader]:
        yield 24
        version = self._preamble()
        n_tensors, n_keys = struct.unpack_from("<qq", self.data, 8)
        self._at = 24
        if not 0 <= n_tensors <= self._limits.tensors:
            raise _lie(f"it claims {n_tensors:,} tensors")
        if not 0 <= n_keys <= self._limits.keys:
            raise _lie(f"it claims {n_keys:,} metadata keys")
        metadata: dict[str, MetadataValue] = {}
        for _ in range(n_keys):
            key = yield from self._string(self._limits.key_bytes, "key")
            if key in metadata:
                raise _lie(f"the key “{_shown(key)}” is there twice")
            metadata[key] = yield from self._typed(key)
        alignment = _alignment(metadata)
        _check_vocabulary(metadata)
        tensors: dict[str, TensorInfo] = {}
        for _ in range(n_tensors):
            tensor = yield from self._tensor(alignment)
            if tensor.name in tensors:
                raise _lie(f"the tensor “{_shown(tensor.name)}” is there twice")
            tensors[tensor.name] = tensor
        data_offset = self._at + -self._at % alignment
        return GgufHeader(version, alignment, metadata, tuple(tensors.values()), data_offset)

    def _preamble(self) -> int:
        if self.data[:4] != MAGIC:
            raise GgufError(
                "This is not a GGUF model",
                f"The file begins with {bytes(self.data[:4])!r} and not with “GGUF”.",
                "Choose a file ending in .gguf; other formats must be converted first.",
            )
        version: int = _U32.unpack_from(self.data, 4)[0]
        if version not in VERSIONS:
            is_swapped = int.from_bytes(self.data[4:8], "big") in VERSIONS
            why = "this one is big-endian" if is_swapped else f"this one has version {version:,}"
            raise GgufError(
                "This kind of GGUF file is not supported",
                f"Versions {VERSIONS[0]} and {VERSIONS[1]} can be read, but {why}.",
                "Look for another conversion of this model.",
            )
        return version

    def _take(self, form: str) -> Generator[int, None, Any]:
        size = struct.calcsize(form)
        if len(self.data) < self._at + size:
            yield self._at + size
        value = struct.unpack_from(form, self.data, self._at)
        self._at += size
        return value if len(value) > 1 else value[0]

    def _string(self, limit: int, what: str) -> Generator[int, None, str]:
        length = yield from self._take("<Q")
        if length > limit:
            raise _lie(f"a {what} claims {length:,} bytes")
        end = self._at + length
        if len(self.data) < end:
            yield end
        raw = bytes(self.data[self._at : end])
        self._at = end
        return raw.decode("utf-8", "replace")

    def _typed(self, key: str) -> Generator[int, None, MetadataValue]:
        kind = yield from self._take("<I")
        if kind == _STRING:
            return (yield from self._string(self._limits.string_bytes, "text"))
        if kind == _ARRAY:
            return (yield from self._array(key))
        if kind not in _SCALARS:
            raise _lie(f"the value of “{_shown(key)}” has the unknown type {kind}")
        value: int | float | bool = yield from self._take(_SCALARS[kind][0])
        return value

    def _array(self, key: str) -> Generator[int, None, ArrayValue]:
        kind, count = yield from self._take("<IQ")
        if count > self._limits.array_items:
            raise _lie(f"the list “{_shown(key)}” claims {count:,} items")
        if kind == _STRING:
            yield from self._skip_strings(count)
            return ArrayValue("str", count, None)
        if kind == _ARRAY:
            raise _lie(f"the list “{_shown(key)}” is a list of lists, which no model has")
        if kind not in _SCALARS:
            raise _lie(f"the list “{_shown(key)}” has items of the unknown type {kind}")
        form, name = _SCALARS[kind]
        end = self._at + count * struct.calcsize(form)
        if len(self.data) < end:
            yield end
        items = struct.unpack_from(f"<{count}{form[1]}", self.data, self._at) if count <= KEPT_ITEMS else None
        self._at = end
        return ArrayValue(name, count, items)

    def _skip_strings(self, count: int) -> Generator[int, None, None]:
        """Step over texts; this is where most of a header is, so that the loop calls nothing it need not."""
        at, limit, unpack = self._at, self._limits.string_bytes, _U64.unpack_from
        length = len(self.data)
        for _ in range(count):
            while length < at + 8:
                yield at + 8
                length = len(self.data)
            (size,) = unpack(self.data, at)
            if size > limit:
                raise _lie(f"a text in a list claims {size:,} bytes")
            at += 8 + size
        while len(self.data) < at:
            yield at
        self._at = at

    def _tensor(self, alignment: int) -> Generator[int, None, TensorInfo]:
        name = yield from self._string(MAX_TENSOR_NAME - 1, "tensor's name")
        dimensions = yield from self._take("<I")
        if dimensions > MAX_DIMENSIONS:
            raise _lie(f"the tensor “{_shown(name)}” claims {dimensions:,} dimensions")
        taken = (yield from self._take(f"<{dimensions}q")) if dimensions else 1  # a single number has none
        shape: tuple[int, ...] = taken if isinstance(taken, tuple) else (taken,)
        number, offset = yield from self._take("<IQ")
        if min(shape) < 0 or prod(shape) > _INT64_MAX:
            raise _lie(f"the tensor “{_shown(name)}” claims the shape {' x '.join(map(str, shape))}")
        if number not in TENSOR_TYPES:
            raise GgufError(
                "This model uses a type of weights that is not known here",
                f"The tensor “{_shown(name)}” has the type number {number}.",
                "The file may be damaged, or newer than Sawhorse. Look for another quantization.",
            )
        type_ = TENSOR_TYPES[number]
        if shape[0] % type_.block:
            raise _lie(f"rows of {shape[0]:,} in “{_shown(name)}” do not divide into blocks of {type_.block}")
        if offset % alignment or offset > _INT64_MAX:
            raise _lie(f"the tensor “{_shown(name)}” lies at {offset:,}, which is not aligned to {alignment}")
        return TensorInfo(name, shape, type_, offset)


def _alignment(metadata: dict[str, MetadataValue]) -> int:
    value = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    if not isinstance(value, int) or value < 1 or value & (value - 1):
        raise _lie(f"its alignment is {value}, which is no power of two")
    return value


def _check_vocabulary(metadata: dict[str, MetadataValue]) -> None:
    tokens = metadata.get("tokenizer.ggml.tokens")
    if tokens is not None and not (isinstance(tokens, ArrayValue) and tokens.kind == "str"):
        raise _lie("its list of tokens does not hold texts")


def _lie(what: str) -> GgufError:
    return GgufError(
        "The model file's header cannot be true",
        f"Reading stopped because {what}.",
        "The file is damaged or made to do harm. Download it again, from a source you trust.",
    )


def _shown(name: str) -> str:
    """Return a name from the file, short and without characters that could draw outside their line."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name[:80])
