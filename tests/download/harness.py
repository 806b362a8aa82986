"""A queue with its real child process, and variants of files published on the local hub."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from app.catalog.variants import RemoteFile, Variant
from app.download.limits import Limiter
from app.download.queue import RESTING, DownloadQueue
from app.download.task import Task
from app.download.tuning import Tuning
from app.download.values import Download
from app.ipc.launch import clean_environment
from app.ipc.popen_transport import PopenTransport
from tests.hub.server import Hub, Stored

LIMIT_S = 20.0
CHUNK = 64 * 1024
REPOSITORY = "maker/model-GGUF"
#: As in life, but small, and without the waits of life.
TUNING = Tuning(chunk_bytes=CHUNK, head_start_s=0.0, stall_s=0.5, retry_s=0.01, sync_s=0.1)


def random_bytes(size: int, seed: int = 0) -> bytes:
    """Return bytes that look like weights; the same for the same seed."""
    return random.Random(seed).randbytes(size)


def shards(size: int, count: int = 1, *, quantization: str = "Q4_K_M") -> dict[str, bytes]:
    """Return files of a sharded variant, ``size`` bytes together."""
    each = size // count
    names = [
        f"{quantization}/model-{quantization}-{number:05}-of-{count:05}.gguf"
        if count > 1
        else f"model-{quantization}.gguf"
        for number in range(1, count + 1)
    ]
    return {name: random_bytes(each + 17 * seed, seed) for seed, name in enumerate(names)}


def variant_of(hub: Hub, files: list[Stored], *, quantization: str = "Q4_K_M", with_sha: bool = True) -> Variant:
    """Return what the catalog would list for published files."""
    return Variant(
        source="huggingface",
        repository=files[0].repository,
        revision=hub.revision,
        quantization=quantization,
        files=tuple(
            RemoteFile(
                name=file.name,
                url=hub.file_url(file.repository, file.name),
                size_bytes=file.size,
                sha256=file.sha256 if with_sha else "",
            )
            for file in files
        ),
    )


def publish(hub: Hub, files: dict[str, bytes] | dict[str, Path], **options: object) -> Variant:
    """Publish files and return their variant."""
    return variant_of(hub, hub.publish(REPOSITORY, files), **options)  # type: ignore[arg-type]


def task_for(variant: Variant, folder: Path, *, token: str = "", tuning: Tuning = TUNING, **options: object) -> Task:
    """Return a task that runs in this process."""
    return Task(variant, folder, token, tuning, Limiter(), **options)  # type: ignore[arg-type]


def content(folder: Path, variant: Variant) -> dict[str, bytes]:
    """Return the finished files of a variant."""
    names = [file.name for file in variant.files]
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


def names_below(folder: Path) -> list[str]:
    """Return all files below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


class Downloads:
    """A queue in a folder, pumped until something is so."""

    def __init__(self, folder: Path, *, tuning: Tuning = TUNING, **options: object) -> None:
        self.folder = folder
        self.state_path = folder / "downloads.json"
        self.models = folder / "models"
        self.seen: list[Download] = []
        self.transport = PopenTransport(clean_environment())
        self.queue = DownloadQueue(self.transport, self.state_path, self._note, tuning=tuning, **options)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.queue.close()
        self.transport.close()

    def _note(self) -> None:
        if hasattr(self, "queue"):
            self.seen += self.queue.downloads

    def pump(self) -> None:
        """Let events through for a moment."""
        self.transport.pump(0.02)
        self.queue.tick()

    def wait_until(self, is_so: Callable[[], object]) -> None:
        """Pump until a condition holds."""
        deadline = time.monotonic() + LIMIT_S
        while not is_so():
            assert time.monotonic() < deadline, f"it never was; now {self.queue.downloads}"
            self.pump()

    def wait(self, number: int, *states: str) -> Download:
        """Pump until a download is in one of the states; by default until it rests."""
        wanted = states or tuple(RESTING)
        self.wait_until(lambda: self.queue.get(number).state in wanted)
        return self.queue.get(number)

    def states(self, number: int) -> list[str]:
        """Return the states a download went through, each once as long as it lasted."""
        states = [download.state for download in self.seen if download.id == number]
        return [state for before, state in zip(["", *states], states, strict=False) if state != before]
