"""What the Hugging Face Hub offers, through huggingface_hub's ``HfApi``. Runs in the catalog's child process only.

Nothing is sent but the question and, if there is one, the token: no telemetry, no list of installed packages, no
fetch of registries; and nothing is written to the user's Hugging Face cache.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

# Read once, when huggingface_hub is imported.
os.environ.update(
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_HUB_DISABLE_IMPLICIT_TOKEN="1",  # noqa: S106 - a switch; the token comes in the command
    HF_HUB_DISABLE_UPDATE_CHECK="1",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
)
os.environ.pop("HF_DEBUG", None)  # would log every request, headers included

from huggingface_hub import HfApi, close_session, set_client_factory
from huggingface_hub.errors import HfHubHTTPError

from app.catalog.errors import CatalogError
from app.catalog.grouping import group_variants
from app.catalog.http import CarefulClient
from app.catalog.quantizations import is_same, parse_quantization
from app.catalog.reference import Reference, host_of
from app.catalog.variants import FoundRepository, RemoteFile, Repository, Variant

MAX_FILES = 20_000
MAX_VARIANTS = 500
MAX_FOUND = 50
_SUGGESTIONS = 3
#: What huggingface_hub raises over JSON that is not the Hub's, or no JSON.
_NONSENSE = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)


class Hub:
    """One server that speaks the Hub's protocol, asked on behalf of one user.

    Args:
        endpoint: Such as "https://huggingface.co", or a mirror.
        token: A user access token; empty for none.
        version: Sawhorse's, for the user agent.
    """

    def __init__(self, endpoint: str, token: str = "", version: str = "") -> None:
        self._endpoint = endpoint.rstrip("/")
        self._host = host_of(self._endpoint)
        self._token = token
        if not (token.isascii() and token.isprintable() and " " not in token):
            raise CatalogError(
                "unauthorised",
                "That is not a token",
                "It holds characters that no token has.",
                "Copy it again; tokens of Hugging Face begin with “hf_”.",
            )
        agent = f"sawhorse/{version}" if version else "sawhorse"
        self._api = HfApi(endpoint=self._endpoint, token=token or False, headers={"user-agent": agent})

    def list_repository(self, reference: Reference) -> Repository:
        """Return the variants of a repository, pinned to the commit that its revision stands for now.

        Raises:
            CatalogError: It is not there, not open to this user, holds no GGUF files, or the server did not answer.
        """
        with self._asking():
            try:
                return self._list(reference)
            except HfHubHTTPError as error:
                raise self._refusal(error, reference) from error

    def search(self, words: str, limit: int = MAX_FOUND) -> tuple[FoundRepository, ...]:
        """Return repositories with GGUF files whose names hold ``words``, those most downloaded first.

        Raises:
            CatalogError: The server did not answer.
        """
        with self._asking():
            try:
                return tuple(self._search(words, limit))
            except HfHubHTTPError as error:
                raise self._refusal(error, None) from error

    def _list(self, reference: Reference) -> Repository:
        info = self._api.model_info(reference.repository, revision=reference.revision or None)
        repository = info.id if isinstance(info.id, str) and _NAME.fullmatch(info.id) else reference.repository
        revision, notes = _pinned(info.sha, reference.revision)
        tree = self._api.list_repo_tree(repository, recursive=True, revision=revision)
        files = _remote_files(tree, f"{self._endpoint}/{repository}/resolve/{quote(revision, safe='')}/", notes)
        grouping = group_variants("huggingface", repository, revision, files)
        variants = _wanted(grouping.variants, reference)
        if not variants:
            raise self._nothing(reference, repository, grouping.variants)
        if len(variants) > MAX_VARIANTS:
            notes.append(f"Only the first {MAX_VARIANTS} of {len(variants):,} variants are listed.")
        return Repository(
            source="huggingface",
            id=repository,
            revision=revision,
            variants=variants[:MAX_VARIANTS],
            gated=bool(info.gated),
            private=bool(info.private),
            license=_license(info.tags),
            n_params=_parameters(info.gguf),
            notes=(*notes, *grouping.notes),
        )

    def _search(self, words: str, limit: int) -> Iterator[FoundRepository]:
        found = self._api.list_models(search=words, filter="gguf", sort="downloads", limit=min(limit, MAX_FOUND))
        for info in found:
            if isinstance(info.id, str) and _NAME.fullmatch(info.id):
                changed = info.last_modified or info.created_at
                yield FoundRepository(
                    id=info.id,
                    downloads=_count(info.downloads),
                    likes=_count(info.likes),
                    updated=changed.date().isoformat() if changed else "",
                    gated=bool(info.gated),
                )

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Give huggingface_hub a client of ours for a while, and turn what it stumbles over into words."""
        if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
            raise CatalogError(
                "offline",
                "Sawhorse was told to stay offline",
                "HF_HUB_OFFLINE is set.",
                "Unset it to list repositories.",
            )
        client = CarefulClient(self._endpoint)
        set_client_factory(lambda: client)
        try:
            yield
        except _NONSENSE as error:
            raise CatalogError(
                "not_understood",
                f"{self._host} does not answer as a Hugging Face server does",
                "Its answer is not the expected JSON.",
                "A sign-in page of the network may stand between: open the address in a browser. "
                "If HF_ENDPOINT is set, check it.",
                f"{type(error).__name__}: {error}",
            ) from error
        finally:
            close_session()
            client.close()

    def _refusal(self, error: HfHubHTTPError, reference: Reference | None) -> CatalogError:
        response: Any = error.response
        status = response.status_code if response is not None else 0
        code = response.headers.get("x-error-code", "") if response is not None else ""
        name = reference.repository if reference else self._host
        page = f"{self._endpoint}/{name}"
        detail = str(error)
        if code == "GatedRepo":
            return _gated(name, page, has_token=bool(self._token), detail=detail)
        if status == 401 and self._token and code != "RepoNotFound":
            return CatalogError(
                "unauthorised",
                "The token was not accepted",
                f"{self._host} refused it (status 401): it may have been revoked, or lack the right to read.",
                f"Make a new one at {self._endpoint}/settings/tokens and set HF_TOKEN, or remove the old one.",
                detail,
            )
        if status == 403:
            return CatalogError(
                "unauthorised",
                f"{name} is not open to you",
                f"{self._host} refused it (status 403).",
                f"Open {page} in a browser to see why; the token may lack the right to read this repository.",
                detail,
            )
        if code == "RevisionNotFound" and reference is not None:
            return CatalogError(
                "not_found",
                f"{name} has no revision “{reference.revision}”",
                "There is no such branch, tag or commit.",
                "Leave the revision out to take the default branch.",
                detail,
            )
        if status in {401, 404} and reference is not None:
            return CatalogError(
                "not_found",
                f"There is no repository {name}",
                f"{self._host} has none by this name, or it is private"
                + (" and the token may not read it." if self._token else "; private ones need a token (HF_TOKEN)."),
                self._near(reference.repository),
                detail,
            )
        return CatalogError(
            "server", f"{self._host} did not answer the question", f"It answered with status {status}.", "", detail
        )

    def _nothing(self, reference: Reference, repository: str, variants: tuple[Variant, ...]) -> CatalogError:
        if variants:
            names = ", ".join(variant.quantization for variant in variants[:12])
            wanted = reference.path or reference.quantization
            return CatalogError("not_found", f"{repository} has no {wanted}", f"It has {names}.", "Take one of those.")
        return CatalogError(
            "no_models",
            f"{repository} holds no GGUF files",
            "Sawhorse loads models in the GGUF format; this repository has them in another, or none.",
            self._near(reference.repository, before="Others offer it as GGUF: "),
        )

    def _near(self, repository: str, before: str = "There is: ") -> str:
        """Return names close to a name, as a hint; a search that fails is no second failure."""
        name = re.sub(r"[-_.]?gguf$", "", repository.partition("/")[2], flags=re.IGNORECASE)
        try:
            found = [repo.id for repo in self._search(name, 20) if repo.id != repository]
        except (CatalogError, HfHubHTTPError, *_NONSENSE):
            found = []
        near = difflib.get_close_matches(repository, found, n=_SUGGESTIONS, cutoff=0.3) or found[:_SUGGESTIONS]
        return f"{before}{', '.join(near)}." if near else "Check the spelling, or search for a part of the name."


