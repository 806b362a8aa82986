"""The child process for GPU backends: asks drivers, fetches and deletes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.backends import install
from app.backends.drivers import find_drivers
from app.backends.messages import BackendCommand, BackendProgress, BackendsFound, InstallBackend, RemoveBackend
from app.backends.places import installed
from app.backends.values import llama_cpp_version, offers, read_manifest, this_system
from app.ipc.job import JobEvent, serve

_PROGRESS_S = 0.1


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
        installed=installed(data, llama),
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
