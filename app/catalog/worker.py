"""The catalog's child process: it asks servers and looks through disks, so that the window never waits for either."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from app.catalog.docker import DockerHub
from app.catalog.local import scan
from app.catalog.messages import (
    CatalogCommand,
    Found,
    ListDocker,
    Listed,
    ListRepository,
    ScanDisk,
    Scanned,
    SearchHub,
)  # fmt: skip
from app.catalog.places import known_places
from app.ipc.job import JobEvent, serve


def answer(command: CatalogCommand, _send: Callable[[JobEvent], None]) -> JobEvent:
    """Do what is asked.

    Raises:
        CatalogError: It cannot be done.
    """
    match command:
        case ListRepository() | SearchHub():
            return _ask_hub(command)
        case ListDocker():
            hub = DockerHub(command.registry, command.auth, _version())
            return Listed(repository=hub.list_repository(command.reference))
        case ScanDisk():
            models, notes = scan([*command.folders, *(known_places() if command.others else ())])
            return Scanned(models=models, notes=notes)


def _ask_hub(command: ListRepository | SearchHub) -> JobEvent:
    from app.catalog.hub import Hub  # noqa: PLC0415 - importing huggingface_hub takes half a second; a scan needs none

    hub = Hub(command.endpoint, command.token, _version())
    if isinstance(command, SearchHub):
        return Found(repositories=hub.search(command.words, command.limit))
    return Listed(repository=hub.list_repository(command.reference))


def _version() -> str:
    try:
        return version("sawhorse")
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    serve(CatalogCommand, answer)
