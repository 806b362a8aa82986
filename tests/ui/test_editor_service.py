"""The editor over the process that reads and writes files."""

from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from app.files.service import FileService
from app.ipc.launch import clean_environment
from tests.ui.editor_desk import Desk
from ui.control.drain import drain
from ui.process_transport import QtProcessTransport


@pytest.fixture
def start(theme, tmp_path, qtbot):
    """Return a function that starts the editor with a process of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    ends = []

    def make() -> Desk:
        transport = QtProcessTransport(clean_environment())
        service = FileService(transport, str(tmp_path / "unsaved"))
        desk = Desk(theme, folder, tmp_path / "settings.json", service)

        def end() -> None:
            desk.end()
            drain(lambda: service.is_busy)
            service.close()
            transport.close()
            ends.remove(end)

        desk.close_all = end
        ends.append(end)
        desk.control.restore()
        qtbot.waitUntil(lambda: not service.is_busy, timeout=20_000)
        return desk

    yield make
    for end in ends:
        end()


def test_files_are_opened_changed_and_saved(start, qtbot):
    desk = start()
    page = desk.open("a.py", "one\r\n")
    qtbot.waitUntil(lambda: page.editor.text() == "one\n", timeout=20_000)
    QTest.keyClicks(page.editor, "x")
    desk.control.saves.save(page)
    qtbot.waitUntil(lambda: not page.is_dirty, timeout=20_000)
    assert Path(page.path).read_bytes() == b"xone\r\n"
    desk.write("a.py", "two\n")
    qtbot.waitUntil(lambda: page.editor.text() == "two\n", timeout=20_000)


def test_what_was_typed_last_before_the_window_was_closed_comes_back(start, qtbot):
    desk = start()
    page = desk.open("a.py", "one\n")
    qtbot.waitUntil(lambda: page.editor.text() == "one\n", timeout=20_000)
    QTest.keyClicks(page.editor, "x")
    desk.close_all()
    again = start()
    qtbot.waitUntil(lambda: again.page.editor.text() == "xone\n", timeout=20_000)
    assert again.page.is_dirty
    assert not again.page.banners.kinds
    assert (desk.folder / "a.py").read_text() == "one\n"


def test_a_save_over_somebody_elses_change_is_refused_by_its_kind(start, qtbot):
    desk = start()
    page = desk.open("a.py", "one\n")
    qtbot.waitUntil(lambda: page.editor.text() == "one\n", timeout=20_000)
    desk.control.outside.stop()
    QTest.keyClicks(page.editor, "x")
    desk.write("a.py", "somebody else\n")
    desk.control.saves.save(page)
    qtbot.waitUntil(lambda: "failed" in page.banners.kinds or "outside" in page.banners.kinds, timeout=20_000)
    assert Path(page.path).read_text() == "somebody else\n"
    assert page.is_dirty
