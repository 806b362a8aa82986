"""Makes a test model by hand: ``python -m tests.models build tiny --to DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.models.build import Builder
from tests.models.quantisation import MIXES
from tests.models.shapes import LARGE, TINY


def main() -> None:
    """Build what the command line names and print its path."""
    parser = argparse.ArgumentParser(prog="python -m tests.models")
    build = parser.add_subparsers(required=True).add_parser("build")
    tiny = {"tiny": "qwen3next", **{f"tiny-{name}": name for name in TINY}}
    full = {f"full-shape-{name}": name for name in MIXES}
    large = {f"large-{name}-{mix}": (name, mix) for name in LARGE for mix in MIXES}
    build.add_argument("model", choices=[*tiny, *full, *large])
    build.add_argument("--to", type=Path, required=True, metavar="DIR")
    options = parser.parse_args()
    builder = Builder(options.to)
    if options.model in large:
        print(builder.large(*large[options.model]))
    else:
        print(builder.tiny(tiny[options.model]) if options.model in tiny else builder.full_shape(full[options.model]))


if __name__ == "__main__":
    main()
