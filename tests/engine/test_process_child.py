"""Supervision of real children: killed, stopped, talking nonsense; the engine is the scripted one."""

import os
import sys
import time

import psutil
import pytest

from app.engine.messages import Delta, Died, Finished, Loaded, LoadSettings, Notice, TextPrompt
from app.engine.process import EngineProcess
from app.engine.sampling import Sampling
from app.ipc.popen_transport import PopenTransport

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
LIMIT_S = 30.0


class Engine:
    """A supervised echo worker, pumped until something is so."""

    def __init__(self, *arguments):
        self.transport = PopenTransport()
        self.events = []
        command = [sys.executable, "-m", "app.engine.echo_worker", *arguments]
        self.process = EngineProcess(self.transport, self.events.append, command=command)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.close()
        self.transport.close()

    def wait_for(self, kind, request=None):
        """Return the next event of a kind; those before it are kept in ``seen``."""
        deadline = time.monotonic() + LIMIT_S
        self.seen = []
        while time.monotonic() < deadline:
            while self.events:
                event = self.events.pop(0)
                if isinstance(event, kind) and (request is None or event.request == request):
                    return event
                self.seen.append(event)
            self.transport.pump(0.05)
            self.process.tick()
        raise AssertionError(f"no {kind} came; seen: {self.seen[-5:]}, state {self.process.state}")

    def load(self):
        return self.wait_for(Loaded, self.process.load("echo", LoadSettings()))

    def say(self, text="one two three"):
        return self.process.generate(TextPrompt(text=text), Sampling())


def test_a_reply_streams_and_ends():
    with Engine("--words", "20", "--speed", "2000") as engine:
        engine.load()
        request = engine.say()
        finished = engine.wait_for(Finished, request)
        deltas = [event for event in engine.seen if isinstance(event, Delta)]
        assert "".join(delta.text for delta in deltas) == " ".join(f"word{number}" for number in range(20))
        assert len(finished.token_ids) == finished.stats.generated_tokens == 20


def test_an_engine_killed_a_hundred_times_mid_reply_starts_again_each_time():
    with Engine("--words", "100000", "--speed", "1000") as engine:
        files = psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0
        for _ in range(100):
            engine.load()
            request = engine.say()
            engine.wait_for(Delta, request)
            psutil.Process(engine.process.pid).kill()
            died = engine.wait_for(Died)
            assert died.lost == (request,)
            assert died.title
            assert died.hint
            assert engine.process.state == "failed"
        engine.load()
        if files:  # pipes of a hundred children would be 300
            assert psutil.Process().num_fds() < files + 20


def test_stopping_takes_effect_and_the_engine_goes_on():
    with Engine("--words", "100000", "--speed", "500") as engine:
        engine.load()
        request = engine.say()
        engine.wait_for(Delta, request)
        engine.process.cancel(request)
        assert engine.wait_for(Finished, request).reason == "cancelled"
        engine.wait_for(Delta, engine.say())


@POSIX
def test_an_engine_that_is_suspended_is_called_frozen_and_can_be_ended(monkeypatch):
    monkeypatch.setattr("app.engine.process.FROZEN_AFTER_S", 1.0)
    monkeypatch.setattr("app.engine.process.PING_INTERVAL_S", 0.2)
    with Engine("--words", "100000") as engine:
        engine.load()
        request = engine.say()
        engine.wait_for(Delta, request)
        child = psutil.Process(engine.process.pid)
        child.suspend()
        assert engine.wait_for(Notice).code == "engine_frozen"
        assert engine.process.state == "frozen"
        child.resume()
        assert engine.wait_for(Notice).code == "engine_thawed"
        child.suspend()
        assert engine.wait_for(Notice).code == "engine_frozen"
        engine.process.kill()
        assert engine.wait_for(Died).lost == (request,)


def test_an_engine_that_does_not_hear_a_cancel_is_noticed(monkeypatch):
    monkeypatch.setattr("app.engine.process.FROZEN_AFTER_S", 1.0)
    with Engine("--words", "100000", "--fault", "deaf") as engine:
        engine.load()
        request = engine.say()
        engine.wait_for(Delta, request)
        engine.process.cancel(request)
        assert engine.wait_for(Notice).code == "engine_frozen"
        engine.process.kill()
        assert engine.wait_for(Died).lost == (request,)


@pytest.mark.parametrize(
    ("fault", "title", "said"),
    [
        ("garbage", "The engine sent something damaged", "frame"),
        ("exception", "The engine ended with an error", "RuntimeError: a fault that was asked for"),
        pytest.param("abort", "The engine gave up", "GGML_ASSERT(n_tokens > 0) failed", marks=POSIX),
    ],
)
def test_an_engine_that_ends_by_a_fault_of_its_own_says_which(fault, title, said):
    with Engine("--words", "50", "--fault", fault, "--at", "5") as engine:
        engine.load()
        request = engine.say()
        died = engine.wait_for(Died)
        assert died.title == title
        assert said in died.message
        assert died.lost == (request,)
        assert sum(isinstance(event, Delta) for event in engine.seen) == 5


def test_closing_in_the_middle_of_a_reply_leaves_no_process():
    with Engine("--words", "100000") as engine:
        engine.load()
        engine.wait_for(Delta, engine.say())
        child = psutil.Process(engine.process.pid)
    assert not child.is_running()
    assert child.pid != os.getpid()
