"""Which servers and tokens are used, and what a service does when its child fails it."""

import httpx2
import pytest

from app.catalog.errors import CatalogError
from app.catalog.http import CarefulClient, network_error
from app.catalog.messages import Folder
from app.catalog.service import ENDPOINT, CatalogService, Servers, find_servers
from app.ipc.transport import ChildExit
from tests.hub.server import Hub
from tests.hub.tree import Lie, ModelApi

# --- servers and tokens -----------------------------------------------------------------------------------


def test_the_hub_is_asked_without_a_token_unless_there_is_one(tmp_path):
    servers = find_servers({"HF_HOME": str(tmp_path)})
    assert (servers.endpoint, servers.token) == (ENDPOINT, "")


@pytest.mark.parametrize("endpoint", ["https://hf-mirror.com/", "hf-mirror.com", " https://hf-mirror.com "])
def test_a_mirror_is_honoured(tmp_path, endpoint):
    assert find_servers({"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path)}).endpoint == "https://hf-mirror.com"


def test_the_token_of_the_variable_goes_before_the_kept_one(tmp_path):
    (tmp_path / "token").write_text("hf_kept\n")
    (tmp_path / "elsewhere").write_text("hf_elsewhere")
    home = {"HF_HOME": str(tmp_path)}
    assert find_servers({**home, "HF_TOKEN": "hf_mine"}).token == "hf_mine"
    assert find_servers(home).token == "hf_kept"
    assert find_servers({**home, "HF_TOKEN_PATH": str(tmp_path / "elsewhere")}).token == "hf_elsewhere"
    assert find_servers({**home, "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}).token == ""


def test_a_token_file_of_nonsense_is_no_token(tmp_path):
    (tmp_path / "token").write_bytes(b"\xff\x00\x01")
    assert find_servers({"HF_HOME": str(tmp_path)}).token == ""
    (tmp_path / "token").write_text("a\r\nX-Evil: 1")
    assert find_servers({"HF_HOME": str(tmp_path)}).token == ""


# --- children that fail -----------------------------------------------------------------------------------


class FakeTransport:
    pid = None

    def start(self, command, on_bytes, on_exit):
        self.on_bytes, self.on_exit = on_bytes, on_exit

    def write(self, data):
        self.written = data

    def kill(self):
        pass


def test_a_child_that_ends_is_an_error_for_the_one_who_asked():
    answers = []
    transport = FakeTransport()
    service = CatalogService(transport, Servers())
    service.scan([Folder(place="folder", path="/x")], answers.append)
    transport.on_exit(ChildExit(code=1, stderr_tail="MemoryError\n"))
    (error,) = answers
    assert isinstance(error, CatalogError)
    assert (error.code, "MemoryError" in error.message) == ("ended", True)


def test_a_closed_service_calls_nobody():
    answers = []
    transport = FakeTransport()
    service = CatalogService(transport, Servers())
    service.search("x", answers.append)
    service.close()
    transport.on_exit(ChildExit(code=0))
    assert not answers


def test_the_token_travels_in_the_command():
    transport = FakeTransport()
    service = CatalogService(transport, Servers(token="hf_mine"))
    service.list_repository(service.parse("o/r"), lambda _answer: None)
    assert b"hf_mine" in transport.written


# --- the careful client -----------------------------------------------------------------------------------


@pytest.fixture
def server():
    with Hub() as hub:
        yield hub


def test_a_server_that_hangs_is_given_up(server):
    ModelApi(server).lies.append(Lie(hang=True))
    with CarefulClient(server.url, timeout=httpx2.Timeout(0.2)) as client, pytest.raises(CatalogError) as caught:
        client.get(f"{server.url}/api/models")
    assert caught.value.code == "timeout"


def test_a_server_that_drips_is_given_up(server):
    ModelApi(server)
    ticks = iter([0, 10, 50])  # when it begins, before the request, after the first piece of the answer
    with CarefulClient(server.url, clock=lambda: next(ticks)) as client, pytest.raises(CatalogError) as caught:
        client.get(f"{server.url}/api/models")
    assert (caught.value.code, "too slow" in caught.value.title) == ("timeout", True)


def test_a_flood_is_cut_off(server, monkeypatch):
    monkeypatch.setattr("app.catalog.http.MAX_BODY_BYTES", 1000)
    ModelApi(server).lies.append(Lie(body="x" * 2000))
    with CarefulClient(server.url) as client, pytest.raises(CatalogError) as caught:
        client.get(f"{server.url}/api/models")
    assert caught.value.code == "too_large"


def test_circles_of_redirects_are_given_up(server):
    ModelApi(server).lies.append(Lie(status=302, headers={"Location": "/api/models"}))
    with CarefulClient(server.url) as client, pytest.raises(CatalogError) as caught:
        client.get(f"{server.url}/api/models")
    assert "in circles" in caught.value.title


def test_what_a_mirror_says_is_on_the_hub_is_asked_of_the_mirror(server):
    api = ModelApi(server)
    with CarefulClient(server.url) as client:
        answer = client.get("https://huggingface.co/api/models", headers={"authorization": "Bearer hf_mine"})
    assert answer.status_code == 200
    assert api.asked[0].headers["authorization"] == "Bearer hf_mine"


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (httpx2.ConnectError("[Errno -2] Name or service not known: getaddrinfo failed"), "offline", "was not found"),
        (httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"), "offline", "not secure"),
        (httpx2.ConnectError("[Errno 111] Connection refused"), "offline", "cannot be reached"),
        (httpx2.ConnectTimeout("timed out"), "timeout", "does not answer"),
        (httpx2.ProxyError("407 Proxy Authentication Required"), "proxy", "proxy"),
        (httpx2.RemoteProtocolError("peer closed connection"), "offline", "broke"),
    ],
)
def test_every_trouble_of_a_network_has_words_of_its_own(error, code, words):
    told = network_error(error, "huggingface.co")
    assert (told.code, words in told.title.lower()) == (code, True)
    assert told.hint or told.message
