"""Model cards load, and a loaded model finds its own."""

import pytest

from app.catalog.cards import card_for, load_cards
from app.engine.sampling import resolve


@pytest.fixture(scope="module")
def cards():
    return load_cards()


def test_every_card_recommends_sampling_that_the_engine_knows(cards):
    for card in cards:
        _sampling, origins = resolve(card.sampling, {})
        assert {name for name, origin in origins.items() if origin == "card"} == set(card.sampling), card.id


def test_the_first_model_has_its_six_variants(cards):
    card = next(card for card in cards if card.id == "qwen3-coder-next")
    assert [variant.quantization for variant in card.variants] == ["Q4_K_M", "Q5_0", "Q5_K_M", "Q6_K", "Q8_0", "F16"]


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("Qwen3-Coder-Next", "x.gguf", "qwen3-coder-next"),
        ("", "Qwen_Qwen3-Coder-Next-Q4_K_M-00001-of-00004.gguf", "qwen3-coder-next"),
        ("Qwen2.5 Coder 0.5B Instruct", "q.gguf", "qwen2.5-coder-0.5b-instruct"),
        ("", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", "qwen2.5-coder-1.5b-instruct"),
        ("Something else", "model.gguf", None),
    ],
)
def test_a_model_finds_its_card_by_name_or_file(cards, name, file, expected):
    card = card_for(cards, name, file)
    assert (card.id if card else None) == expected
