"""Lays out on Linux, around the bundle, what a desktop wants to find: entry, icons, file type, description.

The .deb and the single file are made of the same tree, which is that of a system's ``/usr``.
"""

from __future__ import annotations

import datetime as dt
import gzip
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUNDLE = ROOT / "build" / "bundle" / "sawhorse"


def version() -> str:
    """Return Sawhorse's version."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def build_date() -> dt.datetime:
    """Return when it is built; SOURCE_DATE_EPOCH settles it for a build that can be repeated."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = dt.datetime.now(dt.UTC)
    return dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else now


def write_share(share: Path) -> None:
    """Write what belongs below ``share``: all of a package but the program."""
    _copy("sawhorse.desktop", share / "applications/sawhorse.desktop")
    _copy("sawhorse-mime.xml", share / "mime/packages/sawhorse.xml")
    text = (HERE / "sawhorse.metainfo.xml").read_text("utf-8")
    text = text.replace("@VERSION@", version()).replace("@DATE@", f"{build_date():%Y-%m-%d}")
    _write(share / "metainfo/sawhorse.metainfo.xml", text.encode())
    icons = share / "icons/hicolor"
    _write(icons / "scalable/apps/sawhorse.svg", (ROOT / "resources/icons/app.svg").read_bytes())
    for path in (ROOT / "build/icons").glob("*.png"):
        _write(icons / f"{path.stem}x{path.stem}/apps/sawhorse.png", path.read_bytes())


def write_documents(folder: Path) -> None:
    """Write the licence and the changes, as Debian wants them."""
    licence = (ROOT / "packaging/linux/copyright").read_text("utf-8")
    fonts, icons = (ROOT / "resources" / name for name in ("fonts/LICENSE-fonts.txt", "icons/LICENSE-lucide.txt"))
    texts = [licence, fonts.read_text("utf-8"), icons.read_text("utf-8")]
    _write(folder / "copyright", "\n\n".join(texts).encode())
    _write(folder / "changelog.gz", gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0))


def copy_bundle(folder: Path) -> None:
    """Copy the bundle, its links as links, readable for everybody."""
    shutil.copytree(BUNDLE, folder, symlinks=True)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.name == "sawhorse" else 0o644)


def draw_icons() -> None:
    """Draw the icon in all sizes, into ``build/icons``."""
    python = ROOT / "build/venv/bin/python"
    subprocess.run([python, ROOT / "packaging/bundle/icons.py", ROOT / "build"], check=True)


def _copy(name: str, to: Path) -> None:
    _write(to, (HERE / name).read_bytes())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o644)
