"""The ways to a server: a proxy from the environment, a redirect that drops encryption."""

import msgspec
import pytest

from app.download.errors import DownloadError
from app.download.source import Source, open_client
from tests.download.harness import CHUNK, Downloads, content, publish, shards, task_for
from tests.hub.faults import Fault

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture
def proxied(hub, monkeypatch):
    """Let the hub be the proxy to a host that has no address."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HTTP_PROXY", hub.url)

    def away(variant):
        files = tuple(
            msgspec.structs.replace(file, url=file.url.replace(hub.url, "http://models.invalid"))
            for file in variant.files
        )
        return msgspec.structs.replace(variant, files=files)

    return away


def test_a_proxy_from_the_environment_is_used(hub, proxied, tmp_path):
    files = shards(4 * CHUNK)
    variant = proxied(publish(hub, files))
    task_for(variant, tmp_path).run()
    assert content(tmp_path, variant) == files


def test_the_process_is_told_of_the_proxy_too(hub, proxied, tmp_path):
    files = shards(4 * CHUNK)
    variant = proxied(publish(hub, files))
    with Downloads(tmp_path) as downloads:
        assert downloads.wait(downloads.queue.add(variant, downloads.models).id).state == "done"
        assert content(downloads.models, variant) == files


def test_a_proxy_that_cannot_be_used_is_said(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "gopher://nowhere")
    with pytest.raises(DownloadError) as caught:
        task_for(publish(hub, shards(CHUNK)), tmp_path).run()
    assert "proxy" in str(caught.value).lower()


def test_a_redirect_that_gives_up_encryption_is_not_followed(hub):
    variant = publish(hub, shards(CHUNK))
    with open_client(1, 1.0) as client:
        source = Source(client, variant.files[0], variant)
        with pytest.raises(DownloadError, match="encryption"):
            source._next("https://hub.example/a", "http://cdn.example/b")
        assert source._next("https://hub.example/a/b", "../c") == "https://hub.example/c"
        assert source._next("https://hub.example/a", "https://cdn.example/b") == "https://cdn.example/b"


def test_a_renamed_repository_is_followed_with_the_token(hub, tmp_path):
    files = shards(CHUNK)
    variant = publish(hub, files)
    hub.gate(variant.repository, "hf_secret")
    old = msgspec.structs.replace(variant.files[0], url=f"{hub.url}/old/name")
    hub.add("/old/", lambda exchange: exchange.reply(307, "", {"Location": variant.files[0].url}))
    task_for(msgspec.structs.replace(variant, files=(old,)), tmp_path, token="hf_secret").run()
    assert content(tmp_path, variant) == files


def test_a_body_without_a_length_arrives_too(hub, tmp_path):
    files = shards(3 * CHUNK)
    variant = publish(hub, files)
    data = files[variant.files[0].name]

    def chunked(exchange):
        start, _, end = exchange.headers["range"].removeprefix("bytes=").partition("-")
        piece = data[int(start) : int(end) + 1]
        headers = {"Transfer-Encoding": "chunked", "Content-Range": f"bytes {start}-{end}/{len(data)}"}
        exchange._handler.send_response(206)
        for name, value in headers.items():
            exchange._handler.send_header(name, value)
        exchange._handler.end_headers()
        for at in range(0, len(piece), 10_000):
            part = piece[at : at + 10_000]
            exchange._handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        exchange._handler.wfile.write(b"0\r\n\r\n")

    hub.add("/cdn/maker", chunked)
    task_for(variant, tmp_path).run()
    assert content(tmp_path, variant) == files


def test_a_redirect_to_nowhere_passes(hub, tmp_path):
    files = shards(CHUNK)
    variant = publish(hub, files)
    hub.faults.add(Fault(host="hub", redirect="ftp://nowhere/x"))
    task_for(variant, tmp_path).run()
    assert content(tmp_path, variant) == files
