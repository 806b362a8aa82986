"""The server: ``with Hub() as hub``; ``hub.publish`` files, ``hub.faults.add`` trouble, look at ``hub.requests``.

Two listeners, as in life: ``hub.url`` knows names and tokens and redirects to signed addresses of ``hub.cdn_url``,
which sends the bytes and must never see a token. ``hub.add(prefix, handler)`` hooks further handlers in.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.hub.faults import Fault, Faults, Host

REVISION = "0123456789abcdef0123456789abcdef01234567"
PIECE_BYTES = 64 * 1024
SLOW_PIECE_BYTES = 8 * 1024
SETTLE_S = 2.0


@dataclass(frozen=True)
class Stored:
    """A published file; ``data`` is its bytes or where they lie."""

    repository: str
    name: str
    data: bytes | Path
    size: int
    sha256: str
    is_lfs: bool = True

    def read(self, start: int, length: int) -> bytes:
        """Return a piece."""
        if isinstance(self.data, bytes):
            return self.data[start : start + length]
        with self.data.open("rb") as file:
            file.seek(start)
            return file.read(length)


@dataclass(frozen=True)
class Seen:
    """A request the server got, and how many bytes of body it sent for it."""

    host: Host
    method: str
    path: str
    headers: Mapping[str, str]
    status: int
    sent: int

    @property
    def range(self) -> str:
        """The Range header."""
        return self.headers.get("range", "")


class Exchange:
    """One request and its answer, for handlers; ``query`` holds the last value of each name."""

    def __init__(self, hub: Hub, handler: BaseHTTPRequestHandler, host: Host) -> None:
        parts = urlsplit(handler.path)
        self.hub = hub
        self.host = host
        self.method = handler.command
        self.target = handler.path
        self.path = unquote(parts.path)
        self.query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.status = 0
        self.sent = 0
        self._handler = handler

    @property
    def token(self) -> str:
        """The bearer token that came with it."""
        return self.headers.get("authorization", "").removeprefix("Bearer ").strip()

    def start(self, status: int, headers: Mapping[str, str], length: int) -> None:
        """Send the status and headers."""
        self.status = status
        self._handler.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()

    def reply(self, status: int, body: bytes | str = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send a whole answer."""
        data = body.encode() if isinstance(body, str) else body
        self.start(status, headers or {}, len(data))
        if self.method != "HEAD":
            self.write(data)

    def write(self, data: bytes) -> None:
        """Send a piece of the body."""
        self._handler.wfile.write(data)
        self.sent += len(data)

    def cut(self, *, hard: bool) -> None:
        """Close the connection in the middle."""
        if hard:
            self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._handler.close_connection = True

    def send_file(self, file: Path, start: int, length: int) -> None:
        """Send a piece of a file as fast as the system can."""
        self._handler.wfile.flush()
        with file.open("rb") as stream:
            self.sent += self._handler.connection.sendfile(stream, start, length)

    def wait_for_the_end(self) -> None:
        """Send nothing until the client goes or the server is closed."""
        connection = self._handler.connection
        connection.settimeout(0.05)
        while not self.hub.is_closing.is_set():
            with contextlib.suppress(TimeoutError):
                if not connection.recv(1):
                    break
        self._handler.close_connection = True


Handle = Callable[[Exchange], None]


