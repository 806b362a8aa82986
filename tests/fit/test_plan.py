"""From llama.cpp's plan to a verdict: on machines of every size, without one of them."""

from dataclasses import replace

import msgspec
import pytest

from app.engine.messages import LoadSettings
from app.fit.automatic import LEAST_CONTEXT, WANTED_CONTEXT, best_settings, loosened, suggest
from app.fit.layout import ModelLayout
from app.fit.plan import Base, make_plan, quick_plan
from app.fit.predict import formula_run
from app.fit.speed import Correction
from tests.fit.machines import GB, cpu, gpu, layout_of, machine
from tests.models import shapes

H100 = gpu(84, bandwidth=3350e9)
RTX = gpu(23.5, bandwidth=1008e9)
WORKSTATION = machine(cpu(60, 64), RTX)
SERVER = machine(cpu(120, 128), H100, cores=16)
LAPTOP = machine(cpu(22, 24), cores=2)
TINY = machine(cpu(3, 4))


@pytest.fixture(scope="module")
def llama():
    return layout_of(shapes.LARGE["llama"])


def plan(layout, here, **fields):
    return quick_plan(layout, LoadSettings(**{"n_ctx": 8192, **fields}), here)


# --- verdicts ---------------------------------------------------------------------------------------------------


def test_a_model_that_fits_the_gpu_fits(coder_next):
    found = plan(coder_next, SERVER)
    assert found.verdict == "fits"
    assert [device.name for device in found.devices] == ["CPU", "CUDA0"]
    assert "48.2" in found.reason or "CUDA0" in found.reason


def test_experts_on_the_cpu_fit_with_offload_and_say_how_many(coder_next):
    found = plan(coder_next, WORKSTATION, n_cpu_moe=30)
    assert found.verdict == "fits_with_offload"
    assert "experts of 30 of 48 layers" in found.reason


def test_a_model_larger_than_memory_runs_mapped_and_says_how_slow(coder_next):
    found = plan(coder_next, LAPTOP)
    assert found.verdict == "mapped"
    assert "tokens a second" in found.reason
    assert found.generation_speed.estimate < 10


def test_without_a_known_disk_speed_a_mapped_model_has_no_speed(coder_next):
    here = machine(cpu(22, 24), disk_bandwidth=0.0)
    found = plan(coder_next, here)
    assert found.verdict == "mapped"
    assert found.generation_speed is None
    assert "not known" in found.reason


def test_what_does_not_fit_says_by_how_much_and_where(coder_next):
    found = plan(coder_next, WORKSTATION)
    assert (found.verdict, found.short_device) == ("too_large", "CUDA0")
    card = next(device for device in found.devices if device.name == "CUDA0")
    assert found.short_bytes == card.needed_bytes + 1024**3 - card.free_bytes
    assert f"{found.short_bytes / GB:,.1f} GB" in found.reason


def test_a_gpu_keeps_a_gibibyte_free(llama):
    needed = plan(llama, machine(cpu(60), gpu(50))).devices[1].needed_bytes
    for spare, verdict in ((1024**3, "fits"), (1024**3 - 1, "too_large")):
        card = msgspec.structs.replace(gpu(50), free_bytes=needed + spare)
        assert plan(llama, machine(cpu(60), card)).verdict == verdict


def test_a_context_that_does_not_fit_memory_is_too_large_however_the_weights_lie(llama):
    found = plan(llama, TINY, n_ctx=131_072)
    assert (found.verdict, found.short_device) == ("too_large", "CPU")


def test_memory_that_is_shared_is_counted_once_for_both_sides(llama):
    """On a chip whose GPU uses the machine's memory, each side alone may fit and both together not."""
    apart = machine(cpu(8), gpu(12, "MTL0"))
    together = machine(cpu(5), gpu(12, "MTL0", shares_memory=True))
    assert plan(llama, apart).verdict == "fits"
    assert plan(llama, together).verdict == "too_large"


def test_weights_that_are_copied_must_fit_and_mapped_ones_need_not(coder_next):
    assert plan(coder_next, LAPTOP, use_mmap=False).verdict == "too_large"
    assert plan(coder_next, LAPTOP).verdict == "mapped"


def test_locked_pages_must_fit(coder_next):
    found = plan(coder_next, LAPTOP, use_mlock=True)
    assert (found.verdict, found.short_device) == ("too_large", "CPU")


# --- repacking --------------------------------------------------------------------------------------------------


def repackable(layout: ModelLayout, settings: LoadSettings) -> Base:
    """A plan in which llama.cpp would repack every expert."""
    run = formula_run(layout, settings, [])
    names = {weight.name: ("CPU_REPACK",) for weight in layout.weights if weight.is_expert}
    return Base(settings=settings, run=msgspec.structs.replace(run, repacked=names))


