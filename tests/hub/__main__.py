"""The hub as a process of its own: ``python -m tests.hub FILE`` offers FILE until its standard input ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.hub.server import Hub

REPOSITORY = "bench/model-GGUF"


def main() -> None:
    """Print one line of JSON on what is offered, then serve."""
    file = Path(sys.argv[1])
    with Hub() as hub:
        (stored,) = hub.publish(REPOSITORY, {file.name: file})
        offer = {
            "url": hub.file_url(REPOSITORY, file.name),
            "direct": hub.signed(stored),
            "size": stored.size,
            "sha256": stored.sha256,
            "revision": hub.revision,
        }
        print(json.dumps(offer), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
