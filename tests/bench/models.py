"""The models the benches run on."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from tests.models.build import Builder


def tiny_path() -> Path:
    """Return the hybrid model with random weights, made once and kept where the tests keep theirs."""
    folder = os.environ.get("SAWHORSE_TEST_CACHE")
    return Builder(Path(folder) if folder else platformdirs.user_cache_path("sawhorse-tests")).tiny()
