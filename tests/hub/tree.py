"""The side of the server that lists: /api/models/… of the Hugging Face Hub, with pages, gates and lies on demand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.hub.server import Exchange, Hub

COMMIT = "b82fb7382639d97b38fa7672e526c760c2fb358e"
SHA256 = "30b7554f" * 8


def lfs_file(path: str, size: int, sha256: str = SHA256) -> dict[str, Any]:
    """Return a file of a tree as the Hub lists one that is kept in LFS."""
    return {
        "type": "file",
        "oid": "0" * 40,
        "size": size,
        "path": path,
        "lfs": {"oid": sha256, "size": size, "pointerSize": 135},
    }


def plain_file(path: str, size: int) -> dict[str, Any]:
    """Return a file of a tree that is kept in git itself: no hash of its content is told."""
    return {"type": "file", "oid": "0" * 40, "size": size, "path": path}


@dataclass
class Repository:
    """A repository as the API describes it; ``token``: only who sends it may see it."""

    name: str
    tree: list[dict[str, Any]]
    token: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    revisions: Sequence[str] = ("main",)


@dataclass(frozen=True)
class Asked:
    """A question, noted before it is answered."""

    host: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Lie:
    """An answer to give instead of the true one, to requests whose path contains ``path``."""

    path: str = ""
    status: int = 200
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    cut_after: int | None = None


class ModelApi:
    """Adds /api/models to a hub.

    Attributes:
        page_size: Entries of a tree or a search on one page.
        asked: Every question so far.
        lies: What to answer instead, first match wins.
        next_host: What the ``Link`` header names as the server of the next page; empty for this one.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._repositories: dict[str, Repository] = {}
        self.asked: list[Asked] = []
        self.lies: list[Lie] = []
        self.clear()
        hub.add("/api/", self._answer)

    def clear(self) -> None:
        """Offer nothing, and be honest."""
        self._repositories.clear()
        self.lies.clear()
        self.asked.clear()
        self.page_size = 1000
        self.next_host = ""

    def offer(self, name: str, tree: list[dict[str, Any]], **more: Any) -> Repository:
        """Offer a repository with these files; ``more`` as in ``Repository``."""
        repository = Repository(name, tree, **more)
        self._repositories[name] = repository
        return repository

    def _answer(self, exchange: Exchange) -> None:
        self.asked.append(Asked(exchange.host, exchange.target, exchange.headers))
        for lie in self.lies:
            if lie.path in exchange.path:
                self._tell(exchange, lie)
                return
        path = exchange.path.removeprefix("/api/models").strip("/")
        if not path:
            self._search(exchange)
            return
        owner, _, rest = path.partition("/")
        name, _, rest = rest.partition("/")
        repository = self._repositories.get(f"{owner}/{name}")
        if repository is None or (repository.token and exchange.token != repository.token):
            self._error(exchange, 404 if exchange.token else 401, "RepoNotFound", "Repository not found")
            return
        kind, _, revision = rest.partition("/")
        if revision and revision not in {*repository.revisions, COMMIT}:
            self._error(exchange, 404, "RevisionNotFound", f"Invalid rev id: {revision}")
        elif kind == "tree":
            self._page(exchange, repository.tree)
        else:
            about = {"gated": False, "private": bool(repository.token), "tags": ["gguf", "license:apache-2.0"]}
            self._json(exchange, {"id": repository.name, "sha": COMMIT, "siblings": [], **about, **repository.about})

    def _search(self, exchange: Exchange) -> None:
        words = exchange.query.get("search", "").lower()
        found = [
            {"id": name, "downloads": 1000 - place, "likes": place, "lastModified": "2026-02-03T04:05:06.000Z"}
            for place, name in enumerate(self._repositories)
            if words in name.lower()
        ]
        self._page(exchange, found[: int(exchange.query.get("limit", "1000"))])

    def _page(self, exchange: Exchange, entries: list[dict[str, Any]]) -> None:
        start = int(exchange.query.get("cursor", "0"))
        end = start + self.page_size
        headers = {}
        if end < len(entries):
            host = self.next_host or self._hub.url
            headers["Link"] = f'<{host}{quote(exchange.path)}?recursive=true&cursor={end}>; rel="next"'
        self._json(exchange, entries[start:end], headers)

    def _error(self, exchange: Exchange, status: int, code: str, message: str) -> None:
        headers = {"X-Error-Code": code, "X-Error-Message": message, "Content-Type": "application/json"}
        exchange.reply(status, json.dumps({"error": message}), headers)

    def _json(self, exchange: Exchange, value: Any, headers: Mapping[str, str] | None = None) -> None:
        exchange.reply(200, json.dumps(value), {"Content-Type": "application/json", **(headers or {})})

    def _tell(self, exchange: Exchange, lie: Lie) -> None:
        if lie.hang:
            exchange.wait_for_the_end()
            return
        body = lie.body.encode() if isinstance(lie.body, str) else lie.body
        if lie.cut_after is None:
            exchange.reply(lie.status, body, lie.headers)
            return
        exchange.start(lie.status, lie.headers, len(body))
        exchange.write(body[: lie.cut_after])
        exchange.cut(hard=False)
