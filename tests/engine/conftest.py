"""Real engines, one child process of each kind for each test module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.messages import LoadSettings
from tests.engine.harness import Engine


@pytest.fixture(scope="module")
def starter(starter_model: Path) -> Iterator[Engine]:
    """An engine with a small real model of pure attention."""
    with Engine() as engine:
        engine.model = engine.load(starter_model, LoadSettings(n_ctx=1024)).model
        yield engine


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> Iterator[Engine]:
    """An engine with a model of the hybrid architecture and random weights."""
    with Engine() as engine:
        engine.model = engine.load(tiny_model, LoadSettings(n_ctx=4096)).model
        yield engine


@pytest.fixture(scope="module", params=["starter", "tiny"])
def either(request: pytest.FixtureRequest) -> Engine:
    """First one, then the other."""
    engine = request.getfixturevalue(request.param)
    assert isinstance(engine, Engine)
    return engine
