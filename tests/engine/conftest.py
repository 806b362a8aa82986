"""Real engines, one child process for each test module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.messages import LoadSettings
from tests.bench.client import EngineClient
from tests.engine.harness import starter_engine, tiny_engine


@pytest.fixture(scope="module")
def starter(starter_model: Path) -> Iterator[EngineClient]:
    """An engine with a small real model of pure attention."""
    with EngineClient() as client:
        client.load(starter_model, LoadSettings(n_ctx=1024))
        yield client


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> Iterator[EngineClient]:
    """An engine with a model of the hybrid architecture and random weights."""
    with EngineClient() as client:
        client.load(tiny_model, LoadSettings(n_ctx=2048))
        yield client


__all__ = ["starter_engine", "tiny_engine"]
