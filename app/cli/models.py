"""``sawhorse models``: what there is, what is on disk, and the variants of a repository."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from app.catalog.cards import Card, load_cards
from app.catalog.messages import Scanned
from app.catalog.quantizations import bits_per_weight, describe
from app.catalog.reference import host_of
from app.catalog.resolve import find_on_disk, resolve_reference
from app.catalog.variants import FoundRepository, LocalModel, Repository, Variant
from app.cli.catalog import waiting_catalog

GB = 1e9
_PLACES = {
    "sawhorse": "Sawhorse",
    "folder": "your folder",
    "huggingface": "Hugging Face cache",
    "lmstudio": "LM Studio",
    "ollama": "Ollama",
    "llama.cpp": "llama.cpp cache",
    "docker": "Docker Model Runner",
    "starter": "starter",
}


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    parser = commands.add_parser("models", help="list models, what is on disk, or the variants of a repository")
    parser.add_argument(
        "repository", metavar="REPO", nargs="?", default="", help="OWNER/NAME, its address, or the name of a card"
    )
    parser.add_argument("--search", metavar="WORDS", default="", help="search Hugging Face for GGUF models")
    parser.add_argument("--folder", action="append", default=[], help="look for models in this folder too")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print what was asked for.

    Raises:
        AppError: The repository cannot be listed.
    """
    cards = load_cards()
    with waiting_catalog() as catalog:
        if arguments.search:
            found = catalog.search(arguments.search)
            _print_json({"repositories": msgspec.to_builtins(found)}) if arguments.json else _print_found(found)
            return 0
        if not arguments.repository:
            scanned = catalog.scan(arguments.folder)
            _print_json(_overview(cards, scanned)) if arguments.json else _print_overview(cards, scanned)
            return 0
        mirrors = (host_of(catalog.service.servers.endpoint),)
        reference = resolve_reference(arguments.repository, cards, mirrors)
        repository = catalog.list_repository(reference)
        scanned = catalog.scan(arguments.folder)
    rows = [_row(variant, repository, scanned.models) for variant in repository.variants]
    if arguments.json:
        about = msgspec.to_builtins(repository)
        notes = [*repository.notes, *scanned.notes]
        _print_json({**about, "repository": about.pop("id"), "variants": rows, "notes": notes})
    else:
        _print_repository(repository, rows)
    return 0


def _row(variant: Variant, repository: Repository, models: Sequence[LocalModel]) -> dict[str, Any]:
    local = find_on_disk(variant, models)
    about = describe(variant.quantization, variant.size_bytes, repository.n_params)
    return {
        "quantization": variant.quantization,
        "size_bytes": variant.size_bytes,
        "shards": len(variant.files),
        "bits_per_weight": bits_per_weight(variant.size_bytes, repository.n_params) or about.bits,
        "cost": about.cost,
        "on_disk": local is not None,
        "path": local.path if local else "",
        "files": msgspec.to_builtins(variant.files),
    }


def _overview(cards: Iterable[Card], scanned: Scanned) -> dict[str, Any]:
    return {"cards": msgspec.to_builtins(list(cards)), **_without_tag(msgspec.to_builtins(scanned))}


def _without_tag(scanned: dict[str, Any]) -> dict[str, Any]:
    return {"on_disk": scanned["models"], "notes": scanned["notes"]}


def _print_overview(cards: Sequence[Card], scanned: Scanned) -> None:
    print("Models with a card")
    rows = [
        (card.id, _parameters(card), _sizes(card), card.repositories[0] if card.repositories else "")
        for card in sorted(cards, key=lambda card: card.parameters.total)
    ]
    _print_table(("", "parameters", "GB", "repository"), rows)
    print("\nOn disk")
    found = [
        (model.name, model.quantization, f"{model.size_bytes / GB:.1f}", _PLACES[model.place], _state(model))
        for model in scanned.models
    ]
    if found:
        _print_table(("", "quantization", "GB", "place", "file"), found)
    else:
        print("  none; `sawhorse models REPO` lists what a repository offers")
    for note in scanned.notes:
        print(f"note: {note}", file=sys.stderr)


def _print_found(found: Sequence[FoundRepository]) -> None:
    rows = [(repo.id, f"{repo.downloads:,}", str(repo.likes), repo.updated) for repo in found]
    if rows:
        _print_table(("", "downloads", "likes", "updated"), rows)
    else:
        print("Nothing was found.")


def _print_repository(repository: Repository, rows: Sequence[dict[str, Any]]) -> None:
    marks = [word for word, is_so in (("gated", repository.gated), ("private", repository.private)) if is_so]
    source = "Docker Hub" if repository.source == "docker" else "Hugging Face"
    print(
        ", ".join(
            [f"{repository.id} on {source}", repository.revision[:12], *filter(None, [repository.license]), *marks]
        )
    )
    table = [
        (
            row["quantization"],
            f"{row['size_bytes'] / GB:.1f}",
            str(row["shards"]) if row["shards"] > 1 else "",
            f"{row['bits_per_weight']:.1f}" if row["bits_per_weight"] else "?",
            "yes" if row["on_disk"] else "",
            row["cost"].partition(". ")[0].rstrip("."),
        )
        for row in rows
    ]
    _print_table(("", "GB", "shards", "bits", "on disk", "what it costs"), table)
    for note in repository.notes:
        print(f"note: {note}", file=sys.stderr)


def _print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns as wide as their widest cell; columns of figures flush right."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    right = {index for index, head in enumerate(heads) if head in {"GB", "shards", "bits", "downloads", "likes"}}
    for row in (heads, *rows):
        cells = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print(f"  {'  '.join(cells).rstrip()}")


def _parameters(card: Card) -> str:
    total, active = card.parameters.total, card.parameters.active
    return _short(total) if active == total else f"{_short(total)}, {_short(active)} active"


def _short(number: int) -> str:
    return f"{number / 1e9:.3g}B" if number >= 1e9 else f"{number / 1e6:.0f}M"


def _sizes(card: Card) -> str:
    sizes = [variant.size_gb for variant in card.variants]
    if not sizes:
        return ""
    return f"{min(sizes):.3g}" if len(sizes) == 1 else f"{min(sizes):.3g} - {max(sizes):.3g}"


def _state(model: LocalModel) -> str:
    return f"{model.path} ({len(model.missing)} shards are missing)" if model.missing else model.path


def _print_json(value: Any) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