class Hub:
    """The two listeners and what they offer.

    Attributes:
        faults: What is still to go wrong.
        requests: Every request answered so far.
        rate: Most bytes per second and connection; 0 for no limit.
        most_at_once: How many requests were answered at the same time, at most.
        revision: What published files are pinned to.
    """

    def __init__(self, *, send_buffer: int = 0) -> None:
        self.faults = Faults()
        self.requests: list[Seen] = []
        self.rate = 0.0
        self.most_at_once = 0
        self._active = 0
        self.revision = REVISION
        self.is_closing = threading.Event()
        self._send_buffer = send_buffer
        self._files: dict[tuple[str, str], Stored] = {}
        self._gates: dict[str, str] = {}
        self._links = 0
        self._oldest_link = 0
        self._handlers: list[tuple[str, Handle]] = []
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._connections: set[socket.socket] = set()
        self._servers = {host: self._listen(host) for host in ("hub", "cdn")}
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.05,)) for server in self._servers.values()
        ]
        self.add("/cdn/", _send_content)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closing.set()
        for server in self._servers.values():
            server.shutdown()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for server in self._servers.values():
            server.server_close()  # waits for its threads
        for thread in self._threads:
            thread.join()

    @property
    def url(self) -> str:
        """Where names are resolved; what HF_ENDPOINT would be."""
        return f"http://127.0.0.1:{self._servers['hub'].server_port}"

    @property
    def cdn_url(self) -> str:
        """Where the bytes come from."""
        return f"http://127.0.0.1:{self._servers['cdn'].server_port}"

    @property
    def sent_bytes(self) -> int:
        """Bytes of file content sent so far; answers that are about to end are waited for."""
        with self._idle:
            self._idle.wait_for(lambda: not self._active, SETTLE_S)
        return sum(seen.sent for seen in list(self.requests) if seen.path.startswith("/cdn/"))

    def add(self, path_prefix: str, handler: Handle) -> None:
        """Let ``handler`` answer requests whose path begins so; the longest prefix wins."""
        self._handlers.append((path_prefix, handler))
        self._handlers.sort(key=lambda entry: -len(entry[0]))

    def publish(self, repository: str, files: Mapping[str, bytes | Path], *, is_lfs: bool = True) -> list[Stored]:
        """Offer files of a repository."""
        stored = []
        for name, data in files.items():
            if isinstance(data, bytes):
                size, digest = len(data), hashlib.sha256(data).hexdigest()
            else:
                with data.open("rb") as stream:
                    size, digest = data.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest()
            file = Stored(repository, name, data, size, digest, is_lfs)
            self._files[repository, name] = file
            stored.append(file)
        return stored

    def files_of(self, repository: str) -> list[Stored]:
        """Return what a repository offers, in the order it was published."""
        return [file for (owner, _), file in self._files.items() if owner == repository]

    def file_url(self, repository: str, name: str) -> str:
        """Return a file's address at the pinned revision."""
        return f"{self.url}/{repository}/resolve/{self.revision}/{quote(name)}"

    def gate(self, repository: str, token: str) -> None:
        """Let only ``token`` in."""
        self._gates[repository] = token

    def gate_of(self, repository: str) -> str:
        """Return the token a repository asks for, empty for none."""
        return self._gates.get(repository, "")

    def expire_links(self) -> None:
        """Let no signed address that was given out so far work any more."""
        self._oldest_link = self._links + 1

    def signed(self, file: Stored) -> str:
        """Give out a new signed address."""
        with self._lock:
            self._links += 1
            link = self._links
        return f"{self.cdn_url}/cdn/{quote(file.repository)}/{quote(file.name)}?signature={link}"

    def is_valid(self, exchange: Exchange) -> bool:
        """Tell whether a signed address still works."""
        return int(exchange.query.get("signature", "0")) >= max(1, self._oldest_link)

    def find(self, path: str, before: str, after: str) -> Stored | None:
        """Return the file of a path such as before + repository + after + name."""
        for file in self._files.values():
            if path == f"{before}{file.repository}{after}{file.name}":
                return file
        return None

    def answer(self, exchange: Exchange) -> None:
        """Answer one request and remember it."""
        with self._lock:
            self._active += 1
            self.most_at_once = max(self.most_at_once, self._active)
        try:
            handler = next((handle for prefix, handle in self._handlers if exchange.path.startswith(prefix)), None)
            if handler is not None:
                handler(exchange)
            elif "/resolve/" in exchange.path:
                _resolve(exchange)
            else:
                exchange.reply(404, "Not found")
        except OSError:  # the client has gone
            exchange.cut(hard=False)
        finally:
            seen = Seen(
                exchange.host, exchange.method, exchange.target, exchange.headers, exchange.status, exchange.sent
            )
            with self._lock:
                self._active -= 1
                self.requests.append(seen)
                self._idle.notify_all()

    def _listen(self, host: Host) -> ThreadingHTTPServer:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 0

            def setup(self) -> None:
                super().setup()
                hub._connections.add(self.connection)
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if hub._send_buffer:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, hub._send_buffer)

            def finish(self) -> None:
                hub._connections.discard(self.connection)
                super().finish()

            def do_GET(self) -> None:
                hub.answer(Exchange(hub, self, host))

            do_HEAD = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = False
            request_queue_size = 64

            def handle_error(self, *_: Any) -> None:
                pass  # a client that goes in the middle is what these tests are about

        return Server(("127.0.0.1", 0), Handler)


