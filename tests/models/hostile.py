"""GGUF files that lie: each must be refused in words, within seconds, without taking memory or a process down."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.models import gguf
from tests.models.gguf import Array, Tensor

_TENSOR = Tensor("token_embd.weight", (32, 4))
_ENDLESS = 2**62


def write_all(folder: Path, valid: Path) -> dict[str, Path]:
    """Write every hostile file into ``folder`` and return them by what is wrong with them.

    ``valid`` is a good model; ``truncated_weights`` is it without its last byte. A ``truncated_at_…`` file stops
    before that byte of a small header, in or between any two of its fields.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = headers() | {f"truncated_at_{at}": part for at, part in truncations().items()}
    contents["truncated_weights"] = valid.read_bytes()[:-1]
    return {name: _written(folder / f"{name}.gguf", data) for name, data in contents.items()}


def headers() -> dict[str, bytes]:
    """Return the lying headers."""
    one_key = _preamble(tensors=0, keys=1) + gguf.text("a.key")
    return {
        "bad_magic": b"GGUX" + _valid()[4:],
        "future_version": gguf.MAGIC + struct.pack("<I", 2**31) + _valid()[8:],
        "endless_keys": _preamble(tensors=0, keys=_ENDLESS),
        "endless_tensors": _preamble(tensors=_ENDLESS, keys=0),
        "huge_string": one_key + struct.pack("<IQ", gguf.STRING, _ENDLESS) + b"short",
        "huge_array": one_key + struct.pack("<IIQ", gguf.ARRAY, gguf.STRING, _ENDLESS) + bytes(64 * 1024),
        "nested_array": one_key + struct.pack("<I", gguf.ARRAY) + struct.pack("<IQ", gguf.ARRAY, 1) * 8_000,
        "bad_type": one_key + struct.pack("<II", 99, 0),
        "zero_alignment": _with({"general.alignment": 0}),
        "negative_dimension": _with_dimensions(-4, 32),
        "overflowing_dimensions": _with_dimensions(2**40, 2**40),
        "too_many_dimensions": _table(struct.pack("<I", 2**31)),
        "bad_tensor_type": _table(struct.pack("<IQQIQ", 2, 32, 4, 4_000, 0)),
        "tensor_beyond_the_end": _table(struct.pack("<IQQIQ", 2, 32, 4, 0, 2**60)),
        "duplicate_key": _preamble(tensors=0, keys=2) + 2 * (gguf.text("a.key") + gguf.typed(1)),
        "token_without_text": _with({"tokenizer.ggml.tokens": Array("i32", [1, 2])}),
    }


def truncations() -> dict[int, bytes]:
    """Return a good header cut at every fourth byte, which is at and inside each of its fields."""
    whole = _valid()
    return {at: whole[:at] for at in range(0, len(whole.rstrip(b"\0")), 4)}


def _valid() -> bytes:
    return _with({})


def _with(metadata: dict[str, gguf.Scalar | Array]) -> bytes:
    keys: dict[str, gguf.Scalar | Array] = {"general.architecture": "llama", "general.alignment": 32}
    return gguf.header(keys | metadata, [_TENSOR]) + bytes(_TENSOR.size_bytes)


def _with_dimensions(first: int, second: int) -> bytes:
    return _table(struct.pack("<IqqIQ", 2, first, second, 0, 0))


def _table(entry: bytes) -> bytes:
    data = _preamble(tensors=1, keys=0) + gguf.text(_TENSOR.name) + entry
    return data + bytes(-len(data) % gguf.ALIGNMENT + _TENSOR.size_bytes)


def _preamble(tensors: int, keys: int) -> bytes:
    return gguf.MAGIC + struct.pack("<IQQ", gguf.VERSION, tensors, keys)


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