def _pinned(sha: object, wanted: str) -> tuple[str, list[str]]:
    if isinstance(sha, str) and _COMMIT.fullmatch(sha):
        return sha, []
    return wanted or "main", ["The server names no commit: files may change while they are fetched."]


def _remote_files(tree: Iterable[Any], base: str, notes: list[str]) -> Iterator[RemoteFile]:
    for count, entry in enumerate(tree):
        if count >= MAX_FILES:
            notes.append(f"Only the first {MAX_FILES:,} files of the repository were looked at.")
            return
        lfs = getattr(entry, "lfs", None)
        size = lfs.size if lfs is not None else getattr(entry, "size", None)
        if not isinstance(entry.path, str) or not isinstance(size, int):
            continue  # a folder, or nothing that can be fetched
        digest = lfs.sha256 if lfs is not None else ""
        sha256 = digest if isinstance(digest, str) and _SHA256.fullmatch(digest) else ""
        url = base + quote(entry.path.encode("utf-8", "replace"))
        yield RemoteFile(name=entry.path, url=url, size_bytes=size, sha256=sha256)


def _wanted(variants: tuple[Variant, ...], reference: Reference) -> tuple[Variant, ...]:
    """Return the variants that a file, a folder or a quantization in the reference leaves."""
    if path := reference.path:
        variants = tuple(
            variant
            for variant in variants
            if any(file.name == path or file.name.startswith(f"{path}/") for file in variant.files)
        )
    if quantization := reference.quantization:
        exact = tuple(variant for variant in variants if is_same(variant.quantization, quantization))
        close = (variant for variant in variants if is_same(parse_quantization(variant.files[0].name), quantization))
        variants = exact or tuple(close)
    return variants


def _gated(name: str, page: str, *, has_token: bool, detail: str) -> CatalogError:
    accept = f"Accept them at {page}"
    return CatalogError(
        "gated",
        f"{name} is given only to those who accept its terms",
        "The account of the token has not been admitted." if has_token else "No token was given.",
        f"{accept} with the token's account; some owners look at each request, which can take days."
        if has_token
        else f"{accept}, make a token at {page.split(name, maxsplit=1)[0]}settings/tokens, and set HF_TOKEN to it.",
        detail,
    )


def _license(tags: object) -> str:
    names = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return next((tag.removeprefix("license:")[:100] for tag in names if tag.startswith("license:")), "")


def _parameters(gguf: object) -> int:
    """Return the weights that the Hub counted in one of the repository's files."""
    total = gguf.get("total") if isinstance(gguf, dict) else None
    return _count(total)


def _count(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < 1 << 62 else 0
