"""Fixtures for downloads."""

import pytest

from tests.hub.server import Hub


@pytest.fixture
def hub(nothing_left_behind):
    """A hub that behaves until told otherwise."""
    with Hub() as server:
        yield server
