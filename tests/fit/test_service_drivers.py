"""A machine whose drivers hang: the fit check gives them up in time, and goes on with what is known."""

import msgspec

from app.fit.messages import FitCommand
from app.fit.service import FitService
from app.ipc.codec import FrameDecoder, encode
from app.ipc.popen_transport import PopenTransport
from app.ipc.transport import ChildExit
from app.paths import find_paths
from tests.fit.test_machine import system


class SilentTransport:
    """A child that starts, hears everything and never answers."""

    def __init__(self):
        self.pid = None
        self.starts = 0

    def start(self, command, on_bytes, on_exit):
        self.pid, self._on_exit = 1, on_exit
        self.starts += 1

    def write(self, data):
        pass

    def kill(self):
        self.pid = None
        self._on_exit(ChildExit(code=None, signal=9))


def test_a_driver_that_hangs_costs_its_time_limit_and_the_cpu_remains(own_home, tiny_model):
    now = 0.0
    transports = []

    def make_transport():
        transports.append(PopenTransport() if transports else SilentTransport())
        return transports[-1]

    service = FitService(make_transport, find_paths(), clock=lambda: now)
    found = []
    service.probe(found.append)
    while service._probe._found is None:
        transports[2].pump(0.1)
    assert not found
    now = 60.0
    service.tick()
    (machine,) = found
    service.close()
    for transport in transports[1:]:
        transport.close()
    assert [device.name for device in machine.devices] == ["CPU"]
    assert "gave no answer" in machine.notes[-1]


class StuckDriver(SilentTransport):
    """A child in which a GPU's driver hangs, and which answers if that is not asked."""

    def write(self, data):
        (command,) = FrameDecoder(FitCommand).feed(data)
        if not command.with_drivers:
            self._on_bytes(encode(msgspec.structs.replace(system(), request=command.request)))

    def start(self, command, on_bytes, on_exit):
        super().start(command, on_bytes, on_exit)
        self._on_bytes = on_bytes


def test_a_driver_that_hangs_is_left_out_of_the_second_look(own_home):
    now = 0.0
    transports = [SilentTransport(), SilentTransport(), StuckDriver()]
    waiting = iter(transports)
    service = FitService(lambda: next(waiting), find_paths(), clock=lambda: now)
    found = []
    service.probe(found.append)
    for _ in range(2):
        now += 60.0
        service.tick()
    (machine,) = found
    service.close()
    assert transports[2].starts == 2
    assert machine.devices[0].bandwidth == system().memory_bandwidth


def test_when_nothing_answers_memory_is_still_known(own_home):
    now = 0.0
    transports = []

    def make_transport():
        transports.append(SilentTransport())
        return transports[-1]

    service = FitService(make_transport, find_paths(), clock=lambda: now)
    found = []
    service.probe(found.append)
    for _ in range(4):
        now += 60.0
        service.tick()
    (machine,) = found
    service.close()
    assert machine.devices[0].free_bytes > 0
    assert len(machine.notes) == 2
