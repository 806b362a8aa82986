"""Every process of a command ends with it, whatever it does to stay."""

import os
import signal
import subprocess
import sys
import textwrap
import time
import uuid

import pytest

from app.tools.sandbox.environment import MAX_PROCESSES
from app.tools.sandbox.processes import usage
from app.tools.sandbox.unheld import Unheld
from tests.tools.sandboxes import KINDS, make_box, running

LIMIT_S = 15
DAEMONS = {
    "in the background": "sleep {mark} & true",
    "with a session of its own": "setsid sleep {mark} & sleep 0.02",
    "forked twice": "(setsid sh -c 'sleep {mark} & sleep {mark} & exec sleep {mark}' &) ; sleep 0.02",
    "deaf to requests": "(trap '' TERM HUP; setsid sh -c 'trap \"\" TERM HUP; sleep {mark}; sleep {mark}' &); sleep 0",
    "halted": "setsid sleep {mark} & sleep 0.02; kill -STOP $!",
    "with its output closed": "setsid sleep {mark} >/dev/null 2>&1 & disown; sleep 0.02",
}


def new_mark():
    """Return a number of seconds nobody else sleeps for."""
    return f"7{uuid.uuid4().int % 10**12}"


def starter(kind, tmp_path):
    """Return what starts a command in a sandbox of that kind, and what stops it."""
    box = make_box("bubblewrap" if kind == "none" else kind, tmp_path)
    sandbox = Unheld() if kind == "none" else box.sandbox
    reach = "unsandboxed" if kind == "none" else "sandbox"

    def start(command):
        return sandbox.start(["bash", "-c", command], box.workspace, box.workspace, reach)

    return start, sandbox.stop


def wait_for(condition):
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


every = pytest.mark.parametrize("kind", [*KINDS, "none"])


@every
@pytest.mark.parametrize("how", DAEMONS)
def test_a_daemon_ends_with_its_command(kind, how, tmp_path):
    start, stop = starter(kind, tmp_path)
    mark = new_mark()

    process = start(DAEMONS[how].format(mark=mark))
    process.communicate(timeout=LIMIT_S)
    stop(process)

    assert running(mark) == []


@every
def test_nothing_is_left_after_twenty_commands_that_leave_daemons(kind, tmp_path):
    start, stop = starter(kind, tmp_path)
    mark = new_mark()

    for _ in range(20):
        process = start(f"setsid sleep {mark} & (setsid sleep {mark} &) & sleep {mark} & exit 3")
        process.communicate(timeout=LIMIT_S)
        stop(process)
        assert process.returncode == 3

    assert running(mark) == []


@every
def test_a_command_that_will_not_end_is_ended(kind, tmp_path):
    start, stop = starter(kind, tmp_path)
    mark = new_mark()
    process = start(f"trap '' TERM INT HUP; echo up; while true; do sleep {mark}; done")
    assert process.stdout.readline() == b"up\n"
    wait_for(lambda: running(mark))

    stop(process)

    process.stdout.close()
    assert running(mark) == []


@every
def test_a_command_that_is_asked_to_end_may_tidy_up(kind, tmp_path):
    start, stop = starter(kind, tmp_path)
    process = start("trap 'echo bye; exit 0' TERM; echo up; while true; do sleep 0.05; done")
    assert process.stdout.readline() == b"up\n"

    stop(process)

    assert process.stdout.read().endswith(b"bye\n")
    process.stdout.close()


@every
def test_a_fork_bomb_is_counted_and_ended(kind, tmp_path):
    start, stop = starter(kind, tmp_path)
    mark = new_mark()
    # Each generation doubles; the last one of ten waits, so that a failure of this test cannot take the machine down.
    process = start(f'bomb() {{ [ "$1" = 0 ] && exec sleep {mark}; bomb $(($1-1)) & bomb $(($1-1)) & wait; }}; bomb 9')
    wait_for(lambda: usage(process.pid).processes > MAX_PROCESSES)

    stop(process)

    process.stdout.close()
    assert running(mark) == []


@pytest.mark.parametrize("kind", KINDS)
def test_memory_and_core_dumps_are_limited(kind, tmp_path):
    box = make_box(kind, tmp_path)

    assert box.run("ulimit -c").output == "0\n"
    ended = box.run("ulimit -d; python3 -c 'bytearray(9 << 30)'")
    assert "MemoryError" in ended.output
    assert box.run("python3 -c 'import mmap; mmap.mmap(-1, 1 << 44, mmap.MAP_PRIVATE, 0)'").code == 0  # only reserved


@every
@pytest.mark.parametrize("victim", ["worker", "first child"])
def test_the_death_of_who_started_it_leaves_nothing(kind, victim, tmp_path):
    box = make_box("bubblewrap" if kind == "none" else kind, tmp_path)
    mark = new_mark()
    program = textwrap.dedent(f"""
        import os, time
        from pathlib import Path
        from app.tools.sandbox.unheld import Unheld
        from tests.tools.sandboxes import make_sandbox
        kind, reach = {kind!r}, {"unsandboxed" if kind == "none" else "sandbox"!r}
        sandbox = Unheld() if kind == "none" else make_sandbox(kind, Path({str(box.home)!r}))
        folder = Path({str(box.workspace)!r})
        command = "setsid sleep MARK & (setsid sleep MARK &); trap '' TERM; sleep MARK".replace("MARK", os.environ["M"])
        process = sandbox.start(["bash", "-c", command], folder, folder, reach)
        print(process.pid, flush=True)
        time.sleep(600)
    """)
    variables = {**os.environ, "M": mark}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=variables) as worker:
        child = int(worker.stdout.readline())
        wait_for(lambda: sum(process.name() == "sleep" for process in running(mark)) == 3)

        os.kill(worker.pid if victim == "worker" else child, signal.SIGKILL)

        if victim == "first child" and kind != "bubblewrap":
            # The guard's direct child dies with it; what left that one's tree has nobody to end it any more.
            wait_for(lambda: not any(process.name() == "bash" for process in running(mark)))
            for process in running(mark):
                process.kill()
        wait_for(lambda: not running(mark))
        worker.kill()
    wait_for(lambda: [path.name for path in box.workspace.iterdir()] == ["src"])


def test_a_pool_of_processes_works(tmp_path):
    program = "import multiprocessing as m; print(sum(m.Pool(2).map(abs, range(-9, 10))))"

    assert make_box("bubblewrap", tmp_path).run(f"python3 -c '{program}'").output == "90\n"


@pytest.mark.parametrize("kind", KINDS)
def test_pipes_temporary_files_and_a_home_folder_are_there(kind, tmp_path):
    box = make_box(kind, tmp_path)

    ended = box.run("ps > $TMPDIR/x; echo a | tr a b; cat <(echo c); touch ~/d $TMPDIR/e; ls ~/d $TMPDIR/e | wc -l")

    assert ended.output == "b\nc\n2\n"


@every
def test_there_is_no_input_and_a_code_comes_back(kind, tmp_path):
    start, stop = starter(kind, tmp_path)

    process = start('read x; echo "got <$x>" >&2; exit 42')
    output, _ = process.communicate(timeout=LIMIT_S)
    stop(process)

    assert (process.returncode, output) == (42, b"got <>\n")
