"""What the foot of the model dialog offers for a choice. Pure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.download.values import Download
from app.fit.values import FitPlan
from ui.control.picker_entries import download_words
from ui.control.variant_choices import Choice
from ui.models.action_state import ActionKind, ActionState, Level
from ui.models.sizes import rate_words, size_words, time_words

_KINDS: dict[str, ActionKind] = {"checking": "verifying"}


def action_of(
    choice: Choice | None,
    plan: FitPlan | None,
    *,
    folder: str,
    disk_free: int | None,
    is_loaded: bool = False,
    is_about_to_load: bool = False,
) -> ActionState:
    """Return what can be done with a choice.

    Args:
        folder: Where it would be downloaded to.
        disk_free: Free there, in bytes; None where it is not known.
    """
    if choice is None:
        return ActionState("none")
    if choice.download is not None and choice.download.state != "done":
        state = _under_way(choice, choice.download)
    elif choice.local is not None:
        state = _on_disk(choice, plan, is_loaded=is_loaded)
        if is_about_to_load:
            state = replace(state, words=f"{choice.quantization} is loaded once it has been checked", can_load=False)
    elif choice.variant is None:
        words = f"{choice.quantization}, about {size_words(choice.size_bytes)}"
        state = ActionState("away", words, "It can be downloaded once its files have been listed.")
    else:
        state = _away(choice, folder, disk_free, plan)
    return replace(state, key=choice.local.path if choice.local else choice.key)


def _away(choice: Choice, folder: str, disk_free: int | None, plan: FitPlan | None) -> ActionState:
    size = size_words(choice.size_bytes)
    files = f" in {choice.files} files" if choice.files > 1 else ""
    words = f"{choice.quantization}, {size}{files}"
    button = f"Download {size}"
    if disk_free is None:
        return ActionState("away", words, f"To {folder}", download_words=button, can_download=True, can_copy=True)
    left = disk_free - choice.size_bytes
    if left < 0:
        detail = f"{size_words(-left)} more than is free in {folder}. Make room, or choose another folder in Settings."
        return ActionState("away", words, detail, "danger", download_words=button)
    detail = f"{size_words(left)} stay free in {folder}"
    is_large = plan is not None and plan.verdict == "too_large" and plan.method == "dry_run"
    if is_large:
        detail = f"It will not fit into memory as chosen above. {detail}"
    level: Level = "warning" if is_large else ""
    has_plan = plan is not None
    return ActionState("away", words, detail, level, download_words=button, can_download=True, can_copy=has_plan)


def _on_disk(choice: Choice, plan: FitPlan | None, *, is_loaded: bool) -> ActionState:
    local = choice.local
    assert local is not None  # noqa: S101 - asked by the caller
    is_own = local.place == "sawhorse"
    if local.missing:
        names = ", ".join(local.missing[:3])
        return ActionState(
            "incomplete",
            f"{choice.quantization} is incomplete",
            f"Missing: {names}",
            "danger",
            download_words=f"Download {size_words(choice.size_bytes)}",
            can_download=choice.variant is not None,
            has_folder=True,
        )
    is_large = plan is not None and plan.verdict == "too_large"
    words = f"{choice.quantization} is loaded" if is_loaded else f"{choice.quantization} is on disk"
    return ActionState(
        "here",
        words,
        local.path,
        load_words="Load again" if is_loaded else "Load anyway" if is_large else "Load",
        can_load=True,
        remove_words=size_words(local.size_bytes) if is_own else "",
        can_verify=choice.download is not None and choice.download.state == "done",
        has_folder=True,
        can_copy=plan is not None,
    )


def _under_way(choice: Choice, download: Download) -> ActionState:
    total = download.variant.size_bytes
    name = choice.quantization
    numbers = f"{size_words(download.done_bytes)} of {size_words(total)}"
    kind = _KINDS.get(download.state, download.state)
    partial = size_words(download.done_bytes) if download.done_bytes else ""
    share = download.done_bytes / max(1, total)
    match download.state:
        case "running":
            speed = f", {rate_words(download.speed)}" if download.speed else ""
            left = f", {time_words(download.eta_s)} left" if download.eta_s is not None else ""
            words, detail = f"Downloading {name}, {int(share * 100)} %", f"{numbers}{speed}{left}"
        case "failed":
            words = f"The download of {name} failed"
            detail = " ".join(part for part in (download.problem, download.hint) if part)
        case "waiting":
            words, detail = f"{name} waits to go on", download.problem or numbers
        case _:
            words, detail = f"{name}: {download_words(download).lower()}", numbers
    level = "danger" if download.state == "failed" else "warning" if download.state == "waiting" else ""
    folder = bool(download.folder) and Path(download.folder).is_absolute()
    return ActionState(
        kind,  # type: ignore[arg-type]  # the states of a download are kinds of action, but for "done" and "checking"
        words,
        detail,
        level,  # type: ignore[arg-type]  # one of three words
        share=share,
        partial_words=partial,
        has_folder=folder,
    )
