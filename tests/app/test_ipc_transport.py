"""Real children over real pipes: every byte arrives, every end is told once, nothing is left."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from app.engine.messages import AnyEvent, Ping
from app.ipc.child import READ_BYTES
from app.ipc.codec import FrameDecoder, encode
from app.ipc.launch import CHILD_MODULES, child_command, clean_environment
from app.ipc.popen_transport import STDERR_TAIL_BYTES, PopenTransport

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="an arrangement with the Linux kernel")


class Child:
    """A child that runs a piece of Python, and what came from it."""

    def __init__(self):
        self.transport = PopenTransport()
        self.output = b""
        self.ends = []

    def start(self, program):
        command = [sys.executable, "-c", textwrap.dedent(program)]
        self.transport.start(command, self._take, self.ends.append)

    def _take(self, data):
        self.output += data

    def pump_until(self, is_enough, limit_s=20.0):
        deadline = time.monotonic() + limit_s
        while not is_enough():
            assert time.monotonic() < deadline, f"it did not come: {self.output[-200:]!r} {self.ends}"
            self.transport.pump(0.05)

    def end(self):
        self.pump_until(lambda: self.ends)
        return self.ends[0]


@pytest.fixture
def child():
    child = Child()
    yield child
    child.transport.close()


ECHO = """
    import sys
    while data := sys.stdin.buffer.read1():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
"""


def test_a_child_answers_with_the_bytes_it_was_sent(child):
    child.start(ECHO)
    data = os.urandom(3 * READ_BYTES)
    child.transport.write(data)
    child.pump_until(lambda: len(child.output) == len(data))
    assert child.output == data


def test_writing_to_a_child_that_does_not_read_does_not_block(child):
    child.start("import time; time.sleep(60)")
    child.transport.write(b"x" * 5_000_000)
    assert child.transport.pid
    child.transport.kill()
    assert child.end().signal == signal.SIGKILL or sys.platform == "win32"


def test_an_exit_code_and_the_last_words_are_reported_once(child):
    child.start("import sys; print('what went wrong', file=sys.stderr); sys.exit(3)")
    end = child.end()
    assert (end.code, end.signal) == (3, None)
    assert "what went wrong" in end.stderr_tail
    assert not child.transport.pump(0.2)
    assert len(child.ends) == 1
    assert child.transport.pid is None


@POSIX
def test_the_signal_that_ended_a_child_is_reported(child):
    child.start("import os; os.abort()")
    end = child.end()
    assert (end.code, end.signal) == (None, signal.SIGABRT)


def test_only_the_tail_of_a_talkative_child_is_kept(child):
    child.start("import sys; sys.stderr.write('x' * 1_000_000 + 'the end'); sys.exit(1)")
    tail = child.end().stderr_tail
    assert len(tail) <= STDERR_TAIL_BYTES
    assert tail.endswith("the end")


def test_a_program_that_is_not_there_is_an_end_with_words_not_an_exception(child, tmp_path):
    child.transport.start([str(tmp_path / "none")], lambda _data: None, child.ends.append)
    end = child.end()
    assert end.error
    assert end.code is None


def test_all_output_comes_before_the_end(child):
    child.start("import sys; sys.stdout.buffer.write(b'y' * 700_000)")
    child.end()
    assert len(child.output) == 700_000


def test_a_transport_starts_the_next_child_after_an_end(child):
    child.start("print('first')")
    child.end()
    child.ends.clear()
    child.start("print('second')")
    assert child.end().code == 0
    assert child.output.split() == [b"first", b"second"]


def test_after_close_no_callback_comes(child):
    child.start("print('x' * 100_000, flush=True); input()")
    child.transport.close()
    before = child.output
    assert not child.transport.pump(0.1)
    assert child.output == before
    assert not child.ends


def test_closing_does_not_wait_for_a_child_that_hears_nothing(child):
    child.start("import time; print('up', flush=True); time.sleep(600)")
    child.pump_until(lambda: b"up" in child.output)
    process = psutil.Process(child.transport.pid)
    child.transport.close()
    assert not process.is_running()


# --- the child's side -------------------------------------------------------------------------------------

CHILD = """
    import ctypes, os, sys
    from app.engine.messages import AnyCommand, Notice, Ping
    from app.ipc.child import open_channel
    channel = open_channel(AnyCommand, oom_score_adj=800)
    print("a print does not reach the frames", flush=True)
    ctypes.CDLL(None).puts(b"nor does a C library's") if os.name == "posix" else None
    for command in channel:
        score = open("/proc/self/oom_score_adj").read().strip() if sys.platform == "linux" else "800"
        channel.send(Notice(request=command.request, code="score", text=score))
"""


def test_what_a_child_prints_does_not_damage_frames(child):
    child.start(CHILD)
    child.transport.write(encode(Ping(request=7)))
    child.pump_until(lambda: len(child.output) > 20)
    (answer,) = FrameDecoder(AnyEvent).feed(child.output)
    assert (answer.request, answer.text) == (7, "800")


def test_a_child_ends_when_its_input_is_closed(child):
    child.start(CHILD)
    process = psutil.Process(child.transport.pid)
    child.transport.close()
    assert not process.is_running()


@POSIX
def test_ctrl_c_in_the_terminal_is_the_parents(child):
    child.start(CHILD)
    child.transport.write(encode(Ping(request=1)))
    child.pump_until(lambda: child.output)  # it is past its start
    before = len(child.output)
    os.kill(child.transport.pid, signal.SIGINT)
    child.transport.write(encode(Ping(request=2)))
    child.pump_until(lambda: len(child.output) > before)


PARENT = """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-m", "app.engine.echo_worker"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    child.stdout.read(4)  # its first word: it is up
    print(child.pid, flush=True)
    time.sleep(600)
"""


@POSIX
@pytest.mark.parametrize("is_stopped", [False, pytest.param(True, marks=LINUX)])
def test_a_child_does_not_outlive_a_parent_that_is_killed(is_stopped):
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(PARENT)], stdout=subprocess.PIPE) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        if is_stopped:  # it cannot see that its input is closed
            child.suspend()
        parent.kill()
    _gone, alive = psutil.wait_procs([child], timeout=2)
    for process in alive:
        process.kill()
    assert not alive


# --- how children are started -----------------------------------------------------------------------------


def test_only_known_modules_are_run_as_children():
    with pytest.raises(ValueError, match="not a child"):
        child_command("antigravity")


def test_every_known_child_is_a_module_that_exists():
    from importlib.util import find_spec

    assert all(find_spec(module) for module in CHILD_MODULES)


def test_a_frozen_bundle_runs_itself_again(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert child_command("app.engine.echo_worker") == [sys.executable, "--child", "app.engine.echo_worker"]


def test_a_module_in_the_folder_of_start_does_not_stand_in_for_ours(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit('taken over')")
    command = child_command("app.engine.echo_worker")
    result = subprocess.run(command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


def test_secrets_are_not_handed_to_children():
    environment = {"HF_TOKEN": "a", "AWS_SECRET_ACCESS_KEY": "b", "openai_api_key": "c", "PATH": "d", "HF_HOME": "e"}
    assert clean_environment(environment) == {"PATH": "d", "HF_HOME": "e"}
