"""Real engines, one child process of each kind for each test module."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.messages import LoadSettings
from app.engine.prompts.renderer import TemplateRenderer
from tests.engine.harness import Engine
from tests.engine.vocabularies import OpenVocab


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


@pytest.fixture(scope="module")
def renderer() -> Iterator[TemplateRenderer]:
    """What renders templates, in its child process."""
    with TemplateRenderer() as renderer:
        renderer.start()
        yield renderer


@pytest.fixture(scope="module")
def starter_vocab(starter_model: Path) -> Iterator[OpenVocab]:
    """The vocabulary of the small real model."""
    with contextlib.closing(OpenVocab(starter_model)) as opened:
        yield opened


@pytest.fixture(scope="module")
def tiny_vocab(tiny_model: Path) -> Iterator[OpenVocab]:
    """The vocabulary of the model with random weights."""
    with contextlib.closing(OpenVocab(tiny_model)) as opened:
        yield opened
