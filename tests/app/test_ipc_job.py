"""A child that works through requests: what happens around its end, without a real one."""

import pytest

from app.ipc.codec import FrameDecoder, encode
from app.ipc.job import JobCommand, JobEvent, JobFailed, JobProcess
from app.ipc.transport import ChildExit


class Say(JobCommand, tag="say", frozen=True, kw_only=True):
    word: str


class Said(JobEvent, tag="said", frozen=True, kw_only=True):
    word: str


class Child:
    """A transport whose child answers when the test says so, and ends when the test says so."""

    def __init__(self):
        self.starts = 0
        self.killed = 0
        self.pid = None
        self.heard = []

    def start(self, command, on_bytes, on_exit):
        self.starts += 1
        self.pid, self._on_bytes, self._on_exit = self.starts, on_bytes, on_exit
        self.heard = []
        self._decoder = FrameDecoder(Say)

    def write(self, data):
        self.heard += self._decoder.feed(data)

    def kill(self):
        self.killed += 1

    def answer(self):
        command = self.heard.pop(0)
        self._on_bytes(encode(Said(request=command.request, word=command.word)))

    def end(self, **how):
        self.pid = None
        self._on_exit(ChildExit(**{"code": None, "signal": 9, **how}))


@pytest.fixture
def child():
    return Child()


@pytest.fixture
def job(child):
    return JobProcess(child, "app.engine.echo_worker", Said | JobFailed, "The child")


def test_a_child_that_rests_is_ended_and_the_next_request_starts_another(child, job):
    answers = []
    job.ask(Say(word="a"), answers.append)
    child.answer()
    job.rest()
    assert child.killed == 1
    child.end()
    job.ask(Say(word="b"), answers.append)
    child.answer()
    assert [event.word for event in answers] == ["a", "b"]
    assert child.starts == 2


def test_a_request_while_a_resting_child_ends_goes_to_the_next_one(child, job):
    answers = []
    job.ask(Say(word="a"), answers.append)
    child.answer()
    job.rest()
    job.ask(Say(word="b"), answers.append)
    assert child.heard == []
    child.end()
    child.answer()
    assert [event.word for event in answers] == ["a", "b"]


def test_a_request_after_one_that_was_forgotten_does_not_fail_with_it(child, job):
    answers = []
    job.forget(job.ask(Say(word="a"), answers.append))
    job.ask(Say(word="b"), answers.append)
    child.end()
    child.answer()
    assert [event.word for event in answers] == ["b"]


def test_a_child_that_has_work_does_not_rest(child, job):
    job.ask(Say(word="a"), lambda event: None)
    job.rest()
    assert child.killed == 0


def test_the_request_a_child_died_at_fails_and_those_behind_it_are_asked_again(child, job):
    answers = []
    for word in ("a", "b"):
        job.ask(Say(word=word), answers.append)
    child.end(stderr_tail="it hurts\n")
    child.answer()
    failed, said = answers
    assert (failed.code, said.word) == ("ended", "b")
    assert "it hurts" in failed.message
