"""Loads a model and makes its context, from ``LoadSettings`` to llama.cpp's own parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import msgspec

from app.engine.llama import bindings
from app.engine.llama.files import model_files
from app.engine.llama.hardware import available_bytes, compute_threads
from app.engine.llama.load_errors import LoadProblem, explain
from app.engine.llama.load_limits import out_of_range
from app.engine.llama.logs import LlamaLog
from app.engine.llama.parameters import ModelParameters, context_parameters
from app.engine.messages import LoadSettings
from app.errors import AppError, Cancelled
from app.fit.layout import outline
from app.fit.memory import add_up, has_room_to_repack
from app.fit.plan import used_gpus
from app.fit.predict import formula_run
from app.fit.values import Machine, MachineDevice
from app.gguf.read import read_local


class LoadError(AppError):
    """A model that could not be loaded; ``code`` is one of ``Failed``'s."""

    def __init__(self, problem: LoadProblem, detail: str = "") -> None:
        super().__init__(problem.title, problem.message, problem.hint, detail)
        self.code = problem.code


def resolve_settings(settings: LoadSettings, files: Sequence[Path]) -> LoadSettings:
    """Return ``settings`` with every None replaced by what this machine can do."""
    repack = settings.use_extra_bufts
    if repack is None:
        repack = _has_room_to_repack(settings, files)
    return msgspec.structs.replace(resolve_threads(settings), use_extra_bufts=repack)


def _has_room_to_repack(settings: LoadSettings, files: Sequence[Path]) -> bool:
    """Decide as the fit check does, with a formula for what llama.cpp will add to the weights."""
    machine = _machine()
    try:
        read = read_local(files)
        layout = outline(read.model, "", [file.name for file in files])
        need = add_up(layout, formula_run(layout, settings, used_gpus(machine, settings)), settings, machine)
    except AppError:
        return False  # whatever is wrong with the file or the settings is llama.cpp's to say
    return has_room_to_repack(need)


def _machine() -> Machine:
    """Return the devices and what is free on them; no more is needed here."""
    free = available_bytes()
    memory = MachineDevice(name="CPU", description="", kind="cpu", total_bytes=free, free_bytes=free)
    gpus = tuple(
        MachineDevice(
            name=device.name,
            description=device.description,
            kind="igpu" if device.kind == "igpu" else "gpu",
            total_bytes=device.total_bytes,
            free_bytes=device.free_bytes,
        )
        for device in map(bindings.describe_device, bindings.device_handles())
        if device.kind in {"gpu", "igpu"}
    )
    return Machine(devices=(memory, *gpus))


def resolve_threads(settings: LoadSettings) -> LoadSettings:
    """Return ``settings`` with the numbers of threads chosen."""
    threads = compute_threads()
    return msgspec.structs.replace(
        settings,
        n_threads=_or(settings.n_threads, threads),
        n_threads_batch=_or(settings.n_threads_batch, threads),
    )


def _or(wanted: int | None, default: int) -> int:
    """Return ``wanted``; as for llama.cpp's own tools, 0 and less are the default."""
    return wanted if wanted is not None and wanted > 0 else default


def load(
    path: Path,
    settings: LoadSettings,
    log: LlamaLog,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> tuple[Any, Any, LoadSettings]:
    """Return (model, context, settings in force).

    Raises:
        AppError: The files are not there or not GGUF.
        LoadError: llama.cpp refused them, there was not enough memory, or a setting is out of range.
        Cancelled: ``is_cancelled`` became true.
    """
    if problem := out_of_range(settings):
        raise LoadError(problem)
    files = model_files(path)
    settings = resolve_settings(settings, files)
    log.mark()
    model = _load_model(files[0], settings, log, on_progress, is_cancelled)
    context = llama.llama_init_from_model(model, context_parameters(settings, model))
    if not context:
        llama.llama_model_free(model)
        raise LoadError(explain(log.lines, "make the model's context"), "\n".join(log.lines[-60:]))
    return model, context, settings


def _load_model(
    path: Path,
    settings: LoadSettings,
    log: LlamaLog,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> Any:
    def report(fraction: float, _data: object) -> bool:
        on_progress(fraction)
        return not is_cancelled()

    parameters = ModelParameters(settings)
    parameters.value.progress_callback = callback = llama.llama_progress_callback(report)
    model = llama.llama_model_load_from_file(str(path).encode(errors="surrogateescape"), parameters.value)
    del callback  # it had to live until here
    if is_cancelled():
        if model:
            llama.llama_model_free(model)
        raise Cancelled
    if not model:
        raise LoadError(explain(log.lines, "load this model"), "\n".join(log.lines[-60:]))
    return model
