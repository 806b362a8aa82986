"""From what a person names to a variant, and from a variant to the same model on disk. Pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from app.catalog.cards import Card
from app.catalog.quantizations import base_name, is_same, parse_quantization, sort_key
from app.catalog.reference import Reference, parse_reference
from app.catalog.variants import LocalModel, Variant

#: What llama.cpp takes of a repository when no quantization is given, then what comes nearest to it.
DEFAULTS = ("Q4_K_M", "Q4_K_XL", "Q4_K_S", "Q4_K_L", "Q4_0", "MXFP4_MOE", "MXFP4", "IQ4_NL", "IQ4_XS", "Q5_K_M", "Q5_0")
_DEFAULT_BITS = 4.9


def card_named(cards: Iterable[Card], text: str) -> Card | None:
    """Return the card with this id or name, whatever the case."""
    wanted = text.strip().lower()
    return next((card for card in cards if wanted in {card.id.lower(), card.name.lower()}), None)


def resolve_reference(text: str, cards: Sequence[Card], mirrors: Sequence[str] = ()) -> Reference:
    """Return the repository that ``text`` means: that of a card by id or name, or one by name or address.

    A quantization may follow a card's name as it does a repository's: "qwen3-coder-next:Q8_0".

    Raises:
        AppError: It means none.
    """
    name, _colon, quantization = text.strip().partition(":")
    card = card_named(cards, name)
    if card is not None and card.repositories:
        return Reference(repository=card.repositories[0], quantization=quantization)
    return parse_reference(text, mirrors)


def choose_variant(variants: Sequence[Variant], quantization: str = "") -> Variant | None:
    """Return the variant of this quantization; without one, the default, as llama.cpp chooses it.

    A maker's prefix may be left out where that leaves one choice: "Q4_K_XL" means "UD-Q4_K_XL".
    """
    if quantization:
        for matches in (
            [variant for variant in variants if is_same(variant.quantization, quantization)],
            [variant for variant in variants if is_same(parse_quantization(variant.quantization), quantization)],
            [variant for variant in variants if is_same(base_name(variant.quantization), quantization)],
        ):
            if matches:
                return matches[0]
        return None
    for default in DEFAULTS:
        for variant in variants:
            if is_same(base_name(variant.quantization), default):
                return variant
    nearest = sorted(variants, key=lambda variant: (abs(_bits(variant) - _DEFAULT_BITS), variant.size_bytes))
    return nearest[0] if nearest else None


def find_on_disk(variant: Variant, models: Iterable[LocalModel]) -> LocalModel | None:
    """Return the model on disk that has all files of a variant: by their hashes where both sides tell them.

    Else names and sizes decide; a model that is known to come from another repository is another model even then.
    """
    return next((model for model in models if _is_copy(variant, model)), None)


def find_by_reference(reference: Reference, models: Iterable[LocalModel]) -> LocalModel | None:
    """Return the model on disk that "owner/name:QUANT" means, complete and by its repository; Q4_K_M without QUANT."""
    mine = [
        model
        for model in models
        if not model.missing and model.repository.lower() == reference.repository.lower() and _is_in(reference, model)
    ]
    wanted = [reference.quantization] if reference.quantization else list(DEFAULTS)
    for quantization in wanted:
        for model in mine:
            if is_same(model.quantization, quantization) or is_same(base_name(model.quantization), quantization):
                return model
    return None if reference.quantization or not mine else min(mine, key=lambda model: sort_key(model.quantization))


def _is_copy(variant: Variant, model: LocalModel) -> bool:
    if model.missing or model.size_bytes != variant.size_bytes or len(model.files) != len(variant.files):
        return False
    if all(model.sha256) and len(model.sha256) == len(variant.files) and all(file.sha256 for file in variant.files):
        return model.sha256 == tuple(file.sha256 for file in variant.files)
    names = [PurePath(file).name for file in model.files]
    if model.repository and model.repository.lower() != variant.repository.lower():
        return False
    sizes = model.file_sizes or (0,) * len(names)
    return all(
        file.name.rpartition("/")[2] == name and size in {file.size_bytes, 0}
        for file, name, size in zip(variant.files, names, sizes, strict=True)
    )


def _is_in(reference: Reference, model: LocalModel) -> bool:
    return not reference.path or any(PurePath(file).as_posix().endswith(f"/{reference.path}") for file in model.files)


def _bits(variant: Variant) -> float:
    return min(sort_key(variant.quantization)[0], 64.0)
