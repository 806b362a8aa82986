"""Makes a test model by hand: ``python -m tests.models build tiny --to DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.models.build import Builder
from tests.models.shapes import TINY


def main() -> None:
    """Build what the command line names and print its path."""
    parser = argparse.ArgumentParser(prog="python -m tests.models")
    build = parser.add_subparsers(required=True).add_parser("build")
    build.add_argument("model", choices=["tiny", *(f"tiny-{name}" for name in TINY)])
    build.add_argument("--to", type=Path, required=True, metavar="DIR")
    options = parser.parse_args()
    architecture = options.model.removeprefix("tiny").removeprefix("-") or "qwen3next"
    print(Builder(options.to).tiny(architecture))


if __name__ == "__main__":
    main()
