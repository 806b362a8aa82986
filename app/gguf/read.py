"""Reads the headers of all files of a model, and keeps what a dry run needs of them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.gguf.model import ModelHeader, Shard, join
from app.gguf.sources import ByteSource, LocalFile, read_header


@dataclass(frozen=True)
class HeadersRead:
    """The headers of a model, the first bytes of each of its files, and what was fetched for them."""

    model: ModelHeader
    heads: tuple[bytes, ...] = field(repr=False)
    fetched_bytes: int = 0


def read_local(paths: Sequence[Path]) -> HeadersRead:
    """Read the headers of local files, all shards in order.

    Raises:
        GgufError: They are not the files of one GGUF model.
        AppError: A file cannot be read.
    """
    with contextlib.ExitStack() as stack:
        sources = []
        for path in paths:
            source = LocalFile(path)
            stack.callback(source.close)
            sources.append(source)
        return joined(sources)


def joined(sources: Sequence[ByteSource]) -> HeadersRead:
    """Read the headers of all files of one model.

    Raises:
        GgufError: They are not the files of one GGUF model.
        AppError: One cannot be read.
    """
    shards: list[Shard] = []
    heads: list[bytes] = []
    for source in sources:
        shard, head = read_header(source)
        shards.append(shard)
        heads.append(head[: shard.header.data_offset].ljust(shard.header.data_offset, b"\0"))
    return HeadersRead(join(shards), tuple(heads))
