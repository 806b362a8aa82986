"""Docker's registry as a source: its short-lived tokens, its redirects, its digests."""

import pytest

from app.catalog.variants import RemoteFile, Variant
from app.download.errors import DownloadError
from tests.download.harness import CHUNK, content, shards, task_for
from tests.hub.docker import DockerRegistry
from tests.hub.faults import Fault

SIZE = 24 * CHUNK


@pytest.fixture
def registry(hub):
    return DockerRegistry(hub)


def publish(registry, files, repository="ai/qwen3-coder-next"):
    stored = registry.publish(repository, "latest", files)
    return Variant(
        source="docker",
        repository=repository,
        revision="latest",
        quantization="Q4_K_M",
        files=tuple(
            RemoteFile(
                name=file.name, url=registry.blob_url(repository, file), size_bytes=file.size, sha256=file.sha256
            )
            for file in stored
        ),
    )


def test_all_layers_of_a_sharded_artifact_arrive(hub, registry, tmp_path):
    files = shards(SIZE, 3)
    variant = publish(registry, files)
    task_for(variant, tmp_path).run()
    assert content(tmp_path, variant) == files
    assert hub.sent_bytes == variant.size_bytes
    assert registry.issued == len(files)


def test_a_token_that_expires_in_the_middle_is_renewed(hub, registry, tmp_path):
    files = shards(SIZE)
    variant = publish(registry, files)
    for _ in range(4):
        hub.faults.add(Fault(status=403))  # the signed address is gone, so the registry is asked again
    issue = registry._give_token

    def give(exchange):
        registry.expire_tokens()
        issue(exchange)

    hub.add("/token", give)
    hub._handlers.sort(key=lambda entry: entry[1] is not give)
    task_for(variant, tmp_path).run()
    assert content(tmp_path, variant) == files


def test_tokens_stay_with_the_registry_and_the_hubs_token_never_gets_there(hub, registry, tmp_path):
    variant = publish(registry, shards(SIZE))
    task_for(variant, tmp_path, token="hf_secret").run()
    assert not any("hf_secret" in seen.headers.get("authorization", "") for seen in hub.requests)
    assert not any("authorization" in seen.headers for seen in hub.requests if seen.host == "cdn")


def test_a_digest_that_is_wrong_is_not_accepted(hub, registry, tmp_path):
    variant = publish(registry, shards(SIZE))
    hub.faults.add(Fault(flip_at=3 * CHUNK, times=float("inf")))
    with pytest.raises(DownloadError) as caught:
        task_for(variant, tmp_path).run()
    assert caught.value.code == "hash"
    assert not content(tmp_path, variant)


def test_a_repository_that_is_not_there_is_said(hub, registry, tmp_path):
    variant = publish(registry, shards(CHUNK))
    registry._blobs.clear()
    with pytest.raises(DownloadError) as caught:
        task_for(variant, tmp_path).run()
    assert caught.value.code == "not_found"
