"""Writes GGUF files: metadata, tensor table and tensor data, which may be a hole in a sparse file.

Format: version 3 of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Only what the test models
need; a caller says the integer types of arrays, scalars take theirs from their Python type.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

ALIGNMENT = 32
MAGIC = b"GGUF"
VERSION = 3

#: struct format and number of each metadata type of fixed size.
SCALARS = {
    "u8": ("<B", 0), "i8": ("<b", 1), "u16": ("<H", 2), "i16": ("<h", 3), "u32": ("<I", 4), "i32": ("<i", 5),
    "f32": ("<f", 6), "bool": ("<?", 7), "u64": ("<Q", 10), "i64": ("<q", 11), "f64": ("<d", 12),
}  # fmt: skip
STRING, ARRAY = 8, 9

#: Number, elements per block and bytes per block of each tensor type.
TENSOR_TYPES = {
    "F32": (0, 1, 4), "F16": (1, 1, 2), "BF16": (30, 1, 2), "Q4_0": (2, 32, 18), "Q4_1": (3, 32, 20),
    "Q5_0": (6, 32, 22), "Q5_1": (7, 32, 24), "Q8_0": (8, 32, 34), "Q2_K": (10, 256, 84), "Q3_K": (11, 256, 110),
    "Q4_K": (12, 256, 144), "Q5_K": (13, 256, 176), "Q6_K": (14, 256, 210),
}  # fmt: skip


@dataclass(frozen=True)
class Array:
    """A metadata array: ``kind`` is a key of ``SCALARS`` or "str"."""

    kind: str
    values: Sequence[object]


@dataclass(frozen=True)
class Number:
    """A number of a type that does not follow from Python's: ``kind`` is a key of ``SCALARS``."""

    kind: str
    value: float


Scalar = str | int | float | bool | Number
Metadata = Mapping[str, Scalar | Array]


@dataclass(frozen=True)
class Tensor:
    """A tensor's place in the table: ``shape`` in llama.cpp's order, the contiguous dimension first."""

    name: str
    shape: tuple[int, ...]
    type: str = "F32"

    @property
    def size_bytes(self) -> int:
        """Bytes of its data, without padding."""
        _, block, block_bytes = TENSOR_TYPES[self.type]
        assert self.shape[0] % block == 0, f"{self.name}: rows of {self.shape[0]} do not divide into blocks of {block}"
        return prod(self.shape) // block * block_bytes


def header(metadata: Metadata, tensors: Sequence[Tensor]) -> bytes:
    """Return everything before the tensor data, padded."""
    parts = [MAGIC, struct.pack("<IQQ", VERSION, len(tensors), len(metadata))]
    for key, value in metadata.items():
        parts += [text(key), typed(value)]
    for tensor, offset in zip(tensors, offsets(tensors), strict=True):
        number = TENSOR_TYPES[tensor.type][0]
        parts += [
            text(tensor.name),
            struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape),
            struct.pack("<IQ", number, offset),
        ]
    joined = b"".join(parts)
    return joined + bytes(-len(joined) % ALIGNMENT)


def file_size(metadata: Metadata, tensors: Sequence[Tensor]) -> int:
    """Return the length in bytes of the file ``write`` makes."""
    return len(header(metadata, tensors)) + sum(padded(tensor.size_bytes) for tensor in tensors)


def write(
    path: Path, metadata: Metadata, tensors: Sequence[Tensor], fill: Callable[[Tensor], bytes | None] = lambda _: None
) -> Path:
    """Write a model to ``path``, whole or not at all, and return it.

    ``fill`` gives a tensor's data, or None to leave a hole that reads as zeros and takes no disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            _write(file, metadata, tensors, fill)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def write_shards(folder: Path, stem: str, metadata: Metadata, tensors: Sequence[Tensor], count: int) -> list[Path]:
    """Write a model without weights as shards named as ``llama-gguf-split`` names them; return their paths."""
    size = -(-len(tensors) // count)
    paths = []
    for index in range(count):
        split = {
            "split.no": Number("u16", index),
            "split.count": Number("u16", count),
            "split.tensors.count": Number("i32", len(tensors)),
        }
        own = tensors[index * size : (index + 1) * size]
        path = folder / f"{stem}-{index + 1:05d}-of-{count:05d}.gguf"
        paths.append(write(path, {**metadata, **split} if index == 0 else split, own))
    return paths


def _write(
    file: BinaryIO, metadata: Metadata, tensors: Sequence[Tensor], fill: Callable[[Tensor], bytes | None]
) -> None:
    start = file.write(header(metadata, tensors))
    for tensor, offset in zip(tensors, offsets(tensors), strict=True):
        data = fill(tensor)
        if data is not None:
            assert len(data) == tensor.size_bytes, f"{tensor.name}: {len(data)} bytes for {tensor.size_bytes}"
            file.seek(start + offset)
            file.write(data)
    file.truncate(file_size(metadata, tensors))


def offsets(tensors: Sequence[Tensor]) -> Iterator[int]:
    """Yield where each tensor's data begins, counted from the end of the header."""
    offset = 0
    for tensor in tensors:
        yield offset
        offset += padded(tensor.size_bytes)


def padded(size: int) -> int:
    """Return ``size`` rounded up to the alignment."""
    return size + -size % ALIGNMENT


def text(value: str) -> bytes:
    """Return a string as GGUF stores it: its length, then its UTF-8."""
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def typed(value: Scalar | Array) -> bytes:
    """Return a metadata value with its type before it."""
    match value:
        case Array(kind="str", values=values):
            return struct.pack("<IIQ", ARRAY, STRING, len(values)) + b"".join(text(str(item)) for item in values)
        case Array(kind=kind, values=values):
            form, number = SCALARS[kind]
            packed = struct.pack(f"<{len(values)}{form[1]}", *values)
            return struct.pack("<IIQ", ARRAY, number, len(values)) + packed
        case Number(kind=kind, value=value):
            return _scalar(kind, value)
        case str():
            return struct.pack("<I", STRING) + text(value)
        case bool():
            return _scalar("bool", value)
        case float():
            return _scalar("f32", value)
        case int():
            return _scalar("u32" if 0 <= value < 2**32 else "i64", value)


def _scalar(kind: str, value: float) -> bytes:
    form, number = SCALARS[kind]
    return struct.pack("<I", number) + struct.pack(form, value)
