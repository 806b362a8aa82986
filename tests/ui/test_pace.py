"""How often a growing reply is put on the screen."""

import pytest

from ui.chat.pace import LONGEST_MS, SHORTEST_MS, Pace


class Machine:
    """A clock for everyone and one for this process."""

    def __init__(self):
        self.wall = self.cpu = 0.0

    def run(self, pace, cost, frames=40):
        """Let frames pass that cost ``cost`` seconds each."""
        for _frame in range(frames):
            self.wall += pace.interval_ms / 1000
            self.cpu += cost
            pace.tick()


@pytest.fixture
def machine():
    return Machine()


def pace_on(machine, cores):
    return Pace(cores, lambda: machine.wall, lambda: machine.cpu)


def test_frames_that_cost_little_come_as_often_as_the_eye_wants(machine):
    pace = pace_on(machine, cores=2)
    machine.run(pace, cost=0.0005)
    assert pace.interval_ms == SHORTEST_MS


def test_dear_frames_come_seldom_enough_to_leave_the_engine_its_cores(machine):
    pace = pace_on(machine, cores=2)
    machine.run(pace, cost=0.0025)
    assert 70 <= pace.interval_ms <= LONGEST_MS


def test_the_same_frames_are_cheap_where_there_are_many_cores(machine):
    pace = pace_on(machine, cores=16)
    machine.run(pace, cost=0.0025)
    assert pace.interval_ms == SHORTEST_MS


def test_however_dear_a_frame_is_text_goes_on_appearing(machine):
    pace = pace_on(machine, cores=2)
    machine.run(pace, cost=0.5)
    assert pace.interval_ms == LONGEST_MS


def test_it_recovers_when_frames_are_cheap_again(machine):
    pace = pace_on(machine, cores=2)
    machine.run(pace, cost=0.5)
    machine.run(pace, cost=0.0001)
    assert pace.interval_ms == SHORTEST_MS
