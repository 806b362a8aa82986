"""The hash that follows a transfer: from memory where it can, from the file where it must, in any order of arrival."""

import hashlib
import random
import threading

from app.catalog.variants import RemoteFile
from app.download import recent as recent_module
from app.download.hashing import Hasher
from app.download.names import Target
from app.download.part import PartFile
from app.download.recent import Recent
from tests.download.harness import random_bytes

CHUNK = 1000
DATA = random_bytes(9_500)


def part(tmp_path):
    file = RemoteFile(name="m.gguf", url="", size_bytes=len(DATA), sha256=hashlib.sha256(DATA).hexdigest())
    opened = PartFile(file, Target("m.gguf", tmp_path / "m.gguf"), CHUNK)
    opened.reserve()
    return opened


def test_pieces_that_follow_on_are_handed_over_in_order():
    recent = Recent()
    for offset in (0, 3, 6):
        recent.offer(offset, b"abc")
    assert [recent.take(position) for position in (0, 3, 6, 9)] == [b"abc", b"abc", b"abc", None]


def test_a_piece_with_a_gap_before_it_is_not_kept():
    recent = Recent()
    recent.offer(0, b"abc")
    recent.offer(5, b"xyz")
    assert recent.take(0) == b"abc"
    assert recent.take(3) is None


def test_a_hash_that_was_elsewhere_gets_nothing_old_and_then_what_comes_next():
    recent = Recent()
    recent.offer(0, b"abc")
    assert recent.take(100) is None
    recent.offer(3, b"def")
    recent.offer(100, b"new")
    assert recent.take(100) == b"new"


def test_no_more_than_a_bound_is_kept_for_a_hash_that_lags(monkeypatch):
    monkeypatch.setattr(recent_module, "MOST_BYTES", 10)
    monkeypatch.setattr(recent_module, "PATIENCE_S", 0.0)
    recent = Recent()
    for offset in range(0, 100, 5):
        recent.offer(offset, b"12345")
    assert [recent.take(0), recent.take(5), recent.take(10)] == [b"12345", b"12345", None]


def test_any_order_of_arrival_gives_the_hash_of_the_whole(tmp_path):
    for seed in range(5):
        folder = tmp_path / str(seed)
        folder.mkdir()
        opened = part(folder)
        hasher = Hasher(opened, lambda: False, lambda _chunk: None)
        thread = threading.Thread(target=hasher.run)
        thread.start()
        dice = random.Random(seed)
        missing = list(range(opened.journal.chunks))
        while missing:
            chunk = dice.choice(missing[:4])
            start = opened.position(chunk)
            opened.append(chunk, DATA[start : min(start + dice.randrange(1, 400), opened.end(chunk))])
            if opened.is_complete(chunk):
                missing.remove(chunk)
        thread.join()
        assert hasher.hexdigest == opened.file.sha256
        opened.close()
