"""A model that is not on disk: listed, checked before the download, fetched, loaded as planned, and talked to."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QPlainTextEdit, QPushButton

from app.paths import find_paths
from tests.hub.server import Hub
from tests.hub.tree import COMMIT, ModelApi, lfs_file

REPOSITORY = "acme/tiny-GGUF"
NAME = "tiny-F16.gguf"
WAIT_MS = 60_000


@pytest.fixture
def hub(monkeypatch, tiny_model):
    """A hub with one repository of one small model, as HF_ENDPOINT names it."""
    with Hub() as server:
        server.revision = COMMIT
        (stored,) = server.publish(REPOSITORY, {NAME: tiny_model})
        ModelApi(server).offer(REPOSITORY, [lfs_file(NAME, stored.size, stored.sha256)])
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


@pytest.fixture
def person(hub, open_window, qtbot):
    """Somebody who has the model dialog open at that repository."""
    sawhorse = open_window()
    sawhorse.models.show_repository(REPOSITORY)
    return Person(sawhorse, qtbot)


class Person:
    """What is seen and clicked in the dialog."""

    def __init__(self, sawhorse, qtbot):
        self.sawhorse = sawhorse
        self.qtbot = qtbot

    @property
    def dialog(self):
        return self.sawhorse.window.findChild(object, "model_dialog")

    def button(self, name):
        return self.dialog.findChild(QPushButton, name)

    def click(self, name):
        self.wait(lambda: self.button(name) is not None and self.button(name).isVisible())
        self.wait(lambda: self.button(name).isEnabled())
        self.qtbot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def text(self, name):
        return self.dialog.findChild(object, name).text()

    def wait(self, condition):
        self.qtbot.waitUntil(condition, timeout=WAIT_MS)


def test_the_verdict_is_there_before_the_download(person, hub, tiny_model):
    person.wait(lambda: person.dialog.findChild(QAbstractItemView, "variant_table").model().rowCount() == 1)
    person.wait(lambda: person.text("fit_verdict").startswith("Fits"))
    assert 0 < hub.sent_bytes < tiny_model.stat().st_size
    assert not list(find_paths().models.rglob("*.gguf"))


def test_a_model_is_fetched_and_loaded_as_planned_and_answers(person, tiny_model):
    person.click("download_button")
    person.click("load_button")
    engine = person.sawhorse.engine
    person.wait(lambda: engine.model is not None and Path(engine.model.path).name == NAME)
    fetched = find_paths().models / REPOSITORY / NAME
    assert engine.model.path == str(fetched)
    assert fetched.read_bytes() == tiny_model.read_bytes()
    assert person.sawhorse.settings.settings.recent_models[0].path == str(fetched)
    composer = person.sawhorse.window.findChild(QPlainTextEdit, "composer")
    person.sawhorse.settings.change(sampling={"max_tokens": 8})
    person.qtbot.keyClicks(composer, "Hello")
    person.qtbot.keyClick(composer, Qt.Key.Key_Return)
    person.wait(lambda: len(person.sawhorse.session.branch) == 2 and person.sawhorse.session.generating_turn is None)
    assert person.sawhorse.session.branch[1].text


def test_what_a_load_took_stands_beside_what_was_predicted(person):
    person.click("download_button")
    person.click("load_button")
    person.wait((find_paths().data / "fit-records.jsonl").exists)
    assert "predicted" in (find_paths().data / "fit-records.jsonl").read_text("utf-8")
    person.sawhorse.models.open()
    person.wait(lambda: person.dialog.findChild(object, "fit_outcome").isVisible())
