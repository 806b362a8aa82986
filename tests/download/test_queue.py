"""The queue with its real process: order, pause, cancel, limits, restarts of everything, and secrets."""

import os
import sys
import time

import msgspec
import psutil
import pytest

from app.download.messages import AnyDownloadCommand, Fetch
from app.download.names import targets
from app.download.queue import DownloadQueue
from app.ipc.codec import FrameDecoder
from app.ipc.launch import child_command
from tests.download.harness import CHUNK, REPOSITORY, TUNING, Downloads, content, names_below, publish, shards
from tests.hub.faults import Fault

SIZE = 40 * CHUNK
SLOW = 500_000  # bytes per second and connection: SIZE takes a second and more


@pytest.fixture
def downloads(hub, tmp_path):
    with Downloads(tmp_path) as queue:
        yield queue


def kill(downloads):
    """Kill the process and let the queue notice."""
    pid = downloads.queue.pid
    psutil.Process(pid).kill()
    downloads.wait_until(lambda: downloads.queue.pid != pid)


def test_a_download_goes_through_its_states_and_ends_with_the_path_of_the_first_shard(hub, downloads):
    files = shards(SIZE, 3)
    variant = publish(hub, files)
    number = downloads.queue.add(variant, downloads.models).id
    done = downloads.wait(number)
    assert done.state == "done"
    assert (done.done_bytes, done.fetched_bytes) == (variant.size_bytes, variant.size_bytes)
    assert done.path == str(downloads.models / variant.files[0].name)
    assert content(downloads.models, variant) == files
    states = downloads.states(number)
    assert states[:2] == ["queued", "checking"]
    assert states[-1] == "done"


def test_progress_comes_a_few_times_a_second_with_speed_and_time_left(hub, downloads):
    hub.rate = SLOW
    number = downloads.queue.add(publish(hub, shards(SIZE)), downloads.models).id
    then = time.monotonic()
    downloads.wait(number)
    seconds = time.monotonic() - then
    running = [download for download in downloads.seen if download.state == "running"]
    assert any(download.speed > 0 and download.eta_s is not None for download in running)
    assert len(running) <= 4 * seconds + 2
    assert [d.done_bytes for d in running] == sorted(d.done_bytes for d in running)


def test_a_paused_download_fetches_nothing_and_goes_on_where_it_was(hub, downloads):
    hub.rate = SLOW
    variant = publish(hub, shards(SIZE))
    number = downloads.queue.add(variant, downloads.models).id
    downloads.wait_until(lambda: downloads.queue.get(number).done_bytes > 0)
    downloads.queue.pause(number)
    assert downloads.queue.get(number).state == "paused"
    downloads.wait_until(lambda: not downloads.queue._entry(number).request)
    paused = downloads.queue.get(number)
    assert 0 < paused.done_bytes < SIZE
    assert not content(downloads.models, variant)
    hub.rate = 0
    downloads.queue.resume(number)
    done = downloads.wait(number)
    assert done.state == "done"
    assert done.fetched_bytes == variant.size_bytes


def test_a_cancelled_download_deletes_its_partial_files(hub, downloads):
    hub.rate = SLOW
    number = downloads.queue.add(publish(hub, shards(SIZE, 2)), downloads.models).id
    downloads.wait_until(lambda: downloads.queue.get(number).done_bytes > 0)
    downloads.queue.cancel(number)
    assert downloads.queue.downloads == ()
    downloads.wait_until(lambda: names_below(downloads.models) == [])


def test_a_cancelled_download_can_keep_its_partial_files_for_another_day(hub, downloads):
    hub.rate = SLOW
    variant = publish(hub, shards(SIZE))
    number = downloads.queue.add(variant, downloads.models).id
    downloads.wait_until(lambda: downloads.queue.get(number).done_bytes > 0)
    downloads.queue.cancel(number, keep_partial=True)
    downloads.wait_until(lambda: not downloads.queue._leaving.running)
    hub.rate = 0
    again = downloads.wait(downloads.queue.add(variant, downloads.models).id)
    assert again.state == "done"
    assert hub.sent_bytes < 1.3 * SIZE