def test_weights_are_repacked_where_that_fits_with_room_to_spare(coder_next):
    base = repackable(coder_next, LoadSettings(n_ctx=8192))
    roomy, tight = machine(cpu(60)), machine(cpu(52))
    assert quick_plan(coder_next, base.settings, roomy, base).settings.use_extra_bufts is True
    assert quick_plan(coder_next, base.settings, tight, base).settings.use_extra_bufts is False


def test_repacked_weights_are_no_longer_mapped(coder_next):
    base = repackable(coder_next, LoadSettings(n_ctx=8192))
    here = machine(cpu(60))
    for wanted in (True, False):
        settings = msgspec.structs.replace(base.settings, use_extra_bufts=wanted)
        memory = quick_plan(coder_next, settings, here, base).devices[0]
        experts = sum(weight.size_bytes for weight in coder_next.weights if weight.is_expert)
        rest = memory.parts["weights"] - memory.mapped_bytes
        assert rest == pytest.approx(experts if wanted else 0, rel=1e-3)


# --- our own caches ---------------------------------------------------------------------------------------------


def test_checkpoints_are_counted_as_the_engine_keeps_them(coder_next):
    settings = LoadSettings(n_ctx=8192, checkpoint_bytes=1_000_000_000)
    run = formula_run(coder_next, settings, [])
    found = make_plan(coder_next, run, settings, LAPTOP)
    each = run.checkpoint_bytes
    assert found.devices[0].parts["checkpoints"] == 1_000_000_000 // each * each
    none = msgspec.structs.replace(settings, checkpoint_bytes=each - 1)
    assert "checkpoints" not in make_plan(coder_next, run, none, LAPTOP).devices[0].parts


def test_a_model_that_can_be_cut_anywhere_has_no_checkpoints(llama):
    parts = plan(llama, LAPTOP).devices[0].parts
    assert "checkpoints" not in parts
    assert parts["prompt_cache"] == LoadSettings().prompt_cache_bytes


# --- the best of a machine --------------------------------------------------------------------------------------


def test_all_of_a_model_goes_to_a_gpu_that_holds_it(coder_next):
    best = best_settings(coder_next, SERVER, {})
    assert (best.n_gpu_layers, best.n_cpu_moe, best.n_ctx) == (-1, 0, WANTED_CONTEXT)


def test_just_so_many_experts_stay_on_the_cpu_as_must(coder_next):
    best = best_settings(coder_next, WORKSTATION, {})
    assert 20 < best.n_cpu_moe < 40
    assert quick_plan(coder_next, best, WORKSTATION).verdict == "fits_with_offload"
    one_less = msgspec.structs.replace(best, n_cpu_moe=best.n_cpu_moe - 1)
    assert quick_plan(coder_next, one_less, WORKSTATION).verdict == "too_large"


def test_two_gpus_are_filled_evenly_whatever_lies_on_the_cpu(coder_next):
    here = machine(cpu(100), gpu(15.5), gpu(15.5, "CUDA1"))
    best = best_settings(coder_next, here, {"n_ctx": 32_768})
    found = quick_plan(coder_next, best, here)
    assert found.verdict == "fits_with_offload"
    assert best.n_cpu_moe < 27  # counted by layers alike it would have to be 33 and more
    assert sum(best.tensor_split) == 49
    full = [device.needed_bytes / device.free_bytes for device in found.devices[1:]]
    assert min(full) > 0.8
    assert best_settings(coder_next, here, {"tensor_split": (1.0, 1.0)}).tensor_split == (1.0, 1.0)


def test_a_dense_model_puts_as_many_layers_on_a_gpu_as_fit(llama):
    here = machine(cpu(60), gpu(6))
    best = best_settings(llama, here, {})
    assert 0 < best.n_gpu_layers < 33
    assert quick_plan(llama, best, here).verdict == "fits_with_offload"


def test_a_gpu_too_small_for_anything_is_left_alone(coder_next):
    here = machine(cpu(60), gpu(0.9))
    best = best_settings(coder_next, here, {})
    assert best.devices == ()
    assert quick_plan(coder_next, best, here).verdict == "fits"


def test_what_a_person_decided_stays(coder_next):
    wishes = {"n_ctx": 131_072, "n_cpu_moe": 40, "type_k": "q8_0", "type_v": "q8_0"}
    best = best_settings(coder_next, WORKSTATION, wishes)
    assert {name: getattr(best, name) for name in wishes} == wishes


def test_the_context_is_as_large_as_costs_no_speed(llama):
    assert best_settings(llama, machine(cpu(60)), {}).n_ctx == WANTED_CONTEXT
    small = best_settings(llama, machine(cpu(8.5)), {})
    assert LEAST_CONTEXT <= small.n_ctx < WANTED_CONTEXT
    assert quick_plan(llama, small, machine(cpu(8.5))).verdict == "fits"


