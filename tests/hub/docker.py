"""The side of the server that imitates a Docker registry: tokens that expire, manifests, blobs that redirect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.hub.server import Exchange, Hub, Stored

GGUF_LAYER = "application/vnd.docker.ai.gguf.v3"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class DockerRegistry:
    """Adds /token and /v2/ to a hub; ``expire_tokens`` lets the tokens given out so far work no more."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._manifests: dict[tuple[str, str], dict[str, object]] = {}
        self._blobs: dict[str, Stored] = {}
        self._issued = 0
        self._oldest = 1
        hub.add("/token", self._give_token)
        hub.add("/v2/", self._serve)

    @property
    def issued(self) -> int:
        """How many tokens were given out."""
        return self._issued

    def publish(self, repository: str, tag: str, files: Mapping[str, bytes | Path]) -> list[Stored]:
        """Offer an artifact of GGUF layers, in order."""
        stored = self._hub.publish(repository, files)
        layers = [
            {
                "mediaType": GGUF_LAYER,
                "size": file.size,
                "digest": f"sha256:{file.sha256}",
                "annotations": {"org.cncf.model.filepath": file.name},
            }
            for file in stored
        ]
        self._blobs |= {f"sha256:{file.sha256}": file for file in stored}
        config = {"mediaType": "application/vnd.docker.ai.model.config.v0.1+json", "size": 2, "digest": "sha256:0"}
        self._manifests[repository, tag] = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config,
            "layers": layers,
        }
        return stored

    def blob_url(self, repository: str, file: Stored) -> str:
        """Return a blob's address."""
        return f"{self._hub.url}/v2/{repository}/blobs/sha256:{file.sha256}"

    def expire_tokens(self) -> None:
        """Let no token that was given out so far work any more."""
        self._oldest = self._issued + 1

    def _give_token(self, exchange: Exchange) -> None:
        self._issued += 1
        scope = exchange.query.get("scope", "")
        exchange.reply(200, json.dumps({"token": f"{self._issued}:{scope}", "expires_in": 300}))

    def _serve(self, exchange: Exchange) -> None:
        repository, kind, name = exchange.path.removeprefix("/v2/").rsplit("/", 2)
        scope = f"repository:{repository}:pull"
        number, _, for_scope = exchange.token.partition(":")
        if not number.isdigit() or int(number) < self._oldest or for_scope != scope:
            challenge = f'Bearer realm="{self._hub.url}/token",service="registry.docker.io",scope="{scope}"'
            exchange.reply(401, '{"errors":[{"code":"UNAUTHORIZED"}]}', {"WWW-Authenticate": challenge})
        elif kind == "manifests" and (manifest := self._manifests.get((repository, name))):
            exchange.reply(200, json.dumps(manifest), {"Content-Type": MANIFEST})
        elif kind == "tags" and name == "list":
            tags = [tag for owner, tag in self._manifests if owner == repository]
            exchange.reply(200, json.dumps({"name": repository, "tags": tags}))
        elif kind == "blobs" and (blob := self._blobs.get(name)):
            exchange.reply(307, "", {"Location": self._hub.signed(blob), "Docker-Content-Digest": name})
        else:
            exchange.reply(404, '{"errors":[{"code":"NAME_UNKNOWN"}]}')
