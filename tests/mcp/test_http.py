"""Servers reached over streamable HTTP: sessions, refusals, and answers without an end."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest

from app.tools.mcp.config import McpServer
from tests.mcp.harness import SCRIPT


@contextmanager
def running(port: int) -> Iterator[int]:
    """Run a server; the port is given where it has to be the one of before."""
    program = subprocess.Popen([sys.executable, SCRIPT, "http", str(port)], stderr=subprocess.DEVNULL)
    try:
        transport = httpx2.HTTPTransport(retries=8)  # until it listens; each try waits longer
        with httpx2.Client(transport=transport, trust_env=False) as client:
            client.get(f"http://127.0.0.1:{port}/mcp")
        yield port
    finally:
        program.kill()
        program.wait()


@pytest.fixture
def port() -> int:
    """Return a port that nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def remote(port: int, **fields) -> McpServer:
    return McpServer(name="far", url=f"http://127.0.0.1:{port}/mcp", **fields)


def test_tools_of_a_server_over_http_are_called(stable, port):
    with running(port):
        stable.add(remote(port))
        assert stable.call("mcp__far__add", a=40, b=2).content == "42"
        assert stable.view("far").about == "http server 1.2"


def test_server_that_forgot_the_session_is_lost_and_found_again(stable, port):
    with running(port):
        stable.add(remote(port))
    with running(port):
        result = stable.call("mcp__far__echo", text="x")
        assert result.outcome == "failed"
        assert "session" in stable.until_state("far", "ended").words
        stable.ahead_s = 30.0
        assert stable.call("mcp__far__echo", text="x").content == "x"


def test_server_that_is_not_there_is_said(stable, port):
    stable.servers.save(remote(port))
    stable.servers.approve("far", stable.until_state("far", "needs_approval").review.key)
    assert "address" in stable.until_state("far", "failed").words


class Rude(BaseHTTPRequestHandler):
    """Answers as its server's ``answer`` says, and keeps what it was sent."""

    def do_POST(self):
        self.server.seen.append({name.lower(): value for name, value in self.headers.items()})
        self.rfile.read(int(self.headers["content-length"]))
        status, headers, body = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for piece in body:
                self.wfile.write(piece)
        except OSError:
            self.server.was_left = True

    def log_message(self, *_):
        pass


@contextmanager
def rude(status, headers, body):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Rude)
    server.answer, server.seen, server.was_left = (status, headers, body), [], False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def refused(stable, server, **fields):
    stable.servers.save(remote(server.server_address[1], **fields))
    stable.servers.approve("far", stable.until_state("far", "needs_approval").review.key)
    return stable.until_state("far", "failed")


def test_refusal_is_said_and_headers_are_sent_but_never_told(stable):
    with rude(401, {"content-type": "text/plain"}, [b"who are you"]) as server:
        view = refused(stable, server, headers={"Authorization": "Bearer sesame"})
    assert server.seen[0]["authorization"] == "Bearer sesame"
    assert "status 401" in view.words
    assert "sesame" not in view.words + view.detail + repr(view)


def test_secrets_are_not_sent_to_where_a_server_points(stable):
    with rude(200, {}, []) as other:
        place = f"http://127.0.0.1:{other.server_address[1]}/mcp"
        with rude(307, {"location": place}, []) as server:
            refused(stable, server, headers={"Authorization": "Bearer sesame"})
    assert other.seen == []


def test_answer_without_an_end_is_given_up(stable):
    with rude(200, {"content-type": "application/json"}, (b"[" * 2**20 for _ in range(200))) as server:
        refused(stable, server)
        assert server.was_left
