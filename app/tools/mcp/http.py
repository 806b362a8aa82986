"""A server that is reached over streamable HTTP, with bounds on what it may answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import anyio
import httpx2
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import streamable_http_client

from app.tools.mcp.limits import MAX_MESSAGE_BYTES
from app.tools.mcp.messages import LaunchPlan

_TIMEOUT = httpx2.Timeout(30.0, read=300.0)  # a server may hold a stream open without a word


class HttpServer:
    """A server at an address, and what it answered below the protocol.

    Attributes:
        is_gone: Set when it does not know the session any more.
        status: The last HTTP status that said no; 0 for none.
    """

    def __init__(self, plan: LaunchPlan) -> None:
        self._plan = plan
        self.is_gone = anyio.Event()
        self.status = 0

    @contextlib.asynccontextmanager
    async def streams(self) -> AsyncIterator[TransportStreams]:
        """Carry messages to and from it; redirects are followed within its own origin only."""
        hooks = {"response": [self._on_response]}
        async with (
            httpx2.AsyncClient(headers=self._plan.headers, timeout=_TIMEOUT, event_hooks=hooks) as client,
            streamable_http_client(self._plan.url, http_client=client, max_sse_event_size=MAX_MESSAGE_BYTES) as streams,
        ):
            yield streams

    async def _on_response(self, response: httpx2.Response) -> None:
        """Look at the status, and bound what is read; streams of events have a bound of their own."""
        if response.status_code >= 300:
            self.status = response.status_code
        # https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
        if response.status_code == 404 and "mcp-session-id" in response.request.headers:
            self.is_gone.set()
        if "text/event-stream" not in response.headers.get("content-type", ""):
            response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: object) -> None:
        if not isinstance(stream, httpx2.AsyncByteStream):
            raise TypeError("a response of an asynchronous client has an asynchronous stream")
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        length = 0
        async for data in self._stream:
            length += len(data)
            if length > MAX_MESSAGE_BYTES:
                raise httpx2.ReadError(f"the answer is longer than {MAX_MESSAGE_BYTES:,} bytes")
            yield data

    async def aclose(self) -> None:
        await self._stream.aclose()
