"""What the catalog's child process is asked, and what it answers. Values only."""

from __future__ import annotations

from app.catalog.reference import Reference
from app.catalog.variants import FoundRepository, LocalModel, Place, Repository
from app.engine.messages import Value
from app.ipc.job import JobCommand, JobEvent, JobFailed


class ListRepository(JobCommand, tag="list_repository", frozen=True, kw_only=True):
    """List the variants of a repository on the Hugging Face Hub or a mirror of it; answered by ``Listed``.

    Attributes:
        token: A user access token, empty for none. It travels here and not in the environment, from which a child
            gets no secrets.
    """

    reference: Reference
    endpoint: str
    token: str = ""


class ListDocker(JobCommand, tag="list_docker", frozen=True, kw_only=True):
    """List the variants of a repository on Docker Hub; answered by ``Listed``. ``auth`` empty: no token is needed."""

    reference: Reference
    registry: str
    auth: str


class SearchHub(JobCommand, tag="search_hub", frozen=True, kw_only=True):
    """Search the Hub for repositories with GGUF files; answered by ``Found``."""

    words: str
    endpoint: str
    token: str = ""
    limit: int = 30


class Folder(Value, frozen=True, kw_only=True):
    """A folder to be scanned, and whose it is."""

    place: Place
    path: str


class ScanDisk(JobCommand, tag="scan_disk", frozen=True, kw_only=True):
    """Look for models in folders; answered by ``Scanned``.

    Attributes:
        folders: Sawhorse's own, and those the user added.
        others: Whether to look where other programs keep theirs, too.
    """

    folders: tuple[Folder, ...] = ()
    others: bool = True


class Listed(JobEvent, tag="listed", frozen=True, kw_only=True):
    """What a repository offers."""

    repository: Repository


class Found(JobEvent, tag="found", frozen=True, kw_only=True):
    """What a search found, the most downloaded first."""

    repositories: tuple[FoundRepository, ...]


class Scanned(JobEvent, tag="scanned", frozen=True, kw_only=True):
    """What is on disk; ``notes`` are sentences on what could not be looked at."""

    models: tuple[LocalModel, ...]
    notes: tuple[str, ...] = ()


CatalogCommand = ListRepository | ListDocker | SearchHub | ScanDisk
CatalogEvent = Listed | Found | Scanned | JobFailed
EVENT_TYPE = Listed | Found | Scanned | JobFailed
