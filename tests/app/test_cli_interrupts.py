"""Ctrl+C with two meanings, and Ctrl+D: collected in this process, pressed in a terminal."""

import os
import signal
import sys

import pytest

from app.cli.interrupts import Interrupts
from app.cli.main import INTERRUPTED
from tests.app.command_line import LIMIT_S, start, turns

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="terminals and process groups are of Unix")
ENDLESS = ("--json", "--temp", "0", "--ignore-eos", "-c", "32768")


def press():
    signal.raise_signal(signal.SIGINT)


def test_one_press_is_heard_once():
    with Interrupts() as interrupts:
        assert not interrupts.take()
        press()
        assert interrupts.take()
        assert not interrupts.take()


def test_a_second_press_before_the_first_was_heard_ends_the_program():
    with Interrupts():
        press()
        with pytest.raises(KeyboardInterrupt):
            press()


def test_a_press_after_the_one_that_was_heard_is_a_first_one():
    with Interrupts() as interrupts:
        for _ in range(3):
            press()
            assert interrupts.take()


def test_where_nothing_can_be_stopped_a_press_ends_the_program():
    with Interrupts() as interrupts:
        with pytest.raises(KeyboardInterrupt), interrupts.raising():
            press()
        press()
        assert interrupts.take()


def test_afterwards_a_press_means_what_it_meant_before():
    before = signal.getsignal(signal.SIGINT)
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


# --- in a terminal ----------------------------------------------------------------------------------------


@pytest.fixture
def terminal():
    """The two ends of a terminal: what is typed, and what a program reads."""
    import pty

    ends = pty.openpty()
    yield ends
    for end in ends:
        os.close(end)


def press_in_terminal(program):
    """Do what a terminal does: tell every process of the group, the engine's too."""
    os.killpg(program.pid, signal.SIGINT)


def stop_reply(program):
    """Press Ctrl+C once a reply has begun; return how its turn ended."""
    assert '"delta"' in program.stdout.readline(), program.stderr.read()
    press_in_terminal(program)
    while not (ended := turns([program.stdout.readline()])):
        pass
    return ended[0]


@POSIX
def test_a_press_stops_the_reply_and_the_next_turn_is_answered(tiny_model):
    with start("chat", str(tiny_model), "-p", "One?", "-p", "Two?", *ENDLESS) as program:
        for _ in range(2):
            ended = stop_reply(program)
            assert ended["stats"]["stop_reason"] == "cancelled"
            assert ended["text"]
        assert program.wait(LIMIT_S) == 0
        assert program.stderr.read() == ""


@POSIX
def test_at_the_prompt_a_press_ends_the_program_and_leaves_only_replies_in_the_pipe(tiny_model, terminal):
    keyboard, stdin = terminal
    with start("chat", str(tiny_model), *ENDLESS, stdin=stdin) as program:
        assert "Ctrl+C" in program.stderr.readline()
        for _ in range(2):
            assert program.stderr.read(2) == "> "
            os.write(keyboard, b"Hi\n")
            assert stop_reply(program)["stats"]["stop_reason"] == "cancelled"
        assert program.stderr.read(2) == "> "
        press_in_terminal(program)
        assert program.wait(LIMIT_S) == INTERRUPTED
        assert (program.stdout.read(), program.stderr.read()) == ("", "")


@POSIX
def test_at_the_prompt_ctrl_d_ends_the_program_and_empty_lines_do_not(tiny_model, terminal):
    keyboard, stdin = terminal
    with start("chat", str(tiny_model), *ENDLESS, stdin=stdin) as program:
        assert "Ctrl+D" in program.stderr.readline()
        os.write(keyboard, b"\n \n\x04")
        assert program.wait(LIMIT_S) == 0
        assert (program.stdout.read(), program.stderr.read()) == ("", "> > > \n")
