"""``sawhorse fit``: what a model will need on this machine, and how fast it will be."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any, get_args

import msgspec

from app.cli.waiting_fit import waiting_fit
from app.engine.messages import KvType
from app.errors import AppError
from app.fit.command_line import Origin, as_text, llama_server_command
from app.fit.values import PARTS, DevicePlan, FitPlan, Machine, ModelOutline, ModelSource, Speed
from app.paths import find_paths

GB = 1e9


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    parser = commands.add_parser("fit", help="say what a model needs here, and how fast it will be")
    parser.add_argument("model", metavar="MODEL", help='a GGUF file, "starter", or REPO[:QUANT]')
    add_wishes(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_wishes(parser: argparse.ArgumentParser) -> None:
    """Add the flags that decide a part of the placement; the rest is chosen for the best speed."""
    parser.add_argument(
        "-c", "--context", dest="n_ctx", type=int, metavar="N", help="context in tokens, 0: the model's"
    )
    parser.add_argument("--kv-type", choices=get_args(KvType), help="type of the KV cache (default: f16)")
    parser.add_argument("--gpu-layers", dest="n_gpu_layers", type=int, metavar="N", help="layers on the GPU, -1: all")
    parser.add_argument(
        "--cpu-moe", dest="n_cpu_moe", type=int, metavar="N", help="first layers whose experts stay on the CPU"
    )


def wishes(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of ``LoadSettings`` that were decided on the command line."""
    decided = {
        name: value
        for name in ("n_ctx", "n_gpu_layers", "n_cpu_moe")
        if (value := getattr(arguments, name)) is not None
    }
    if arguments.kv_type is not None:
        decided |= {"type_k": arguments.kv_type, "type_v": arguments.kv_type}
    return decided


def run(arguments: argparse.Namespace, find_source: Callable[[str], tuple[ModelSource, str]]) -> int:
    """Print what the model that was named needs.

    Args:
        find_source: Says where the headers of a model can be read, and what llama.cpp would be given.

    Raises:
        AppError: It cannot be found or read, or llama.cpp refuses it.
    """
    source, name = find_source(arguments.model)
    decided = wishes(arguments)
    with waiting_fit(find_paths()) as fit:
        service = fit.service
        outline: ModelOutline = fit.wait(lambda done: service.open(source, done))
        plan: FitPlan = fit.wait(lambda done: service.best(source, decided, done))
        machine = service.machine
    if machine is None:
        raise AppError("This machine could not be looked at", "The probe gave no answer.", "Try again.")
    if arguments.json:
        print(
            msgspec.json.format(msgspec.json.encode(as_json(plan, outline, machine, name, decided)), indent=2).decode()
        )
    else:
        sys.stdout.write(as_words(plan, outline, machine))
    return 0


def as_json(
    plan: FitPlan, outline: ModelOutline, machine: Machine, name: str, decided: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the answer for scripts."""
    origins: dict[str, Origin] = {
        field: "you" if field in decided else "automatic"
        for field in ("n_ctx", "n_gpu_layers", "n_cpu_moe", "use_extra_bufts", "type_k", "type_v", "devices")
        if field in decided or field not in {"type_k", "type_v"}
    }
    return {
        "model": plan.model,
        "settings": msgspec.to_builtins(plan.settings),
        "devices": [_device_json(device) for device in plan.devices],
        "verdict": plan.verdict,
        "reason": plan.reason,
        "tokens_per_second": _speed_json(plan.generation_speed),
        "prompt_tokens_per_second": _speed_json(plan.prompt_speed),
        "method": plan.method,
        "n_ctx": plan.n_ctx,
        "short_bytes": plan.short_bytes,
        "short_device": plan.short_device,
        "changes": [
            {"words": change.words, "settings": msgspec.to_builtins(change.settings)} for change in plan.changes
        ],
        "outline": msgspec.to_builtins(outline),
        "notes": list(machine.notes),
        "llama_server": as_text(llama_server_command(name, plan.settings, origins), windows=sys.platform == "win32"),
    }


def _device_json(device: DevicePlan) -> dict[str, Any]:
    return {
        "name": device.name,
        "description": device.description,
        "total_bytes": device.total_bytes,
        "free_bytes": device.free_bytes,
        "parts": {part: device.parts.get(part, 0) for part in PARTS},
        "mapped_bytes": device.mapped_bytes,
        "needed_bytes": device.needed_bytes,
    }


def _speed_json(speed: Speed | None) -> dict[str, float | None]:
    if speed is None:
        return {"estimate": None, "low": None, "high": None}
    return {name: round(getattr(speed, name), 2) for name in ("estimate", "low", "high")}


def as_words(plan: FitPlan, outline: ModelOutline, machine: Machine) -> str:
    """Return the answer for people: the verdict first, then a table of the devices."""
    settings = plan.settings
    kind = f", experts in {outline.n_expert_layer} of them" if outline.n_expert_layer else ""
    lines = [
        plan.model,
        f"  {outline.architecture}, {outline.n_params / GB:.1f} billion weights in {outline.size_bytes / GB:,.1f} GB, "
        f"{outline.n_layer} layers{kind}",
        "",
        plan.reason,
        "",
        *_table(plan),
        "",
        f"  {'context':<22} {plan.n_ctx:,} tokens, KV cache {settings.type_k}"
        + (f" / {settings.type_v}" if settings.type_v != settings.type_k else ""),
        f"  {'weights on the CPU':<22} {'repacked, in memory' if settings.use_extra_bufts else 'mapped from disk'}",
        f"  {'generation':<22} {_speed_words(plan.generation_speed)}",
        f"  {'prompt':<22} {_speed_words(plan.prompt_speed)}",
    ]
    if plan.changes:
        lines += ["", "It would fit if you", *(f"  - {change.words}" for change in plan.changes)]
    lines += ["", *(f"note: {note}" for note in machine.notes)] if machine.notes else []
    return "\n".join(lines) + "\n"


def _table(plan: FitPlan) -> list[str]:
    parts = [part for part in PARTS if any(device.parts.get(part) for device in plan.devices)]
    shown = [device for device in plan.devices if device.needed_bytes]
    rows = [["", *(device.name for device in shown)]]
    rows += [[part.replace("_", " "), *(_gb(device.parts.get(part, 0)) for device in shown)] for part in parts]
    rows.append(["needed", *(_gb(device.needed_bytes) for device in shown)])
    rows.append(["free", *(_gb(device.free_bytes) for device in shown)])
    return ["  " + f"{row[0]:<22}" + "".join(f"{cell:>14}" for cell in row[1:]) for row in rows]


def _gb(size: int) -> str:
    if not size:
        return "-"
    return f"{size / GB:,.2f} GB" if size >= 10_000_000 else f"{size / 1e6:,.1f} MB"


def _speed_words(speed: Speed | None) -> str:
    if speed is None:
        return "cannot be estimated here"
    digits = 1 if speed.estimate < 10 else 0
    return f"about {speed.estimate:,.{digits}f} tokens a second ({speed.low:,.{digits}f} to {speed.high:,.{digits}f})"
