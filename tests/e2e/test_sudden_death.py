"""The window's process is killed while a reply streams in: nothing is left running, and the text is on disk."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from app.conversations.store import ConversationStore
from app.paths import find_paths
from app.settings import SettingsFile

#: Opens the window, asks for a long reply and prints the engine's process id once it has a second's worth of text.
PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from app.paths import find_paths
from ui.application import SawhorseWindow
from ui.start import make_application

application = make_application()
sawhorse = SawhorseWindow(find_paths())
sawhorse.start("starter", new=True)
state = {"asked": False, "length": 0}

def look():
    if sawhorse.engine.model is not None and not state["asked"]:
        state["asked"] = True
        sawhorse.session.send("Write a long story.", sampling={"ignore_eos": True, "max_tokens": 4000})
    turn = sawhorse.replier.turn
    if turn is not None and turn.text:
        print(sawhorse.engine.pid, len(turn.text), flush=True)

timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
application.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of Unix")
def test_no_engine_is_left_and_at_most_the_last_second_of_text_is_lost(own_home):
    lengths = []
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as window:
        for line in window.stdout:
            engine_pid, length = map(int, line.split())
            lengths.append((time.monotonic(), length))
            if lengths[-1][0] - lengths[0][0] > 3.0:
                break
        engine = psutil.Process(engine_pid)
        window.kill()
        killed_at = lengths[-1][0]
    _gone, alive = psutil.wait_procs([engine], timeout=2)
    assert not alive
    store = ConversationStore(find_paths().database)
    try:
        conversation = store.conversations()[0]
        reply = store.branch(conversation.id)[1]
    finally:
        store.close()
    a_second_before = max(length for at, length in lengths if at <= killed_at - 1.1)
    assert len(reply.text) >= a_second_before
    assert reply.state != "streaming"


#: Opens the window as the command does, types without sending and says so.
TYPING = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import ui.application
from ui.start import open_window

def type_something():
    for widget in QApplication.topLevelWidgets():
        for composer in widget.findChildren(ui.application.ComposerPanel):
            composer.edit.insertPlainText("Half a thought")
            QTimer.singleShot(1000, lambda: print("typed", flush=True))

real = ui.application.SawhorseWindow.start
def start(self, model="", *, new=False):
    real(self, model, new=new)
    QTimer.singleShot(0, type_something)
ui.application.SawhorseWindow.start = start
sys.exit(open_window("starter", new=True))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_what_was_typed_and_not_sent_is_there_after_any_end(own_home, ending):
    with subprocess.Popen([sys.executable, "-c", TYPING], stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout.readline() == "typed\n"
        os.kill(window.pid, ending)
        code = window.wait(timeout=20)
    assert code == (-ending if ending == signal.SIGKILL else 0)
    assert SettingsFile(find_paths().settings).settings.new_draft == "Half a thought"
