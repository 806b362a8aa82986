"""What an answer of a server means: go on, wait, or tell a person. Pure functions on status and headers."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping

from app.catalog.variants import RemoteFile, Variant
from app.download.errors import DownloadError, Trouble
from app.download.limits import LONGEST_WAIT_S

#: Too many requests, timeouts, overload: these pass.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_RATE_LIMIT = re.compile(r"\br=0;t=(\d+)")
_HEX_SHA256 = re.compile(r"[0-9a-f]{64}")


def retry_after_s(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Return the seconds a server asks to wait; None where it does not.

    Retry-After holds seconds or a date (RFC 9110, 10.2.3); the Hub's RateLimit says when a spent quota begins anew
    (IETF draft "RateLimit header fields for HTTP": ``"resolvers";r=0;t=55``).
    """
    value = headers.get("retry-after", "").strip()
    if not value and (found := _RATE_LIMIT.search(headers.get("ratelimit", ""))):
        value = found[1]
    if value.isdigit():
        return min(float(value), LONGEST_WAIT_S)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return min(max(0.0, date.timestamp() - (time.time() if now is None else now)), LONGEST_WAIT_S)


def passing_trouble(status: int, headers: Mapping[str, str], host: str) -> Trouble:
    """Return what to say while a server has to be given time."""
    what = f"{host} is answering too many requests" if status == 429 else f"{host} is in trouble (HTTP {status})"
    return Trouble(f"{what}.", retry_after_s(headers))


def refusal(
    status: int, headers: Mapping[str, str], file: RemoteFile, variant: Variant, origin: str, *, token: bool
) -> DownloadError:
    """Return why the server that knows the repository refuses a file, and what a person can do.

    Args:
        origin: Scheme and host of that server.
        token: Whether an access token was sent along.
    """
    repository = variant.repository
    if status in {401, 403}:
        if variant.source == "docker":
            return DownloadError(
                "gated",
                f"{repository} is private, or not there",
                f"{origin} gives it to nobody without an account (HTTP {status}).",
                "Only public repositories can be downloaded from Docker's registry.",
            )
        return _no_access(status, headers.get("x-error-code", ""), repository, origin, token=token)
    if status in {404, 410}:
        return DownloadError(
            "not_found",
            "The file is not there any more",
            f"{origin} has no {file.name} of {repository} at the revision that was listed (HTTP {status}).",
            "The repository has changed: list its variants again and download the new one.",
        )
    return DownloadError(
        "refused",
        "The server refuses the download",
        f"{origin} answers HTTP {status} for {file.name}.",
        "Try again later, or choose another repository.",
    )


def _no_access(status: int, code: str, repository: str, origin: str, *, token: bool) -> DownloadError:
    page = f"{origin}/{repository}"
    if code == "GatedRepo" or (status == 403 and token):
        return DownloadError(
            "gated",
            f"{repository} is gated",
            f"Its owner wants you to accept conditions before it can be downloaded (HTTP {status}).",
            f"Accept them at {page} with your account"
            + (", then resume." if token else ", set HF_TOKEN to an access token of that account, then resume."),
        )
    if token:
        return DownloadError(
            "token",
            "The access token was not accepted",
            f"{origin} refuses it for {repository} (HTTP {status}), or the repository does not exist.",
            "Make a new token with read access, set HF_TOKEN, then resume.",
        )
    return DownloadError(
        "gated",
        f"{repository} is private, gated, or not there",
        f"{origin} lets nobody see it without an access token (HTTP {status}).",
        f"Look at {page}; if you have access, set HF_TOKEN to a token of your account, then resume.",
    )


def changed(file: RemoteFile, what: str) -> DownloadError:
    """Return that the repository offers other bytes than those that were listed."""
    return DownloadError(
        "changed",
        "The repository changed while it was downloaded",
        f"{file.name} is another file now: {what}.",
        "List its variants again and download the new one.",
    )


def check_linked(headers: Mapping[str, str], file: RemoteFile) -> bool:
    """Compare what the Hub says about the file behind a redirect; tell whether it vouched for its sha256.

    Raises:
        DownloadError: It is another file than the one listed.
    """
    size = headers.get("x-linked-size", "")
    if size.isdigit() and int(size) != file.size_bytes:
        raise changed(file, f"it has {int(size):,} bytes, {file.size_bytes:,} were listed")
    digest = bare_etag(headers.get("x-linked-etag", ""))
    if not file.sha256 or not _HEX_SHA256.fullmatch(digest):
        return False
    if digest != file.sha256:
        raise changed(file, "its sha256 is not the one listed")
    return True


def range_start(status: int, headers: Mapping[str, str], wanted: int, file: RemoteFile) -> int:
    """Return the offset at which a body begins: the one wanted, or 0 where the server ignored the range.

    Raises:
        DownloadError: The file has another length than the one listed.
        Trouble: The server sends something else than it was asked for.
    """
    if headers.get("content-encoding", "identity") != "identity":
        raise Trouble("The server sends the file compressed, although it was asked not to.")
    length = headers.get("content-length", "")
    if status == 200:
        if length.isdigit() and int(length) != file.size_bytes:
            raise changed(file, f"it has {int(length):,} bytes, {file.size_bytes:,} were listed")
        return 0
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
    if found is None:
        raise Trouble("The server answers a range without saying which.")
    if found[3] != "*" and int(found[3]) != file.size_bytes:
        raise changed(file, f"it has {int(found[3]):,} bytes, {file.size_bytes:,} were listed")
    if int(found[1]) != wanted:
        raise Trouble("The server sends another range than it was asked for.")
    return wanted


def strong_etag(headers: Mapping[str, str]) -> str:
    """Return the entity tag as it came; empty for a weak one, which says nothing about bytes (RFC 9110, 13.1.5)."""
    etag = headers.get("etag", "")
    return "" if etag.startswith("W/") else etag


def bare_etag(etag: str) -> str:
    """Return an entity tag without its wrapping."""
    return etag.removeprefix("W/").strip('"').lower()
