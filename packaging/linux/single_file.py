"""Packs the bundle as one file that starts itself: a shell script with the packed tree behind it.

It does what an AppImage does, without its runtime: that needs FUSE, which several systems no longer bring, and mounts
a compressed image, which makes every start slower. Unpacked once, this starts as an installed program does.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import stage


def head(script: str, version: str, digest: str) -> bytes:
    """Return the script with its blanks filled in; ``digest`` is the packed tree's."""
    lines = script.count("\n") + 1
    text = script.replace("@VERSION@", version).replace("@HASH@", digest[:16]).replace("@LINES@", str(lines))
    return text.encode()


def build(to: Path) -> Path:
    """Write the file into a folder; return its path."""
    tree = stage.ROOT / "build/single-file"
    shutil.rmtree(tree, ignore_errors=True)
    stage.copy_bundle(tree / "lib/sawhorse")
    stage.write_share(tree / "share")
    stage.write_documents(tree / "share/doc/sawhorse")
    packed = stage.ROOT / "build/single-file.tar.gz"
    options = [
        "--sort=name",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        f"--mtime=@{int(stage.build_date().timestamp())}",
    ]
    subprocess.run(["tar", *options, "-C", str(tree), "-czf", str(packed), "."], check=True)
    digest = hashlib.file_digest(packed.open("rb"), "sha256").hexdigest()
    path = to / f"Sawhorse-{stage.version()}-{platform.machine()}.run"
    to.mkdir(parents=True, exist_ok=True)
    script = (stage.HERE / "single_file.sh").read_text("utf-8")
    with path.open("wb") as file:
        file.write(head(script, stage.version(), digest))
        with packed.open("rb") as source:
            shutil.copyfileobj(source, file)
    path.chmod(0o755)
    packed.unlink()
    return path


if __name__ == "__main__":
    stage.draw_icons()
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
