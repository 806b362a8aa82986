"""Reads llama.cpp's plan out of what it logs in a dry run. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.fit.placement import device_of

MIB = 1024 * 1024
_LAYER = re.compile(r"load_tensors: layer\s+(\d+) assigned to device (\S+),")
_OVERRIDDEN = re.compile(r"tensor (\S+) \(\d+ MiB \S+\) buffer type overridden to (\S+)")
_UNUSED = re.compile(r"model has unused tensor (\S+) \(size = \d+ bytes\)")
_CACHE_LAYER = re.compile(r"^llama_kv_cache\S*: layer\s+\d+: dev = (\S+)")
_CACHE = re.compile(
    r"^llama_kv_cache\S*: size =\s*[\d.]+ MiB \(\s*(\d+) cells,.*\), "
    r"K \(\S+\):\s*([\d.]+) MiB, V \(\S+\):\s*([\d.]+) MiB"
)
_BUFFER = re.compile(r"(\S+)\s+(RS|compute|output) buffer size\s*=\s*([\d.]+) MiB")


@dataclass
class CacheLines:
    """A KV cache: its cells, the bytes of K and V, and how many of its layers lie on each device."""

    cells: int
    k_bytes: int
    v_bytes: int
    layers: dict[str, int]


@dataclass
class Findings:
    """What the lines of one dry run say; sizes in bytes, by device."""

    layers: dict[int, str] = field(default_factory=dict)
    overridden: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    caches: list[CacheLines] = field(default_factory=list)
    sizes: dict[str, dict[str, int]] = field(default_factory=dict)


def read(lines: Iterable[str]) -> Findings:
    """Return what ``lines``, debug lines among them, say of a plan."""
    found = Findings()
    cache_layers: Counter[str] = Counter()
    for line in lines:
        if match := _LAYER.search(line):
            found.layers[int(match[1])] = match[2]
        elif match := _OVERRIDDEN.search(line):
            found.overridden[match[1]] = match[2]
        elif match := _CACHE_LAYER.search(line):
            cache_layers[match[1]] += 1
        elif match := _CACHE.search(line):
            k_bytes, v_bytes = round(float(match[2]) * MIB), round(float(match[3]) * MIB)
            found.caches.append(CacheLines(int(match[1]), k_bytes, v_bytes, dict(cache_layers)))
            cache_layers.clear()
        elif match := _UNUSED.search(line):
            found.unused.append(match[1])
        elif match := _BUFFER.search(line):
            name, part, mib = match.groups()
            sizes = found.sizes.setdefault(part, {})
            device = device_of(name)
            sizes[device] = sizes.get(device, 0) + round(float(mib) * MIB)
    return found


def buffer_types(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the buffer types each tensor was put into, one for each time it is used."""
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if match := _OVERRIDDEN.search(line):
            found[match[1]] = (*found.get(match[1], ()), match[2])
    return found
