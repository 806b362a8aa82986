"""Loads a model and makes its context, from ``LoadSettings`` to llama.cpp's own parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import msgspec

from app.engine.llama.files import model_files
from app.engine.llama.hardware import available_bytes, compute_threads
from app.engine.llama.load_errors import LoadProblem, explain
from app.engine.llama.load_limits import out_of_range
from app.engine.llama.logs import LlamaLog
from app.engine.llama.parameters import ModelParameters, context_parameters
from app.engine.messages import LoadSettings
from app.errors import AppError, Cancelled

#: Repacked weights are a second copy in memory; this much must stay free beside them.
REPACK_MARGIN_BYTES = 2 * 1024**3
#: Repacking is not bit for bit the size of the file: small tensors stay as they are, blocks are padded.
REPACK_FACTOR = 1.1


class LoadError(AppError):
    """A model that could not be loaded; ``code`` is one of ``Failed``'s."""

    def __init__(self, problem: LoadProblem, detail: str = "") -> None:
        super().__init__(problem.title, problem.message, problem.hint, detail)
        self.code = problem.code


def resolve_settings(settings: LoadSettings, weight_bytes: int) -> LoadSettings:
    """Return ``settings`` with every None replaced by what this machine can do."""
    repack = settings.use_extra_bufts
    if repack is None:
        repack = weight_bytes * REPACK_FACTOR + REPACK_MARGIN_BYTES < available_bytes()
    return msgspec.structs.replace(resolve_threads(settings), use_extra_bufts=repack)


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
    settings = resolve_settings(settings, sum(file.stat().st_size for file in files))
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
