"""Every fault of a server and of the way to it, once; the task runs in this process."""

import time

import msgspec
import pytest

from app.download.errors import DownloadError, Stopped
from tests.download.harness import CHUNK, REPOSITORY, TUNING, content, names_below, publish, shards, task_for
from tests.hub.faults import Fault

SIZE = 12 * CHUNK + 1234
FOREVER = float("inf")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "models"


def fetch(variant, folder, **options):
    """Download and return the finished files."""
    task = task_for(variant, folder, **options)
    task.run()
    return content(folder, variant)


def failure(variant, folder, **options):
    """Return how a download fails, having left no file that could be taken for a model."""
    with pytest.raises(DownloadError) as caught:
        task_for(variant, folder, **options).run()
    assert caught.value.title
    assert caught.value.hint
    assert not [name for name in names_below(folder) if name.endswith(".gguf")]
    return caught.value


def test_a_sharded_variant_arrives_whole_in_one_folder_with_every_byte_fetched_once(hub, folder):
    files = shards(SIZE, 3)
    variant = publish(hub, files)
    assert fetch(variant, folder) == files
    assert hub.sent_bytes == variant.size_bytes
    assert [name for name in names_below(folder) if not name.split("/")[-1].startswith(".")] == sorted(files)


def test_a_finished_variant_is_not_fetched_again(hub, folder):
    variant = publish(hub, shards(SIZE, 3))
    fetch(variant, folder)
    asked = len(hub.requests)
    fetch(variant, folder)
    assert len(hub.requests) == asked


