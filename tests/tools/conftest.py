"""Fixtures for tools."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.harness import Bench


@pytest.fixture
def bench(nothing_left_behind: None, tmp_path: Path) -> Iterator[Bench]:
    """A workspace with nothing in it, and the tools."""
    bench = Bench(tmp_path)
    yield bench
    bench.workspace.close()
