"""Scenes for the agent."""

import pytest

from tests.agent.scenes import open_scene


@pytest.fixture
def scene(tmp_path):
    """An agent, its tools and its engine, all moved by hand."""
    with open_scene(tmp_path) as opened:
        yield opened
