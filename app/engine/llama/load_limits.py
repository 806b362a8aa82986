"""The range of load settings: llama.cpp wraps numbers beyond it around, or ends the process. Pure."""

from __future__ import annotations

from app.engine.llama.load_errors import LoadProblem
from app.engine.messages import LoadSettings

#: LLAMA_MAX_LAYERS of llama-hparams.h.
MAX_LAYERS = 512
_INT32_MAX = 2**31 - 1  # llama.cpp's positions, and its own parameters, are 32 bits wide

#: Field, its name for people, least value; what 0 means is llama.cpp's own.
_LEAST = (
    ("n_ctx", "context size", 0),
    ("n_batch", "batch size", 1),
    ("n_ubatch", "micro-batch size", 0),
    ("n_cpu_moe", "number of layers with experts on the CPU", 0),
    ("main_gpu", "main GPU", 0),
    ("yarn_orig_ctx", "original context of YaRN", 0),
)


def out_of_range(settings: LoadSettings) -> LoadProblem | None:
    """Return what is wrong with the first setting that is out of its range."""
    for name, words, least in _LEAST:
        value = getattr(settings, name)
        if not least <= value <= _INT32_MAX:
            limit = f"at least {least:,}" if value < least else f"at most {_INT32_MAX:,}"
            return LoadProblem(
                "load_failed", f"The {words} must be {limit}", f"It is {value:,}.", "Change it in the load settings."
            )
    return None
