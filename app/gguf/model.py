"""Puts the headers of all files of a model together, and refuses files that do not belong together. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from app.gguf.values import GgufError, GgufHeader, TensorInfo

_SHARD = re.compile(r"^(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$")


@dataclass(frozen=True)
class Shard:
    """One file of a model: its name, its length in bytes and its header."""

    name: str
    length: int
    header: GgufHeader = field(repr=False)


@dataclass(frozen=True)
class ModelHeader:
    """A model: all its files, in order; the metadata are the first file's."""

    shards: tuple[Shard, ...]

    @property
    def first(self) -> GgufHeader:
        """The header that holds the metadata."""
        return self.shards[0].header

    @property
    def tensors(self) -> list[tuple[int, TensorInfo]]:
        """Every tensor with the index of its shard."""
        return [(index, tensor) for index, shard in enumerate(self.shards) for tensor in shard.header.tensors]


def join(shards: Sequence[Shard]) -> ModelHeader:
    """Return the model that these files are.

    Raises:
        GgufError: A file is shorter than its tensors, a shard is missing, or they are shards of different models.
    """
    for shard in shards:
        if shard.length < shard.header.needed_length:
            raise GgufError(
                "The model file is incomplete or damaged",
                f"{PurePosixPath(shard.name).name} is {shard.length:,} bytes long; its tensors need "
                f"{shard.header.needed_length:,}.",
                "Download the file again.",
            )
    if not shards[0].header.text("general.architecture"):
        raise GgufError(
            "The model file does not say what model it is",
            "The key general.architecture is missing from its header.",
            "Choose the first shard, or another conversion of this model.",
        )
    _check_counts(shards)
    _check_names(shards)
    return ModelHeader(tuple(shards))


def _check_counts(shards: Sequence[Shard]) -> None:
    count = shards[0].header.integer("split.count", 1) or 1
    if count != len(shards):
        raise GgufError(
            "Files of this model are missing",
            f"It consists of {count:,} files; {len(shards):,} are here.",
            "Choose a folder or repository that has all of them.",
        )
    if count == 1:
        return
    total = shards[0].header.integer("split.tensors.count", -1)
    for index, shard in enumerate(shards):
        header = shard.header
        numbers = (header.integer("split.no", -1), header.integer("split.count", -1))
        if numbers != (index, count) or header.integer("split.tensors.count", -1) != total:
            raise _mixed(
                f"{PurePosixPath(shard.name).name} says it is number {numbers[0] + 1} of {numbers[1]}; "
                f"it should be number {index + 1} of {count}, of a model of {total:,} tensors"
            )
    names = [tensor.name for shard in shards for tensor in shard.header.tensors]
    if len(names) != total or len(set(names)) != total:
        raise _mixed(f"together they have {len(set(names)):,} different tensors and not {total:,}")


def _check_names(shards: Sequence[Shard]) -> None:
    """Shards of two quantizations can have the same tensors; their names, without the number, then differ."""
    stems = {match["stem"] for shard in shards if (match := _SHARD.match(shard.name))}
    if len(stems) > 1:
        raise _mixed(f"their names differ: {' and '.join(sorted(stems)[:2])}")


def _mixed(why: str) -> GgufError:
    return GgufError(
        "These files belong to different models",
        f"They are not the shards of one model: {why}.",
        "Download all files of one quantization from one repository.",
    )