@pytest.mark.parametrize("size", [1, CHUNK, CHUNK + 1, 3 * CHUNK - 1])
def test_files_of_any_length_arrive(hub, folder, size):
    files = {"model.gguf": shards(size)["model-Q4_K_M.gguf"]}
    assert fetch(publish(hub, files), folder) == files


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_connection_goes_on_at_the_exact_byte(hub, folder, reset):
    files = shards(SIZE)
    hub.faults.add(Fault(cut_after=CHUNK // 2 + 7, reset=reset), Fault(cut_after=0, reset=reset))
    assert fetch(publish(hub, files), folder) == files
    assert hub.faults.used == 2
    if not reset:  # a reset loses what was on its way
        assert hub.sent_bytes == SIZE


def test_a_hundred_random_cuts_cost_nothing(hub, folder):
    files = shards(100 * CHUNK, 4)
    variant = publish(hub, files)
    hub.faults.cut_randomly(seed=11, cuts=100, most_bytes=CHUNK)
    assert fetch(variant, folder) == files
    assert hub.faults.used == 100
    assert hub.sent_bytes <= 1.02 * variant.size_bytes


def test_a_connection_without_a_byte_for_too_long_is_made_anew(hub, folder):
    files = shards(SIZE)
    hub.faults.add(Fault(stall_after=1000), Fault(stall_after=0))
    assert fetch(publish(hub, files), folder) == files
    assert hub.faults.used == 2


def test_a_slow_answer_is_waited_for(hub, folder):
    files = shards(SIZE)
    hub.faults.add(Fault(latency_s=TUNING.stall_s / 2), Fault(host="hub", latency_s=TUNING.stall_s / 2))
    assert fetch(publish(hub, files), folder) == files
    assert hub.faults.used == 2


def test_a_server_that_ignores_a_range_once_is_asked_again(hub, folder):
    files = shards(SIZE)
    hub.faults.add(Fault(ignore_range=True, times=2))
    assert fetch(publish(hub, files), folder) == files
    whole = [seen for seen in hub.requests if seen.host == "cdn" and seen.status == 200]
    assert len(whole) == 2


def test_a_server_that_always_ignores_ranges_is_read_from_the_start(hub, folder):
    files = shards(SIZE, 2)
    hub.faults.add(Fault(ignore_range=True, cut_after=SIZE // 3), Fault(ignore_range=True, times=FOREVER))
    assert fetch(publish(hub, files), folder) == files


def test_a_wrong_byte_is_found_and_only_its_chunk_replaced(hub, folder):
    files = shards(SIZE)
    hub.faults.add(Fault(flip_at=5 * CHUNK + 9))
    assert fetch(publish(hub, files), folder) == files
    assert hub.faults.used == 1
    assert hub.sent_bytes <= SIZE + 6 * CHUNK  # chunks are compared in order up to the wrong one


def test_a_wrong_byte_in_a_chunk_whose_transfer_was_disturbed_is_found_at_once(hub, folder):
    files = shards(SIZE)
    variant = publish(hub, files)
    hub.faults.add(Fault(flip_at=7 * CHUNK + 9, cut_after=CHUNK // 2))
    assert fetch(variant, folder) == files
    assert hub.sent_bytes == SIZE + CHUNK


def test_bytes_that_are_never_those_published_are_refused_after_a_second_copy(hub, folder):
    hub.faults.add(Fault(flip_at=5 * CHUNK + 9, times=FOREVER))
    error = failure(publish(hub, shards(SIZE)), folder)
    assert error.code == "hash"
    assert hub.sent_bytes == 2 * SIZE


def test_a_signed_address_that_expires_is_asked_for_anew(hub, folder):
    files = shards(SIZE, 2)
    variant = publish(hub, files)
    hub.add("/cdn/", _expiring(hub))
    assert fetch(variant, folder) == files
    assert sum("/resolve/" in seen.path for seen in hub.requests) > len(files)
    assert any(seen.status == 403 for seen in hub.requests)


def _expiring(hub):
    """Expire all addresses at every fifth request for bytes."""
    serve = dict(hub._handlers)["/cdn/"]
    count = iter(range(1_000_000))

    def handle(exchange):
        if next(count) % 5 == 4:
            hub.expire_links()
        serve(exchange)

    hub._handlers = [entry for entry in hub._handlers if entry[0] != "/cdn/"]
    return handle


def test_an_address_that_is_refused_although_it_is_new_is_told_and_not_asked_for_ever(hub, folder):
    hub.faults.add(Fault(status=403, times=FOREVER))
    error = failure(publish(hub, shards(SIZE)), folder)
    assert error.code == "refused"
    assert "clock" in error.hint


def test_a_token_goes_to_the_hub_and_never_to_where_it_redirects(hub, folder):
    files = shards(SIZE)
    hub.gate(REPOSITORY, "hf_secret")
    assert fetch(publish(hub, files), folder, token="hf_secret") == files
    assert all(seen.headers.get("authorization") == "Bearer hf_secret" for seen in hub.requests if seen.host == "hub")
    assert not any("authorization" in seen.headers for seen in hub.requests if seen.host == "cdn")


def test_a_gated_repository_says_where_to_accept_its_conditions(hub, folder):
    hub.gate(REPOSITORY, "hf_secret")
    error = failure(publish(hub, shards(SIZE)), folder)
    assert error.code == "gated"
    assert f"{hub.url}/{REPOSITORY}" in error.hint
    assert "HF_TOKEN" in error.hint


def test_a_token_without_access_is_told_apart_and_not_repeated(hub, folder):
    hub.gate(REPOSITORY, "hf_secret")
    error = failure(publish(hub, shards(SIZE)), folder, token="hf_other")
    assert error.code == "gated"
    assert "hf_other" not in str(error)


def test_a_token_that_is_no_token_is_said_to_be_one(hub, folder):
    hub.faults.add(Fault(host="hub", status=401, times=FOREVER))
    error = failure(publish(hub, shards(SIZE)), folder, token="hf_other")
    assert error.code == "token"


def test_a_file_that_is_gone_is_not_waited_for(hub, folder):
    variant = publish(hub, shards(SIZE))
    hub.revision = "f" * 40
    assert failure(variant, folder).code == "not_found"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("host", ["hub", "cdn"])
def test_a_server_in_trouble_is_given_time(hub, folder, status, host):
    files = shards(SIZE)
    hub.faults.add(Fault(host=host, status=status, times=3))
    assert fetch(publish(hub, files), folder) == files
    assert hub.faults.used == 3


def test_a_server_that_names_a_time_is_left_alone_until_then(hub, folder):
    files = shards(CHUNK)
    hub.faults.add(Fault(status=503, retry_after="1"))
    variant = publish(hub, files)
    then = time.monotonic()
    assert fetch(variant, folder) == files
    assert time.monotonic() - then >= 1


@pytest.mark.parametrize("fault", [Fault(host="hub", size=SIZE + 1), Fault(size=SIZE + 1)])
def test_a_file_of_another_length_means_that_the_repository_changed(hub, folder, fault):
    hub.faults.add(fault)
    assert failure(publish(hub, shards(SIZE)), folder).code == "changed"


def test_a_file_with_another_sha256_means_that_the_repository_changed(hub, folder):
    hub.faults.add(Fault(host="hub", linked_etag="0" * 64, times=FOREVER))
    assert failure(publish(hub, shards(SIZE)), folder).code == "changed"
    assert hub.sent_bytes == 0


def test_another_entity_tag_of_the_same_sha256_is_no_change(hub, folder):
    files = shards(SIZE)
    hub.faults.add(Fault(etag="other"), Fault(etag="third"))
    assert fetch(publish(hub, files), folder) == files


def test_another_entity_tag_means_a_change_where_nothing_vouches_for_the_bytes(hub, folder):
    variant = publish(hub, shards(SIZE), with_sha=False)
    hub.faults.add(Fault(etag="before", times=2, cut_after=10), Fault(etag="after", times=FOREVER))
    assert failure(variant, folder).code == "changed"
    files = content(folder, variant)
    hub.faults.clear()
    fetch(variant, folder)
    assert files == {}
    assert content(folder, variant)


def test_a_redirect_in_circles_is_no_endless_work(hub, folder):
    variant = publish(hub, shards(CHUNK))
    hub.faults.add(Fault(host="hub", redirect=variant.files[0].url, times=12))
    assert fetch(variant, folder)


def test_no_network_is_waited_out(hub, folder, monkeypatch):
    variant = publish(hub, shards(CHUNK))
    nowhere = msgspec.structs.replace(variant.files[0], url="http://127.0.0.1:1/nothing")
    task = task_for(msgspec.structs.replace(variant, files=(nowhere,)), folder)
    waited = []

    def wait(_seconds):
        waited.append(task.progress())
        if len(waited) > 8:
            task.stop()

    monkeypatch.setattr(task._stop, "wait", wait)
    with pytest.raises(Stopped):
        task.run()
    assert any(progress.state == "waiting" and "127.0.0.1" in progress.problem for progress in waited)


def test_a_fault_of_our_own_ends_the_download_instead_of_hanging_it(hub, folder, monkeypatch):
    monkeypatch.setattr("app.download.body.Body.read", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        task_for(publish(hub, shards(SIZE)), folder).run()


def test_once_the_entity_tag_is_known_every_range_is_asked_for_on_its_condition(hub, folder):
    fetch(publish(hub, shards(SIZE)), folder, tuning=msgspec.structs.replace(TUNING, connections=1))
    tags = [seen.headers.get("if-range") for seen in hub.requests if seen.host == "cdn"]
    assert tags[0] is None
    assert len(set(tags[1:])) == 1
    assert tags[1]


def test_other_connections_join_where_one_is_not_fast_by_itself(hub, folder):
    hub.rate = 400_000
    files = shards(SIZE)
    tuning = msgspec.structs.replace(TUNING, head_start_s=0.1, chunk_bytes=2 * CHUNK)
    assert fetch(publish(hub, files), folder, tuning=tuning) == files
    assert hub.most_at_once == tuning.connections


def test_a_fast_connection_is_left_alone(hub, folder, monkeypatch):
    monkeypatch.setattr("app.download.transfer._FAST", 0.0)
    files = shards(SIZE)
    assert fetch(publish(hub, files), folder, tuning=msgspec.structs.replace(TUNING, head_start_s=0.1)) == files
    assert hub.most_at_once == 1
