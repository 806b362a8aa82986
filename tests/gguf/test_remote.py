"""Headers over HTTP: few bytes, whatever the server does, and the token for the hub alone."""

import pytest

from app.catalog.variants import RemoteFile
from app.errors import AppError
from app.gguf.read import read_local
from app.gguf.remote import read_remote
from tests.hub.docker import DockerRegistry
from tests.hub.faults import Fault
from tests.hub.server import Hub, Stored

REPOSITORY = "qwen/next-gguf"
MB = 1_000_000


@pytest.fixture
def hub():
    with Hub() as opened:
        yield opened


def publish(hub, paths):
    """Offer files without reading their gigabytes for a hash."""
    for path in paths:
        hub._files[REPOSITORY, path.name] = Stored(REPOSITORY, path.name, path, path.stat().st_size, "0" * 64)
    return [
        RemoteFile(name=path.name, url=hub.file_url(REPOSITORY, path.name), size_bytes=path.stat().st_size)
        for path in paths
    ]


@pytest.fixture
def tiny_file(hub, tiny_model):
    return publish(hub, [tiny_model])


def test_a_sharded_model_of_48_gb_is_read_with_less_than_16_mb(hub, model_builder):
    shards = model_builder.full_shape_shards()
    assert sum(path.stat().st_size for path in shards) > 48_000 * MB
    read = read_remote(publish(hub, shards))
    assert read.model.tensors == read_local(shards).model.tensors
    assert read.fetched_bytes < 16 * MB
    assert hub.sent_bytes < 16 * MB


def test_what_was_fetched_is_counted_as_the_server_counts_it(tiny_model):
    with Hub() as hub:
        read = read_remote(publish(hub, [tiny_model]))
    assert 0 < read.fetched_bytes == hub.sent_bytes  # a closed server has written everything down


def test_progress_is_told_as_bytes_come(hub, model_builder):
    told = []
    read = read_remote(publish(hub, [model_builder.full_shape()]), on_fetched=told.append)
    assert told == sorted(set(told))
    assert len(told) >= 4
    assert told[-1] <= read.fetched_bytes


def test_a_server_that_ignores_ranges_is_read_from_the_start_and_left(hub, model_builder):
    files = publish(hub, [model_builder.full_shape()])
    hub.faults.add(Fault(ignore_range=True, times=100))
    read = read_remote(files)
    assert len(read.model.tensors) == 843
    assert read.fetched_bytes < 32 * MB


def test_a_signed_address_that_has_expired_is_asked_for_again(hub, model_builder, monkeypatch):
    files = publish(hub, [model_builder.full_shape()])
    answer = hub.answer

    def answer_and_expire(exchange):
        answer(exchange)
        if exchange.path.startswith("/cdn/"):
            hub.expire_links()

    monkeypatch.setattr(hub, "answer", answer_and_expire)
    assert len(read_remote(files).model.tensors) == 843
    assert [seen.status for seen in hub.requests if seen.path.startswith("/cdn/")].count(403) >= 1


def test_the_token_goes_to_the_hub_and_not_to_where_it_leads(tiny_model):
    with Hub() as hub:
        hub.gate(REPOSITORY, "secret")
        read_remote(publish(hub, [tiny_model]), "secret", hub.url.removeprefix("http://"))
    tokens = {(seen.host, seen.headers.get("authorization", "")) for seen in hub.requests}
    assert tokens == {("hub", "Bearer secret"), ("cdn", "")}


def test_the_token_is_for_one_host_with_its_port(tiny_model):
    with Hub() as hub:
        read_remote(publish(hub, [tiny_model]), "secret", "127.0.0.1:1")
    assert hub.requests
    assert all("authorization" not in seen.headers for seen in hub.requests)


def test_a_gated_model_is_refused_with_what_to_do(hub, tiny_file):
    hub.gate(REPOSITORY, "secret")
    with pytest.raises(AppError, match="permission") as refused:
        read_remote(tiny_file)
    assert "access token" in refused.value.hint


@pytest.mark.parametrize(
    ("status", "words"), [(404, "no longer"), (429, "busy"), (503, "busy"), (500, "answers 500"), (416, "answers 416")]
)
def test_a_refusal_is_put_into_words(hub, tiny_file, status, words):
    hub.faults.add(Fault(host="hub", status=status, times=10))
    with pytest.raises(AppError, match=words):
        read_remote(tiny_file)


def test_a_file_of_another_length_is_not_the_one_that_was_listed(hub, tiny_model, tiny_file):
    changed = [RemoteFile(name=file.name, url=file.url, size_bytes=file.size_bytes + 32) for file in tiny_file]
    with pytest.raises(AppError, match="not the one that was listed"):
        read_remote(changed)


def test_a_connection_that_is_cut_is_told_with_its_bytes(hub, tiny_file):
    hub.faults.add(Fault(cut_after=1000, times=10))
    with pytest.raises(AppError, match="cannot be reached"):
        read_remote(tiny_file)


def test_a_connection_that_is_cut_once_is_made_again(hub, tiny_file, tiny_model):
    hub.faults.add(Fault(cut_after=1000))
    assert read_remote(tiny_file).model.tensors == read_local([tiny_model]).model.tensors


def test_a_server_that_is_not_there_is_named(tiny_model):
    file = RemoteFile(name="a.gguf", url="http://127.0.0.1:9/a.gguf", size_bytes=100)
    with pytest.raises(AppError, match=r"127\.0\.0\.1"):
        read_remote([file])


def test_endless_redirects_end(hub, tiny_file):
    hub.faults.add(Fault(host="hub", redirect=tiny_file[0].url, times=100))
    with pytest.raises(AppError, match="circles"):
        read_remote(tiny_file)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "//[", "http://[::1"])
def test_a_redirect_to_anything_but_http_is_refused(hub, tiny_file, target):
    hub.faults.add(Fault(host="hub", redirect=target, times=100))
    with pytest.raises(AppError):
        read_remote(tiny_file)


def test_a_registry_gives_its_own_token_and_it_stays_there(tiny_model):
    with Hub() as hub:
        registry = DockerRegistry(hub)
        (stored,) = registry.publish("ai/tiny", "latest", {"tiny.gguf": tiny_model})
        file = RemoteFile(name="tiny.gguf", url=registry.blob_url("ai/tiny", stored), size_bytes=stored.size)
        assert read_remote([file], "hub-secret", "huggingface.co").model.first.text("general.name")
    assert registry.issued == 1
    assert all("authorization" not in seen.headers for seen in hub.requests if seen.host == "cdn")
