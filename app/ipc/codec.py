"""Frames on a byte stream: a 4-byte big-endian length, then that many bytes of MessagePack.

Sans-IO: callers bring the bytes. MessagePack and not pickle, so that a child which has read a hostile
file cannot make its parent run code; and not JSON, which has no infinity (a bias that forbids a token).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

HEADER_BYTES = 4
#: A frame above this is damage, not data: the largest honest one is a text of 50 MB, as UTF-8 of up to 150 MB.
MAX_FRAME_BYTES = 256 * 1024 * 1024

T = TypeVar("T")
_encoder = msgspec.msgpack.Encoder()


class FrameError(ValueError):
    """The stream does not hold frames of the expected messages; the connection is of no further use."""


def encode(message: Any) -> bytes:
    """Return ``message`` (a msgspec Struct) as one frame.

    Raises:
        FrameError: The message is larger than ``MAX_FRAME_BYTES``.
    """
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise FrameError(f"a message of {len(body):,} bytes is larger than a frame may be")
    return len(body).to_bytes(HEADER_BYTES, "big") + body


class FrameDecoder(Generic[T]):
    """Turns bytes that arrive in any pieces into messages of one tagged union."""

    def __init__(self, message_type: Any) -> None:
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(message_type)
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[T]:
        """Yield every message completed by ``data``.

        Raises:
            FrameError: A length or a body is not one of ours.
        """
        self._buffer += data
        while len(self._buffer) >= HEADER_BYTES:
            length = int.from_bytes(self._buffer[:HEADER_BYTES], "big")
            if length > MAX_FRAME_BYTES:
                raise FrameError(f"a frame claims {length:,} bytes")
            end = HEADER_BYTES + length
            if len(self._buffer) < end:
                return
            try:
                with memoryview(self._buffer) as view, view[HEADER_BYTES:end] as body:
                    message = self._decoder.decode(body)  # a frame may hold a file of 50 MB, so it is not copied
            except msgspec.MsgspecError as error:
                raise FrameError(f"a frame of {length:,} bytes is not a known message: {error}") from error
            del self._buffer[:end]
            yield message
