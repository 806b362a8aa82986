"""A person works on the files of a folder beside the chat, in the real window, with the real processes."""

import os
import signal
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt

from tests.e2e.conftest import close
from tests.e2e.editor_person import Writer

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_files_are_found_changed_saved_and_followed_and_all_is_there_at_the_next_start(writer, open_person, workspace):
    count, readme = workspace / "count.py", workspace / "README.md"
    assert not writer.is_open()
    writer.go_to("cnt", "count.py")
    assert writer.is_open()
    writer.type("# counts words")
    writer.press(Qt.Key.Key_Return)
    writer.press(Qt.Key.Key_S, CONTROL)
    writer.wait(lambda: not writer.page.is_dirty)
    assert count.read_text("utf-8").startswith("# counts words\ndef count")

    count.write_text("def count(text):\n    return 0\n", "utf-8")
    writer.wait(lambda: "return 0" in writer.text)
    assert not writer.page.is_dirty

    writer.go_to("read", "README.md")
    writer.type("mine ")
    readme.write_text("theirs\n", "utf-8")
    writer.wait(lambda: "outside" in writer.page.banners.kinds)
    assert writer.text.startswith("mine # Counter")
    writer.click_banner("banner_outside_reload")
    writer.wait(lambda: writer.text == "theirs\n")
    writer.page.editor.undo()
    assert writer.text.startswith("mine # Counter")
    writer.control.new_file()
    writer.type("a thought")

    close(writer.sawhorse)
    assert readme.read_text("utf-8") == "theirs\n"
    again = Writer(open_person())
    again.wait(lambda: [page.title for page in again.control.tabs.pages] == ["count.py", "README.md", "Untitled 1"])
    assert again.is_open()
    assert again.files.folder == str(workspace)
    assert again.text == "a thought"
    again.wait(lambda: str(again.control.text_of(str(readme))).startswith("mine # Counter"))
    assert [page.is_dirty for page in again.control.tabs.pages] == [False, True, True]
    again.control.tabs.show_page(again.control.tabs.pages[0])
    again.wait(lambda: again.text == "def count(text):\n    return 0\n")


#: Opens the window with a folder and a file, types into that and into a new text, and says so once that is kept.
PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from app.paths import find_paths
from app.settings import SettingsFile
from ui.application import SawhorseWindow
from ui.start import make_application

application = make_application()
paths = find_paths()
sawhorse = SawhorseWindow(paths)
sawhorse.start("", new=True)
sawhorse.editor.files.show_folder(str(Path(sys.argv[1]).parent))
control = sawhorse.editor.desk.control
control.open_file(sys.argv[1])
typed = []

def look():
    if not typed and control.current_editor is not None and control.tabs.current.file is not None:
        typed.append(1)
        QTest.keyClicks(control.current_editor, "mine ")
        control.open_text("a thought")
    kept = list((paths.data / "unsaved").rglob("*.text"))
    settings = SettingsFile(paths.settings).settings
    if len(kept) == 2 and settings.window.get("files") and len(settings.open_files["pages"]) == 2:
        print("kept", flush=True)

timer = QTimer()
timer.timeout.connect(look)
timer.start(100)
application.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of Unix")
def test_after_a_sudden_end_folder_files_and_what_was_not_saved_are_on_show(own_home, workspace, open_window):
    command = [sys.executable, "-c", PROGRAM, str(workspace / "count.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout.readline() == "kept\n"
        os.kill(window.pid, signal.SIGKILL)
    sawhorse = open_window()
    control = sawhorse.editor.desk.control
    assert sawhorse.editor.files.folder == str(workspace)
    assert not sawhorse.window.panels["editor"].isHidden()
    assert [page.title for page in control.tabs.pages] == ["count.py", "Untitled 1"]
    assert control.tabs.pages[0].editor.text().startswith("mine def count")
    assert control.tabs.pages[1].editor.text() == "a thought"
    assert all("ended suddenly" in page.banners.words_of("recovered") for page in control.tabs.pages)
