"""What every test of the window needs: a theme, light unless the test changes it."""

from __future__ import annotations

import pytest

from app.conversations.store import ConversationStore
from tests.ui.agent_desk import Agent
from ui.theme import Theme


@pytest.fixture(scope="session")
def icon_cache(tmp_path_factory):
    """One folder of tinted icons for the whole run."""
    return tmp_path_factory.mktemp("theme")


@pytest.fixture
def theme(qapp, icon_cache):
    """A light theme, in which the application is dressed."""
    return Theme("light", icon_cache)


@pytest.fixture
def agent(theme, own_home, qtbot):
    """The agent's control in a window; see ``Agent``."""
    store = ConversationStore(own_home / "conversations.db")
    made = Agent(theme, store)
    qtbot.addWidget(made.window)
    made.window.show()
    yield made
    made.control.stop()
    made.chats.stop()
    made.notices.dismiss_all()
    made.window.close()
    store.close()
