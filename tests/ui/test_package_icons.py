"""The icons of packages: drawn from the one SVG, in the containers that Windows and macOS want."""

import struct

from tests.packaging.test_bundle import load


def test_icons_are_drawn_and_put_into_their_containers():
    icons = load("icons")
    image = icons.png(32)
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", image[16:24]) == (32, 32)
    ico = icons.ico({32: image, 256: image})
    assert struct.unpack("<HHH", ico[:6]) == (0, 1, 2)
    size, offset = struct.unpack("<II", ico[14:22])
    assert ico[offset : offset + size] == image
    icns = icons.icns({32: image})
    assert icns[:4] == b"icns"
    assert struct.unpack(">I", icns[4:8]) == (len(icns),)
