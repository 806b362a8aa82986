"""The child process for GPU backends: asks drivers, fetches and deletes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from app.backends import install
from app.backends.drivers import find_drivers
from app.backends.values import Backend, Offer, llama_cpp_version, offers, read_manifest, this_system
from app.ipc.job import JobCommand, JobEvent, JobFailed, serve

MODULE = "app.backends.worker"
_PROGRESS_S = 0.1


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


def answer(command: Any, send: Callable[[JobEvent], None]) -> JobEvent:
    """Do one command.

    Raises:
        AppError: A backend could not be installed.
    """
    data = Path(command.data)
    if isinstance(command, InstallBackend):
        install.install(command.backend, data, _throttled(send))
    elif isinstance(command, RemoveBackend):
        install.remove(data, command.name)
    drivers, llama = find_drivers(), llama_cpp_version()
    return BackendsFound(
        offers=tuple(offers(read_manifest(), drivers, this_system(), llama)),
        installed=install.installed(data, llama),
        notes=drivers.notes,
    )


def _throttled(send: Callable[[JobEvent], None]) -> Callable[[int], None]:
    told_at = 0.0

    def tell(fetched: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _PROGRESS_S:
            told_at = time.monotonic()
            send(BackendProgress(fetched=fetched))

    return tell


if __name__ == "__main__":
    serve(BackendCommand, answer)
