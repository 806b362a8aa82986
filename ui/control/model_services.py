"""What the model dialog needs of the services behind it: the catalog, the fit check and the downloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.catalog.variants import LocalModel, Repository, Variant
from app.download.values import Download
from app.engine.messages import ModelInfo, Stats
from app.errors import AppError
from app.fit.values import FitPlan, Machine, ModelOutline, ModelSource


class FoundRepository(Protocol):
    """A repository that a search found."""

    @property
    def id(self) -> str:
        """Return "owner/name"."""

    @property
    def downloads(self) -> int:
        """Return how often it was downloaded lately."""


class CatalogPort(Protocol):
    """Lists and searches repositories; every request is answered once, unless it is forgotten."""

    def parse(self, text: str) -> Any:
        """Return the repository that a text names. Raises AppError."""

    def list_repository(
        self, reference: Any, on_done: Callable[[Repository | AppError], None], *, token: str | None = None
    ) -> int:
        """List a repository's variants."""

    def search(self, words: str, on_done: Callable[[Sequence[Any] | AppError], None]) -> int:
        """Search for repositories."""

    def forget(self, request: int) -> None:
        """Want an answer no more."""


class DiskPort(Protocol):
    """Looks for models on disk."""

    def scan(self, on_done: Callable[[Sequence[LocalModel] | AppError], None]) -> None:
        """Look everywhere; answered once."""


@dataclass(frozen=True)
class Checked:
    """What a check of a model found.

    Attributes:
        outline: What its headers say.
        plan: What it will need.
    """

    outline: ModelOutline
    plan: FitPlan


class FitPort(Protocol):
    """Plans loads."""

    @property
    def machine(self) -> Machine | None:
        """Return what the last probe found; None before."""

    def probe(self, on_done: Callable[[Machine], None]) -> int:
        """Look at the machine anew: what is free changes."""

    def check(
        self,
        source: ModelSource,
        wishes: Mapping[str, Any],
        on_done: Callable[[Checked | AppError], None],
    ) -> int:
        """Read the headers and have llama.cpp plan a load.

        Args:
            wishes: Fields of LoadSettings that a person has set; the others are chosen for this machine.
        """

    def quick(self, source: ModelSource, wishes: Mapping[str, Any]) -> Checked | None:
        """Return a plan at once, by arithmetic; None where the headers were not read yet."""

    def rest(self) -> None:
        """Give memory back that planning takes: a load is about to begin."""

    def loaded(self, plan: FitPlan, model: ModelInfo) -> Sequence[tuple[str, int, int]]:
        """Keep what a planned load really took, and return (device, predicted bytes, actual bytes)."""

    def replied(self, plan: FitPlan, stats: Stats) -> None:
        """Keep how fast a reply was after a planned load."""

    def set_token(self, token: str) -> None:
        """Use another access token from now on."""

    def forget(self, request: int) -> None:
        """Want an answer no more."""


class DownloadPort(Protocol):
    """Fetches variants."""

    @property
    def downloads(self) -> Sequence[Download]:
        """Return all of them, in the order they were asked for."""

    def add(self, variant: Variant, folder: str, token: str = "") -> Download:
        """Fetch a variant. Raises AppError."""

    def pause(self, number: int) -> None:
        """Stop, and keep what was fetched."""

    def resume(self, number: int) -> None:
        """Go on, or try again."""

    def cancel(self, number: int, *, keep_partial: bool = False) -> None:
        """Fetch it no more; keep or delete what was fetched. Finished files stay."""

    def verify(self, number: int) -> None:
        """Hash a finished download."""


class RemovalPort(Protocol):
    """Deletes files that Sawhorse downloaded."""

    def remove(self, root: str, files: Sequence[str], on_done: Callable[[int | AppError], None]) -> None:
        """Delete files below a folder; answered once, with the bytes that were freed."""


class Describe(Protocol):
    """Says what a quantization costs."""

    def __call__(self, name: str, size_bytes: int = 0, n_params: int = 0) -> Any:
        """Return a value with ``bits`` per weight (or None) and ``cost``, a sentence."""
