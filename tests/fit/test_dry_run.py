"""llama.cpp's own plan of a load: equal to what a real load takes, and to be had from headers alone."""

import pytest

from app.engine.messages import LoadSettings
from app.fit.dry_run import DevicesListed, DryRun, DryRunDone, Headers, ListDevices
from app.fit.memory import add_up
from app.fit.placement import CPU, layer_devices, overridden
from app.fit.predict import formula_run
from app.fit.record import actual_bytes, predicted_bytes
from app.gguf.read import read_local
from app.ipc.job import JobFailed
from tests.engine.harness import Engine
from tests.fit.machines import cpu, layout_at, machine
from tests.models import gguf, shapes

MIB = 1024 * 1024
HERE = machine(cpu(100))


@pytest.fixture(scope="module")
def engine(tiny_model):
    """An engine whose processes run already."""
    with Engine() as opened:
        opened.load(tiny_model, LoadSettings(n_ctx=512))
        yield opened


def settings(**fields):
    return LoadSettings(**{"n_ctx": 4096, "use_extra_bufts": False, **fields})


def compared(planner, engine, path, wanted):
    """Return what was predicted and what a real load took, in bytes."""
    run = planner.planned(path, wanted)
    need = add_up(layout_at(path), run, wanted, HERE)
    model = engine.load(path, wanted).model
    assert run.n_ctx == model.n_ctx
    return sum(map(predicted_bytes, need.devices)), sum(actual_bytes(model.memory).values())


@pytest.mark.parametrize("architecture", sorted(shapes.TINY))
@pytest.mark.parametrize("fields", [{}, {"n_ctx": 32_768, "type_k": "q8_0", "type_v": "q8_0"}, {"use_mmap": False}])
def test_a_plan_is_within_one_percent_of_a_real_load(planner, engine, model_builder, architecture, fields):
    predicted, actual = compared(planner, engine, model_builder.tiny(architecture), settings(**fields))
    assert predicted == pytest.approx(actual, rel=0.01)


def test_a_plan_is_right_for_a_real_model(planner, engine, starter_model):
    predicted, actual = compared(planner, engine, starter_model, settings(n_ctx=2048))
    assert predicted == pytest.approx(actual, rel=0.01)


@pytest.mark.parametrize("quantisation", ["Q4_K_M", "Q4_0", "Q8_0"])
def test_what_would_be_repacked_is_known_before(planner, model_builder, quantisation):
    """The layout is a large one's; whether this processor repacks a type is llama.cpp's to say, and it may be none."""
    path = model_builder.large("qwen3", quantisation)
    wanted = settings(use_extra_bufts=True)
    run = planner.planned(path, wanted)
    weights = add_up(layout_at(path), run, wanted, HERE).weights[CPU]
    names = {weight.name for weight in layout_at(path).weights}
    assert set(run.repacked) <= names
    assert weights.repacked + weights.mapped == weights.total
    assert (weights.repacked > 0) == bool(run.repacked)


def test_a_plan_is_the_same_from_a_shadow_as_from_the_file(planner, tiny_model):
    read = read_local([tiny_model])
    head = planner.folder / "tiny.head"
    head.write_bytes(read.heads[0])
    shadow = planner.ask(
        DryRun(
            headers=Headers(key="shadow", heads=(str(head),), lengths=(tiny_model.stat().st_size,)),
            settings=settings(),
            folder=str(planner.folder),
        )
    )
    head.unlink()
    assert isinstance(shadow, DryRunDone)
    whole = planner.planned(tiny_model, settings())
    assert (shadow.caches, shadow.compute, shadow.recurrent) == (whole.caches, whole.compute, whole.recurrent)
    assert list(planner.folder.iterdir()) == []


def test_the_full_shape_is_planned_as_its_maker_would_see_it(planner, full_shape_model):
    run = planner.planned(full_shape_model, settings(n_ctx=262_144))
    assert [(cache.size_bytes, cache.cells) for cache in run.caches] == [(6144 * MIB, 262_144)]
    assert sum(run.recurrent.values()) == pytest.approx(75.375 * MIB, rel=1e-3)
    assert run.checkpoint_bytes == sum(run.recurrent.values())
    assert run.needs_checkpoints
    assert run.n_ctx_train == 262_144
    assert len(run.layers) == 49


