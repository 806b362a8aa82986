"""What a person means by a model: the name or address of a repository, a file in it, a quantization of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from app.catalog.names import is_safe_name
from app.catalog.variants import Source
from app.engine.messages import Value
from app.errors import AppError

HUB_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co", "hf-mirror.com"})
_DOCKER_HOSTS = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com", "www.docker.com"})
#: As huggingface_hub checks it (``validate_repo_id``), with an owner.
_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"
_REPOSITORY = re.compile(rf"{_PART}/{_PART}")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")
_QUANTIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OTHER_KINDS = {"datasets": "a dataset", "spaces": "a Space", "collections": "a collection", "papers": "a paper"}
_MAX_CHARACTERS = 2000
HINT = (
    "Give OWNER/NAME, OWNER/NAME:QUANT, or an address such as "
    "https://huggingface.co/Qwen/Qwen3-Coder-Next-GGUF; docker.io/OWNER/NAME:TAG for Docker Hub."
)


class Reference(Value, frozen=True, kw_only=True):
    """A repository, and what in it is meant.

    Attributes:
        repository: "owner/name".
        revision: Branch, tag or commit; empty for the default one.
        quantization: What stood behind a colon; for Docker Hub the tag. Empty for none.
        path: A file or folder inside the repository, empty for all of it.
    """

    source: Source = "huggingface"
    repository: str
    revision: str = ""
    quantization: str = ""
    path: str = ""


def looks_like_reference(text: str) -> bool:
    """Tell whether ``text`` could name a repository: it is one of the forms that ``parse_reference`` takes."""
    try:
        parse_reference(text)
    except AppError:
        return False
    return True


def parse_reference(text: str, mirrors: Collection[str] = ()) -> Reference:
    """Return what ``text`` means.

    Understood are ``owner/name``, ``owner/name:QUANT`` and ``owner/name@REVISION``, with or without ``hf.co/`` or
    ``huggingface.co/`` before them; addresses of a repository, of a revision or a folder (``/tree/REVISION``), and of
    a file (``/blob/…``, ``/resolve/…``); ``hf://owner/name``; and for Docker Hub ``docker.io/owner/name:tag`` and
    the addresses of its pages.

    Args:
        text: What was typed or pasted.
        mirrors: Hosts that serve the same repositories, such as that of ``HF_ENDPOINT``.

    Raises:
        AppError: It is none of these.
    """
    text = text.strip().strip("<>\"'`").strip()
    if not text or len(text) > _MAX_CHARACTERS or not text.isprintable():
        raise _unclear(text)
    for scheme in ("docker://", "oci://"):
        if text.lower().startswith(scheme):
            return _docker(text[len(scheme) :].removeprefix("docker.io/"), text)
    if text.lower().startswith("hf://"):
        return _hub(text[len("hf://") :], text)
    scheme, separator, rest = text.partition("://")
    if separator and scheme.lower() not in {"http", "https"}:
        raise _unclear(text)
    host, _slash, path = (rest if separator else text).partition("/")
    host = host.rpartition("@")[2].lower() if separator else host.lower()
    hosts = {*HUB_HOSTS, *(mirror.lower() for mirror in mirrors)}
    if host in _DOCKER_HOSTS:
        return _docker(path, text)
    if host in hosts or (host.partition(":")[0] in hosts and (separator or ":" in host)):
        return _hub_address(path, text)
    if separator:
        raise AppError("That address is not known", f"{host} is neither Hugging Face nor Docker Hub.", HINT)
    return _hub(text, text)


def host_of(endpoint: str) -> str:
    """Return the host of an address, with its port if it names one: "hf-mirror.com"; empty for no address."""
    try:
        return urlsplit(endpoint).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _hub_address(path: str, text: str) -> Reference:
    path = re.split(r"[?#]", path, maxsplit=1)[0]
    return _hub(unquote(path).strip("/"), text)


def _hub(path: str, text: str) -> Reference:
    parts = path.strip("/").split("/")
    if parts and parts[0] in _OTHER_KINDS and len(parts) > 1:
        raise AppError("That is not a model", f"“{text}” is {_OTHER_KINDS[parts[0]]} on Hugging Face.", HINT)
    if parts and parts[0] == "models":
        parts = parts[1:]
    if len(parts) < 2:
        raise _unclear(text)
    name, rest = "/".join(parts[:2]), parts[2:]
    if rest:
        revision, inside = _revision_and_path(rest)
        if revision is None or (inside and not is_safe_name(inside)):
            raise _unclear(text)
        return _checked(Reference(repository=name, revision=revision, path=inside), text)
    name, _colon, quantization = name.partition(":")
    name, _at, revision = name.partition("@")
    return _checked(Reference(repository=name, revision=revision, quantization=quantization), text)


def _revision_and_path(parts: list[str]) -> tuple[str | None, str]:
    """Split what follows "owner/name" in an address of a page; None where it is no page of a revision."""
    if parts[0] not in {"tree", "blob", "resolve", "raw"}:
        return ("", "") if parts[0] in {"discussions", "commits", "commit", "edit"} else (None, "")
    if len(parts) == 1:
        return "", ""
    n = 3 if parts[1] == "refs" and len(parts) > 3 else 1  # such as "refs/pr/2"
    return "/".join(parts[1 : 1 + n]), "/".join(parts[1 + n :])


def _docker(path: str, text: str) -> Reference:
    path = re.split(r"[?#]", path, maxsplit=1)[0].strip("/")
    parts = path.split("/")
    if parts[0] in {"r", "repository", "layers"}:  # pages of hub.docker.com
        parts = parts[1:]
        if parts and parts[0] == "docker":
            parts = parts[1:]
        tag = parts[2] if len(parts) > 2 and parts[2] not in {"tags", "general"} else ""
        return _checked(Reference(source="docker", repository="/".join(parts[:2]), quantization=tag), text)
    name, _colon, tag = path.partition(":")
    return _checked(Reference(source="docker", repository=name, quantization=tag), text)


def _checked(reference: Reference, text: str) -> Reference:
    name = reference.repository
    if not _REPOSITORY.fullmatch(name) or ".." in name or "--" in name or name.endswith(".git"):
        raise _unclear(text)
    if reference.revision and (not _REVISION.fullmatch(reference.revision) or ".." in reference.revision):
        raise _unclear(text)
    if reference.quantization and not _QUANTIZATION.fullmatch(reference.quantization):
        raise _unclear(text)
    return reference


def _unclear(text: str) -> AppError:
    shown = text if len(text) <= 100 else f"{text[:97]}…"
    plain = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in shown)
    return AppError("That names no repository", f"“{plain}” was not understood.", HINT)