def test_a_paused_download_that_is_cancelled_is_deleted_too(hub, downloads):
    hub.rate = SLOW
    number = downloads.queue.add(publish(hub, shards(SIZE)), downloads.models).id
    downloads.wait_until(lambda: downloads.queue.get(number).done_bytes > 0)
    downloads.queue.pause(number)
    downloads.wait_until(lambda: not downloads.queue._entry(number).request)
    downloads.queue.cancel(number)
    downloads.wait_until(lambda: names_below(downloads.models) == [])


def test_a_finished_download_leaves_the_list_and_its_files_stay(hub, downloads):
    files = shards(CHUNK)
    variant = publish(hub, files)
    number = downloads.wait(downloads.queue.add(variant, downloads.models).id).id
    downloads.queue.cancel(number)
    assert downloads.queue.downloads == ()
    assert content(downloads.models, variant) == files


def add_three(hub, downloads):
    hub.rate = SLOW
    return [
        downloads.queue.add(publish(hub, shards(4 * CHUNK, quantization=name), quantization=name), downloads.models).id
        for name in ("Q4_0", "Q5_0", "Q8_0")
    ]


def test_downloads_take_turns_in_the_order_of_the_list(hub, downloads):
    first, second, third = add_three(hub, downloads)
    downloads.queue.move(third, 1)
    assert [download.id for download in downloads.queue.downloads] == [first, third, second]
    finished = []
    while len(finished) < 3:
        downloads.pump()
        active = [d.id for d in downloads.queue.downloads if d.state not in {"queued", "done"}]
        assert len(active) <= 1
        finished += [d.id for d in downloads.queue.downloads if d.state == "done" and d.id not in finished]
    assert finished == [first, third, second]


def test_two_at_a_time_if_so_wanted(hub, downloads):
    downloads.queue.set_parallel(2)
    add_three(hub, downloads)
    downloads.wait_until(lambda: sum(d.state not in {"queued", "done"} for d in downloads.queue.downloads) == 2)
    downloads.wait_until(lambda: all(d.state == "done" for d in downloads.queue.downloads))


def test_a_failed_download_lets_the_next_one_go(hub, downloads):
    first, second, _ = add_three(hub, downloads)
    hub.faults.add(Fault(host="hub", status=404, path="Q4_0"))
    assert downloads.wait(first).state == "failed"
    assert downloads.queue.get(first).problem
    assert downloads.queue.get(first).hint
    assert downloads.wait(second).state == "done"
    downloads.queue.resume(first)
    assert downloads.wait(first).state == "done"


def test_the_same_variant_is_not_downloaded_twice(hub, downloads):
    hub.rate = SLOW
    variant = publish(hub, shards(SIZE))
    first = downloads.queue.add(variant, downloads.models)
    assert downloads.queue.add(variant, downloads.models).id == first.id
    assert len(downloads.queue.downloads) == 1


def test_a_name_that_is_not_accepted_is_told_at_once(hub, downloads):
    variant = publish(hub, {"../evil.gguf": b"x"})
    with pytest.raises(Exception, match="not accepted"):
        downloads.queue.add(variant, downloads.models)
    assert downloads.queue.downloads == ()
    assert downloads.queue.pid is None


def test_the_limit_holds_for_all_connections_together(hub, downloads):
    downloads.queue.set_limit(2 * SIZE)
    then = time.monotonic()
    number = downloads.queue.add(publish(hub, shards(SIZE)), downloads.models).id
    downloads.wait(number)
    assert time.monotonic() - then >= 0.4  # half a second, less what the last pieces do not wait for
    downloads.queue.set_limit(0)


def test_a_finished_download_is_verified_and_repaired(hub, downloads):
    files = shards(SIZE)
    variant = publish(hub, files)
    number = downloads.wait(downloads.queue.add(variant, downloads.models).id).id
    downloads.queue.verify(number)
    assert downloads.queue.get(number).state == "verifying"
    assert downloads.wait(number).state == "done"
    path = downloads.models / variant.files[0].name
    data = bytearray(path.read_bytes())
    data[3 * CHUNK] ^= 1
    path.write_bytes(data)
    downloads.queue.verify(number)
    damaged = downloads.wait(number)
    assert (damaged.state, damaged.path) == ("failed", "")
    assert path.name in damaged.problem
    sent = hub.sent_bytes
    downloads.queue.resume(number)
    assert downloads.wait(number).state == "done"
    assert hub.sent_bytes - sent == CHUNK


