"""What the header of a GGUF file says. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from app.errors import AppError
from app.gguf.types import TensorType


class GgufError(AppError):
    """A file that is no GGUF model, or that lies; ``code`` tells it from other failures."""

    code = "bad_file"


class ArrayValue(NamedTuple):
    """A metadata array; ``items`` is None where it was too long to keep, or holds text."""

    kind: str
    length: int
    items: tuple[int | float | bool, ...] | None


MetadataValue = int | float | bool | str | ArrayValue


class TensorInfo(NamedTuple):
    """A tensor's entry: ``shape`` in llama.cpp's order, ``offset`` from the beginning of the tensor data."""

    name: str
    shape: tuple[int, ...]
    type: TensorType
    offset: int

    @property
    def elements(self) -> int:
        """Number of weights."""
        return prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Bytes of its data, without padding."""
        return self.elements // self.type.block * self.type.block_bytes


@dataclass(frozen=True)
class GgufHeader:
    """Everything before the tensor data of one file.

    Attributes:
        data_offset: Where the tensor data begins, which is the length of the header.
    """

    version: int
    alignment: int
    metadata: dict[str, MetadataValue] = field(repr=False)
    tensors: tuple[TensorInfo, ...] = field(repr=False)
    data_offset: int

    @property
    def needed_length(self) -> int:
        """The least length of a file that holds all its tensors."""
        return self.data_offset + max((tensor.offset + tensor.size_bytes for tensor in self.tensors), default=0)

    def integer(self, key: str, default: int = 0) -> int:
        """Return an integer of the metadata; the largest of an array, which is one value per layer."""
        value = self.metadata.get(key, default)
        if isinstance(value, ArrayValue):
            return max((item for item in value.items or () if isinstance(item, int)), default=default)
        return value if isinstance(value, int) else default

    def text(self, key: str) -> str:
        """Return a text of the metadata; empty where there is none."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""
