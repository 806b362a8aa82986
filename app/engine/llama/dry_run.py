"""A child process in which llama.cpp plans a load without doing it: what will lie where, to the byte it logs.

``no_alloc`` makes llama.cpp go through a load with buffers of no size; it reads a header and no weights, in a third
of a second. The model stays open, so that another context size or KV type costs a twentieth. On a GPU the child
holds what its driver takes for any process; whoever wants that memory ends the child.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import msgspec

from app.engine.llama import bindings, dry_run_log
from app.engine.llama.cache import can_cut
from app.engine.llama.dry_run_log import CacheLines, Findings
from app.engine.llama.load_errors import explain
from app.engine.llama.load_limits import out_of_range
from app.engine.llama.loader import resolve_threads
from app.engine.llama.logs import LlamaLog
from app.engine.llama.parameters import ModelParameters, context_parameters
from app.engine.messages import LoadSettings
from app.errors import AppError
from app.fit.dry_run import Cache, DevicesListed, DryRun, DryRunCommand, DryRunDone, Headers, ListDevices
from app.fit.placement import CPU
from app.gguf.shadow import shadow_files
from app.ipc.job import JobEvent, serve

#: As the engine's: what a header may make llama.cpp take should not cost the desktop.
OOM_SCORE_ADJ = 800
_LOAD_MODE_NONE = 0  # llama_load_mode of llama.h
#: Settings of the context; the others are those of the model.
_CONTEXT_FIELDS = (
    "n_ctx", "n_batch", "n_ubatch", "n_threads", "n_threads_batch", "type_k", "type_v", "flash_attn", "offload_kqv",
    "op_offload", "rope_scaling", "rope_freq_base", "rope_freq_scale", "yarn_ext_factor", "yarn_attn_factor",
    "yarn_beta_fast", "yarn_beta_slow", "yarn_orig_ctx", "checkpoint_bytes", "prompt_cache_bytes",
)  # fmt: skip


class DryRunError(AppError):
    """A load that llama.cpp cannot plan; ``code`` is "unsupported" for a model it does not know."""

    def __init__(self, code: str, title: str, message: str, hint: str, detail: str = "") -> None:
        super().__init__(title, message, hint, detail)
        self.code = code


class DryRunner:
    """Plans loads; keeps the model it planned last."""

    def __init__(self) -> None:
        self._log = LlamaLog(with_debug=True)
        self._key: tuple[str, LoadSettings] | None = None
        self._model: Any = None
        self._model_lines: list[str] = []
        self._repacked: dict[tuple[str, tuple[str, ...] | None], dict[str, tuple[str, ...]]] = {}
        bindings.start_backends()

    def answer(self, command: DryRunCommand, _send: Callable[[JobEvent], None]) -> JobEvent:
        """Do one command.

        Raises:
            DryRunError: llama.cpp refuses the model or the settings.
            AppError: Shadow files cannot be made, or a setting names what is not there.
        """
        if isinstance(command, ListDevices):
            return DevicesListed(devices=tuple(map(bindings.describe_device, bindings.device_handles())))
        if problem := out_of_range(command.settings):
            raise DryRunError(problem.code, problem.title, problem.message, problem.hint)
        self._open(command)
        return self._plan(command)

    def _open(self, command: DryRun) -> None:
        defaults = {name: getattr(LoadSettings(), name) for name in _CONTEXT_FIELDS}
        key = (command.headers.key, msgspec.structs.replace(command.settings, **defaults))
        if key == self._key:
            return
        self._close()
        with _readable(command.headers, Path(command.folder)) as path:
            self._repacked_types(path, command)
            self._log.mark()
            self._model = self._load(path, command.settings)
        self._model_lines = self._log.lines
        self._key = key

    def _close(self) -> None:
        if self._model is not None:
            llama.llama_model_free(self._model)
        self._model, self._key = None, None

    def _load(self, path: Path, settings: LoadSettings) -> Any:
        parameters = ModelParameters(settings)
        parameters.value.no_alloc = True
        parameters.value.load_mode = _LOAD_MODE_NONE
        model = llama.llama_model_load_from_file(str(path).encode(errors="surrogateescape"), parameters.value)
        if not model:
            problem = explain(self._log.lines, "plan the load of this model")
            code = "unsupported" if "does not know the architecture" in problem.title else problem.code
            raise DryRunError(code, problem.title, problem.message, problem.hint, "\n".join(self._log.lines[-60:]))
        return model

    def _repacked_types(self, path: Path, command: DryRun) -> None:
        """Find out which tensors would be repacked on the CPU: where all are sent there, llama.cpp says to what."""
        key = (command.headers.key, command.settings.devices)
        if key in self._repacked:
            return
        self._log.mark()
        everything = LoadSettings(
            devices=command.settings.devices, use_extra_bufts=True, tensor_overrides=((".", CPU),)
        )
        llama.llama_model_free(self._load(path, everything))
        types = dry_run_log.buffer_types(self._log.lines)
        self._repacked[key] = {name: used for name, used in types.items() if any(map(_is_repacked, used))}

    def _plan(self, command: DryRun) -> DryRunDone:
        self._log.mark()
        settings = resolve_threads(command.settings)
        context = llama.llama_init_from_model(self._model, context_parameters(settings, self._model))
        lines = self._log.lines
        if not context:
            problem = explain(lines, "make the model's context")
            raise DryRunError(problem.code, problem.title, problem.message, problem.hint, "\n".join(lines[-60:]))
        n_ctx = int(llama.llama_n_ctx(context))
        llama.llama_free(context)
        found = dry_run_log.read([*self._model_lines, *lines])
        return self._done(command, n_ctx, found)

    def _done(self, command: DryRun, n_ctx: int, found: Findings) -> DryRunDone:
        model = self._model
        recurrent = found.sizes.get("RS", {})
        windowed = found.caches[1:] if llama.llama_model_n_swa(model) else []
        return DryRunDone(
            n_ctx=n_ctx,
            n_ctx_train=int(llama.llama_model_n_ctx_train(model)),
            layers=tuple(found.layers[index] for index in sorted(found.layers)),
            overridden=found.overridden,
            repacked=self._repacked[command.headers.key, command.settings.devices],
            unused=tuple(found.unused),
            caches=tuple(map(_cache, found.caches)),
            recurrent=recurrent,
            compute=found.sizes.get("compute", {}),
            output=found.sizes.get("output", {}),
            needs_checkpoints=not can_cut(model),
            checkpoint_bytes=sum(recurrent.values()) + sum(map(_bytes, windowed)),
            state_bytes=sum(recurrent.values()) + sum(map(_bytes, found.caches)),
        )


def _is_repacked(buffer_type: str) -> bool:
    return buffer_type != CPU and not buffer_type.endswith("_Host")


def _bytes(cache: CacheLines) -> int:
    return cache.k_bytes + cache.v_bytes


def _cache(lines: CacheLines) -> Cache:
    return Cache(cells=lines.cells, k_bytes=lines.k_bytes, v_bytes=lines.v_bytes, layers=lines.layers)


@contextmanager
def _readable(headers: Headers, folder: Path) -> Iterator[Path]:
    """Yield the path of a file llama.cpp can read the headers from."""
    if headers.path:
        yield Path(headers.path)
        return
    with shadow_files(folder, [Path(head).read_bytes() for head in headers.heads], headers.lengths) as path:
        yield path


if __name__ == "__main__":
    serve(DryRunCommand, DryRunner().answer, oom_score_adj=OOM_SCORE_ADJ)
