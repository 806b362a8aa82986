"""An HTTP client that cannot hang, flood or leak: limits on time, bytes and requests, and errors for people.

huggingface_hub waits without a limit (its client has no timeout), tries a refused connection six times, and sends
the token along wherever the server's ``Link`` header points; here every one of these has an end.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any
from urllib.request import getproxies

import httpx2

from app.catalog.errors import CatalogError

TIMEOUT = httpx2.Timeout(15.0, connect=10.0)
#: For everything one command asks for; below the 60 s after which the parent gives a silent child up.
TOTAL_S = 45.0
MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_REQUESTS = 200
_RATE_LIMIT = re.compile(r";\s*t=(\d+)")
_GONE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class CarefulClient(httpx2.Client):
    """A client for one command.

    Proxies come from the environment as usual. Answers are read whole; 429 and 5xx are errors at once.

    Args:
        endpoint: The server that may see the token; others get requests without it. Addresses on huggingface.co
            that a mirror hands out are asked of the mirror.
        clock: Monotonic seconds.

    Raises:
        CatalogError: From every request that fails, takes too long or brings too much.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        timeout: httpx2.Timeout = TIMEOUT,
        total_s: float = TOTAL_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint = _endpoint(endpoint)
        self._clock = clock
        self._deadline = clock() + total_s
        self._total_s = total_s
        self._requests_left = MAX_REQUESTS
        try:
            super().__init__(timeout=timeout, follow_redirects=True, max_redirects=5)
        except (ValueError, ImportError, httpx2.InvalidURL) as error:  # what HTTPS_PROXY holds is no proxy
            raise CatalogError(
                "proxy",
                "The proxy setting was not understood",
                str(error),
                "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.",
            ) from error

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send one request and read its answer whole, within the limits."""
        self._stay_at_endpoint(request)
        self._check(request)
        options["stream"] = True
        try:
            response = super().send(request, **options)
            try:
                body = self._read(response)
            finally:
                response.close()
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise network_error(error, request.url.host) from error
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in _GONE_HEADERS]
        whole = httpx2.Response(response.status_code, headers=headers, content=body, request=response.request)
        raise_if_unavailable(whole)
        return whole

    def _stay_at_endpoint(self, request: httpx2.Request) -> None:
        home = (self._endpoint.scheme, self._endpoint.host, self._endpoint.port)
        if (request.url.scheme, request.url.host, request.url.port) == home:
            return
        if request.url.host == "huggingface.co" and request.url.path.startswith("/api/"):
            scheme, host, port = home
            path = self._endpoint.raw_path.rstrip(b"/") + request.url.raw_path
            request.url = request.url.copy_with(scheme=scheme, host=host, port=port, raw_path=path)
            request.headers["host"] = self._endpoint.netloc.decode("ascii")
        elif "authorization" in request.headers:
            del request.headers["authorization"]

    def _check(self, request: httpx2.Request) -> None:
        self._requests_left -= 1
        if self._requests_left < 0:
            raise CatalogError(
                "too_large",
                f"{request.url.host} does not come to an end",
                f"After {MAX_REQUESTS} answers it still names another page.",
                "Open the repository's page to see what is wrong with it.",
            )
        if self._clock() > self._deadline:
            raise _slow(request.url.host, self._total_s)

    def _read(self, response: httpx2.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise CatalogError(
                    "too_large",
                    f"{response.url.host} sends more than a listing can hold",
                    f"Its answer is over {MAX_BODY_BYTES / 1e6:.0f} MB.",
                    "Check that the address is that of a Hugging Face server.",
                )
            if self._clock() > self._deadline:
                raise _slow(response.url.host, self._total_s)
        return bytes(body)


def _endpoint(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text)
        if url.scheme in {"http", "https"} and url.host and "[" not in url.host:
            return url
        why = "it has no host" if not url.host else f"it is not an address of the web ({url.scheme or 'no scheme'})"
    except httpx2.InvalidURL as error:
        why = str(error)
    raise CatalogError(
        "not_understood", "The address of the server was not understood", f"“{text}”: {why}.", "Check HF_ENDPOINT."
    )


def raise_if_unavailable(response: httpx2.Response) -> None:
    """Raise for an answer that says "not now": 429 and 5xx."""
    host, status = response.url.host, response.status_code
    if status == 429:
        wait = response.headers.get("retry-after", "")
        told = _RATE_LIMIT.search(response.headers.get("ratelimit", ""))  # the Hub's: "api";r=0;t=55
        wait = told[1] if told else wait
        when = f"in {wait} seconds" if wait.isdecimal() and len(wait) < 6 else "in a few minutes"
        raise CatalogError(
            "rate_limited",
            f"{host} was asked too often",
            "It answers no more questions from here for a while (status 429).",
            f"Try again {when}; with a token of your own the limit is higher.",
        )
    if status >= 500:
        raise CatalogError(
            "server",
            f"{host} has trouble",
            f"It answered with status {status}.",
            "Try again in a few minutes; status.huggingface.co tells about known trouble."
            if host in {"huggingface.co", "hf.co"}
            else "Try again in a few minutes.",
        )


def network_error(error: Exception, host: str) -> CatalogError:
    """Return what a failed request means for a person."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    detail = "; ".join(f"{type(link).__name__}: {link}" for link in chain)
    if isinstance(error, httpx2.ProxyError):
        return CatalogError(
            "proxy", "The proxy refused", f"{error}.", "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.", detail
        )
    if isinstance(error, httpx2.TimeoutException):
        return CatalogError(
            "timeout",
            f"{host} does not answer",
            f"Nothing came from it for {TIMEOUT.read:.0f} seconds.",
            "Check the network, or try again later.",
            detail,
        )
    if any(isinstance(link, ssl.SSLError) for link in chain) or "CERTIFICATE" in detail.upper():
        return CatalogError(
            "offline",
            f"The connection to {host} is not secure",
            "Its certificate is not one this system trusts.",
            "A proxy that reads traffic may stand between: add its certificate to the system, or set SSL_CERT_FILE.",
            detail,
        )
    if any(isinstance(link, socket.gaierror) for link in chain) or "getaddrinfo" in detail or "resolution" in detail:
        return CatalogError(
            "offline",
            f"{host} was not found",
            "Its name could not be looked up: there may be no network.",
            "Models that are on disk can be used without one.",
            detail,
        )
    if isinstance(error, httpx2.TooManyRedirects):
        return CatalogError("server", f"{host} sends in circles", "It redirected more than 5 times.", "", detail)
    if isinstance(error, httpx2.ConnectError):
        return CatalogError(
            "offline",
            f"{host} cannot be reached",
            f"The connection failed: {_last_words(chain)}.",
            f"Check the network{_proxy_words()}, a firewall, and HF_ENDPOINT if it is set.",
            detail,
        )
    return CatalogError(
        "offline",
        f"The connection to {host} broke",
        f"{_last_words(chain)}.",
        "Check the network and try again.",
        detail,
    )


def _proxy_words() -> str:
    proxies = getproxies()
    return f", the proxy ({', '.join(sorted(set(proxies.values())))})" if proxies else ""


def _last_words(chain: list[BaseException]) -> str:
    words = [str(link).strip().rstrip(".") for link in chain if str(link).strip()]
    return words[-1] if words else type(chain[0]).__name__


def _slow(host: str, total_s: float) -> CatalogError:
    return CatalogError(
        "timeout",
        f"{host} is too slow",
        f"Its answer was not there after {total_s:.0f} seconds.",
        "Check the network, or try again later.",
    )
