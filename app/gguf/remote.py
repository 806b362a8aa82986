"""Reads the beginning of a file on a server, in ranges, and counts what that costs.

Redirects are followed by hand: a token is for the hub alone and must not reach the store it redirects to, whose
signed addresses are asked for again once they no longer work. A server that knows no ranges is read from the start
and left as soon as there is enough.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import httpx2

from app.catalog.variants import RemoteFile
from app.errors import AppError
from app.gguf.read import HeadersRead, joined

TIMEOUT_S = 30.0
MAX_REDIRECTS = 8
#: Of each part: a connection may break, a signed address expire.
TRIES = 3
_PIECE_BYTES = 64 * 1024
#: Progress is told after every so many bytes.
_TOLD_BYTES = 256 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


def read_remote(
    files: Sequence[RemoteFile],
    token: str = "",
    token_host: str = "",
    on_fetched: Callable[[int], None] = lambda _total: None,
) -> HeadersRead:
    """Read the headers of files on a server; a few megabytes, however large the files are.

    Args:
        token: The hub's access token; empty for none.
        token_host: The only host (with its port, if any) it is ever sent to.
        on_fetched: Hears how many bytes were fetched so far.

    Raises:
        GgufError: They are not the files of one GGUF model.
        AppError: The server refuses or cannot be reached.
    """
    with contextlib.closing(RemoteReader(token, token_host, on_fetched)) as reader:
        read = joined([RemoteFileSource(file, reader) for file in files])
        return HeadersRead(read.model, read.heads, reader.fetched_bytes)


class RemoteReader:
    """Makes the requests; one for all files of a model, so that connections are used again.

    Args:
        token: The hub's access token; empty for none.
        token_host: The only host (with its port, if any) it is ever sent to.
        on_fetched: Hears how many bytes were fetched so far.
    """

    def __init__(
        self, token: str = "", token_host: str = "", on_fetched: Callable[[int], None] = lambda _total: None
    ) -> None:
        self.fetched_bytes = 0
        self._on_fetched = on_fetched
        self._token, self._token_host = token, token_host
        self._bearers: dict[str, str] = {}  # by host, what a registry gave to whoever asked
        self._client = httpx2.Client(timeout=TIMEOUT_S, follow_redirects=False)

    def count(self, size: int) -> None:
        """Note that so many bytes came."""
        before, self.fetched_bytes = self.fetched_bytes, self.fetched_bytes + size
        if before // _TOLD_BYTES != self.fetched_bytes // _TOLD_BYTES:
            self._on_fetched(self.fetched_bytes)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    @contextmanager
    def open(self, url: str, headers: dict[str, str]) -> Iterator[tuple[httpx2.Response, str]]:
        """Request ``url``, wherever it leads; yield the answer and the address it came from.

        Raises:
            AppError: The server refuses, is not there, or leads astray.
        """
        at = url
        for _ in range(MAX_REDIRECTS):
            try:
                with self._client.stream("GET", at, headers={**headers, **self._authorisation(at)}) as response:
                    if response.status_code in _REDIRECTS and "location" in response.headers:
                        at = _next_address(at, response.headers["location"])
                        continue
                    if response.status_code == 401 and self._answer_challenge(at, response):
                        continue
                    yield response, at
                    return
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise BrokenOff(
                    "The model's server cannot be reached",
                    f"{urlsplit(at).hostname}: {error or type(error).__name__}.",
                    "Check the network connection, and try again.",
                ) from error
        raise AppError(
            "The model's server leads in circles",
            f"{urlsplit(url).hostname} redirects more than {MAX_REDIRECTS} times.",
            "Try again later, or another repository.",
        )

    def _authorisation(self, url: str) -> dict[str, str]:
        host = urlsplit(url).netloc.lower()
        if self._token and host == self._token_host.lower():
            return {"Authorization": f"Bearer {self._token}"}
        return {"Authorization": f"Bearer {self._bearers[host]}"} if host in self._bearers else {}

    def _answer_challenge(self, url: str, response: httpx2.Response) -> bool:
        """Fetch the token a registry (Docker Hub) gives to anybody, as its answer says; once for each host."""
        host = urlsplit(url).netloc.lower()
        challenge = response.headers.get("www-authenticate", "")
        fields = dict(_CHALLENGE.findall(challenge))
        realm = fields.pop("realm", "")
        if not challenge.lower().startswith("bearer ") or not realm or host in self._bearers:
            return False
        if urlsplit(realm).scheme != urlsplit(url).scheme:
            return False
        answer = self._client.get(realm, params=fields)
        self.count(len(answer.content))
        try:
            token = answer.json().get("token", "") if answer.status_code == 200 else ""
        except ValueError:
            token = ""
        if isinstance(token, str) and token:
            self._bearers[host] = token
        return bool(token)


class RemoteFileSource:
    """One file on a server, as ``ByteSource``."""

    def __init__(self, file: RemoteFile, reader: RemoteReader) -> None:
        self.name = file.name
        self._file = file
        self._reader = reader
        self._address = file.url  # where the file was found last

    def length(self) -> int:
        """Return its length in bytes, as the repository's list has it."""
        return self._file.size_bytes

    def read(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from ``start``, fewer only at the end.

        Raises:
            AppError: The server refuses, is not there, or sends another file than the repository lists.
        """
        for _ in range(TRIES - 1):
            try:
                return self._read(self._address, start, size)
            except _Expired:
                self._address = self._file.url
            except BrokenOff:
                pass
        return self._read(self._address, start, size)

    def _read(self, url: str, start: int, size: int) -> bytes:
        headers = {"Range": f"bytes={start}-{start + size - 1}", "Accept-Encoding": "identity"}
        with self._reader.open(url, headers) as (response, address):
            if response.status_code in {401, 403, 404, 410} and url != self._file.url:
                raise _Expired  # a signed address that no longer works; the hub makes a new one
            self._check(response, start)
            skip = start if response.status_code == 200 else 0
            self._address = address
            return self._body(response, skip, size)

    def _body(self, response: httpx2.Response, skip: int, size: int) -> bytes:
        body = bytearray()
        for piece in response.iter_raw(_PIECE_BYTES):
            self._reader.count(len(piece))
            body += piece[skip:]
            skip = max(0, skip - len(piece))
            if len(body) >= size:
                break
        if len(body) < size:
            raise BrokenOff(
                "The model's server broke off",
                f"It sent {len(body):,} of {size:,} bytes of {self.name}.",
                "Try again.",
            )
        return bytes(body[:size])

    def _check(self, response: httpx2.Response, start: int) -> None:
        code = response.status_code
        if code == 206:
            match = _CONTENT_RANGE.match(response.headers.get("content-range", ""))
            total = match[3] if match else "*"
            if match and int(match[1]) == start and total in {"*", str(self._file.size_bytes)}:
                return
            raise self._changed(f"it sends {response.headers.get('content-range', 'an unknown part')}")
        if code == 200:
            length = response.headers.get("content-length")
            if length is not None and length != str(self._file.size_bytes):
                raise self._changed(
                    f"it is {int(length):,} bytes long now" if length.isdigit() else "its length is odd"
                )
            return
        raise self._refused(code)

    def _changed(self, how: str) -> AppError:
        return AppError(
            "The file in the repository is not the one that was listed",
            f"{self.name} should be {self._file.size_bytes:,} bytes long; {how}.",
            "Look at the repository's variants again.",
        )

    def _refused(self, code: int) -> AppError:
        host = urlsplit(self._file.url).hostname
        match code:
            case 401 | 403:
                hint = "Accept the model's terms on its page, and give Sawhorse an access token in the settings."
                return AppError("This model may not be read without permission", f"{host} answers {code}.", hint)
            case 404 | 410:
                hint = "Look at the repository's variants again."
                return AppError("The file is no longer in the repository", f"{self.name}: {host} answers {code}.", hint)
            case 429 | 503:
                return AppError("The model's server is busy", f"{host} answers {code}.", "Try again in a few minutes.")
            case _:
                return AppError("The model's server refuses", f"{host} answers {code}.", "Try again later.")


class BrokenOff(AppError):  # noqa: N818 - reads as the event it is
    """A connection that was not made or did not last; another may."""


class _Expired(Exception):  # noqa: N818 - not an error, a reason to ask again
    pass


def _next_address(at: str, location: str) -> str:
    try:
        following = urljoin(at, location)
        before, after = urlsplit(at).scheme, urlsplit(following).scheme
    except ValueError:
        following, before, after = "", urlsplit(at).scheme, ""
    if after not in {"http", "https"} or (before == "https" and after == "http"):
        raise AppError(
            "The model's server leads to an unsafe address",
            f"{urlsplit(at).hostname} redirects from {before} to {after or 'nowhere'}.",
            "Try another repository.",
        )
    return following