# --- deaths and restarts ----------------------------------------------------------------------------------


def test_a_hundred_cuts_and_ten_kills_cost_next_to_nothing(hub, tmp_path):
    files = shards(128 * 1024**2, 4)
    variant = publish(hub, files)
    hub.rate = 8e6
    hub.faults.cut_randomly(seed=3, cuts=100, most_bytes=1024**2)
    with Downloads(tmp_path, tuning=msgspec.structs.replace(TUNING, chunk_bytes=1024**2)) as downloads:
        number = downloads.queue.add(variant, downloads.models).id
        for kills in range(1, 11):
            goal = kills * variant.size_bytes // 12
            downloads.wait_until(lambda goal=goal: downloads.queue.get(number).done_bytes > goal)
            assert downloads.queue.get(number).state == "running"
            kill(downloads)
        done = downloads.wait(number)
        assert done.state == "done"
        assert content(downloads.models, variant) == files
    assert hub.faults.used == 100
    assert done.fetched_bytes <= 1.02 * variant.size_bytes
    assert hub.sent_bytes <= 1.02 * variant.size_bytes


def test_a_death_is_told_and_the_download_starts_again_by_itself(hub, downloads):
    hub.rate = SLOW
    number = downloads.queue.add(publish(hub, shards(SIZE)), downloads.models).id
    downloads.wait(number, "running")
    kill(downloads)

    def seen_waiting():
        return [download for download in downloads.seen if download.state == "waiting"]

    downloads.wait_until(seen_waiting)  # the process is gone a moment before the queue hears of it
    waiting = seen_waiting()
    assert waiting
    assert "ended" in waiting[0].problem
    hub.rate = 0
    assert downloads.wait(number).state == "done"


def test_a_process_that_always_dies_at_once_is_not_started_for_ever(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "app.download.process.child_command", lambda _: [sys.executable, "-c", "raise SystemExit('no')"]
    )
    with Downloads(tmp_path) as downloads:
        failed = downloads.wait(downloads.queue.add(publish(hub, shards(CHUNK)), downloads.models).id)
        assert failed.state == "failed"
        assert "no" in failed.problem
        assert failed.hint
        monkeypatch.setattr("app.download.process.child_command", child_command)
        downloads.queue.resume(failed.id)
        assert downloads.wait(failed.id).state == "done"


@pytest.mark.skipif(sys.platform == "win32", reason="stopping a process is of Unix")
def test_a_process_that_hangs_is_ended_and_started_anew(hub, tmp_path):
    clock = [0.0]
    with Downloads(tmp_path, clock=lambda: clock[0]) as downloads:
        hub.rate = SLOW
        number = downloads.queue.add(publish(hub, shards(SIZE)), downloads.models).id
        downloads.wait(number, "running")
        psutil.Process(downloads.queue.pid).suspend()
        for _ in range(20):
            downloads.pump()
        clock[0] += 61
        downloads.wait(number, "waiting")
        clock[0] += 61
        hub.rate = 0
        assert downloads.wait(number).state == "done"


def test_a_process_with_nothing_to_do_is_ended(hub, tmp_path):
    clock = [0.0]
    with Downloads(tmp_path, clock=lambda: clock[0]) as downloads:
        downloads.wait(downloads.queue.add(publish(hub, shards(CHUNK)), downloads.models).id)
        assert downloads.queue.pid
        clock[0] += 11
        downloads.wait_until(lambda: downloads.queue.pid is None)
        assert downloads.queue.downloads[0].state == "done"


@pytest.mark.parametrize(("resumes", "state"), [(True, "done"), (False, "paused")])
def test_the_list_comes_back_at_the_next_start(hub, tmp_path, resumes, state):
    hub.rate = SLOW
    files = shards(SIZE)
    variant = publish(hub, files)
    with Downloads(tmp_path) as downloads:
        number = downloads.queue.add(variant, downloads.models).id
        downloads.wait_until(lambda: downloads.queue.get(number).done_bytes > 0)
    hub.rate = 0
    with Downloads(tmp_path, resumes=resumes) as downloads:
        back = downloads.wait(number)
        assert back.state == state
        if not resumes:
            downloads.queue.resume(number)
        assert downloads.wait(number, "done").fetched_bytes <= 1.02 * SIZE
        assert content(downloads.models, variant) == files
    with Downloads(tmp_path) as downloads:
        assert [download.state for download in downloads.queue.downloads] == ["done"]
        assert downloads.queue.add(variant, downloads.models / "other").id == number + 1


