"""Which weights lie where: llama.cpp's rules as arithmetic."""

import pytest

from app.engine.messages import LoadSettings
from app.errors import AppError
from app.fit.memory import add_up
from app.fit.placement import CPU, device_of, layer_devices, overridden
from app.fit.predict import formula_run
from tests.fit.machines import GB, cpu, gpu, layout_of, machine
from tests.models import shapes

MIB = 1024 * 1024
CARD = [("CUDA0", 80 * GB)]
TWO = [("CUDA0", 60 * GB), ("CUDA1", 20 * GB)]


def weights(layout, settings, gpus, here=None):
    """Return MiB of weights by device."""
    here = here or machine(cpu(100), *(gpu(free / GB, name) for name, free in gpus))
    need = add_up(layout, formula_run(layout, settings, gpus), settings, here)
    return {name: lying.total / MIB for name, lying in need.weights.items()}


def test_layers_count_from_the_end_and_the_output_is_one_of_them():
    assert layer_devices(4, LoadSettings(n_gpu_layers=2), CARD) == (CPU, CPU, CPU, "CUDA0", "CUDA0")
    assert layer_devices(4, LoadSettings(n_gpu_layers=-1), CARD) == ("CUDA0",) * 5
    assert layer_devices(4, LoadSettings(n_gpu_layers=99), CARD) == ("CUDA0",) * 5
    assert layer_devices(4, LoadSettings(n_gpu_layers=0), CARD) == (CPU,) * 5
    assert layer_devices(4, LoadSettings(), []) == (CPU,) * 5


def test_layers_are_shared_by_free_memory_or_as_they_are_told_to_be():
    assert layer_devices(7, LoadSettings(), TWO).count("CUDA0") == 6
    split = layer_devices(7, LoadSettings(tensor_split=(1.0, 3.0)), TWO)
    assert split == ("CUDA0",) * 2 + ("CUDA1",) * 6
    assert set(layer_devices(7, LoadSettings(split_mode="none", main_gpu=1), TWO)) == {"CUDA1"}


def test_the_measured_placements_of_an_80b_model_come_out_to_the_mebibyte(coder_next):
    """As measured on an H100, with the experts of no, 27 and all layers on the CPU."""
    for n_cpu_moe, measured in ((0, 45_997.4), (27, 20_953.4), (48, 1_357.4)):
        placed = weights(coder_next, LoadSettings(n_cpu_moe=n_cpu_moe), CARD)
        assert placed["CUDA0"] == pytest.approx(measured, abs=2)
        assert sum(placed.values()) == pytest.approx(46_164, abs=5)


def test_the_table_of_the_input_stays_on_the_cpu(coder_next):
    assert weights(coder_next, LoadSettings(), CARD)[CPU] == pytest.approx(166.9, abs=0.1)


def test_a_table_that_is_the_output_s_too_is_on_both_sides():
    tied = layout_of(shapes.LARGE["qwen3"], "Q8_0")
    table = next(weight for weight in tied.weights if weight.name == "token_embd.weight").size_bytes / MIB
    placed = weights(tied, LoadSettings(), CARD)
    assert placed[CPU] == pytest.approx(table, abs=0.1)
    assert sum(placed.values()) == pytest.approx(tied.outline.size_bytes / MIB + table, abs=1)
    assert weights(tied, LoadSettings(), [])[CPU] == pytest.approx(tied.outline.size_bytes / MIB, abs=1)


def test_an_override_goes_where_it_says_and_before_layers(coder_next):
    settings = LoadSettings(tensor_overrides=((r"blk\.0\.", "CPU"), ("output", "CUDA0")))
    found = overridden(coder_next, settings)
    assert {name for name, buffer in found.items() if buffer == "CPU"} == {
        weight.name for weight in coder_next.weights if weight.layer == 0
    }
    assert found["output.weight"] == "CUDA0"


def test_a_pattern_that_is_none_is_refused_in_words(coder_next):
    with pytest.raises(AppError, match="not a regular expression"):
        overridden(coder_next, LoadSettings(tensor_overrides=(("(", "CPU"),)))


@pytest.mark.parametrize(
    ("buffer", "device"),
    [
        ("CPU", "CPU"), ("CPU_Mapped", "CPU"), ("CPU_REPACK", "CPU"), ("CUDA_Host", "CPU"), ("AMX", "CPU"),
        ("CUDA0", "CUDA0"), ("MTL0_Mapped", "MTL0"), ("Vulkan1", "Vulkan1"), ("ROCm_Host", "CPU"),
    ],
)  # fmt: skip
def test_a_buffer_belongs_to_the_device_whose_memory_it_takes(buffer, device):
    assert device_of(buffer) == device
