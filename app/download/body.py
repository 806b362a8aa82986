"""The bytes of one answer, read from its connection in large pieces."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Self

import httpcore2
import httpx2

from app.download.errors import Stopped, Trouble

#: Most bytes of a piece; enough that its costs are small beside its bytes.
READ_BYTES = 1024 * 1024
_POLL_S = 0.25


class Body:
    """Bytes ``position`` to ``end`` of a file.

    The first piece comes through httpx, which has parsed the headers and may have read on; what follows comes straight
    from the network stream it offers for that, because 64 KiB at a time through its parser is half as fast as the
    loopback. So the connection can only be closed afterwards.

    Attributes:
        position: The offset in the file of the next byte.
    """

    def __init__(
        self,
        response: httpx2.Response,
        start: int,
        end: int,
        stall_s: float,
        is_stopped: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.position = start
        self.start = start
        self._response = response
        self._end = end
        self._stall_s = stall_s
        self._is_stopped = is_stopped
        self._clock = clock
        self._pieces = response.iter_raw()  # held to the end: its own end would close the connection
        self._stream: Any = response.extensions["network_stream"]
        #: Chunked bodies have framing between their bytes, which is for the parser.
        self._is_framed = "content-length" not in response.headers
        self._has_begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    def read(self, most: int = READ_BYTES) -> bytes:
        """Return the next piece, of ``most`` bytes at most (the first may be longer); empty at the end.

        Raises:
            Trouble: The connection broke, ended early, or no byte came for too long.
            Stopped: It is not wanted any more.
        """
        if self.position >= self._end:
            return b""
        try:
            data = self._read_on(most) if self._has_begun and not self._is_framed else self._read_parsed()
        except (httpx2.TransportError, httpcore2.NetworkError, httpcore2.TimeoutException, OSError) as error:
            raise Trouble(f"The connection broke: {error or type(error).__name__}.") from error
        if not data:
            missing = self._end - self.position
            raise Trouble(f"The server ended the connection {missing:,} bytes early.")
        data = data[: self._end - self.position]
        self.position += len(data)
        return data

    def _read_parsed(self) -> bytes:
        self._has_begun = True
        return next(self._pieces, b"")

    def _read_on(self, most: int) -> bytes:
        heard_at = self._clock()
        while not self._is_stopped():
            try:
                return bytes(self._stream.read(min(most, self._end - self.position), timeout=_POLL_S))
            except httpcore2.ReadTimeout:
                if self._clock() - heard_at >= self._stall_s:
                    raise Trouble(f"The server has sent nothing for {self._stall_s:.0f} seconds.") from None
        raise Stopped
