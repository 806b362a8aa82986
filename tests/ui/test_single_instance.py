"""A second start: it finds the first, hands over what it was asked for, and the first comes to the front."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFileOpenEvent

from app.errors import AppError
from ui.single_instance import FirstWindow, Request, hand_over, meeting_of, take_place

pytestmark = pytest.mark.skipif(os.name == "nt", reason="looks at sockets that are files")


@pytest.fixture
def runtime(tmp_path_factory, monkeypatch):
    """A short folder of the user's own, as a desktop makes it."""
    folder = tmp_path_factory.mktemp("run")
    folder.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def meeting(runtime, tmp_path):
    return meeting_of(tmp_path)


@pytest.fixture
def first(qapp, meeting):
    window = FirstWindow(meeting, take_place(meeting))
    window.listen()
    yield window
    window.close()


def start_second(meeting, request):
    """Hand over as another process does: meanwhile the first one's event loop runs."""
    code = (
        "import sys; from pathlib import Path; from ui.single_instance import *;"
        "assert take_place(Meeting(Path(sys.argv[1]), sys.argv[2])) is None;"
        "hand_over(Meeting(Path(sys.argv[1]), sys.argv[2]), Request(model=sys.argv[3], new=sys.argv[4] == '1'), 10)"
    )
    arguments = [str(meeting.lock), meeting.socket, request.model, "1" if request.new else "0"]
    return subprocess.Popen([sys.executable, "-c", code, *arguments])


def test_a_second_start_hands_over_its_file(qtbot, meeting, first):
    request = Request(model="/models/a name with späces.gguf", new=True)
    with qtbot.waitSignal(first.asked, timeout=20_000) as asked:
        second = start_second(meeting, request)
    assert (asked.args[0].model, asked.args[0].new) == (request.model, True)
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=10_000)
    assert second.returncode == 0


def test_only_the_user_can_reach_the_socket(meeting, first):
    assert Path(meeting.socket).stat().st_mode & 0o077 == 0


def test_another_data_folder_is_another_meeting(runtime, tmp_path):
    assert meeting_of(tmp_path / "one") != meeting_of(tmp_path / "two")


def test_a_folder_that_others_may_enter_is_no_place_to_meet(tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = meeting_of(tmp_path, {"XDG_RUNTIME_DIR": str(shared)})
    assert found.lock.parent == tmp_path / f"sawhorse-{os.getuid()}"
    found.lock.parent.chmod(0o755)
    assert meeting_of(tmp_path, {"XDG_RUNTIME_DIR": str(shared)}) is None


def test_what_a_killed_window_left_is_taken_over(qtbot, meeting):
    code = (
        "import os, signal, sys; from pathlib import Path; from PySide6.QtCore import QCoreApplication;"
        "from ui.single_instance import *; application = QCoreApplication([]);"
        "meeting = Meeting(Path(sys.argv[1]), sys.argv[2]); first = FirstWindow(meeting, take_place(meeting));"
        "first.listen(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(meeting.lock), meeting.socket], check=False)
    assert Path(meeting.socket).exists()
    lock = take_place(meeting)
    assert lock is not None
    window = FirstWindow(meeting, lock)
    window.listen()
    with qtbot.waitSignal(window.asked, timeout=20_000):
        second = start_second(meeting, Request(model="starter"))
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=10_000)
    window.close()


def test_the_next_start_is_the_first_again(qapp, meeting):
    window = FirstWindow(meeting, take_place(meeting))
    assert take_place(meeting) is None
    window.close()
    assert take_place(meeting) is not None


def test_a_window_that_does_not_answer_is_an_error_in_words(qapp, meeting):
    with pytest.raises(AppError, match="does not answer"):
        hand_over(meeting, Request(), wait_s=0)


@pytest.mark.parametrize("sent", [b"no JSON\n", b'{"model": 3}\n', b"x" * 100_000])
def test_a_message_that_is_none_is_not_answered(qtbot, meeting, first, sent):
    from PySide6.QtNetwork import QLocalSocket

    heard = []
    first.asked.connect(heard.append)
    socket = QLocalSocket()
    with qtbot.waitSignal(socket.disconnected, timeout=10_000):
        socket.connectToServer(meeting.socket)
        socket.write(sent)
    assert not heard


def test_a_file_that_macos_opens_is_asked_for(qtbot, first):
    QCoreApplication.instance().installEventFilter(first)
    try:
        with qtbot.waitSignal(first.asked) as asked:
            QCoreApplication.sendEvent(QCoreApplication.instance(), QFileOpenEvent("/models/a.gguf"))
    finally:
        QCoreApplication.instance().removeEventFilter(first)
    assert asked.args[0].model == "/models/a.gguf"