@pytest.mark.parametrize("architecture", sorted(shapes.LARGE))
def test_models_people_run_are_planned_at_their_size(planner, model_builder, architecture):
    path = model_builder.large(architecture)
    run = planner.planned(path, settings(n_ctx=32_768))
    layout = layout_at(path)
    shape = layout.shape
    assert len(run.layers) == layout.n_layer + 1
    assert sum(sum(cache.layers.values()) for cache in run.caches) == sum(heads > 0 for heads in shape.kv_heads)
    formula = formula_run(layout, settings(n_ctx=32_768), [])
    assert [cache.size_bytes for cache in formula.caches] == pytest.approx(
        [cache.size_bytes for cache in run.caches], rel=1e-3
    )
    assert sum(formula.recurrent.values()) == pytest.approx(sum(run.recurrent.values()), rel=1e-3)


def test_a_sliding_window_has_a_cache_of_its_own_that_does_not_grow(planner, model_builder):
    path = model_builder.tiny("gemma3")
    small, large = (planner.planned(path, settings(n_ctx=n_ctx)) for n_ctx in (4096, 32_768))
    assert [cache.cells for cache in large.caches] == [32_768, small.caches[1].cells]
    assert sum(large.caches[1].layers.values()) == 5
    assert large.checkpoint_bytes == large.caches[1].size_bytes


def test_arithmetic_places_layers_and_overrides_as_llama_cpp_does(planner, model_builder):
    path = model_builder.tiny("qwen3moe")
    wanted = settings(n_cpu_moe=2, n_gpu_layers=3, tensor_overrides=((r"attn_k\.", "CPU"),))
    run = planner.planned(path, wanted)
    layout = layout_at(path)
    assert run.overridden == overridden(layout, wanted)
    assert run.layers == layer_devices(layout.n_layer, wanted, [])


def test_overrides_to_the_cpu_are_repacked_like_everything_else(planner, model_builder):
    path = model_builder.large("qwen3moe", "Q4_0")
    wanted = settings(n_cpu_moe=2, use_extra_bufts=True)
    run = planner.planned(path, wanted)
    assert len(run.overridden) == 6
    assert run.overridden == {name: run.repacked.get(name, ("CPU",))[0] for name in run.overridden}


def test_the_devices_are_listed(planner):
    listed = planner.ask(ListDevices())
    assert isinstance(listed, DevicesListed)
    assert "CPU" in {device.name for device in listed.devices}


def test_an_architecture_llama_cpp_does_not_know_is_told_as_such(planner, tmp_path):
    path = gguf.write(
        tmp_path / "new.gguf", {"general.architecture": "qwen9"}, [gguf.Tensor("token_embd.weight", (32, 4))]
    )
    failed = planner.plan(path, settings())
    assert isinstance(failed, JobFailed)
    assert failed.code == "unsupported"
    assert "qwen9" in failed.title


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"type_v": "q8_0", "flash_attn": "off"}, "flash attention"),
        ({"n_ctx": -1}, "context size"),
        ({"tensor_overrides": (("(", "CPU"),)}, "regular expression"),
        ({"devices": ("CUDA7",)}, "CUDA7"),
    ],
)
def test_settings_that_a_load_would_refuse_are_refused_in_words(planner, tiny_model, fields, words):
    failed = planner.plan(tiny_model, settings(**fields))
    assert isinstance(failed, JobFailed)
    assert words in f"{failed.title} {failed.message}"
    assert failed.hint


def test_a_hostile_file_leaves_the_child_of_use(planner, hostile_files, tiny_model):
    for name in ("huge_array", "bad_tensor_type", "endless_tensors", "truncated_weights"):
        assert isinstance(planner.plan(hostile_files[name], settings()), JobFailed)
    assert isinstance(planner.plan(tiny_model, settings()), DryRunDone)
