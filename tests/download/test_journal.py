"""The journal never claims what is not on the disk, and gives up no byte that is."""

import hashlib

import pytest

from app.catalog.variants import RemoteFile
from app.download import part as part_module
from app.download.errors import DownloadError, Stopped
from app.download.journal import Journal
from app.download.names import Target
from app.download.part import PartFile

CHUNK = 1000
SIZE = 3500
SHA = hashlib.sha256(b"").hexdigest()


def journal(tmp_path, boot="first boot", size=SIZE, sha=SHA, chunk=CHUNK):
    return Journal(tmp_path / "m.sawhorse-journal", size, chunk, sha, boot=boot)


def part(tmp_path):
    file = RemoteFile(name="m.gguf", url="", size_bytes=SIZE, sha256=SHA)
    opened = PartFile(file, Target("m.gguf", tmp_path / "m.gguf"), CHUNK)
    opened.reserve()
    return opened


def test_what_was_written_is_claimed_after_a_death_of_the_process(tmp_path):
    with journal(tmp_path) as first:
        first.written[1] = 700
        first.fetched = 900
        first.etag = '"tag"'
    with journal(tmp_path) as again:
        assert list(again.written) == [0, 700, 0, 0]
        assert (again.fetched, again.etag) == (900, '"tag"')


def test_after_a_start_of_the_machine_only_what_was_synced_counts(tmp_path):
    with journal(tmp_path) as first:
        first.written[0], first.synced[0] = 1000, 1000
        first.written[1], first.synced[1] = 900, 400
    with journal(tmp_path, boot="second boot") as again:
        assert list(again.written) == [1000, 400, 0, 0]
    with journal(tmp_path, boot="second boot") as again:
        assert list(again.written) == [1000, 400, 0, 0]


@pytest.mark.parametrize("other", [{"size": SIZE + 1}, {"sha": "1" * 64}, {"chunk": CHUNK + 1}])
def test_a_journal_of_another_file_claims_nothing(tmp_path, other):
    with journal(tmp_path) as first:
        first.claim_all()
    with journal(tmp_path, **other) as again:
        assert set(again.written) == {0}


@pytest.mark.parametrize("damage", [b"", b"x" * 100, b"\xff" * 2000])
def test_a_damaged_journal_claims_nothing(tmp_path, damage):
    with journal(tmp_path) as first:
        first.claim_all()
    (tmp_path / "m.sawhorse-journal").write_bytes(damage)
    with journal(tmp_path) as again:
        assert set(again.written) == {0}


def test_a_journal_that_claims_more_than_there_can_be_claims_nothing(tmp_path):
    with journal(tmp_path) as first:
        first.written[0] = CHUNK + 1
    with journal(tmp_path) as again:
        assert set(again.written) == {0}


def test_a_second_process_is_told_that_there_is_a_first(tmp_path):
    with journal(tmp_path), pytest.raises(DownloadError) as caught:
        journal(tmp_path)
    assert caught.value.code == "locked"
    journal(tmp_path).close()


def test_the_last_chunk_is_as_long_as_the_rest(tmp_path):
    with journal(tmp_path) as opened:
        assert [opened.length(chunk) for chunk in range(opened.chunks)] == [1000, 1000, 1000, 500]


def test_a_claim_of_the_disk_comes_after_the_data_was_synced(tmp_path, monkeypatch):
    opened = part(tmp_path)
    claimed = []
    monkeypatch.setattr(part_module, "sync_data", lambda _fd: claimed.append(list(opened.journal.synced)))
    opened.append(0, b"x" * 600)
    opened.sync()
    assert claimed == [[0, 0, 0, 0]]
    assert list(opened.journal.synced) == [600, 0, 0, 0]
    opened.close()


def test_what_is_written_while_the_disk_syncs_is_not_claimed(tmp_path, monkeypatch):
    opened = part(tmp_path)
    monkeypatch.setattr(part_module, "sync_data", lambda _fd: opened.append(0, b"y" * 100))
    opened.append(0, b"x" * 600)
    opened.sync()
    assert list(opened.journal.synced) == [600, 0, 0, 0]
    opened.close()


def test_a_chunk_that_is_doubted_while_the_disk_syncs_is_not_claimed(tmp_path, monkeypatch):
    opened = part(tmp_path)
    monkeypatch.setattr(part_module, "sync_data", lambda _fd: opened.unclaim(0))
    opened.append(0, b"x" * 600)
    opened.sync()
    assert list(opened.journal.synced) == [0, 0, 0, 0]
    opened.close()


def test_a_part_that_is_not_the_journals_is_begun_anew(tmp_path):
    opened = part(tmp_path)
    opened.append(0, b"x" * 600)
    opened.close()
    (tmp_path / "m.gguf.sawhorse-part").unlink()
    again = part(tmp_path)
    assert again.done_bytes == 0
    again.close()


def test_a_closed_part_takes_nothing_more(tmp_path):
    opened = part(tmp_path)
    opened.append(0, b"x" * 600)
    opened.close()
    for late in (lambda: opened.append(0, b"x"), opened.sync, lambda: opened.count(1), lambda: opened.position(0)):
        with pytest.raises(Stopped):
            late()
    assert (opened.done_bytes, opened.fetched_bytes) == (600, 600)
