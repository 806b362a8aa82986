"""The model that the dialog is about: a card, a repository, or a file on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.catalog.cards import Card, card_for
from app.catalog.variants import LocalModel, Repository
from app.download.values import Download
from app.fit.values import ModelOutline
from ui.models.card_facts import CardFacts, facts_of_card, facts_of_local, facts_of_repository


@dataclass(frozen=True)
class ShownModel:
    """What was chosen on the left.

    Attributes:
        key: Of its entry.
        repositories: What may be listed for it, best first; the first that can be listed counts.
        local: The file, where one was chosen.
    """

    key: str
    card: Card | None = None
    repositories: tuple[str, ...] = ()
    local: LocalModel | None = None

    def models(self, cards: Sequence[Card], models: Sequence[LocalModel]) -> list[LocalModel]:
        """Return what is on disk of it."""
        if self.local is not None:
            return [model for model in models if model.path == self.local.path] or [self.local]
        wanted = {name.partition(":")[0].partition("@")[0].lower() for name in self.repositories}
        found = []
        for model in models:
            is_of_card = self.card is not None and card_of(cards, model) is self.card
            if is_of_card or (model.repository and model.repository.lower() in wanted):
                found.append(model)
        return found

    def facts(self, repository: Repository | None, outline: ModelOutline | None, address: str) -> CardFacts:
        """Return what is said of it at the top."""
        if self.card is not None:
            return facts_of_card(self.card)
        if self.local is not None:
            return facts_of_local(self.local, outline)
        if repository is not None:
            return facts_of_repository(repository, outline, address)
        owner, _slash, name = self.repositories[0].rpartition("/")
        return CardFacts(title=name, provider=owner)


def of_card(key: str, card: Card) -> ShownModel:
    """Return a card's model; Docker Hub is its last source."""
    docker = (f"docker.io/{card.docker}",) if card.docker else ()
    return ShownModel(key, card, (*card.repositories, *docker))


def of_local(key: str, cards: Sequence[Card], model: LocalModel) -> ShownModel:
    """Return a model on disk, with the card it may have."""
    return ShownModel(key, card_of(cards, model), (), model)


def card_of(cards: Sequence[Card], model: LocalModel) -> Card | None:
    """Return the card of a model on disk, by its name or its repository's."""
    by_repository = next((card for card in cards if model.repository and model.repository in card.repositories), None)
    return by_repository or card_for(cards, model.name, Path(model.path).name)


def find_shown(
    key: str, cards: Sequence[Card], models: Sequence[LocalModel], downloads: Sequence[Download]
) -> tuple[ShownModel, str] | None:
    """Return the model of an entry on the left, and the quantization it is about, if it is about one."""
    kind, _colon, rest = key.partition(":")
    match kind:
        case "card":
            card = next((card for card in cards if card.id == rest), None)
            return (of_card(key, card), "") if card else None
        case "local":
            model = next((model for model in models if model.path == rest), None)
            return (of_local(key, cards, model), "") if model else None
        case "repository":
            return ShownModel(key, None, (rest,)), ""
        case "download":
            download = next((one for one in downloads if str(one.id) == rest), None)
            return (_of_download(key, cards, download), download.variant.quantization) if download else None
    return None


def _of_download(key: str, cards: Sequence[Card], download: Download) -> ShownModel:
    variant = download.variant
    text = f"docker.io/{variant.repository}" if variant.source == "docker" else variant.repository
    names = {variant.repository.lower()}
    card = next((card for card in cards if names & {name.lower() for name in (*card.repositories, card.docker)}), None)
    return ShownModel(key, card, (text,))
