"""Keeps the listings of repositories, the last search, and what is on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.catalog.variants import LocalModel, Repository
from app.errors import AppError
from ui.control.model_services import CatalogPort, DiskPort

#: Codes of failures that an access token may cure.
TOKEN_CODES = frozenset({"gated", "unauthorised", "token"})


@dataclass(frozen=True)
class Listing:
    """A repository as far as it is known: while neither is there it is being listed."""

    repository: Repository | None = None
    error: AppError | None = None

    @property
    def is_loading(self) -> bool:
        """Whether the answer is on the way."""
        return self.repository is None and self.error is None


class ListingControl(QObject):
    """Asks the catalog.

    Signals:
        listed(str): The listing of this repository is another.
        searched(): The search is answered.
        scanned(): What is on disk is known anew.
    """

    listed = Signal(str)
    searched = Signal()
    scanned = Signal()

    def __init__(self, catalog: CatalogPort, disk: DiskPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._disk = disk
        self._listings: dict[str, Listing] = {}
        self._search = 0
        self.token: str | None = None  # None: the one that is kept, if any
        self.models: Sequence[LocalModel] = ()
        self.found: Sequence[Any] | None = None
        self.search_note = ""
        self.is_scanning = False

    def listing(self, text: str) -> Listing:
        """Return what is known of a repository; ask for it the first time."""
        if text not in self._listings:
            self._ask(text)
        return self._listings[text]

    def known(self, text: str) -> Listing | None:
        """Return what is known of a repository, and ask nothing."""
        return self._listings.get(text)

    def list_again(self, text: str) -> None:
        """List a repository once more."""
        self._ask(text)
        self.listed.emit(text)

    def parse(self, text: str) -> Any:
        """Return the repository that a text names. Raises AppError."""
        return self._catalog.parse(text)

    def search(self, words: str) -> None:
        """Search for repositories."""
        if self._search:
            self._catalog.forget(self._search)
        self.found, self.search_note = None, f"Searching for \u201c{words}\u201d \u2026"
        self._search = self._catalog.search(words, self._on_found)
        self.searched.emit()

    def scan(self) -> None:
        """Look at what is on disk."""
        if not self.is_scanning:
            self.is_scanning = True
            self._disk.scan(self._on_scanned)

    def _ask(self, text: str) -> None:
        self._listings[text] = Listing()
        try:
            reference = self._catalog.parse(text)
        except AppError as error:
            self._listings[text] = Listing(error=error)
            return
        self._catalog.list_repository(reference, lambda answer: self._on_listed(text, answer), token=self.token)

    def _on_listed(self, text: str, answer: Repository | AppError) -> None:
        is_error = isinstance(answer, AppError)
        self._listings[text] = Listing(error=answer) if is_error else Listing(repository=answer)  # type: ignore[arg-type]
        self.listed.emit(text)

    def _on_found(self, answer: Sequence[Any] | AppError) -> None:
        self._search = 0
        if isinstance(answer, AppError):
            self.found, self.search_note = (), f"{answer.title}. {answer.message}".strip()
        else:
            self.found, self.search_note = answer, "" if answer else "Nothing found."
        self.searched.emit()

    def _on_scanned(self, answer: Sequence[LocalModel] | AppError) -> None:
        self.is_scanning = False
        if not isinstance(answer, AppError):
            self.models = answer
        self.scanned.emit()


def wants_token(error: AppError | None, *, has_token: bool) -> bool:
    """Whether an access token may help; without one, a private repository looks like none at all."""
    code = getattr(error, "code", "")
    return code in TOKEN_CODES or (code == "not_found" and not has_token)
