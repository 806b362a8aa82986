"""Machines, and models as planning sees them, for tests without either."""

from __future__ import annotations

from pathlib import Path

from app.fit.layout import ModelLayout, content_key, outline
from app.fit.values import Machine, MachineDevice
from app.gguf.header import HeaderParser
from app.gguf.model import Shard, join
from app.gguf.read import read_local
from tests.models import gguf, shapes
from tests.models.quantisation import MIXES, quantised

GB = 10**9


def cpu(free_gb: float, total_gb: float = 0, bandwidth: float = 50e9) -> MachineDevice:
    """Return the memory of a machine."""
    total = int((total_gb or free_gb + 1) * GB)
    return MachineDevice(
        name="CPU", description="A processor", kind="cpu", total_bytes=total, free_bytes=int(free_gb * GB),
        bandwidth=bandwidth,
    )  # fmt: skip


def gpu(
    free_gb: float, name: str = "CUDA0", bandwidth: float = 1000e9, *, shares_memory: bool = False
) -> MachineDevice:
    """Return a graphics card."""
    return MachineDevice(
        name=name, description="A card", kind="gpu", total_bytes=int((free_gb + 1) * GB),
        free_bytes=int(free_gb * GB), bandwidth=bandwidth, shares_memory=shares_memory,
    )  # fmt: skip


def machine(*devices: MachineDevice, disk_bandwidth: float = 2e9, cores: int = 8) -> Machine:
    """Return a machine of these devices, the CPU first."""
    return Machine(devices=devices, disk_free_bytes=500 * GB, disk_bandwidth=disk_bandwidth, physical_cores=cores)


def layout_of(shape: shapes.Shape, quantisation: str = "Q4_K_M", vocabulary: int = 151_936) -> ModelLayout:
    """Return the layout of a model that exists as numbers alone."""
    tensors = list(quantised(shapes.tensors(shape, vocabulary), MIXES[quantisation], shape.layers))
    metadata = {"general.architecture": shape.architecture, "general.name": "A model", **shapes.metadata(shape)}
    head = gguf.header(metadata, tensors)
    length = gguf.file_size(metadata, tensors)
    parser = HeaderParser()
    parser.feed(head)
    model = join([Shard("model.gguf", length, parser.end())])
    return outline(model, content_key([head], [length]), ["model.gguf"])


def layout_at(path: Path) -> ModelLayout:
    """Return the layout of a file."""
    read = read_local([path])
    return outline(read.model, content_key(read.heads, [shard.length for shard in read.model.shards]), [path.name])
