"""What a machine is found to have, and what is said when it cannot be found out."""

import os
from types import SimpleNamespace

import psutil
import pytest

from app.engine.messages import Device
from app.fit import bandwidth, gpus
from app.fit.devices import put_together
from app.fit.messages import GpuFacts, SystemFound
from app.fit.probe import find_system
from tests.fit.machines import GB


def system(**fields):
    base = {
        "total_bytes": 64 * GB, "available_bytes": 60 * GB, "limit_bytes": None, "swap_total_bytes": 0,
        "swap_free_bytes": 0, "others": (), "disk_free_bytes": 100 * GB, "memory_bandwidth": 50e9,
        "disk_bandwidth": 2e9, "physical_cores": 8, "gpus": (),
    }  # fmt: skip
    return SystemFound(**{**base, **fields})


def device(name="CUDA0", kind="gpu", total=24 * GB, free=20 * GB, description="NVIDIA GeForce RTX 4090"):
    return Device(name=name, description=description, kind=kind, total_bytes=total, free_bytes=free)


CPU = device("CPU", "cpu", 64 * GB, 60 * GB, "A processor")


def test_this_machine_is_found(tmp_path):
    found = find_system(tmp_path, tmp_path)
    assert found.total_bytes > found.available_bytes > 0
    assert found.physical_cores >= 1
    assert found.memory_bandwidth > 100e6
    assert found.disk_free_bytes > 0
    assert [path.name for path in tmp_path.iterdir()] == ["bandwidth.json"]


def test_the_memory_of_a_container_is_its_limit():
    found = put_together(system(limit_bytes=8 * GB, available_bytes=20 * GB), [CPU])
    assert (found.devices[0].total_bytes, found.devices[0].free_bytes) == (8 * GB, 8 * GB)


def test_devices_are_llama_cpp_s_own_and_drivers_tell_the_rest():
    facts = GpuFacts(
        name="NVIDIA GeForce RTX 4090", total_bytes=24 * GB, used_bytes=4 * GB, bandwidth=1008e9,
        others=(("blender", 3 * GB),),
    )  # fmt: skip
    other = GpuFacts(name="NVIDIA T4", total_bytes=16 * GB, used_bytes=0, bandwidth=320e9)
    found = put_together(system(gpus=(other, facts)), [device(), CPU])
    card = found.devices[1]
    assert [dev.name for dev in found.devices] == ["CPU", "CUDA0"]
    assert (card.bandwidth, card.others, card.free_bytes) == (1008e9, (("blender", 3 * GB),), 20 * GB)


def test_an_integrated_gpu_shares_the_machine_s_memory_and_its_speed():
    found = put_together(system(), [device("Vulkan0", "igpu", 32 * GB, 30 * GB, "Radeon 890M"), CPU])
    assert found.devices[1].shares_memory
    assert found.devices[1].bandwidth == 50e9
    assert not put_together(system(), [device(), CPU]).devices[1].shares_memory


def test_without_llama_cpp_s_answer_the_cpu_is_counted_on_and_the_reason_told():
    found = put_together(system(), [], "The driver hangs.")
    assert [dev.name for dev in found.devices] == ["CPU"]
    assert "The driver hangs." in found.notes


def test_an_amd_card_is_read_from_sysfs(tmp_path):
    card = tmp_path / "card0" / "device"
    card.mkdir(parents=True)
    for name, text in (("mem_info_vram_total", f"{16 * GB}\n"), ("mem_info_vram_used", "1000\n")):
        (card / name).write_text(text)
    (tmp_path / "card1" / "device").mkdir(parents=True)
    assert gpus.amd(tmp_path) == [GpuFacts(name="AMD GPU", total_bytes=16 * GB, used_bytes=1000)]