def test_a_context_beyond_what_a_model_was_trained_for_is_not_chosen():
    short = layout_of(replace(shapes.LARGE["llama"], context=16_384))
    assert best_settings(short, SERVER, {}).n_ctx == 16_384


def test_a_choice_that_llama_cpp_finds_too_tight_is_loosened_by_what_was_not_decided(coder_next, llama):
    tight = plan(coder_next, WORKSTATION, n_cpu_moe=5)
    assert loosened(tight, {}, coder_next).n_cpu_moe == 6
    assert loosened(tight, {"n_cpu_moe": 5}, coder_next).n_gpu_layers == 48
    assert loosened(tight, {"n_cpu_moe": 5, "n_gpu_layers": -1}, coder_next) is None
    assert loosened(plan(llama, machine(cpu(60), gpu(3)), n_gpu_layers=20), {}, llama).n_gpu_layers == 19
    assert loosened(plan(coder_next, SERVER), {}, coder_next) is None
    two = machine(cpu(100), gpu(15.5), gpu(15.5, "CUDA1"))
    assert sum(loosened(plan(coder_next, two), {}, coder_next).tensor_split) == 49


# --- changes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "fields"),
    [(WORKSTATION, {}), (TINY, {"n_ctx": 131_072}), (LAPTOP, {"use_mmap": False}), (WORKSTATION, {"n_ctx": 262_144})],
)
def test_every_change_that_is_offered_would_make_it_fit(coder_next, here, fields):
    settings = LoadSettings(**{"n_ctx": 8192, **fields})
    assert quick_plan(coder_next, settings, here).verdict == "too_large"
    changes = suggest(coder_next, settings, here)
    assert changes
    for change in changes:
        assert change.settings != settings
        assert quick_plan(coder_next, change.settings, here).verdict != "too_large"
        assert "{" not in change.words


def test_the_first_change_for_experts_keeps_as_many_as_possible_on_the_gpu(coder_next):
    changes = suggest(coder_next, LoadSettings(n_ctx=8192), WORKSTATION)
    count = changes[0].settings.n_cpu_moe
    assert changes[0].words == f"keep the experts of {count} layers on the CPU"
    assert plan(coder_next, WORKSTATION, n_cpu_moe=count - 1).verdict == "too_large"


# --- speeds -----------------------------------------------------------------------------------------------------


def test_speeds_are_near_what_was_measured(coder_next):
    """On an H100: 160 tokens/s all on it, 36 with all experts on the CPU; prompts 4,962 and 357."""
    for n_cpu_moe, generation, prompt in ((0, 160, 4962), (48, 36, 357)):
        found = plan(coder_next, machine(cpu(200, bandwidth=100e9), H100, cores=16), n_cpu_moe=n_cpu_moe)
        assert found.generation_speed.estimate == pytest.approx(generation, rel=0.5)
        assert found.prompt_speed.estimate == pytest.approx(prompt, rel=0.7)


def test_speeds_on_two_cores_are_near_what_was_measured_there(coder_next):
    """In memory, at 25 GB/s: 7 tokens/s, prompts at 30."""
    found = plan(coder_next, machine(cpu(100, bandwidth=25e9), cores=2))
    assert found.generation_speed.estimate == pytest.approx(7, rel=0.3)
    assert found.prompt_speed.low < 30 < 2 * found.prompt_speed.high


def test_a_range_surrounds_its_estimate(coder_next, llama):
    for layout in (coder_next, llama):
        for here in (SERVER, WORKSTATION, LAPTOP):
            found = plan(layout, here)
            for speed in (found.prompt_speed, found.generation_speed):
                assert 0 < speed.low <= speed.estimate <= speed.high


def test_experts_on_the_cpu_cost_speed(coder_next):
    speeds = [plan(coder_next, SERVER, n_cpu_moe=count).generation_speed.estimate for count in (0, 10, 48)]
    assert speeds == sorted(speeds, reverse=True)


def test_what_was_measured_here_corrects_what_is_estimated(coder_next):
    before = plan(coder_next, SERVER)
    corrections = {"gpu": Correction(prompt=2.0, generation=0.5, runs=3)}
    after = quick_plan(coder_next, LoadSettings(n_ctx=8192), SERVER, None, corrections)
    assert after.placement == "gpu"
    assert after.generation_speed.estimate == pytest.approx(0.5 * before.generation_speed.estimate)
    assert after.prompt_speed.estimate == pytest.approx(2.0 * before.prompt_speed.estimate)
    assert after.corrected_by == (2.0, 0.5)