def _resolve(exchange: Exchange) -> None:
    """Answer /owner/name/resolve/revision/file as the Hub does: errors in headers, else a signed redirect."""
    hub = exchange.hub
    fault = hub.faults.take("hub", exchange.path, range(0))
    hub.is_closing.wait(fault.latency_s)
    repository, _, rest = exchange.path.lstrip("/").partition("/resolve/")
    revision, _, name = rest.partition("/")
    gate = hub.gate_of(repository)
    file = hub.find(f"{repository}/{name}", "", "/")
    if fault.status:
        _refuse(exchange, fault)
    elif gate and exchange.token != gate:
        status = 403 if exchange.token else 401
        exchange.reply(status, "Access to this model is restricted", {"X-Error-Code": "GatedRepo"})
    elif not hub.files_of(repository):
        exchange.reply(401, "Repository not found", {"X-Error-Code": "RepoNotFound"})
    elif revision != hub.revision:
        exchange.reply(404, "Invalid revision", {"X-Error-Code": "RevisionNotFound"})
    elif file is None:
        exchange.reply(404, "Entry not found", {"X-Error-Code": "EntryNotFound"})
    else:
        headers = {"Location": fault.redirect or hub.signed(file), "X-Repo-Commit": hub.revision}
        if file.is_lfs:
            headers["X-Linked-Etag"] = f'"{fault.linked_etag or file.sha256}"'
            headers["X-Linked-Size"] = str(file.size if fault.size is None else fault.size)
        exchange.reply(302, "Found", headers)


def _refuse(exchange: Exchange, fault: Fault) -> None:
    headers = {**fault.headers, **({"Retry-After": fault.retry_after} if fault.retry_after else {})}
    exchange.reply(fault.status, fault.body or "no", headers)


def _send_content(exchange: Exchange) -> None:
    """Answer a signed address: a file or a range of it, or what the next fault says."""
    hub = exchange.hub
    file = hub.find(exchange.path, "/cdn/", "/")
    if file is None or not hub.is_valid(exchange):
        exchange.reply(403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
        return
    asked = _asked(exchange, file.size)
    fault = hub.faults.take("cdn", exchange.path, asked)
    hub.is_closing.wait(fault.latency_s)
    if fault.status:
        _refuse(exchange, fault)
        return
    etag = f'"{fault.etag or file.sha256[:32]}"'
    size = file.size if fault.size is None else fault.size
    is_whole = "range" not in exchange.headers or fault.ignore_range
    if exchange.headers.get("if-range", etag) != etag:
        is_whole = True
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
    if is_whole:
        asked = range(size)
        exchange.start(200, headers, size)
    elif not asked:
        exchange.reply(416, "", {"Content-Range": f"bytes */{size}"})
        return
    else:
        headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{size}"
        exchange.start(206, headers, len(asked))
    if exchange.method != "HEAD":
        _send_body(exchange, file, asked, fault)


def _asked(exchange: Exchange, size: int) -> range:
    unit, _, rest = exchange.headers.get("range", "").partition("=")
    if unit != "bytes":
        return range(size)
    start, _, end = rest.partition("-")
    return range(int(start), min(size, int(end) + 1) if end else size)


def _send_body(exchange: Exchange, file: Stored, asked: range, fault: Fault) -> None:
    hub = exchange.hub
    ends = [end for end in (fault.cut_after, fault.stall_after) if end is not None]
    stop = min([asked.stop, *(asked.start + end for end in ends)])
    if isinstance(file.data, Path) and not hub.rate and fault.flip_at is None:
        if stop > asked.start:
            exchange.send_file(file.data, asked.start, stop - asked.start)
    else:
        step = SLOW_PIECE_BYTES if hub.rate else PIECE_BYTES
        for position in range(asked.start, stop, step):
            piece = bytearray(file.read(position, min(step, stop - position)))
            if hub.rate:
                hub.is_closing.wait(len(piece) / hub.rate)
            if fault.flip_at is not None and position <= fault.flip_at < position + len(piece):
                piece[fault.flip_at - position] ^= 0xFF
            exchange.write(bytes(piece))
    if fault.stall_after is not None:
        exchange.wait_for_the_end()
    elif stop < asked.stop:
        exchange.cut(hard=fault.reset)
