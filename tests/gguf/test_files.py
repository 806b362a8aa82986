"""Headers of real files: all shards, lengths that must agree, shadow files that leave nothing."""

import os
import sys

import psutil
import pytest

from app.errors import AppError
from app.gguf import shadow
from app.gguf.read import read_local
from app.gguf.shadow import shadow_files
from app.gguf.values import GgufError
from tests.models import gguf
from tests.models.gguf import Number, Tensor

TENSORS = [Tensor(f"blk.{layer}.ffn_up.weight", (32, 4)) for layer in range(6)]
METADATA = {"general.architecture": "llama"}


@pytest.fixture
def shards(tmp_path):
    return gguf.write_shards(tmp_path, "model-Q4_0", METADATA, TENSORS, 3)


def test_a_real_model_is_read_whole(tiny_model):
    read = read_local([tiny_model])
    (shard,) = read.model.shards
    assert shard.length == tiny_model.stat().st_size
    assert shard.header.needed_length <= shard.length
    assert read.model.first.text("general.architecture") == "qwen3next"


def test_all_shards_make_one_model(shards):
    model = read_local(shards).model
    assert [(index, tensor.name) for index, tensor in model.tensors] == [
        (number // 2, tensor.name) for number, tensor in enumerate(TENSORS)
    ]


def test_a_missing_shard_is_named_by_the_count(shards):
    with pytest.raises(GgufError, match="consists of 3 files; 2 are here"):
        read_local(shards[:2])


def test_shards_in_the_wrong_order_are_refused(shards):
    with pytest.raises(GgufError, match="different models"):
        read_local([shards[0], shards[2], shards[1]])


def test_a_shard_of_another_model_is_refused(shards, tmp_path):
    others = gguf.write_shards(
        tmp_path / "other", "model-Q4_0", METADATA, [*TENSORS, Tensor("output.weight", (32, 4))], 3
    )
    with pytest.raises(GgufError, match="different models"):
        read_local([shards[0], others[1], shards[2]])


def test_a_shard_of_another_quantization_is_refused_even_if_its_tensors_agree(shards, tmp_path):
    others = gguf.write_shards(tmp_path / "other", "model-Q8_0", METADATA, TENSORS, 3)
    with pytest.raises(GgufError, match="names differ"):
        read_local([shards[0], others[1], shards[2]])


def test_a_shard_that_claims_another_count_is_refused(shards, tmp_path):
    lying = {"split.no": Number("u16", 1), "split.count": Number("u16", 4), "split.tensors.count": Number("i32", 6)}
    other = gguf.write(tmp_path / "lying" / shards[1].name, lying, TENSORS[2:4])
    with pytest.raises(GgufError, match="number 2 of 4"):
        read_local([shards[0], other, shards[2]])


def test_two_files_that_are_no_shards_are_refused(tmp_path):
    files = [gguf.write(tmp_path / f"{name}.gguf", METADATA, TENSORS) for name in "ab"]
    with pytest.raises(GgufError, match="consists of 1 files"):
        read_local(files)


def test_every_hostile_file_is_refused_in_words(hostile_files):
    for path in hostile_files.values():
        with pytest.raises(AppError) as refused:
            read_local([path])
        assert refused.value.title
        assert refused.value.hint


def test_a_truncated_file_is_refused_with_both_lengths(hostile_files):
    path = hostile_files["truncated_weights"]
    with pytest.raises(GgufError, match=f"{path.stat().st_size:,} bytes long"):
        read_local([path])


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    for path in (tmp_path / "gone.gguf", tmp_path):
        with pytest.raises(AppError, match=str(path)):
            read_local([path])
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.gguf")
        with pytest.raises(AppError, match="not a regular file"):
            read_local([tmp_path / "pipe.gguf"])


# --- shadows ----------------------------------------------------------------------------------------------------


def test_a_shadow_has_the_header_and_the_length_and_takes_no_disk(full_shape_model, tmp_path):
    read = read_local([full_shape_model])
    lengths = [shard.length for shard in read.model.shards]
    with shadow_files(tmp_path, read.heads, lengths) as path:
        assert path.stat().st_size == full_shape_model.stat().st_size
        if sys.platform == "linux":
            assert path.stat().st_blocks * 512 < 20_000_000
        assert read_local([path]).model.tensors == read.model.tensors
    assert list(tmp_path.iterdir()) == []


def test_shadows_of_shards_are_named_so_that_llama_cpp_finds_them(shards, tmp_path):
    read = read_local(shards)
    with shadow_files(tmp_path / "..", read.heads, [shard.length for shard in read.model.shards]) as path:
        assert [file.name for file in sorted(path.parent.iterdir())] == [
            f"model-{number:05d}-of-00003.gguf" for number in (1, 2, 3)
        ]


def test_shadows_are_removed_whatever_happens(shards, tmp_path):
    read = read_local(shards)
    folder = tmp_path / "shadows"
    folder.mkdir()
    with (
        pytest.raises(ZeroDivisionError),
        shadow_files(folder, read.heads, [shard.length for shard in read.model.shards]),
    ):
        raise ZeroDivisionError
    assert list(folder.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_uses_is_not(tmp_path):
    gone = next(pid for pid in range(2**22 - 1, 0, -1) if not psutil.pid_exists(pid))
    for owner in (gone, os.getpid()):
        (tmp_path / f"shadow-{owner}-x").mkdir()
    shadow.sweep(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == [f"shadow-{os.getpid()}-x"]


def test_a_disk_without_room_is_an_error_in_words(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shadow, "_write", shadow._write)
    monkeypatch.setattr("pathlib.Path.open", fail)
    with pytest.raises(AppError, match="No space left on device"), shadow_files(tmp_path, [b"x"], [10]):
        pass
    assert list(tmp_path.iterdir()) == []
