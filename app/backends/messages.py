"""What the child process for GPU backends is asked, and answers."""

from __future__ import annotations

from typing import ClassVar

from app.backends.values import Backend, Offer
from app.ipc.job import JobCommand, JobEvent, JobFailed

MODULE = "app.backends.worker"


class FindBackends(JobCommand, tag="find_backends", frozen=True, kw_only=True):
    """Ask what fits; answered by ``BackendsFound``. ``data`` is the data folder."""

    data: str


class InstallBackend(JobCommand, tag="install_backend", frozen=True, kw_only=True):
    """Fetch and install one; ``BackendProgress`` tells how far, ``BackendsFound`` answers."""

    data: str
    backend: Backend


class RemoveBackend(JobCommand, tag="remove_backend", frozen=True, kw_only=True):
    """Delete one; answered by ``BackendsFound``."""

    data: str
    name: str


class BackendProgress(JobEvent, tag="backend_progress", frozen=True, kw_only=True):
    """So many bytes are here."""

    is_last: ClassVar[bool] = False

    fetched: int


class BackendsFound(JobEvent, tag="backends_found", frozen=True, kw_only=True):
    """What there is.

    Attributes:
        offers: What this package offers for this machine.
        installed: Names of the backends that are in the data folder.
        notes: What drivers could not tell.
    """

    offers: tuple[Offer, ...]
    installed: tuple[str, ...]
    notes: tuple[str, ...] = ()


BackendCommand = FindBackends | InstallBackend | RemoveBackend
BackendEvent = BackendProgress | BackendsFound | JobFailed
