"""The files of a repository become variants: shards together, duplicates told apart, hostile names left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.grouping import MAX_NOTES, group_variants
from app.catalog.names import is_safe_name, numbers_in_words, parse_shard, stem
from app.catalog.variants import RemoteFile


def group(*files):
    remote = [RemoteFile(name=name, url=f"http://x/{name}", size_bytes=size) for name, size in files]
    return group_variants("huggingface", "o/r", "c" * 40, remote)


def shards(prefix, count, size=10):
    return [(f"{prefix}-{number:05d}-of-{count:05d}.gguf", size) for number in range(1, count + 1)]


def names(grouping):
    return [variant.quantization for variant in grouping.variants]


def test_shards_in_a_folder_are_one_variant_in_order():
    files = shards("M-Q4_K_M/M-Q4_K_M", 4)
    (variant,) = group(*reversed(files)).variants
    assert [file.name for file in variant.files] == [name for name, _size in files]
    assert (variant.quantization, variant.size_bytes) == ("Q4_K_M", 40)


def test_the_quantization_may_be_the_folder_alone():
    assert names(group(*shards("BF16/model", 2))) == ["BF16"]


def test_a_first_shard_of_metadata_alone_is_fine():
    files = shards("Q8_0/M-Q8_0", 3, 1_000_000)
    files[0] = (files[0][0], 5_936_288)
    (variant,) = group(*files).variants
    assert variant.size_bytes == 7_936_288


def test_the_smallest_comes_first():
    assert names(group(("M-Q8_0.gguf", 80), ("M-Q2_K.gguf", 20), *shards("M-Q4_K_M", 2, 25))) == [
        "Q2_K",
        "Q4_K_M",
        "Q8_0",
    ]


def test_a_set_that_lacks_shards_is_left_out_with_a_note():
    grouping = group(*shards("Q8_0/M-Q8_0", 4)[::2], ("M-Q4_0.gguf", 1))
    assert names(grouping) == ["Q4_0"]
    assert "of its 4 shards, 2 and 4 are not there" in grouping.notes[0]


def test_a_claim_of_a_hundred_thousand_shards_is_survived():
    grouping = group(("M-Q8_0-00001-of-99999.gguf", 1))
    assert not grouping.variants
    assert "more are not there" in grouping.notes[0]


def test_projectors_and_matrices_are_no_variants():
    assert names(group(("M-Q8_0.gguf", 1), ("mmproj-F16.gguf", 1), ("M.imatrix.gguf", 1), ("README.md", 1))) == ["Q8_0"]


def test_two_models_of_the_same_quantization_are_told_apart():
    grouping = group(("small/A-Q8_0.gguf", 1), ("large/B-Q8_0.gguf", 2))
    assert names(grouping) == ["Q8_0 (small/A-Q8_0)", "Q8_0 (large/B-Q8_0)"]


def test_the_same_file_whole_and_in_pieces_is_listed_whole():
    grouping = group(("m-q4_k_m.gguf", 20), *shards("m-q4_k_m", 2))
    assert names(grouping) == ["Q4_K_M"]
    assert len(grouping.variants[0].files) == 1


def test_a_model_that_names_no_quantization_goes_by_its_file():
    assert names(group(("model.gguf", 1))) == ["model"]


def test_pieces_that_must_be_joined_are_named_in_a_note():
    grouping = group(("M.Q8_0.gguf.part1of2", 1), ("M.Q8_0.gguf.part2of2", 1))
    assert not grouping.variants
    assert "joined" in grouping.notes[0]


HOSTILE = [
    "../../x-Q8_0.gguf", "/etc/x-Q8_0.gguf", "a/../x-Q8_0.gguf", "C:\\x-Q8_0.gguf", "..\\x-Q8_0.gguf", "a//x-Q8_0.gguf",
    "x\x00-Q8_0.gguf", "x\n-Q8_0.gguf", "x\u202e-Q8_0.gguf", "con/x-Q8_0.gguf", "NUL.gguf", "./x-Q8_0.gguf",
    " x-Q8_0.gguf", "a./x-Q8_0.gguf", f"{'x' * 300}-Q8_0.gguf", "x\ud800-Q8_0.gguf", "~/x?.gguf", "C:x-Q8_0.gguf",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_that_must_not_become_a_path_is_left_out(name):
    assert not is_safe_name(name)
    grouping = group((name, 1), ("M-Q4_0.gguf", 1))
    assert names(grouping) == ["Q4_0"]
    assert len(grouping.notes) == 1
    assert grouping.notes[0].isprintable()


@pytest.mark.parametrize("name", ["M-Q8_0.gguf", "a/b/M (v2)-Q8_0.gguf", "模型-Q8_0.gguf", ".a/M.gguf", "a..b.gguf"])
def test_an_ordinary_name_is_safe(name):
    assert is_safe_name(name)


def test_ten_thousand_files_are_grouped_and_notes_stay_few():
    grouping = group(*[(f"../{number}-Q8_0.gguf", 1) for number in range(10_000)])
    assert not grouping.variants
    assert len(grouping.notes) == MAX_NOTES + 1
    assert "9,980 more" in grouping.notes[-1]


@given(st.lists(st.text("abQ48_KM-./0123of", max_size=30), max_size=20))
def test_whatever_the_names_quantizations_stay_unique(words):
    grouping = group(*[(f"{word}.gguf", 1) for word in dict.fromkeys(words)])
    found = [name.lower() for name in names(grouping)]
    assert len(found) == len(set(found))


def test_shards_say_which_they_are():
    shard = parse_shard("Q8_0/M-Q8_0-00002-of-00003.gguf")
    assert (shard.prefix, shard.number, shard.count) == ("Q8_0/M-Q8_0", 2, 3)
    assert shard.path(3) == "Q8_0/M-Q8_0-00003-of-00003.gguf"
    assert parse_shard("M-00004-of-00003.gguf") is None
    assert parse_shard("M-00000-of-00003.gguf") is None
    assert stem("Q8_0/M-Q8_0-00002-of-00003.gguf") == "M-Q8_0"


def test_numbers_are_listed_as_people_do():
    assert numbers_in_words([2]) == "2"
    assert numbers_in_words([2, 3, 7]) == "2, 3 and 7"
    assert numbers_in_words(list(range(100))) == "0, 1, 2, 3, 4, 5, 6, 7 and 92 more"
