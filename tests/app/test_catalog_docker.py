"""Docker Hub as a source: every GGUF layer is a shard, tags with the same files are one variant."""

import hashlib
import json

import pytest

from app.catalog.errors import CatalogError
from app.catalog.service import Servers
from tests.app.catalogs import catalog as open_catalog
from tests.hub.docker import DockerRegistry
from tests.hub.server import Hub

NAME = "ai/qwen3-coder-next"
SHARDS = {f"M-{number:05d}-of-00003.gguf": b"GGUF" + bytes([number]) for number in range(1, 4)}


@pytest.fixture
def server():
    with Hub() as hub:
        yield hub


@pytest.fixture
def registry(server):
    return DockerRegistry(server)


@pytest.fixture
def docker(server):
    with open_catalog(Servers(registry=server.url, auth=server.url)) as opened:
        yield opened


def answer(server, manifest, blobs=None):
    """Let the registry answer with a manifest of the test's own."""

    def serve(exchange):
        kind, name = exchange.path.rsplit("/", 2)[1:]
        if kind == "tags":
            exchange.reply(200, json.dumps({"tags": ["latest"]}))
        elif kind == "manifests":
            exchange.reply(200, manifest if isinstance(manifest, str) else json.dumps(manifest))
        else:
            exchange.reply(200, (blobs or {}).get(name, b"{}"))

    server.add(f"/v2/{NAME}/", serve)


def layer(data=b"x", kind="application/vnd.docker.ai.gguf.v3", **more):
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return {"mediaType": kind, "size": len(data), "digest": digest, **more}


def failure(docker, text=f"docker.io/{NAME}"):
    with pytest.raises(CatalogError) as caught:
        docker.list(text)
    return caught.value


def test_all_layers_of_a_tag_are_shards_of_one_variant(server, registry, docker):
    stored = registry.publish(NAME, "80B-Q4_K_M", SHARDS)
    repository = docker.list(f"docker.io/{NAME}")
    (variant,) = repository.variants
    assert (variant.source, variant.quantization, variant.revision) == ("docker", "Q4_K_M", "80B-Q4_K_M")
    assert [file.name for file in variant.files] == list(SHARDS)
    assert [file.sha256 for file in variant.files] == [file.sha256 for file in stored]
    assert [file.url for file in variant.files] == [registry.blob_url(NAME, file) for file in stored]


def test_tags_of_the_same_files_are_listed_once_by_the_telling_name(registry, docker):
    for tag in ("latest", "80B-Q4_K_M"):
        registry.publish(NAME, tag, SHARDS)
    registry.publish(NAME, "80B-Q8_0", {"M-Q8_0.gguf": b"GGUF, but larger"})
    repository = docker.list(f"docker.io/{NAME}")
    assert [(variant.quantization, variant.revision) for variant in repository.variants] == [
        ("Q4_K_M", "80B-Q4_K_M"),
        ("Q8_0", "80B-Q8_0"),
    ]


def test_one_tag_can_be_asked_for(registry, docker):
    registry.publish(NAME, "80B-Q4_K_M", SHARDS)
    registry.publish(NAME, "80B-Q8_0", {"M-Q8_0.gguf": b"GGUF"})
    assert [variant.revision for variant in docker.list(f"docker.io/{NAME}:80B-Q8_0").variants] == ["80B-Q8_0"]


def test_the_config_tells_the_quantization(server, registry, docker):
    config = json.dumps({"config": {"quantization": "MOSTLY_Q5_K_M"}}).encode()
    about = layer(config, "application/vnd.docker.ai.model.config.v0.1+json")
    answer(server, {"config": about, "layers": [layer()]}, {about["digest"]: config})
    (variant,) = docker.list(f"docker.io/{NAME}").variants
    assert (variant.quantization, variant.files[0].name) == ("Q5_K_M", "qwen3-coder-next-Q5_K_M.gguf")


def test_layers_that_name_no_files_are_named_as_llama_cpp_wants(server, registry, docker):
    hostile = {"annotations": {"org.cncf.model.filepath": "../../x.gguf"}}
    answer(server, {"layers": [layer(b"1", **hostile), layer(b"2", **hostile), layer(b"3", "application/license")]})
    (variant,) = docker.list(f"docker.io/{NAME}").variants
    assert [file.name for file in variant.files] == [
        "qwen3-coder-next-latest-00001-of-00002.gguf",
        "qwen3-coder-next-latest-00002-of-00002.gguf",
    ]


def test_a_single_layer_with_a_hostile_name_is_named_anew(server, registry, docker):
    answer(server, {"layers": [layer(annotations={"org.cncf.model.filepath": "../../x-Q8_0.gguf"})]})
    (variant,) = docker.list(f"docker.io/{NAME}").variants
    assert variant.files[0].name == "qwen3-coder-next-latest.gguf"


def test_a_repository_without_models_says_so(server, registry, docker):
    answer(server, {"layers": [layer(b"1", "application/vnd.oci.image.layer.v1.tar+gzip")]})
    assert failure(docker).code == "no_models"


def test_a_repository_that_is_not_there_says_so(registry, docker):
    registry.publish(NAME, "latest", SHARDS)
    assert failure(docker, f"docker.io/{NAME}:v9").title.endswith("has no tag “v9” on Docker Hub")


@pytest.mark.parametrize(
    "manifest",
    [
        "<html>",
        "[]",
        '{"layers": 7}',
        '{"layers": [{"digest": 1}]}',
        "[" * 100_000,
        {"layers": [layer() | {"digest": "sha256:../../../etc"}]},
        {"layers": [layer() | {"size": -1}]},
    ],
    ids=["html", "list", "number", "digest", "deep", "path", "size"],
)
def test_a_manifest_that_is_none_is_not_believed(server, registry, docker, manifest):
    answer(server, manifest)
    assert failure(docker).code == "not_understood"


def test_a_registry_that_is_down_is_named(server, docker):
    server.add("/token", lambda exchange: exchange.reply(500, "no"))
    assert failure(docker).code == "server"
