"""A child on Qt's event loop: every byte arrives, every end is told once, nothing is left."""

from __future__ import annotations

import os
import signal
import sys
import textwrap

import psutil
import pytest
from PySide6.QtCore import QEvent, QProcess
from PySide6.QtWidgets import QApplication

from app.engine.messages import AnyEvent, ListDevices
from app.engine.process import EngineProcess
from app.ipc.codec import FrameDecoder, encode
from app.ipc.launch import child_command, clean_environment
from ui.process_transport import STDERR_TAIL_BYTES, QtProcessTransport

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
TIMEOUT_MS = 20_000


class Child:
    """A child that runs a piece of Python, and what came from it."""

    def __init__(self, qtbot, environment):
        self.transport = QtProcessTransport(environment)
        self.qtbot = qtbot
        self.output = b""
        self.ends = []

    def start(self, program):
        self.run([sys.executable, "-c", textwrap.dedent(program)])

    def run(self, command):
        self.transport.start(command, self._take, self.ends.append)

    def _take(self, data):
        assert not self.ends, "output came after the end"
        self.output += data

    def wait_for(self, count):
        self.qtbot.waitUntil(lambda: len(self.output) >= count, timeout=TIMEOUT_MS)

    def end(self):
        self.qtbot.waitUntil(lambda: bool(self.ends), timeout=TIMEOUT_MS)
        return self.ends[0]


@pytest.fixture
def child(qapp, qtbot):
    child = Child(qtbot, clean_environment())
    yield child
    child.transport.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not child.transport.findChildren(QProcess)


ECHO = """
    import sys
    while data := sys.stdin.buffer.read1():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
"""
DEAF = "import time; print('up', flush=True); time.sleep(600)"


def test_a_child_answers_with_the_bytes_it_was_sent(child):
    child.start(ECHO)
    data = os.urandom(1_000_000)
    child.transport.write(data[:10])  # before it has even started
    child.transport.write(data[10:])
    child.wait_for(len(data))
    assert child.output == data


def test_frames_come_through_both_ways(child):
    child.run(child_command("app.engine.echo_worker"))
    child.transport.write(encode(ListDevices(request=7)))
    decoder, events = FrameDecoder(AnyEvent), []

    def has_answer():
        data, child.output = child.output, b""
        events.extend(decoder.feed(data))
        return any(event.request == 7 for event in events)

    child.qtbot.waitUntil(has_answer, timeout=TIMEOUT_MS)


def test_writing_to_a_child_that_does_not_read_does_not_block(child):
    child.start(DEAF)
    child.transport.write(b"x" * 5_000_000)
    assert child.transport.pid
    child.transport.kill()
    assert child.end().signal == signal.SIGKILL or sys.platform == "win32"


def test_writing_to_a_child_that_closed_its_input_is_no_end(child):
    child.start("import os, time; os.close(0); print('up', flush=True); time.sleep(600)")
    child.wait_for(2)
    child.transport.write(b"x" * 200_000)
    child.transport.write(b"y")
    assert psutil.pid_exists(child.transport.pid)
    assert child.ends == []


def test_an_exit_code_and_the_last_words_are_told_once(child):
    child.start("import sys; print('what went wrong', file=sys.stderr); sys.exit(3)")
    end = child.end()
    assert (end.code, end.signal, end.error) == (3, None, "")
    assert "what went wrong" in end.stderr_tail
    child.transport.kill()
    child.transport.close()
    QApplication.processEvents()
    assert len(child.ends) == 1
    assert child.transport.pid is None


@POSIX
def test_the_signal_that_ended_a_child_is_told(child):
    child.start("import os; os.abort()")
    end = child.end()
    assert (end.code, end.signal) == (None, signal.SIGABRT)


@POSIX
def test_a_child_that_is_killed_from_outside_is_told_of(child):
    child.start(DEAF)
    child.wait_for(2)
    psutil.Process(child.transport.pid).kill()
    assert child.end().signal == signal.SIGKILL


