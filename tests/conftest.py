"""What every test gets: its own home, no network, and a check that it left nothing behind."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psutil
import pytest

GIB = 1024**3
FULL_SHAPE_MEMORY_BYTES = 20 * GIB

pytest_plugins = ["tests.hygiene", "tests.models.fixtures"]


def pytest_configure(config: pytest.Config) -> None:
    """Keep Qt off the screen, and give it the runtime folder without which it warns."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = tempfile.TemporaryDirectory(prefix="sawhorse-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ.setdefault("XDG_RUNTIME_DIR", folder.name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot do, and say why."""
    memory_bytes = psutil.virtual_memory().total
    for item in items:
        if "full_shape" in item.keywords and memory_bytes < FULL_SHAPE_MEMORY_BYTES:
            reason = (
                f"needs {FULL_SHAPE_MEMORY_BYTES / GIB:.0f} GiB of memory, this machine has {memory_bytes / GIB:.0f}"
            )
            item.add_marker(pytest.mark.skip(reason=reason))
        if "coder" in item.keywords and "SAWHORSE_TEST_MODEL" not in os.environ:
            item.add_marker(pytest.mark.skip(reason="SAWHORSE_TEST_MODEL names no coding model"))


@pytest.fixture(scope="session")
def coder_model() -> Path:
    """A real coding model that the developer names; mark such tests ``coder``."""
    path = Path(os.environ["SAWHORSE_TEST_MODEL"])
    assert path.is_file(), f"SAWHORSE_TEST_MODEL names {path}, which is not a file"
    return path
