"""A catalog service with a real child, whose answers are waited for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.catalog.service import CatalogService, Servers
from app.errors import AppError
from app.ipc.launch import clean_environment
from app.ipc.popen_transport import PopenTransport

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Catalog:
    """Ask through ``service`` with ``wait``."""

    def __init__(self, servers: Servers, **environment: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if name.upper() not in PROXIES}
        self.transport = PopenTransport(clean_environment({**inherited, **environment}))
        self.service = CatalogService(self.transport, servers)

    def wait(self, ask: Callable[..., int], *arguments: Any, **more: Any) -> Any:
        """Return the answer."""
        answers: list[Any] = []
        ask(*arguments, answers.append, **more)
        while not answers:
            self.transport.pump(0.1)
            self.service.tick()
        assert len(answers) == 1
        return answers[0]

    def list(self, text: str, **more: Any) -> Any:
        """Return what a repository offers; raises what went wrong."""
        return self._good(self.wait(self.service.list_repository, self.service.parse(text), **more))

    def search(self, words: str) -> Any:
        """Return what a search finds."""
        return self._good(self.wait(self.service.search, words))

    def scan(self, *folders: Any, others: bool = False) -> Any:
        """Return what is on disk."""
        return self._good(self.wait(self.service.scan, folders, others=others))

    def _good(self, answer: Any) -> Any:
        if isinstance(answer, AppError):
            raise answer
        return answer


@contextmanager
def catalog(servers: Servers, **environment: str) -> Iterator[Catalog]:
    """Open a catalog whose child has ended afterwards."""
    opened = Catalog(servers, **environment)
    try:
        yield opened
    finally:
        opened.service.close()
        opened.transport.close()
