"""Writes ``resources/backends.json``: what a package offers as GPU backends, by the archives that were built of them.

Run before the bundle is built, with the folder of the archives and the address they will be published under:

    python packaging/bundle/manifest.py FOLDER https://…/releases/download/v0.1.0
"""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parents[2] / "resources" / "backends.json"


def entry(archive: Path, address: str) -> dict[str, Any]:
    """Return an archive's entry, an ``app.backends.values.Backend``."""
    with tarfile.open(archive, "r:gz") as packed:
        file = packed.extractfile("backend.json")
        facts = json.loads(file.read()) if file else {}
    data = archive.read_bytes()
    return {
        "name": facts["backend"],
        "system": facts["system"],
        "llama_cpp_python": facts["llama_cpp_python"],
        "url": f"{address.rstrip('/')}/{archive.name}",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "needs_cuda": facts["needs_cuda"],
    }


def main(folder: Path, address: str) -> None:
    """Write the manifest."""
    entries = [entry(path, address) for path in sorted(folder.rglob("sawhorse-backend-*.tar.gz"))]
    OUTPUT.write_text(json.dumps(entries, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{len(entries)} backends\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
