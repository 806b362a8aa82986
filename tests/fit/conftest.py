"""llama.cpp's planning in a child, one for each test module, and layouts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.fit.dry_run import ListDevices
from app.fit.layout import ModelLayout
from tests.fit.harness import Planner
from tests.fit.machines import layout_of
from tests.models import shapes


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planner]:
    """The real child."""
    with Planner(tmp_path_factory.mktemp("shadows")) as opened:
        opened.ask(ListDevices())  # starts its process
        yield opened


@pytest.fixture(scope="session")
def coder_next() -> ModelLayout:
    """Qwen3-Coder-Next at its full shape in Q4_K_M, as numbers."""
    return layout_of(shapes.QWEN3_CODER_NEXT)
