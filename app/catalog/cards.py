"""Model cards: what their makers say of the models Sawhorse knows, one TOML file each in ``resources/cards``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any, Literal

import msgspec


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of parameters; ``active`` are those used for one token."""

    total: int
    active: int
    non_embedding: int | None = None


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """The network in numbers and words; ``hidden_size`` is that of the embedding, too."""

    layers: int
    hidden_size: int
    attention: str
    layout: str = ""
    linear_attention: str = ""
    expert_hidden_size: int = 0
    experts: int = 0
    experts_active: int = 0
    experts_shared: int = 0


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """How much it can read; ``length`` in tokens."""

    length: int
    note: str = ""


class CardVariant(msgspec.Struct, frozen=True, kw_only=True):
    """A quantization the maker offers, with its rounded size in GB (10^9 bytes)."""

    quantization: str
    size_gb: float


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model card.

    Attributes:
        names: ``general.name`` of its GGUF files, or the beginning of their file names.
        repositories: Hugging Face repositories with GGUF files, best first.
        docker: Name on Docker Hub; empty for none.
        sampling: Recommended sampling values by field name.
    """

    id: str
    name: str
    provider: str
    summary: str
    architecture: str
    names: tuple[str, ...]
    repositories: tuple[str, ...]
    license: str
    input: Literal["text"]
    output: Literal["text"]
    languages: str
    tool_calling: bool
    thinking: bool
    uses: tuple[str, ...]
    parameters: Parameters
    shape: Shape
    context: Context
    sampling: dict[str, Any]
    links: dict[str, str]
    docker: str = ""
    knowledge_cutoff: str = ""
    variants: tuple[CardVariant, ...] = ()


def load_cards() -> list[Card]:
    """Return every card that ships with Sawhorse, in order of their file names.

    Raises:
        msgspec.ValidationError: A card has a missing, unknown or mistyped field.
    """
    folder = files("resources") / "cards"
    texts = sorted((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return [msgspec.convert(tomllib.loads(text), Card) for _name, text in texts]


def card_for(cards: Iterable[Card], model_name: str, file_name: str) -> Card | None:
    """Return the card of a model by its ``general.name`` or file name; the longest match wins."""
    wanted: Sequence[str] = [_plain(model_name), _plain(file_name)]
    best: tuple[int, Card | None] = (0, None)
    for card in cards:
        for name in map(_plain, card.names):
            if any(name in text for text in wanted) and len(name) > best[0]:
                best = (len(name), card)
    return best[1]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "", name.lower())
