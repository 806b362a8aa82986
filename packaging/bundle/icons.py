"""Draws the program's icon from its SVG in the sizes and containers that systems want. Needs PySide6."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

SVG = Path(__file__).resolve().parents[2] / "resources" / "icons" / "app.svg"
#: The sizes of the hicolor theme (freedesktop.org), in pixels.
HICOLOR = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
_ICO = (16, 24, 32, 48, 64, 256)
#: Types of PNG entries in Apple's container, by pixels.
_ICNS = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09", 1024: b"ic10"}


def png(side: int) -> bytes:
    """Return the icon as a PNG file of ``side`` pixels."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(SVG)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(data.data())


def ico(images: dict[int, bytes]) -> bytes:
    """Return PNG images, by their side, as one .ico file."""
    head = struct.pack("<HHH", 0, 1, len(images))
    offset = len(head) + 16 * len(images)
    entries, data = b"", b""
    for side, image in sorted(images.items()):
        entries += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(image), offset + len(data))
        data += image
    return head + entries + data


def icns(images: dict[int, bytes]) -> bytes:
    """Return PNG images, by their side, as one .icns file."""
    entries = b"".join(_ICNS[side] + struct.pack(">I", len(image) + 8) + image for side, image in images.items())
    return b"icns" + struct.pack(">I", len(entries) + 8) + entries


def main(folder: Path) -> None:
    """Write ``sawhorse.ico``, ``sawhorse.icns`` and a folder of PNG files."""
    (folder / "icons").mkdir(parents=True, exist_ok=True)
    for side in HICOLOR:
        (folder / "icons" / f"{side}.png").write_bytes(png(side))
    (folder / "sawhorse.ico").write_bytes(ico({side: png(side) for side in _ICO}))
    (folder / "sawhorse.icns").write_bytes(icns({side: png(side) for side in _ICNS}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
