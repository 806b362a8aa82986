"""The rules of downloads that are pure: waiting, answers, limits, and what becomes of a download."""

import random

import msgspec
import pytest

from app.catalog.variants import RemoteFile, Variant
from app.download.answers import check_linked, range_start, retry_after_s, strong_etag
from app.download.errors import DownloadError, Trouble
from app.download.limits import LONGEST_WAIT_S, Limiter, Meter, back_off_s
from app.download.messages import DownloadFailed, Fetched, Halted, Progress
from app.download.outcomes import brought_back, heard, survived
from app.download.values import Download

FILE = RemoteFile(name="m.gguf", url="", size_bytes=1000, sha256="a" * 64)
VARIANT = Variant(source="huggingface", repository="a/b", revision="r", quantization="Q4", files=(FILE,))
RUNNING = Download(id=1, variant=VARIANT, folder="", state="running", done_bytes=400, speed=10.0, eta_s=60.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60),
        ({"retry-after": "Wed, 21 Oct 2020 07:28:00 GMT"}, 0),
        ({"retry-after": "999999999"}, LONGEST_WAIT_S),
        ({"ratelimit": '"resolvers";r=0;t=55'}, 55),
        ({"ratelimit": '"resolvers";r=12;t=55'}, None),
    ],
)
def test_a_server_is_waited_for_as_long_as_it_asks_within_reason(headers, seconds):
    assert retry_after_s(headers, now=1792567620.0) == seconds


def test_waits_double_up_to_half_a_minute_and_differ_between_clients():
    dice = random.Random(1)
    waits = [back_off_s(failures, 1.0, dice) for failures in range(12)]
    assert waits[0] == 0
    assert all(0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits[1:6]))
    assert all(15 <= wait <= 30 for wait in waits[6:])
    assert len({back_off_s(6, 1.0, dice) for _ in range(10)}) == 10


def test_a_range_begins_where_it_was_asked_for():
    headers = {"content-range": "bytes 100-199/1000", "content-length": "100"}
    assert range_start(206, headers, 100, FILE) == 100
    assert range_start(206, {"content-range": "bytes 100-199/*"}, 100, FILE) == 100


def test_a_whole_file_begins_at_nought():
    assert range_start(200, {"content-length": "1000"}, 100, FILE) == 0


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (206, {}),
        (206, {"content-range": "bytes */1000"}),
        (206, {"content-range": "bytes 0-99/1000"}),
        (200, {"content-encoding": "gzip"}),
    ],
)
def test_something_else_than_was_asked_for_is_not_taken(status, headers):
    with pytest.raises(Trouble):
        range_start(status, headers, 100, FILE)


@pytest.mark.parametrize(
    ("status", "headers"), [(206, {"content-range": "bytes 100-199/1001"}), (200, {"content-length": "999"})]
)
def test_another_length_is_a_change(status, headers):
    with pytest.raises(DownloadError):
        range_start(status, headers, 100, FILE)


def test_the_hub_vouches_only_with_a_sha256():
    assert check_linked({"x-linked-etag": f'"{"a" * 64}"', "x-linked-size": "1000"}, FILE)
    assert not check_linked({"x-linked-etag": f'"{"b" * 40}"'}, FILE)
    assert not check_linked({}, FILE)


def test_a_weak_entity_tag_says_nothing_about_bytes():
    assert strong_etag({"etag": 'W/"x"'}) == ""
    assert strong_etag({"etag": '"x"'}) == '"x"'


def test_a_limit_is_kept_on_average_over_all_that_take():
    now = [0.0]
    limiter = Limiter(lambda: now[0])
    limiter.set(100)
    waits = []
    for _ in range(4):
        limiter.take(50)
        waits.append(limiter.wait_s())
    assert waits == [0.5, 1.0, 1.5, 2.0]
    now[0] = 10.0
    limiter.take(50)
    assert limiter.wait_s() == 0.5  # what was not used is not saved up


def test_who_waits_for_a_low_limit_is_freed_when_it_is_lifted():
    limiter = Limiter(lambda: 0.0)
    limiter.set(1)
    limiter.take(10**6)
    assert limiter.wait_s() == 10**6
    limiter.set(0)
    assert limiter.wait_s() == 0