def test_an_nvidia_card_is_asked_for_its_name_its_speed_and_its_users(monkeypatch):
    """With the driver's own answers for an H100: 2,619 MHz on 5,120 bits are 3.35 TB/s."""
    nvml = gpus.pynvml
    answers = {
        "nvmlInit": None, "nvmlShutdown": None, "nvmlDeviceGetCount": 1, "nvmlDeviceGetHandleByIndex": "handle",
        "nvmlDeviceGetName": "NVIDIA H100 80GB HBM3", "nvmlDeviceGetMaxClockInfo": 2619,
        "nvmlDeviceGetMemoryBusWidth": 5120, "nvmlDeviceGetGraphicsRunningProcesses": [],
        "nvmlDeviceGetMemoryInfo": SimpleNamespace(total=85 * GB, used=3 * GB),
        "nvmlDeviceGetComputeRunningProcesses": [SimpleNamespace(pid=os.getpid(), usedGpuMemory=2 * GB)],
    }  # fmt: skip
    for name, answer in answers.items():
        monkeypatch.setattr(nvml, name, lambda *_, answer=answer: answer)
    (card,), notes = gpus.find_gpus()
    assert notes == []
    assert card.bandwidth == pytest.approx(3.35e12, rel=0.01)
    assert card.others == ((psutil.Process().name(), 2 * GB),)


def test_a_driver_that_fails_is_a_note_and_one_that_is_not_there_is_nothing(monkeypatch):
    def fail(error):
        def init():
            raise error

        monkeypatch.setattr(gpus.pynvml, "nvmlInit", init)
        return gpus.find_gpus()[1]

    mismatch = fail(gpus.pynvml.NVMLError(gpus.pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH))
    assert len(mismatch) == 1
    assert "NVIDIA" in mismatch[0]
    assert fail(gpus.pynvml.NVMLError(gpus.pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)) == []


def test_speeds_are_measured_once_and_kept_for_what_they_depend_on(tmp_path, monkeypatch):
    measured = []

    def measure(threads):
        measured.append(threads)
        return 1e9 * threads

    monkeypatch.setattr(bandwidth, "memory_bandwidth", measure)
    assert [bandwidth.kept_memory_bandwidth(tmp_path, threads) for threads in (2, 2, 4, 2)] == [2e9, 2e9, 4e9, 2e9]
    assert measured == [2, 4]


def test_the_best_of_three_occasions_counts_since_a_busy_machine_is_slower(tmp_path, monkeypatch):
    now, speeds = 1e9, [1e9, 5e9, 3e9, 9e9]
    monkeypatch.setattr(bandwidth.time, "time", lambda: now)
    monkeypatch.setattr(bandwidth, "memory_bandwidth", lambda threads: speeds.pop(0))
    found = []
    for _ in range(5):
        found.append(bandwidth.kept_memory_bandwidth(tmp_path, 1))
        now += 3600.0
    assert found == [1e9, 5e9, 5e9, 5e9, 5e9]
    now += 365 * 24 * 3600.0
    assert bandwidth.kept_memory_bandwidth(tmp_path, 1) == 9e9


def test_a_kept_figure_that_is_damaged_is_measured_again(tmp_path, monkeypatch):
    monkeypatch.setattr(bandwidth, "memory_bandwidth", lambda threads: 5e9)
    (tmp_path / "bandwidth.json").write_text("{")
    assert bandwidth.kept_memory_bandwidth(tmp_path, 1) == 5e9
    assert bandwidth.kept_memory_bandwidth(tmp_path, 1) == 5e9


def test_a_disk_that_cannot_be_measured_past_the_cache_has_no_speed(tmp_path, monkeypatch):
    def refuse(path):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(bandwidth, "_read_past_cache", refuse)
    assert bandwidth.disk_bandwidth(tmp_path) == 0.0
    assert bandwidth.kept_disk_bandwidth(tmp_path, tmp_path / "gone") == 0.0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_memory_is_read_at_a_speed_that_memory_has(threads):
    assert 100e6 < bandwidth.memory_bandwidth(threads) < 10e12
