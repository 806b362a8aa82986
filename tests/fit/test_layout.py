"""What planning takes from headers, and what headers may claim without harm."""

import math

import msgspec
import pytest

from app.engine.messages import LoadSettings
from app.fit.automatic import best_settings, suggest
from app.fit.layout import INPUT, OUTPUT, ModelLayout
from app.fit.plan import quick_plan
from tests.fit.machines import cpu, gpu, layout_at, layout_of, machine
from tests.models import gguf, shapes
from tests.models.gguf import Array, Number, Tensor

HERE = machine(cpu(20), gpu(20))


def layout_with(tmp_path, metadata, tensors=()) -> ModelLayout:
    keys = {"general.architecture": "llama", "llama.block_count": 2, **metadata}
    weights = [Tensor("token_embd.weight", (32, 4)), Tensor("blk.0.attn_k.weight", (32, 4)), *tensors]
    return layout_at(gguf.write(tmp_path / "model.gguf", keys, weights))


def test_a_hybrid_model_keeps_kv_in_some_layers_and_state_in_the_others(coder_next):
    shape = coder_next.shape
    assert sum(shape.recurrent) == 36
    assert [layer for layer, heads in enumerate(shape.kv_heads) if heads] == list(range(3, 48, 4))
    assert shape.state_elements == 3 * 8192 + 128 * 4096
    assert coder_next.outline.n_expert_layer == 48
    assert coder_next.outline.is_recurrent


def test_a_sliding_window_leaves_every_sixth_layer_whole():
    windowed = layout_of(shapes.LARGE["gemma3"]).shape.windowed
    assert [layer for layer, seen in enumerate(windowed) if not seen] == list(range(5, 48, 6))


def test_layers_may_list_their_own_heads_and_kinds(tmp_path):
    layout = layout_with(
        tmp_path,
        {
            "llama.attention.head_count": 4,
            "llama.attention.head_count_kv": Array("u32", [4, 0]),
            "llama.ssm.state_size": 16,
        },
        [Tensor("blk.1.ssm_out.weight", (32, 4))],
    )
    assert layout.shape.kv_heads == (4, 0)
    assert layout.shape.recurrent == (False, True)


def test_weights_know_their_place_in_the_file_and_the_model(model_builder):
    path = model_builder.tiny("qwen3moe")
    layout = layout_at(path)
    by_name = {weight.name: weight for weight in layout.weights}
    assert by_name["token_embd.weight"].layer == INPUT
    assert by_name["output.weight"].layer == by_name["output_norm.weight"].layer == OUTPUT
    assert by_name["blk.2.ffn_up_exps.weight"].is_expert
    assert not by_name["blk.2.ffn_gate_inp.weight"].is_expert
    last = max(layout.weights, key=lambda weight: weight.offset)
    assert last.offset + last.size_bytes <= path.stat().st_size


def test_old_files_with_a_tensor_for_each_expert_have_experts_too(tmp_path):
    layout = layout_with(tmp_path, {}, [Tensor("blk.1.ffn_gate.3.weight", (32, 4))])
    assert layout.outline.n_expert_layer == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"llama.block_count": 2**32 - 1},
        {"llama.block_count": -7},
        {"llama.block_count": math.nan},
        {"llama.block_count": "many"},
        {"llama.context_length": Number("u64", 2**64 - 1)},
        {"llama.context_length": math.inf},
        {"llama.attention.head_count": 0, "llama.embedding_length": 2**31},
        {"llama.attention.head_count_kv": Array("f32", [math.nan, math.inf])},
        {"llama.attention.head_count_kv": Array("u64", [2**63])},
        {"llama.attention.sliding_window": 2**31, "llama.attention.sliding_window_pattern": 2**31},
        {"llama.ssm.state_size": 2**31, "llama.ssm.inner_size": 2**31, "llama.full_attention_interval": 2},
        {"llama.expert_count": 2**31, "llama.expert_used_count": 2**31},
    ],
)
def test_a_header_may_claim_anything_and_is_planned_all_the_same(tmp_path, claims):
    layout = layout_with(tmp_path, claims)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(layout), type=ModelLayout) == layout
    settings = LoadSettings(n_ctx=4096)
    plan = quick_plan(layout, settings, HERE)
    assert plan.reason
    assert msgspec.msgpack.encode(plan)
    best_settings(layout, HERE, {})
    suggest(layout, settings, HERE)


def test_a_tensor_may_name_any_layer_without_taking_memory(tmp_path):
    layout = layout_with(tmp_path, {"llama.block_count": 10**9}, [Tensor(f"blk.{10**9}.ffn_up_exps.weight", (32, 4))])
    assert layout.n_layer <= 512
    assert quick_plan(layout, LoadSettings(n_ctx=4096), HERE).reason
