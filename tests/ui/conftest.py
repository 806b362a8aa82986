"""What every test of the window needs: a theme, light unless the test changes it."""

from __future__ import annotations

import pytest

from ui.theme import Theme


@pytest.fixture(scope="session")
def icon_cache(tmp_path_factory):
    """One folder of tinted icons for the whole run."""
    return tmp_path_factory.mktemp("theme")


@pytest.fixture
def theme(qapp, icon_cache):
    """A light theme, in which the application is dressed."""
    return Theme("light", icon_cache)
