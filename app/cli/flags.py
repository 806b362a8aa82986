"""Command-line flags for load settings and sampling, from the same specifications as the window's panels."""

from __future__ import annotations

import argparse
import contextlib
import math
from typing import Any, get_args

from app.engine.messages import FlashAttention, KvType, LoadSettings, RopeScaling
from app.engine.sampling import SPECS, SamplerName, Spec, parse_bias
from app.errors import AppError


def add_load_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of ``LoadSettings``; llama.cpp's names."""
    group = parser.add_argument_group("loading (llama.cpp's names; what is not given, the engine decides)")
    kv = get_args(KvType)
    group.add_argument(
        "-c", "--ctx-size", "--context", dest="n_ctx", type=int, help="context in tokens, 0: the model's"
    )
    group.add_argument("--batch-size", dest="n_batch", type=int)
    group.add_argument("--ubatch-size", dest="n_ubatch", type=int)
    group.add_argument("-t", "--threads", dest="n_threads", type=int)
    group.add_argument("--threads-batch", dest="n_threads_batch", type=int)
    group.add_argument("--gpu-layers", "--n-gpu-layers", dest="n_gpu_layers", type=int, help="-1: all")
    group.add_argument(
        "--cpu-moe", "--n-cpu-moe", dest="n_cpu_moe", type=int, help="layers whose experts stay on the CPU"
    )
    group.add_argument("--cache-type-k", dest="type_k", choices=kv)
    group.add_argument("--cache-type-v", dest="type_v", choices=kv)
    group.add_argument("--flash-attn", dest="flash_attn", choices=get_args(FlashAttention))
    group.add_argument("--no-mmap", dest="use_mmap", action="store_false", default=None)
    group.add_argument("--mlock", dest="use_mlock", action="store_true", default=None)
    group.add_argument("--no-repack", dest="use_extra_bufts", action="store_false", default=None)
    group.add_argument("--rope-scaling", dest="rope_scaling", choices=get_args(RopeScaling))
    group.add_argument("--rope-freq-base", dest="rope_freq_base", type=float)
    group.add_argument("--rope-freq-scale", dest="rope_freq_scale", type=float)
    group.add_argument("--yarn-orig-ctx", dest="yarn_orig_ctx", type=int)
    group.add_argument("--device", dest="devices", help='devices, parted by commas; "none": no GPU')
    group.add_argument("--override-tensor", dest="tensor_overrides", action="append", metavar="REGEX=TYPE")


def load_settings(arguments: argparse.Namespace) -> LoadSettings:
    """Return the load settings of parsed flags."""
    given = {
        name: value for name in LoadSettings.__struct_fields__ if (value := getattr(arguments, name, None)) is not None
    }
    if "devices" in given:
        given["devices"] = () if given["devices"] == "none" else tuple(given["devices"].split(","))
    if "tensor_overrides" in given:
        given["tensor_overrides"] = tuple(_override(text) for text in given["tensor_overrides"])
    return LoadSettings(**given)


def add_sampling_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every sampling field."""
    group = parser.add_argument_group("sampling (defaults: the model's card, then llama.cpp's)")
    for spec in SPECS:
        names = [f"--{spec.name.replace('_', '-')}"]
        if spec.flag.startswith("-") and spec.flag not in names:
            names.append(spec.flag)
        group.add_argument(*names, dest=f"sampling_{spec.name}", help=spec.help.replace("%", "%%"), **_kind(spec))


def sampling_values(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the sampling values that were given.

    Raises:
        AppError: A value is not understood.
    """
    values: dict[str, Any] = {}
    for spec in SPECS:
        value = getattr(arguments, f"sampling_{spec.name}")
        if value is not None:
            values[spec.name] = _value(spec, value)
    return values


def _kind(spec: Spec) -> dict[str, Any]:
    match spec.kind:
        case "float":
            return {"type": _finite, "metavar": "X"}
        case "choice":
            return {"type": int, "choices": [value for value, _label in spec.choices]}
        case "int":
            return {"type": int, "metavar": "N"}
        case "bool":
            return {"action": "store_true", "default": None}
        case "strings" | "bias":
            return {"action": "append", "metavar": "TOKEN=BIAS" if spec.kind == "bias" else "TEXT"}
        case _:
            return {"metavar": "NAMES" if spec.kind == "order" else "TEXT"}


def _finite(text: str) -> float:
    with contextlib.suppress(ValueError):
        if math.isfinite(number := float(text)):
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is not a number")


def _value(spec: Spec, value: Any) -> Any:
    match spec.kind:
        case "strings":
            return tuple(value)
        case "bias":
            return tuple(_bias(text) for text in value)
        case "order":
            names = tuple(name.strip() for name in value.replace(";", ",").split(",") if name.strip())
            unknown = set(names) - set(get_args(SamplerName))
            if unknown:
                known = ", ".join(get_args(SamplerName))
                raise AppError("Unknown samplers", f"There is no {', '.join(sorted(unknown))}.", f"There are: {known}")
            return names
        case _:
            return value


def _bias(text: str) -> tuple[int | str, float]:
    token, sign, number = text.rpartition("=")
    try:
        bias = parse_bias(number)
    except ValueError:
        sign, bias = "", 0.0
    if not sign:
        raise AppError("A logit bias was not understood", f"“{text}” is not TOKEN=BIAS.", "Such as 151643=-inf")
    return (int(token) if token.isdecimal() else token, bias)


def _override(text: str) -> tuple[str, str]:
    pattern, sign, buffer = text.rpartition("=")
    if not sign:
        raise AppError("A tensor override was not understood", f"“{text}” is not REGEX=TYPE.", r"Such as blk\.3\.=CPU")
    return pattern, buffer
