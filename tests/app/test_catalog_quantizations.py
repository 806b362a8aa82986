"""Quantizations are read from file names as makers write them, and described honestly."""

import itertools

import pytest

from app.catalog.quantizations import (
    bits_per_weight,
    describe,
    is_model_file,
    is_same,
    parse_quantization,
    sort_key,
    without_quantization,
)

BY_MAKERS = {
    "Qwen3-Coder-Next-Q4_K_M/Qwen3-Coder-Next-Q4_K_M-00001-of-00004.gguf": "Q4_K_M",
    "Q8_0/Qwen3-Coder-Next-Q8_0-00001-of-00003.gguf": "Q8_0",
    "BF16/model-00001-of-00004.gguf": "BF16",
    "Qwen3-Coder-Next-UD-Q4_K_XL.gguf": "UD-Q4_K_XL",
    "Qwen3-Coder-Next-UD-TQ1_0.gguf": "UD-TQ1_0",
    "Qwen3-Coder-Next-UD-IQ2_XXS.gguf": "UD-IQ2_XXS",
    "Qwen3-Coder-Next-MXFP4_MOE.gguf": "MXFP4_MOE",
    "gpt-oss-20b-mxfp4.gguf": "MXFP4",
    "Qwen_Qwen3-Coder-Next-Q2_K_L.gguf": "Q2_K_L",
    "Qwen3-Coder-Next.i1-IQ4_XS.gguf": "i1-IQ4_XS",
    "Qwen3-Coder-Next.Q4_K_H.gguf": "Q4_K_H",
    "qwen2.5-coder-7b-instruct-q4_k_m.gguf": "Q4_K_M",
    "qwen2.5-coder-7b-instruct-fp16-00001-of-00004.gguf": "F16",
    "SmolLM2-135M-Instruct.Q4_1.gguf": "Q4_1",
    "model-f32.gguf": "F32",
    "Model-Q8_0-f16.gguf": "Q8_0",
    "Model-Q6_K.gguf": "Q6_K",
    "MOSTLY_Q4_K_M": "Q4_K_M",
    "IQ2_XXS/Q4_K_M": "Q4_K_M",
    "model.gguf": "",
    "Qwen3-8B.gguf": "",
    "ggml-model.gguf": "",
}


@pytest.mark.parametrize(("path", "expected"), BY_MAKERS.items())
def test_a_quantization_is_read_from_its_path(path, expected):
    assert parse_quantization(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "mmproj-F16.gguf",
        "mmproj-Qwen3-BF16.gguf",
        "Model.mmproj-Q8_0.gguf",
        "Model.imatrix.gguf",
        "imatrix.gguf",
        "imatrix_unsloth.dat",
        "ggml-vocab-qwen2.gguf",
        "mtp-Qwen3.5-Q8_0.gguf",
        "Qwen3-Coder-DRAFT-0.75B-Q4_0.gguf",
        "adapter-lora-F16.gguf",
        "model.safetensors",
    ],
)
def test_what_belongs_to_a_model_and_is_none_is_left_out(path):
    assert not is_model_file(path)


def test_a_model_made_with_an_importance_matrix_is_still_a_model():
    assert is_model_file("command-r-IQ3_M-imatrix.gguf")


def test_spellings_of_one_quantization_are_the_same():
    assert is_same("q4_k_m", "Q4_K_M")
    assert is_same("fp16", "F16")
    assert not is_same("F16", "BF16")
    assert not is_same("UD-Q4_K_XL", "Q4_K_XL")


def test_quantizations_are_ordered_from_the_coarsest_to_the_finest():
    names = ["F32", "Q8_0", "UD-IQ1_M", "Q4_K_M", "MXFP4_MOE", "unknown", "Q6_K", "Q2_K", "BF16", "Q5_K_M"]
    assert sorted(names, key=sort_key) == [
        "UD-IQ1_M", "Q2_K", "MXFP4_MOE", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "BF16", "F32", "unknown",
    ]  # fmt: skip


def test_bits_per_weight_follow_from_the_size_of_the_file():
    assert bits_per_weight(48_412_812_288, 79_674_391_296) == pytest.approx(4.86, abs=0.005)
    assert bits_per_weight(48_412_812_288, 0) is None


def test_words_on_quality_get_no_worse_as_bits_grow():
    order = ["IQ1_S", "Q2_K", "IQ3_XS", "Q3_K_M", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "BF16", "F32"]
    costs = [describe(name).cost.partition(".")[0] for name in order]
    assert len(set(costs)) == len(order)


def test_a_measured_loss_is_named():
    assert "perplexity rises by 0.18" in describe("Q4_K_M").cost
    assert "perplexity" not in describe("IQ4_XS").cost


def test_a_mixture_is_judged_by_its_own_bits():
    few, many = (describe("MXFP4_MOE", int(80e9 * bits / 8), int(80e9)).cost for bits in (4.2, 4.8))
    assert few != many


def test_a_large_model_is_said_to_lose_less():
    small, large = (describe("Q2_K", int(params * 3.16 / 8), int(params)).cost for params in (8e9, 80e9))
    assert "Large models" in large
    assert "Large models" not in small


def test_what_is_not_of_llama_cpp_is_said_to_be_unknown():
    about = describe("Q4_K_H")
    assert about.bits is None
    assert "maker" in about.cost


def test_every_sentence_is_short_and_ends():
    for name in ("TQ1_0", "IQ1_S", "Q2_K", "Q3_K_S", "Q3_K_M", "Q4_0", "Q5_0", "Q6_K", "Q8_0", "F16", "F32", "odd"):
        cost = describe(name).cost
        assert cost.endswith(".")
        assert len(cost) < 160


def test_a_name_without_its_quantization_is_what_people_call_the_model():
    assert without_quantization("Qwen3-8B.i1-Q4_K_M") == "Qwen3-8B"
    assert without_quantization("Qwen2.5-Coder-7B-Instruct-q4_k_m") == "Qwen2.5-Coder-7B-Instruct"
    assert without_quantization("Q4_K_M") == "Q4_K_M"
    assert without_quantization("model") == "model"


def test_makers_names_are_told_apart():
    names = [name for name in BY_MAKERS.values() if name]
    for one, other in itertools.combinations(sorted(set(names)), 2):
        assert not is_same(one, other)
