"""Where the bytes of one file come from: names resolved, redirects followed, tokens kept where they belong."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2

from app.catalog.variants import RemoteFile, Variant
from app.download.answers import (
    PASSING,
    bare_etag,
    changed,
    check_linked,
    passing_trouble,
    range_start,
    refusal,
    strong_etag,
)
from app.download.body import Body
from app.download.errors import DownloadError, Trouble

CONNECT_S = 15.0
_HOPS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: A signed address that was just given out and is refused all the same: so often, then it is told.
_MOST_REFUSALS = 6
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


def open_client(connections: int, stall_s: float) -> httpx2.Client:
    """Return a client that takes proxies and certificates from the environment and the system.

    Raises:
        DownloadError: They cannot be used.
    """
    try:
        return httpx2.Client(
            timeout=httpx2.Timeout(stall_s, connect=min(CONNECT_S, stall_s), pool=None),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=connections),
            headers={"User-Agent": "sawhorse", "Accept-Encoding": "identity", "Accept": "*/*"},
            follow_redirects=False,
        )
    except (ValueError, OSError) as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> DownloadError:
    return DownloadError(
        "refused",
        "The download's address, proxy or certificates cannot be used",
        f"{error}.",
        "Check HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and HF_ENDPOINT, then resume.",
    )


class Source:
    """One remote file, asked for ranges by several threads.

    The access token goes to the server that knows the name, and to no other: a redirect leads to a signed address,
    which is kept until it expires. Docker's registry hands out tokens of its own, for minutes; they are renewed.

    Args:
        variant: The one the file is of.
        token: For the file's own server; empty for none.
        etag: Of what an earlier try fetched; empty for none.
    """

    def __init__(
        self,
        client: httpx2.Client,
        file: RemoteFile,
        variant: Variant,
        *,
        token: str = "",
        etag: str = "",
        stall_s: float = 30.0,
        is_stopped: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._file = file
        self._variant = variant
        self._bearer = token if variant.source == "huggingface" else ""
        self._has_token = bool(self._bearer)
        self._stall_s = stall_s
        self._is_stopped = is_stopped
        self._clock = clock
        self._lock = threading.Lock()
        self._resolving = threading.Lock()
        self._signed = ""
        self._refusals = 0
        self._is_vouched = False  # the Hub said that behind the redirect is the sha256 that was listed
        self.etag = etag

    def open(self, start: int, stop: int) -> Body:
        """Ask for bytes ``start`` to ``stop``; the body may begin at 0 where the server ignores ranges.

        Raises:
            DownloadError: A person has to do something.
            Trouble: It may work later.
        """
        try:
            response = self._try_signed(start, stop)
            if response is None:
                with self._resolving:  # the others may then have no need to
                    response = self._try_signed(start, stop) or self._resolve(start, stop)
            return self._body(response, start, stop)
        except httpx2.TransportError as error:
            raise Trouble(_in_words(error, self._file.url)) from error
        except (httpx2.InvalidURL, httpx2.HTTPError, ValueError) as error:
            raise _unusable(error) from error

    def _try_signed(self, start: int, stop: int) -> httpx2.Response | None:
        """Ask the address that was signed last, if there is one and it has not expired."""
        signed = self._signed
        if not signed:
            return None
        response = self._send(signed, start, stop, {})
        if response.status_code not in {401, 403, 404, 410}:
            return response
        response.close()
        if self._signed == signed:
            self._signed = ""
        return None

    def _resolve(self, start: int, stop: int) -> httpx2.Response:
        """Follow redirects from the file's own address to the bytes."""
        url, is_renewed = self._file.url, False
        for _ in range(_HOPS):
            response = self._send(url, start, stop, self._authorization(url))
            status = response.status_code
            if status in _REDIRECTS:
                response.close()
                if _origin(url) == _origin(self._file.url):
                    self._is_vouched |= check_linked(response.headers, self._file)
                url = self._next(url, response.headers.get("location", ""))
            elif status == 401 and not is_renewed and self._renew(response.headers.get("www-authenticate", "")):
                response.close()
                is_renewed = True
            else:
                if status in {200, 206} and url != self._file.url:
                    self._signed = url
                return self._judged(response, url)
        raise Trouble(f"{_host(self._file.url)} redirects in circles.")

    def _judged(self, response: httpx2.Response, url: str) -> httpx2.Response:
        """Return an answer that holds bytes or will be judged later; raise what a refusal means."""
        status = response.status_code
        if status < 400 or status in PASSING or status == 416:
            return response
        response.close()
        if _origin(url) == _origin(self._file.url):
            raise refusal(status, response.headers, self._file, self._variant, _origin(url), token=self._has_token)
        self._refusals += 1
        if self._refusals >= _MOST_REFUSALS:
            raise DownloadError(
                "refused",
                "The server that holds the files refuses them",
                f"{_host(url)} answers HTTP {status} to an address that was just given out.",
                "Check this machine's clock, then resume; a wrong one makes signed addresses expire.",
            )
        raise Trouble(f"{_host(url)} refuses the address it was asked for (HTTP {status}).")

    def _body(self, response: httpx2.Response, start: int, stop: int) -> Body:
        try:
            begins = self._begins(response, start)
        except BaseException:
            response.close()
            raise
        self._refusals = 0
        end = stop if response.status_code == 206 else self._file.size_bytes
        return Body(response, begins, end, self._stall_s, self._is_stopped, self._clock)

    def _begins(self, response: httpx2.Response, start: int) -> int:
        """Return the offset of a body's first byte, if it is one to be had. Raises DownloadError, Trouble."""
        status, headers = response.status_code, response.headers
        if status in PASSING:
            raise passing_trouble(status, headers, response.url.host)
        if status == 416:
            raise changed(self._file, f"it is shorter than the {self._file.size_bytes:,} bytes listed")
        if status not in {200, 206}:
            raise Trouble(f"{response.url.host} answers HTTP {status}.")
        begins = range_start(status, headers, start, self._file)
        if self._take_etag(strong_etag(headers)) and begins != start:
            raise Trouble("The entity tag is another one, though the file is the same.")
        return begins

    def _take_etag(self, etag: str) -> bool:
        """Keep the entity tag and tell whether it is another one than before.

        Raises:
            DownloadError: It is, and no sha256 of the Hub says that the file is the same.
        """
        with self._lock:
            known, self.etag = self.etag, etag or self.etag
        is_other = bool(known and etag and known != etag)
        if not is_other or self._is_vouched or bare_etag(etag) == self._file.sha256:
            return is_other
        with self._lock:
            self.etag = ""
        raise changed(self._file, "its entity tag is another one")

    def _send(self, url: str, start: int, stop: int, headers: Mapping[str, str]) -> httpx2.Response:
        asked = {"Range": f"bytes={start}-{stop - 1}", **headers}
        if self.etag:
            asked["If-Range"] = self.etag
        # One connection, one range: how ``Body`` reads leaves no connection that could be used again.
        asked["Connection"] = "close"
        return self._client.send(self._client.build_request("GET", url, headers=asked), stream=True)

    def _authorization(self, url: str) -> dict[str, str]:
        is_own = _origin(url) == _origin(self._file.url)
        return {"Authorization": f"Bearer {self._bearer}"} if self._bearer and is_own else {}

    def _next(self, url: str, location: str) -> str:
        following = urljoin(url, location)
        if not location or urlsplit(following).scheme not in {"http", "https"}:
            raise Trouble(f"{_host(url)} redirects to nowhere.")
        if urlsplit(url).scheme == "https" and urlsplit(following).scheme == "http":
            raise DownloadError(
                "refused",
                "The server redirects to an address without encryption",
                f"{_host(url)} sends us from https to {_host(following)} by http.",
                "Use another mirror.",
            )
        return following

    def _renew(self, challenge: str) -> bool:
        """Fetch a registry's token as its challenge says (RFC 6750 as Docker's registries use it)."""
        scheme, _, rest = challenge.partition(" ")
        fields: dict[str, Any] = dict(_CHALLENGE.findall(rest))
        realm = fields.pop("realm", "")
        if scheme.lower() != "bearer" or self._has_token or not realm:
            return False
        if urlsplit(self._file.url).scheme == "https" and urlsplit(realm).scheme != "https":
            return False
        fields.pop("error", None)
        answer = self._client.get(realm, params=fields)
        if answer.status_code in PASSING:
            raise passing_trouble(answer.status_code, answer.headers, answer.url.host)
        try:
            token = answer.json()
            self._bearer = str(token.get("token") or token.get("access_token") or "")
        except (ValueError, AttributeError):
            return False
        return bool(self._bearer)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _in_words(error: httpx2.TransportError, url: str) -> str:
    host = _host(url)
    match error:
        case httpx2.ConnectTimeout():
            return f"{host} does not answer."
        case httpx2.ProxyError():
            return f"The proxy refuses: {error}."
        case httpx2.ConnectError():
            return f"No connection to {host}: {error}."
        case httpx2.TimeoutException():
            return f"{host} has sent nothing for a while."
        case _:
            return f"The connection to {host} broke: {error}."
