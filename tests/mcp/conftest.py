"""What every test of MCP gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mcp.harness import Stable


@pytest.fixture
def stable(tmp_path: Path) -> Iterator[Stable]:
    """No server yet, in a folder of this test's own."""
    with Stable(tmp_path) as stable:
        yield stable
