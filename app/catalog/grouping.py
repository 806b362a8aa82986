"""From the files of a repository to its variants: shards put together, duplicates told apart, the rest left out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from app.catalog.names import Shard, is_safe_name, numbers_in_words, parse_shard, stem
from app.catalog.quantizations import is_model_file, parse_quantization, sort_key
from app.catalog.variants import RemoteFile, Source, Variant

#: Split by a tool other than llama.cpp's; such pieces have to be joined before they are a model.
_RAW_PIECE = re.compile(r"\.gguf(?:\.part\d+of\d+|[.-]split-[a-z]{2}|\.\d{3})$", re.IGNORECASE)
MAX_NOTES = 20


class Grouping(msgspec.Struct, frozen=True):
    """The variants, smallest first, and sentences on what was left out."""

    variants: tuple[Variant, ...]
    notes: tuple[str, ...] = ()


def group_variants(source: Source, repository: str, revision: str, files: Iterable[RemoteFile]) -> Grouping:
    """Group the files of a repository into variants.

    Every complete set of shards is one variant, whether it lies in a folder of its own or not; an incomplete set is
    left out with a note, as are files whose names must not become paths. A first shard that holds nothing but
    metadata is a shard as any other. Names of quantizations are made unique.
    """
    notes: list[str] = []
    singles: list[RemoteFile] = []
    sets: dict[tuple[str, int], dict[int, RemoteFile]] = defaultdict(dict)
    shards: dict[tuple[str, int], Shard] = {}
    for file in files:
        if _RAW_PIECE.search(file.name):
            notes.append(f"{_shown(file.name)} is a piece that has to be joined with others before it can be loaded.")
        elif not is_model_file(file.name):
            continue
        elif not is_safe_name(file.name):
            notes.append(f"{_shown(file.name)} was left out: its name is not one that may be written to this disk.")
        elif file.size_bytes <= 0:
            notes.append(f"{_shown(file.name)} was left out: it is empty.")
        elif shard := parse_shard(file.name):
            key = (shard.prefix, shard.count)
            sets[key].setdefault(shard.number, file)
            shards[key] = shard
        else:
            singles.append(file)
    whole = {file.name[: -len(".gguf")] for file in singles}
    groups: list[tuple[RemoteFile, ...]] = [(file,) for file in singles]
    for key, found in sets.items():
        if key[0] in whole:
            continue  # the same file is offered whole and in pieces; whole is simpler, and loses nothing
        if len(found) == shards[key].count:
            groups.append(tuple(found[number] for number in sorted(found)))
        else:
            notes.append(_incomplete(shards[key], found))
    variants = [
        Variant(source=source, repository=repository, revision=revision, quantization=name, files=group)
        for name, group in zip(_unique_names(groups), groups, strict=True)
    ]
    variants.sort(key=lambda variant: (variant.size_bytes, *sort_key(variant.quantization)))
    return Grouping(tuple(variants), _cut(notes))


def _incomplete(shard: Shard, found: dict[int, RemoteFile]) -> str:
    missing = [number for number in range(1, min(shard.count, 1000) + 1) if number not in found]
    name = _shown(shard.prefix)
    return f"{name} was left out: of its {shard.count:,} shards, {numbers_in_words(missing)} are not there."


def _unique_names(groups: Sequence[tuple[RemoteFile, ...]]) -> list[str]:
    """Name every group by its quantization, with the rest of its file name where several have the same."""
    names = [parse_quantization(group[0].name) or stem(group[0].name) for group in groups]
    often = Counter(name.lower() for name in names)
    taken: Counter[str] = Counter()
    unique = []
    for name, group in zip(names, groups, strict=True):
        if often[name.lower()] > 1:
            path = parse_shard(group[0].name)
            name = f"{name} ({path.prefix if path else group[0].name.removesuffix('.gguf')})"  # noqa: PLW2901
        taken[name.lower()] += 1
        unique.append(name if taken[name.lower()] == 1 else f"{name} #{taken[name.lower()]}")
    return unique


def _shown(name: str) -> str:
    """Return a name as it can be shown: without control characters, and not endless."""
    plain = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)
    return f"“{plain}”" if len(plain) <= 80 else f"“{plain[:40]}…{plain[-38:]}”"


def _cut(notes: list[str]) -> tuple[str, ...]:
    if len(notes) <= MAX_NOTES:
        return tuple(notes)
    return (*notes[:MAX_NOTES], f"And {len(notes) - MAX_NOTES:,} more files were left out.")
