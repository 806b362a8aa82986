"""What may be changed after a load failed for want of memory, as buttons. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from app.engine.messages import LoadSettings
from app.fit.values import Change
from ui.models.sizes import context_words

#: Codes of failures that less memory may cure.
MEMORY_CODES = frozenset({"out_of_memory", "load_failed"})
LEAST_CONTEXT = 4096
_SMALL_KV = frozenset({"q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"})


def load_fixes(settings: LoadSettings, n_layer: int = 0) -> list[Change]:
    """Return changes that take less memory, the least painful first.

    Args:
        settings: What the load was tried with.
        n_layer: Layers of the model; 0 where that is not known.
    """
    fixes: list[Change] = []
    if not settings.use_mmap or settings.use_extra_bufts or settings.use_mlock:
        mapped = replace(settings, use_mmap=True, use_extra_bufts=False, use_mlock=False)
        fixes.append(Change(words="Map from disk", settings=mapped))
    if settings.n_ctx == 0 or settings.n_ctx > LEAST_CONTEXT:
        n_ctx = max(LEAST_CONTEXT, settings.n_ctx // 2) if settings.n_ctx else 4 * LEAST_CONTEXT
        fixes.append(Change(words=f"Use {context_words(n_ctx)} context", settings=replace(settings, n_ctx=n_ctx)))
    if settings.n_gpu_layers != 0 and settings.devices != ():
        fixes.append(_fewer_layers(settings, n_layer))
    if settings.type_k not in _SMALL_KV and settings.flash_attn != "off":
        small = replace(settings, type_k="q8_0", type_v="q8_0")
        fixes.append(Change(words="Use q8_0 for the KV cache", settings=small))
    return fixes


def _fewer_layers(settings: LoadSettings, n_layer: int) -> Change:
    most = n_layer + 1 if n_layer else 0  # the output counts as one more
    now = settings.n_gpu_layers if settings.n_gpu_layers > 0 else most
    if now > 1:
        layers = now * 3 // 4
        return Change(words=f"Put {layers} layers on the GPU", settings=replace(settings, n_gpu_layers=layers))
    return Change(words="Use the CPU alone", settings=replace(settings, n_gpu_layers=0))