def test_under_a_low_limit_bytes_come_in_small_pieces():
    limiter = Limiter()
    assert limiter.piece_bytes(10**6) == 10**6
    limiter.set(1_000_000)
    assert limiter.piece_bytes(10**6) == 100_000
    limiter.set(1)
    assert limiter.piece_bytes(10**6) == 4096


def test_the_speed_is_that_of_the_last_seconds():
    now = [0.0]
    meter = Meter(lambda: now[0])
    assert meter.speed(1_000_000) == 0  # fetched before
    for second in range(1, 21):
        now[0] = float(second)
        speed = meter.speed(1_000_000 + second * (100 if second <= 10 else 0) + (1000 if second > 10 else 0))
    assert speed == 0
    now[0] = 21.0
    assert meter.speed(1_001_600) > 0


def test_progress_becomes_speed_and_time_left():
    event = Progress(state="running", done_bytes=500, fetched_bytes=600, speed=50.0)
    now = heard(RUNNING, event, is_checking=False)
    assert (now.done_bytes, now.fetched_bytes, now.speed, now.eta_s) == (500, 600, 50.0, 10.0)


def test_a_download_that_waits_has_no_speed_and_says_why():
    event = Progress(state="waiting", done_bytes=500, fetched_bytes=600, problem="No answer.")
    now = heard(RUNNING, event, is_checking=False)
    assert (now.state, now.speed, now.eta_s, now.problem) == ("waiting", 0.0, None, "No answer.")
    assert now.hint


@pytest.mark.parametrize("state", ["paused", "queued"])
def test_what_was_stopped_stays_so_whatever_is_still_on_its_way(state):
    stopped = msgspec.structs.replace(RUNNING, state=state)
    events = [
        Progress(state="running", done_bytes=500, fetched_bytes=600, speed=50.0),
        DownloadFailed(code="gated", title="No"),
        Halted(),
    ]
    for event in events:
        assert heard(stopped, event, is_checking=False).state == state


def test_what_was_finished_before_it_heard_of_the_pause_is_done():
    paused = msgspec.structs.replace(RUNNING, state="paused")
    done = heard(paused, Fetched(path="/m.gguf"), is_checking=False)
    assert (done.state, done.path, done.done_bytes) == ("done", "/m.gguf", 1000)


def test_a_full_disk_pauses_and_anything_else_fails():
    full = DownloadFailed(code="disk_full", title="The disk is full", message="It was.", hint="Free some.")
    now = heard(RUNNING, full, is_checking=False)
    assert (now.state, now.problem, now.hint) == ("paused", "The disk is full. It was.", "Free some.")
    assert heard(RUNNING, DownloadFailed(code="gated", title="No"), is_checking=False).state == "failed"


def test_a_check_leaves_what_was_fetched_alone():
    checked = msgspec.structs.replace(RUNNING, state="verifying", path="/m.gguf", fetched_bytes=1000)
    now = heard(checked, Progress(state="verifying", done_bytes=10, fetched_bytes=0), is_checking=True)
    assert (now.done_bytes, now.fetched_bytes, now.path) == (10, 1000, "/m.gguf")


def test_after_a_death_a_download_waits_and_a_check_is_told_to_be_repeated():
    assert survived(RUNNING, "Why", is_checking=False, is_hopeless=False).state == "waiting"
    assert survived(RUNNING, "Why", is_checking=False, is_hopeless=True).state == "failed"
    assert survived(RUNNING, "Why", is_checking=True, is_hopeless=False).state == "done"
    paused = msgspec.structs.replace(RUNNING, state="paused")
    assert survived(paused, "Why", is_checking=False, is_hopeless=True) == paused


@pytest.mark.parametrize(
    ("state", "resumes", "back"),
    [
        ("running", True, "queued"),
        ("running", False, "paused"),
        ("waiting", True, "queued"),
        ("paused", True, "paused"),
        ("failed", True, "failed"),
        ("done", True, "done"),
    ],
)
def test_what_was_under_way_comes_back_as_it_is_wished(state, resumes, back):
    assert brought_back(msgspec.structs.replace(RUNNING, state=state), resumes=resumes).state == back


def test_a_finished_download_that_was_being_verified_comes_back_as_finished():
    verifying = msgspec.structs.replace(RUNNING, state="verifying", path="/m.gguf")
    assert brought_back(verifying, resumes=True).state == "done"
