"""What the left of the model dialog lists: the cards that fit best first, then what is on disk and was found. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.catalog.cards import Card
from app.catalog.variants import LocalModel
from app.download.values import Download
from app.fit.values import FitPlan, Machine
from ui.control.model_services import FoundRepository
from ui.control.rough_fit import card_mark, sorted_cards
from ui.models.card_facts import PLACE_WORDS
from ui.models.fit_words import FitMark
from ui.models.picker_model import Entry
from ui.models.sizes import parameter_words, rate_words, size_words, time_words


def card_key(card: Card) -> str:
    """Return the key of a card's entry."""
    return f"card:{card.id}"


def local_key(model: LocalModel) -> str:
    """Return the key of the entry of a model on disk."""
    return f"local:{model.path}"


def repository_key(text: str) -> str:
    """Return the key of the entry of a repository."""
    return f"repository:{text}"


def download_key(download: Download) -> str:
    """Return the key of a download's entry."""
    return f"download:{download.id}"


def make_entries(
    cards: Sequence[Card],
    machine: Machine | None,
    plans: Mapping[str, FitPlan],
    models: Sequence[LocalModel],
    downloads: Sequence[Download],
    recent: Sequence[str],
    found: Sequence[FoundRepository] | None,
    note: str = "",
    *,
    is_scanning: bool = False,
) -> list[Entry]:
    """Return everything that can be chosen.

    Args:
        found: What a search found; None where nothing was searched.
        note: What is to be said of the search instead.
    """
    entries: list[Entry] = []
    coming = [download for download in downloads if download.state != "done"]
    if coming:
        entries += [Entry("heading", "", "Downloads"), *map(_download_entry, coming)]
    if note or found is not None:
        entries.append(Entry("heading", "", "On Hugging Face"))
        entries += [Entry("note", "", note)] if note else []
        entries += [
            Entry("found", repository_key(one.id), one.id, f"{one.downloads:,} downloads") for one in found or ()
        ]
    entries.append(Entry("heading", "", "For this machine"))
    for card in sorted_cards(cards, machine, plans):
        size = parameter_words(card.parameters.total)
        active = f", {parameter_words(card.parameters.active)} active"
        numbers = f"{size}{active}" if card.parameters.active < card.parameters.total else size
        maker = card.provider.partition(" (")[0]
        mark = card_mark(card, machine, plans)
        words = " ".join((card.provider, card.architecture, *card.repositories))
        entries.append(Entry("card", card_key(card), card.name, f"{maker}, {numbers}", mark, words=words))
    entries.append(Entry("heading", "", "On disk"))
    entries += [_local_entry(model) for model in models]
    if not models:
        words = "Looking \u2026" if is_scanning else "Nothing yet. Downloads appear here."
        entries.append(Entry("note", "", words))
    if recent:
        entries.append(Entry("heading", "", "Opened before"))
        entries += [Entry("repository", repository_key(text), text, "Repository") for text in recent]
    return entries


def download_words(download: Download) -> str:
    """Return how far a download is, in a few words."""
    total = download.variant.size_bytes
    share = f"{int(100 * download.done_bytes / max(1, total))} %"
    match download.state:
        case "running":
            speed = rate_words(download.speed) if download.speed else "starting"
            left = f", {time_words(download.eta_s)} left" if download.eta_s is not None else ""
            return f"{share}, {speed}{left}"
        case "failed":
            return f"Failed at {share}"
        case "queued":
            return "Queued"
        case "checking":
            return "Looking at what is there"
        case state:
            return f"{state.capitalize()}, {share}"


def _download_entry(download: Download) -> Entry:
    variant = download.variant
    name = variant.repository.rpartition("/")[2]
    title = f"{name.removesuffix('-GGUF')} {variant.quantization}"
    share = download.done_bytes / max(1, variant.size_bytes)
    hint = "\n".join(part for part in (variant.repository, download.problem, download.hint) if part)
    return Entry("download", download_key(download), title, download_words(download), share=share, hint=hint)


def _local_entry(model: LocalModel) -> Entry:
    broken = FitMark("warning", "danger", "Incomplete", "Incomplete", "Incomplete: files are missing")
    detail = f"{size_words(model.size_bytes)}, {PLACE_WORDS[model.place]}"
    return Entry(
        "local",
        local_key(model),
        f"{model.name} {model.quantization}" if model.quantization not in model.name else model.name,
        detail,
        broken if model.missing else None,
        hint=model.path,
        words=f"{model.quantization} {model.repository} {model.path}",
    )
