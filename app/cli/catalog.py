"""The catalog for programs that wait: ask, and get the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from app.catalog.cards import load_cards
from app.catalog.folders import own_folders
from app.catalog.messages import Scanned
from app.catalog.reference import Reference, host_of
from app.catalog.resolve import choose_variant, find_by_reference, resolve_reference
from app.catalog.service import CatalogService
from app.catalog.variants import FoundRepository, Repository, Variant
from app.errors import AppError
from app.fit.values import ModelSource
from app.ipc.launch import clean_environment
from app.ipc.popen_transport import PopenTransport
from app.models import STARTER, find_starter
from app.paths import find_paths
from app.settings import SettingsFile

TICK_S = 0.1
T = TypeVar("T")


def find_variant(text: str) -> Variant:
    """Return the variant that ``REPO[:QUANT]`` or ``CARD[:QUANT]`` means; without QUANT the default one.

    Raises:
        AppError: There is none, or its repository cannot be listed.
    """
    with waiting_catalog() as catalog:
        reference = resolve_reference(text, load_cards(), (host_of(catalog.service.servers.endpoint),))
        if reference.source == "docker":  # what stands behind the colon is a tag there
            return catalog.list_repository(reference).variants[0]
        repository = catalog.list_repository(msgspec.structs.replace(reference, quantization=""))
    variant = choose_variant(repository.variants, reference.quantization)
    if variant is None:
        names = ", ".join(variant.quantization for variant in repository.variants)
        raise AppError(
            f"{repository.id} has no {reference.quantization}", f"It has {names}.", "Give one of those after a colon."
        )
    return variant


def find_source(text: str) -> tuple[ModelSource, str]:
    """Return where the headers of a model can be read, and a name for it: on disk if it is there, else remote.

    Args:
        text: A path, "starter", or ``REPO[:QUANT]``.

    Raises:
        AppError: It means none, or its repository cannot be listed.
    """
    path = Path(text).expanduser()
    if text == STARTER or path.exists() or path.suffix.lower() == ".gguf":
        path = find_starter() if text == STARTER else path
        return ModelSource(paths=(str(path),)), str(path)
    with waiting_catalog() as catalog:
        reference = resolve_reference(text, load_cards(), (host_of(catalog.service.servers.endpoint),))
        local = find_by_reference(reference, catalog.scan().models)
    if local is not None:
        return ModelSource(paths=local.files), local.path
    variant = find_variant(text)
    return ModelSource(files=variant.files), f"{variant.repository}:{variant.quantization}"


class WaitingCatalog:
    """A ``CatalogService`` whose answers are waited for; every method raises AppError for a failure."""

    def __init__(self) -> None:
        self._transport = PopenTransport(clean_environment())
        self.service = CatalogService(self._transport)

    def list_repository(self, reference: Reference) -> Repository:
        """Return what a repository offers."""
        answers: list[Repository | AppError] = []
        self.service.list_repository(reference, answers.append)
        return self._wait(answers)

    def search(self, words: str) -> Sequence[FoundRepository]:
        """Return repositories whose names hold the words."""
        answers: list[Sequence[FoundRepository] | AppError] = []
        self.service.search(words, answers.append)
        return self._wait(answers)

    def scan(self, added: Sequence[str] = ()) -> Scanned:
        """Return what is on disk, in the usual places, those of the settings and those given."""
        paths = find_paths()
        folders = (*SettingsFile(paths.settings).settings.model_folders, *added)
        answers: list[Scanned | AppError] = []
        self.service.scan(own_folders(paths.models, folders), answers.append)
        return self._wait(answers)

    def close(self) -> None:
        """End the child."""
        self.service.close()
        self._transport.close()

    def _wait(self, answers: list[T | AppError]) -> T:
        while not answers:
            self._transport.pump(TICK_S)
            self.service.tick()
        if isinstance(answers[0], AppError):
            raise answers[0]
        return answers[0]


@contextmanager
def waiting_catalog() -> Iterator[WaitingCatalog]:
    """Open a catalog whose child is ended whatever happens."""
    catalog = WaitingCatalog()
    try:
        yield catalog
    finally:
        catalog.close()
