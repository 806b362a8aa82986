"""Finished files: checked on demand, repaired chunk by chunk, never overwritten if they are somebody else's."""

import os

import pytest

from app.download.errors import DownloadError
from app.download.names import targets
from tests.download.harness import CHUNK, TUNING, content, names_below, publish, shards, task_for

SIZE = 12 * CHUNK + 99


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "models"


@pytest.fixture
def finished(hub, folder):
    """A variant of two shards on disk, and its content."""
    files = shards(2 * SIZE, 2)
    variant = publish(hub, files)
    task_for(variant, folder).run()
    return variant, files


def damage(folder, variant, shard, *offsets):
    path = folder / variant.files[shard].name
    data = bytearray(path.read_bytes())
    for offset in offsets:
        data[offset] ^= 1
    path.write_bytes(data)


def check_fails(variant, folder):
    with pytest.raises(DownloadError) as caught:
        task_for(variant, folder).check()
    assert caught.value.code == "damaged"
    return caught.value


def test_what_is_right_is_said_to_be(finished, folder):
    variant, _ = finished
    assert task_for(variant, folder).check() == str(folder / variant.files[0].name)


def test_a_flipped_bit_is_found_named_and_its_chunk_alone_fetched_again(hub, finished, folder):
    variant, files = finished
    damage(folder, variant, 1, 5 * CHUNK + 3)
    error = check_fails(variant, folder)
    assert "00002-of-00002" in error.message
    assert f"{5 * CHUNK:,}" in error.message
    assert not (folder / variant.files[1].name).exists()  # nobody can load it meanwhile
    before = hub.sent_bytes
    task_for(variant, folder).run()
    assert content(folder, variant) == files
    assert hub.sent_bytes - before == CHUNK


def test_several_damaged_chunks_are_each_fetched_again_alone(hub, finished, folder):
    variant, files = finished
    damage(folder, variant, 0, 17, 4 * CHUNK, SIZE - 1)
    check_fails(variant, folder)
    before = hub.sent_bytes
    task_for(variant, folder).run()
    assert content(folder, variant) == files
    assert hub.sent_bytes - before == 2 * CHUNK + SIZE % CHUNK


@pytest.mark.parametrize("offset", [0, CHUNK - 1, CHUNK, SIZE // 2, SIZE - 1])
def test_a_flipped_bit_anywhere_is_found(finished, folder, offset):
    variant, _ = finished
    damage(folder, variant, 0, offset)
    check_fails(variant, folder)


def test_a_cut_file_is_found_and_only_what_it_lacks_fetched(hub, finished, folder):
    variant, files = finished
    os.truncate(folder / variant.files[0].name, 3 * CHUNK + 5)
    assert "bytes instead of" in check_fails(variant, folder).message
    before = hub.sent_bytes
    task_for(variant, folder).run()
    assert content(folder, variant) == files
    assert hub.sent_bytes - before == SIZE - 3 * CHUNK


def test_a_file_that_grew_is_cut_back_and_costs_nothing(hub, finished, folder):
    variant, files = finished
    with (folder / variant.files[0].name).open("ab") as file:
        file.write(b"more")
    check_fails(variant, folder)
    before = hub.sent_bytes
    task_for(variant, folder).run()
    assert content(folder, variant) == files
    assert hub.sent_bytes - before <= CHUNK


def test_a_missing_shard_is_named_and_fetched(hub, finished, folder):
    variant, files = finished
    (folder / variant.files[1].name).unlink()
    assert "00002-of-00002" in check_fails(variant, folder).message
    task_for(variant, folder).run()
    assert content(folder, variant) == files


def test_a_damaged_file_whose_manifest_is_lost_is_still_found_and_repaired(hub, finished, folder):
    variant, files = finished
    for target in targets(folder, variant):
        target.manifest.unlink()
    damage(folder, variant, 0, 2 * CHUNK)
    check_fails(variant, folder)
    task_for(variant, folder).run()
    assert content(folder, variant) == files


def test_a_download_notices_that_a_finished_file_was_touched(hub, finished, folder):
    variant, files = finished
    damage(folder, variant, 0, 2 * CHUNK)
    before = hub.sent_bytes
    task_for(variant, folder).run()
    assert content(folder, variant) == files
    assert hub.sent_bytes - before == CHUNK


def test_a_right_file_that_somebody_put_there_is_taken_as_it_is(hub, folder):
    files = shards(SIZE)
    variant = publish(hub, files)
    folder.mkdir()
    (folder / variant.files[0].name).write_bytes(files[variant.files[0].name])
    task_for(variant, folder).run()
    assert hub.sent_bytes == 0
    assert task_for(variant, folder).check()


@pytest.mark.parametrize("other", [b"mine", bytes(SIZE)])
def test_a_file_of_somebody_else_is_not_overwritten(hub, folder, other):
    variant = publish(hub, shards(SIZE))
    folder.mkdir()
    path = folder / variant.files[0].name
    path.write_bytes(other)
    with pytest.raises(DownloadError) as caught:
        task_for(variant, folder).run()
    assert caught.value.code == "occupied"
    assert path.read_bytes() == other
    assert names_below(folder) == [path.name]


def test_a_newer_revision_takes_the_place_of_an_older_one_once_it_is_complete(hub, folder):
    old = publish(hub, shards(SIZE))
    task_for(old, folder).run()
    new_files = {name: data[::-1] for name, data in shards(SIZE).items()}
    new = publish(hub, new_files)
    task_for(new, folder).run()
    assert content(folder, new) == new_files


def test_damage_to_a_partial_file_is_found_when_it_goes_on(hub, folder):
    files = shards(SIZE)
    variant = publish(hub, files)
    hub.faults.cut_randomly(1, 3, CHUNK)
    task_for(variant, folder).run()
    damage(folder, variant, 0, CHUNK + 1)
    check_fails(variant, folder)
    part = targets(folder, variant)[0].part
    data = bytearray(part.read_bytes())
    data[9 * CHUNK] ^= 1
    part.write_bytes(data)
    before = hub.sent_bytes
    task_for(variant, folder, tuning=TUNING).run()
    assert content(folder, variant) == files
    assert hub.sent_bytes - before == 2 * CHUNK