def test_a_damaged_list_is_kept_aside_and_said(tmp_path):
    (tmp_path / "downloads.json").write_bytes(b"{nonsense")
    with Downloads(tmp_path) as downloads:
        assert downloads.queue.downloads == ()
        assert downloads.queue.notice is not None
    assert (tmp_path / "downloads.json.bad").read_bytes() == b"{nonsense"


# --- secrets ----------------------------------------------------------------------------------------------


def test_a_token_is_used_but_lies_nowhere(hub, downloads, tmp_path):
    hub.gate(REPOSITORY, "hf_canary")
    hub.rate = SLOW
    number = downloads.queue.add(publish(hub, shards(SIZE)), downloads.models, token="hf_canary").id
    downloads.wait(number, "running")
    process = psutil.Process(downloads.queue.pid)
    told = [*process.cmdline(), *process.environ().values(), repr(downloads.queue._entries)]
    assert not [text for text in told if "hf_canary" in text]
    hub.rate = 0
    assert downloads.wait(number).state == "done"
    for folder, _, names in os.walk(tmp_path):
        for name in names:
            assert b"hf_canary" not in (tmp_path / folder / name).read_bytes(), name


def test_after_a_restart_the_token_is_asked_for_anew(hub, tmp_path):
    hub.gate(REPOSITORY, "hf_canary")
    variant = publish(hub, shards(CHUNK))
    with Downloads(tmp_path) as downloads:
        number = downloads.queue.add(variant, downloads.models).id
        assert "gated" in downloads.wait(number).problem
    with Downloads(tmp_path, find_token=lambda: "hf_canary") as downloads:
        downloads.queue.resume(number)
        assert downloads.wait(number).state == "done"


def test_two_queues_do_not_write_the_same_file(hub, tmp_path):
    hub.rate = SLOW
    variant = publish(hub, shards(SIZE))
    with Downloads(tmp_path) as one, Downloads(tmp_path, tuning=TUNING) as two:
        number = one.queue.add(variant, one.models).id
        one.wait_until(lambda: one.queue.get(number).done_bytes > 0)
        refused = two.wait(two.queue.add(variant, two.models).id)
        assert refused.state == "failed"
        assert "already" in refused.problem
        hub.rate = 0
        assert one.wait(number).state == "done"
        two.queue.resume(refused.id)
        assert two.wait(refused.id).state == "done"
        assert targets(one.models, variant)[0].final.exists()


def test_a_cancelled_download_is_deleted_even_if_the_process_dies_before(hub, downloads):
    hub.rate = SLOW
    number = downloads.queue.add(publish(hub, shards(SIZE)), downloads.models).id
    downloads.wait_until(lambda: downloads.queue.get(number).done_bytes > 0)
    process = psutil.Process(downloads.queue.pid)
    process.suspend()
    downloads.queue.cancel(number)
    process.kill()
    downloads.wait_until(lambda: names_below(downloads.models) == [])


# --- what the process is told -----------------------------------------------------------------------------


class Listening:
    """A transport that starts nothing and keeps what would have been written."""

    pid = None

    def __init__(self):
        self.heard = []
        self._decoder = FrameDecoder(AnyDownloadCommand)

    def start(self, command, on_bytes, on_exit):
        pass

    def write(self, data):
        self.heard += self._decoder.feed(data)

    def kill(self):
        pass


def test_another_number_of_connections_holds_from_the_next_download_on(hub, tmp_path):
    transport = Listening()
    queue = DownloadQueue(transport, None, lambda: None, parallel=2)
    queue.add(publish(hub, {"one.gguf": b"x"}), tmp_path / "one")
    queue.set_connections(7)
    queue.add(publish(hub, {"two.gguf": b"y"}), tmp_path / "two")
    queue.close()
    assert [command.tuning.connections for command in transport.heard if isinstance(command, Fetch)] == [4, 7]
