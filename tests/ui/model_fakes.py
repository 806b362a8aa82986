"""Small stand-ins for the services behind the model dialog: they answer when they are told to."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from app.catalog.variants import LocalModel, RemoteFile, Repository, Variant
from app.download.values import Download
from app.errors import AppError
from app.fit.values import Machine, MachineDevice, ModelOutline
from tests.ui import model_examples as examples
from ui.control.model_services import Checked

GB = 1_000_000_000
MACHINE = Machine(
    devices=(
        MachineDevice(name="CPU", description="", kind="cpu", total_bytes=64 * GB, free_bytes=55 * GB, bandwidth=60e9),
    ),
    disk_free_bytes=300 * GB,
)
OUTLINE = ModelOutline(
    name="Tiny", architecture="qwen3next", n_layer=48, n_expert_layer=48, n_ctx_train=262_144, n_params=80 * GB,
    size_bytes=48 * GB,
)  # fmt: skip


class CodedError(AppError):
    """An error with a stable word, as the services raise it."""

    def __init__(self, code: str, title: str, message: str = "", hint: str = "") -> None:
        super().__init__(title, message, hint)
        self.code = code


def variant(quantization: str, size: float, repository: str = "acme/tiny-GGUF", shards: int = 1) -> Variant:
    """Return a variant; its size in GB."""
    files = tuple(
        RemoteFile(
            name=f"tiny-{quantization}-{shard}.gguf",
            url=f"https://hub/{repository}/{quantization}/{shard}",
            size_bytes=round(size * GB / shards),
        )
        for shard in range(shards)
    )
    return Variant(
        source="huggingface", repository=repository, revision="abc", quantization=quantization, files=files
    )  # fmt: skip


def repository(*variants: Variant, name: str = "acme/tiny-GGUF") -> Repository:
    """Return what a repository offers."""
    return Repository(source="huggingface", id=name, revision="abc", variants=variants)


def on_disk(quantization: str, size: float, *, place="sawhorse", repository="acme/tiny-GGUF", missing=()) -> LocalModel:
    """Return a model on disk; its size in GB."""
    path = f"/models/{repository}/{quantization}.gguf"
    return LocalModel(
        path=path, files=(path,), size_bytes=round(size * GB), name="tiny", quantization=quantization, place=place,
        repository=repository, missing=missing,
    )  # fmt: skip


def download(of: Variant, state="running", done: float = 0.0, number: int = 1, **fields) -> Download:
    """Return a download, so much of it done in GB."""
    return Download(id=number, variant=of, folder="/models", state=state, done_bytes=round(done * GB), **fields)


def describe(name, size_bytes=0, n_params=0):
    """Say of every quantization the same."""
    return SimpleNamespace(bits=4.9, cost=f"What {name} costs.")


class FakeCatalog:
    """Keeps requests until ``answer`` is called."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, object, object]] = []
        self.forgotten: list[int] = []

    def parse(self, text):
        if text.count("/") < 1 or "bad" in text:
            raise AppError("That names no repository", f"{text} was not understood.")
        return text

    def list_repository(self, reference, on_done, *, token=None):
        self.asked.append((reference, token, on_done))
        return len(self.asked)

    def search(self, words, on_done):
        self.asked.append((words, None, on_done))
        return len(self.asked)

    def forget(self, request):
        self.forgotten.append(request)

    def answer(self, value):
        """Answer the latest request."""
        self.asked[-1][2](value)


class FakeDisk:
    """Has these models."""

    def __init__(self, *models: LocalModel) -> None:
        self.models = list(models)

    def scan(self, on_done):
        on_done(tuple(self.models))


@dataclass
class Asked:
    """A check that was asked for."""

    source: object
    wishes: dict
    on_done: object


class FakeFit:
    """Plans by example; answers when it is told to, or at once where ``is_quick``."""

    def __init__(self, plan=examples.FITS) -> None:
        self.machine = None
        self.example = plan
        self.asked: list[Asked] = []
        self.forgotten: list[int] = []
        self.known: set[object] = set()
        self.tokens: list[str] = []
        self.rests = 0

    def probe(self, on_done):
        self.machine = MACHINE
        on_done(MACHINE)
        return 1

    def check(self, source, wishes, on_done):
        self.asked.append(Asked(source, dict(wishes), on_done))
        return len(self.asked)

    def quick(self, source, wishes):
        return self._checked(wishes) if source in self.known else None

    def rest(self):
        self.rests += 1

    def loaded(self, plan, model):
        return [("CPU", 50 * GB, 51 * GB)]

    def replied(self, plan, stats):
        pass

    def forget(self, request):
        self.forgotten.append(request)

    def set_token(self, token):
        self.tokens.append(token)

    def answer(self, value=None):
        """Answer the latest request, with a plan that does as it was wished."""
        asked = self.asked[-1]
        if value is None:
            self.known.add(asked.source)
        asked.on_done(value or self._checked(asked.wishes))

    def _checked(self, wishes):
        settings = replace(self.example.settings, **wishes)
        return Checked(OUTLINE, replace(self.example, settings=settings, n_ctx=settings.n_ctx))


class FakeQueue:
    """A list of downloads that does what it is told."""

    def __init__(self, *downloads: Download) -> None:
        self.downloads = tuple(downloads)
        self.done: list[tuple] = []

    def add(self, variant, folder, token=""):
        self.done.append(("add", variant.quantization, folder, token))
        new = Download(id=len(self.downloads) + 1, variant=variant, folder=folder, state="queued")
        self.downloads = (*self.downloads, new)
        return new

    def pause(self, number):
        self.change(number, state="paused")

    def resume(self, number):
        self.change(number, state="running")

    def verify(self, number):
        self.change(number, state="verifying")

    def cancel(self, number, *, keep_partial=False):
        self.done.append(("cancel", number, keep_partial))
        self.downloads = tuple(one for one in self.downloads if one.id != number)

    def change(self, number, **fields):
        """Have a download be another than before."""
        self.downloads = tuple(replace(one, **fields) if one.id == number else one for one in self.downloads)


class FakeRemoval:
    """Says that everything is gone."""

    def __init__(self) -> None:
        self.removed: list[tuple] = []

    def remove(self, root, files, on_done):
        self.removed.append((root, tuple(files)))
        on_done(48 * GB)


class FakeModel(QObject):
    """What the dialog needs of ModelControl."""

    model_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[tuple] = []

    def load(self, path):
        self.loads.append((path, None))

    def load_with(self, path, settings):
        self.loads.append((path, settings))

    def choose_file(self):
        self.loads.append(("asked", None))