def test_a_kill_is_told_once_and_leaves_no_process(child):
    child.start(DEAF)
    child.wait_for(2)
    process = psutil.Process(child.transport.pid)
    child.transport.kill()
    child.transport.kill()
    child.end()
    assert not process.is_running()
    assert len(child.ends) == 1


def test_only_the_tail_of_a_talkative_child_is_kept(child):
    child.start("import sys; sys.stderr.write('x' * 1_000_000 + 'the end'); sys.exit(1)")
    tail = child.end().stderr_tail
    assert len(tail) == STDERR_TAIL_BYTES
    assert tail.endswith("the end")


def test_last_words_that_are_not_utf_8_are_told_as_far_as_they_can_be_read(child):
    child.start(r"import sys; sys.stderr.buffer.write(b'bad \xff byte'); sys.exit(1)")
    assert child.end().stderr_tail == "bad \ufffd byte"


def test_a_program_that_is_not_there_is_an_end_with_words(child, tmp_path):
    child.run([str(tmp_path / "none")])
    end = child.end()
    assert end.error
    assert (end.code, end.signal) == (None, None)
    assert len(child.ends) == 1
    assert child.transport.pid is None


def test_all_output_comes_before_the_end(child):
    child.start("import sys; sys.stdout.buffer.write(b'y' * 700_000)")
    child.end()
    assert len(child.output) == 700_000


def test_the_next_child_starts_where_the_end_of_the_first_is_told(child):
    def start_next(_end):
        child.start("import sys; print('second'); print('its words', file=sys.stderr)")

    child.transport.start(
        [sys.executable, "-c", "import sys; print('first'); print('old words', file=sys.stderr)"],
        child._take,
        start_next,
    )
    end = child.end()
    assert child.output.split() == [b"first", b"second"]
    assert end.stderr_tail.strip() == "its words"


def test_after_close_nothing_is_told(child):
    child.start("print('x' * 100_000, flush=True); input()")
    child.wait_for(1)
    process = psutil.Process(child.transport.pid)
    child.transport.close()
    before = child.output
    QApplication.processEvents()
    assert child.output == before
    assert child.ends == []
    assert not process.is_running()


def test_closing_lets_a_child_that_listens_end_by_itself(child, tmp_path):
    mark = tmp_path / "ended by itself"
    child.start(f"print('up', flush=True); import sys; sys.stdin.read(); open({str(mark)!r}, 'w').close()")
    child.wait_for(2)
    child.transport.close(wait_ms=TIMEOUT_MS)
    assert mark.exists()


def test_closing_ends_a_child_that_hears_nothing(child):
    child.start(DEAF)
    child.wait_for(2)
    process = psutil.Process(child.transport.pid)
    child.transport.close(wait_ms=50)
    assert not process.is_running()
    assert child.transport.pid is None


def test_what_is_written_or_killed_without_a_child_goes_nowhere(child):
    child.transport.write(b"x")
    child.transport.kill()
    child.transport.close()
    assert child.transport.pid is None


def test_a_child_gets_the_environment_it_is_given_and_no_other(qapp, qtbot, monkeypatch):
    given = {**clean_environment(), "SAWHORSE_MARK": "told"}
    monkeypatch.setenv("SAWHORSE_LATER", "not told")
    child = Child(qtbot, given)
    child.start("import os; print(os.environ.get('SAWHORSE_MARK'), os.environ.get('SAWHORSE_LATER'))")
    child.end()
    assert child.output.split() == [b"told", b"None"]


def test_an_engine_runs_over_it(child):
    events = []
    engine = EngineProcess(child.transport, events.append)
    engine.list_devices()
    child.qtbot.waitUntil(lambda: any(type(event).__name__ == "Devices" for event in events), timeout=TIMEOUT_MS)
    pid = engine.pid
    engine.close()
    child.transport.close()
    assert not psutil.pid_exists(pid)
