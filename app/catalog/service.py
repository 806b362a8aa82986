"""The catalog as the rest of the program uses it: ask, and be called back on the thread that owns the transport."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from app.catalog.errors import CatalogError
from app.catalog.messages import (
    EVENT_TYPE,
    CatalogEvent,
    Folder,
    Found,
    ListDocker,
    Listed,
    ListRepository,
    ScanDisk,
    Scanned,
    SearchHub,
)  # fmt: skip
from app.catalog.reference import Reference, host_of, parse_reference
from app.catalog.variants import FoundRepository, Repository
from app.engine.messages import Value
from app.errors import AppError
from app.gguf.access import HubAccess
from app.ipc.job import JobCommand, JobFailed, JobProcess
from app.ipc.transport import Transport

MODULE = "app.catalog.worker"
ENDPOINT = "https://huggingface.co"
REGISTRY = "https://registry-1.docker.io"
AUTH = "https://auth.docker.io"
T = TypeVar("T")


class Servers(Value, frozen=True, kw_only=True):
    """Which servers are asked, and with which token."""

    endpoint: str = ENDPOINT
    token: str = ""
    registry: str = REGISTRY
    auth: str = AUTH

    @property
    def access(self) -> HubAccess:
        """Who may read from the Hub or its mirror: the token, and the one host it is for."""
        return HubAccess(self.token, urlsplit(self.endpoint).netloc)


def find_servers(environment: Mapping[str, str] | None = None) -> Servers:
    """Return the servers to use: ``HF_ENDPOINT`` and ``HF_TOKEN``, or the token that ``hf auth login`` kept.

    The file is where huggingface_hub keeps it: ``HF_TOKEN_PATH``, else ``token`` in ``HF_HOME``.
    """
    environment = os.environ if environment is None else environment
    endpoint = environment.get("HF_ENDPOINT", "").strip().rstrip("/") or ENDPOINT
    if "://" not in endpoint:
        endpoint = f"https://{endpoint}"
    token = environment.get("HF_TOKEN", "").strip() or environment.get("HUGGING_FACE_HUB_TOKEN", "").strip()
    if not token and environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").upper() not in {"1", "ON", "YES", "TRUE"}:
        token = _kept_token(environment)
    return Servers(endpoint=endpoint, token=token if token.isascii() and token.isprintable() else "")


def _kept_token(environment: Mapping[str, str]) -> str:
    cache = environment.get("XDG_CACHE_HOME") or str(Path("~", ".cache"))
    home = environment.get("HF_HOME") or str(Path(cache, "huggingface"))
    path = Path(environment.get("HF_TOKEN_PATH") or Path(home, "token"))
    try:
        with path.expanduser().open(encoding="utf-8") as stream:
            return stream.read(1000).strip()
    except (OSError, ValueError, RuntimeError):
        return ""


class CatalogService:
    """Lists, searches and scans in a child process of its own, one thing after the other.

    What must not wait for another, such as a listing for a long scan, wants a service of its own. Every method
    returns a number for ``forget``; ``on_done`` hears exactly once, with the answer or the error, on the thread that
    owns the transport. ``tick`` is to be called about once a second.
    """

    def __init__(self, transport: Transport, servers: Servers | None = None) -> None:
        self._job: JobProcess[CatalogEvent] = JobProcess(transport, MODULE, EVENT_TYPE, "The catalog")
        self.servers = find_servers() if servers is None else servers

    @property
    def is_busy(self) -> bool:
        """Whether its child runs."""
        return self._job.pid is not None

    def parse(self, text: str) -> Reference:
        """Return the repository that ``text`` names, also by an address on the configured mirror.

        Raises:
            AppError: It names none.
        """
        return parse_reference(text, (host_of(self.servers.endpoint),))

    def list_repository(
        self, reference: Reference, on_done: Callable[[Repository | AppError], None], *, token: str | None = None
    ) -> int:
        """List a repository's variants, wherever it is; ``token`` replaces the kept one."""
        if reference.source == "docker":
            return self.list_docker(reference, on_done)
        command = ListRepository(
            reference=reference, endpoint=self.servers.endpoint, token=self.servers.token if token is None else token
        )
        return self._ask(command, Listed, lambda event: event.repository, on_done)

    def list_docker(self, reference: Reference, on_done: Callable[[Repository | AppError], None]) -> int:
        """List the variants of a repository on Docker Hub."""
        command = ListDocker(reference=reference, registry=self.servers.registry, auth=self.servers.auth)
        return self._ask(command, Listed, lambda event: event.repository, on_done)

    def search(self, words: str, on_done: Callable[[Sequence[FoundRepository] | AppError], None]) -> int:
        """Search the Hub for repositories with GGUF files."""
        command = SearchHub(words=words[:200], endpoint=self.servers.endpoint, token=self.servers.token)
        return self._ask(command, Found, lambda event: event.repositories, on_done)

    def scan(
        self, folders: Sequence[Folder], on_done: Callable[[Scanned | AppError], None], *, others: bool = True
    ) -> int:
        """Look for models on disk; ``others`` looks where other programs keep theirs, too."""
        return self._ask(ScanDisk(folders=tuple(folders), others=others), Scanned, lambda event: event, on_done)

    def forget(self, request: int) -> None:
        """Want an answer no more."""
        self._job.forget(request)

    def tick(self) -> None:
        """Notice a child that has been silent for too long."""
        self._job.tick()

    def close(self) -> None:
        """End the child; nobody is called back any more."""
        self._job.close()

    def _ask(
        self, command: JobCommand, expected: Any, take: Callable[[Any], T], on_done: Callable[[T | AppError], None]
    ) -> int:
        def hear(event: CatalogEvent) -> None:
            if isinstance(event, JobFailed):
                on_done(CatalogError(event.code, event.title, event.message, event.hint, event.detail))
            elif isinstance(event, expected):
                on_done(take(event))
            else:
                on_done(CatalogError("internal", "The catalog gave an answer to another question"))

        return self._job.ask(command, hear)
