"""What becomes of a download when something happens. Pure functions from one value to the next."""

from __future__ import annotations

import msgspec

from app.download.messages import AnyDownloadEvent, DownloadFailed, Fetched, Progress
from app.download.values import Download, DownloadState

#: Whose turn is over: they need nobody, or a person.
RESTING: frozenset[DownloadState] = frozenset({"paused", "done", "failed"})


def changed(download: Download, **fields: object) -> Download:
    """Return a download with other fields; only one that runs has a speed."""
    if fields.get("state", download.state) != "running":
        fields = {**fields, "speed": 0.0, "eta_s": None}
    return msgspec.structs.replace(download, **fields)


def heard(download: Download, event: AnyDownloadEvent, *, is_checking: bool) -> Download:
    """Return a download after the process told something of it.

    Args:
        is_checking: It is being verified, not fetched.
    """
    was_stopped = is_stopped(download, is_checking=is_checking)
    match event:
        case Progress():
            return _progressed(download, event, was_stopped=was_stopped, is_checking=is_checking)
        case Fetched():
            size = download.variant.size_bytes
            return changed(download, state="done", done_bytes=size, path=event.path, problem="", hint="")
        case DownloadFailed() if not was_stopped:
            state: DownloadState = "paused" if event.code == "disk_full" else "failed"
            problem = f"{event.title}. {event.message}".strip()
            path = "" if event.code == "damaged" else download.path
            return changed(download, state=state, problem=problem, hint=event.hint, path=path)
        case _:
            return download if was_stopped else changed(download, state="paused")


def is_stopped(download: Download, *, is_checking: bool) -> bool:
    """Tell whether somebody has stopped it while the process was still at it."""
    return download.state in {"paused", "queued"} or (is_checking and download.state == "done")


def _progressed(download: Download, event: Progress, *, was_stopped: bool, is_checking: bool) -> Download:
    if was_stopped:
        return download if is_checking else changed(
            download, done_bytes=event.done_bytes, fetched_bytes=event.fetched_bytes
        )  # fmt: skip
    left = download.variant.size_bytes - event.done_bytes
    return changed(
        download,
        state=event.state,
        done_bytes=event.done_bytes,
        fetched_bytes=download.fetched_bytes if is_checking else event.fetched_bytes,
        speed=event.speed,
        eta_s=left / event.speed if event.speed > 0 else None,
        problem=event.problem,
        hint="It tries again by itself." if event.problem else "",
    )


def survived(download: Download, why: str, *, is_checking: bool, is_hopeless: bool) -> Download:
    """Return a download whose process died under it."""
    if is_stopped(download, is_checking=is_checking):
        return download
    problem = f"The download process ended. {why}."
    if is_checking:
        return changed(download, state="done", problem=problem, hint="Verify it again.")
    if is_hopeless:
        return changed(download, state="failed", problem=problem, hint="Resume it; if it happens again, see the log.")
    return changed(download, state="waiting", problem=problem, hint="It is started again by itself.")


def brought_back(download: Download, *, resumes: bool) -> Download:
    """Return a download of an earlier start as it is at this one."""
    if download.state in RESTING:
        return download
    state: DownloadState = "done" if download.path else "queued" if resumes else "paused"
    return changed(download, state=state, problem="", hint="")
