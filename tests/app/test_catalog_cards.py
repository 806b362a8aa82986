"""Model cards load, and a loaded model finds its own."""

import pytest

from app.catalog.cards import card_for, load_cards
from app.catalog.quantizations import bits_per_weight, describe
from app.catalog.reference import parse_reference
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


def test_the_first_model_is_described_completely(cards):
    card = next(card for card in cards if card.id == "qwen3-coder-next")
    shape, parameters = card.shape, card.parameters
    assert (parameters.total, parameters.non_embedding, parameters.active) == (80e9, 79e9, 3e9)
    assert (shape.experts, shape.experts_active, shape.experts_shared) == (512, 10, 1)
    assert (shape.layers, shape.hidden_size, shape.expert_hidden_size) == (48, 2048, 512)
    times = "\N{MULTIPLICATION SIGN}"
    assert shape.layout == f"12 {times} (3 {times} (Gated DeltaNet → MoE) + 1 {times} (Gated Attention → MoE))"
    assert shape.attention == "16 query heads, 2 key/value heads, head size 256, RoPE over 64"
    assert shape.linear_attention == "32 value heads, 16 query/key heads, head size 128"
    assert (card.context.length, card.context.note) == (262_144, "Validated to 131,072 using YaRN")
    assert (card.knowledge_cutoff, card.languages, card.license) == ("January 2025", "Multilingual", "Apache-2.0")
    assert (card.input, card.output, card.tool_calling, card.thinking) == ("text", "text", True, False)
    assert card.sampling == {"temperature": 1.0, "top_p": 0.95, "top_k": 40}
    assert card.docker == "ai/qwen3-coder-next"
    assert [variant.size_gb for variant in card.variants] == [48.4, 55.0, 56.7, 65.5, 84.8, 159.0]


def test_every_card_has_repositories_variants_and_links(cards):
    for card in cards:
        assert all(parse_reference(name).repository == name for name in card.repositories), card.id
        assert card.repositories, card.id
        assert all(url.startswith("https://") for url in card.links.values()), card.id
        assert card.uses, card.id


def test_every_variant_of_a_card_is_a_known_quantization_of_a_plausible_size(cards):
    """A typing error in a size or a name shows: weights of these bits cannot make a file of that size."""
    for card in cards:
        assert card.variants, card.id
        for variant in card.variants:
            bits = describe(variant.quantization).bits
            assert bits is not None, (card.id, variant.quantization)
            own = bits_per_weight(int(variant.size_gb * 1e9), card.parameters.total)
            assert 0.85 * bits < own < 2.3 * bits, (card.id, variant.quantization, own)


@pytest.mark.parametrize("memory_gb", [4, 8, 16, 32, 64])
def test_every_machine_has_a_model_for_code_that_fits(cards, memory_gb):
    """A variant of 4 bits or more in 60 % of the memory leaves room for the context and the system."""
    fitting = [
        card.id
        for card in cards
        if "coder" in card.id and any(v.size_gb < 0.6 * memory_gb and bits(v) > 4 for v in card.variants)
    ]
    assert fitting


def bits(variant):
    return describe(variant.quantization).bits
