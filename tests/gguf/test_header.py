"""The header reader: what it reads, in any pieces, and what it refuses before it costs anything."""

import contextlib
import random
import struct
import tracemalloc

import pytest

from app.errors import AppError
from app.gguf.header import HeaderParser, Limits
from app.gguf.types import TENSOR_TYPES
from app.gguf.values import ArrayValue, GgufError
from tests.models import gguf, hostile
from tests.models.gguf import Array, Tensor

TENSORS = [Tensor("token_embd.weight", (32, 4)), Tensor("blk.0.ffn_up.weight", (256, 3, 2), "Q4_K")]
METADATA = {
    "general.architecture": "llama",
    "llama.block_count": 1,
    "llama.rope.freq_base": 10_000.0,
    "llama.head_count_kv": Array("u32", [2, 0, 2]),
    "tokenizer.ggml.tokens": Array("str", [f"token {number}" for number in range(5000)]),
    "tokenizer.ggml.scores": Array("f32", [0.5] * 5000),
    "general.is_true": True,
    "general.name": "Größe 你好",
}
HEADERS = sorted(hostile.headers())


def parse(data, limits=None):
    parser = HeaderParser(limits)
    parser.feed(data)
    return parser.end()


@pytest.fixture(scope="module")
def good():
    return gguf.header(METADATA, TENSORS)


def test_a_header_gives_back_what_was_written(good):
    header = parse(good)
    assert header.metadata["general.name"] == "Größe 你好"
    assert header.metadata["llama.rope.freq_base"] == 10_000.0
    assert header.metadata["general.is_true"] is True
    assert header.metadata["llama.head_count_kv"] == ArrayValue("u32", 3, (2, 0, 2))
    assert [(tensor.name, tensor.shape, tensor.type.name) for tensor in header.tensors] == [
        (tensor.name, tensor.shape, tensor.type) for tensor in TENSORS
    ]
    assert [tensor.size_bytes for tensor in header.tensors] == [tensor.size_bytes for tensor in TENSORS]
    assert header.data_offset == len(good)
    assert header.needed_length <= gguf.file_size(METADATA, TENSORS)


def test_vocabularies_are_counted_and_not_kept(good):
    header = parse(good)
    assert header.metadata["tokenizer.ggml.tokens"] == ArrayValue("str", 5000, None)
    assert header.metadata["tokenizer.ggml.scores"] == ArrayValue("f32", 5000, None)


def test_bytes_may_come_in_any_pieces(good):
    dice = random.Random(1)
    for most in (1, 7, 4096):
        parser, at = HeaderParser(), 0
        while not parser.feed(good[at : (end := at + dice.randint(1, most))]):
            at = end
        assert parser.end() == parse(good)


def test_the_parser_never_asks_for_more_than_the_header(good):
    parser = HeaderParser()
    while parser.header is None:
        assert len(parser.data) < parser.wanted <= len(good)
        parser.feed(good[len(parser.data) : parser.wanted])


def test_every_type_of_weights_has_the_size_that_ggml_gives_it():
    known = {number: (block, size) for number, block, size in gguf.TENSOR_TYPES.values()}
    assert {number: TENSOR_TYPES[number][1:] for number in known} == known


@pytest.mark.parametrize("name", HEADERS)
def test_a_lie_is_refused_in_words_without_taking_memory(name):
    data = hostile.headers()[name]
    tracemalloc.start()
    try:
        if name == "tensor_beyond_the_end":  # only who knows the file's length can tell
            assert parse(data).needed_length > len(data)
            return
        with pytest.raises(GgufError) as refused:
            parse(data)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    assert refused.value.code == "bad_file"
    assert refused.value.title
    assert refused.value.message
    assert refused.value.hint


def test_a_header_that_is_cut_is_refused_wherever_it_is_cut():
    cut = hostile.truncations().values()
    assert len(cut) > 20
    for data in cut:
        with pytest.raises(GgufError, match="too early"):
            parse(data)


def test_random_damage_never_ends_in_anything_but_a_header_or_words(good):
    dice = random.Random(7)
    small = gguf.header({**METADATA, "tokenizer.ggml.tokens": Array("str", ["a"] * 20)}, TENSORS)
    for _ in range(3000):
        data = bytearray(small)
        for _flip in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        with contextlib.suppress(AppError):  # anything else fails the test
            parse(bytes(data))


def test_a_claim_within_the_file_but_beyond_the_limit_is_refused_before_it_is_read():
    endless = hostile._preamble(tensors=0, keys=1) + gguf.text("a") + struct.pack("<IIQ", gguf.ARRAY, 0, 10_000)
    parser = HeaderParser(Limits(header_bytes=1000))
    with pytest.raises(GgufError, match="more than 1,000 bytes"):
        parser.feed(endless)


def test_names_in_errors_cannot_draw_outside_their_line():
    entry = struct.pack("<IQQIQ", 2, 32, 4, 4_000, 0)
    data = hostile._preamble(tensors=1, keys=0) + gguf.text("a\x1b[2J\u202eb") + entry
    with pytest.raises(GgufError) as refused:
        parse(data + bytes(64))
    assert "\x1b" not in str(refused.value)
    assert "\u202e" not in str(refused.value)


def test_a_big_endian_file_is_named_as_such():
    with pytest.raises(GgufError, match="big-endian"):
        parse(b"GGUF" + struct.pack(">I", 3) + bytes(64))
