"""Load settings as a llama-server command: what would be run there, and where each flag is from."""

from __future__ import annotations

import shlex

from app.engine.messages import LoadSettings
from app.engine.server_command import server_command, server_flags


def words(settings, path="/m/model.gguf"):
    """Return the words of the command."""
    return shlex.split(server_command(path, settings, {}), comments=True)


def value(settings, flag):
    found = words(settings)
    return found[found.index(flag) + 1]


def test_a_path_with_spaces_and_quotes_stays_one_word():
    path = "/my models/it's here; rm -rf ~.gguf"
    assert words(LoadSettings(), path)[:3] == ["llama-server", "--model", path]


def test_what_the_engine_decides_has_no_flag():
    assert not {"--threads", "--no-repack", "--device", "--rope-scaling", "--n-cpu-moe"} & set(words(LoadSettings()))


def test_every_setting_that_was_made_has_its_flag():
    settings = LoadSettings(
        n_ctx=32768, n_threads=6, n_gpu_layers=20, n_cpu_moe=31, type_k="q8_0", type_v="q8_0", flash_attn="on",
        use_mmap=False, use_mlock=True, use_extra_bufts=False, devices=("CUDA0", "CUDA1"), tensor_split=(3.0, 1.0),
        split_mode="row", main_gpu=1, offload_kqv=False, op_offload=False, rope_scaling="yarn", rope_freq_base=5e6,
        yarn_orig_ctx=32768, yarn_beta_fast=32.0, tensor_overrides=(("blk\\.3", "CPU"),),
        prompt_cache_bytes=2 * 1024**3,
    )  # fmt: skip
    expected = {
        "--ctx-size": "32768", "--threads": "6", "--n-gpu-layers": "20", "--n-cpu-moe": "31", "--cache-type-k": "q8_0",
        "--flash-attn": "on", "--device": "CUDA0,CUDA1", "--tensor-split": "3,1", "--split-mode": "row",
        "--main-gpu": "1", "--rope-scaling": "yarn", "--rope-freq-base": "5000000.0", "--yarn-orig-ctx": "32768",
        "--yarn-beta-fast": "32.0", "--override-tensor": "blk\\.3=CPU", "--cache-ram": "2048",
    }  # fmt: skip
    assert {flag: value(settings, flag) for flag in expected} == expected
    switches = {"--no-mmap", "--mlock", "--no-repack", "--no-kv-offload", "--no-op-offload"}
    assert switches <= set(words(settings))


def test_all_layers_are_more_than_any_model_has():
    assert value(LoadSettings(n_gpu_layers=-1), "--n-gpu-layers") == "999"
    assert value(LoadSettings(n_gpu_layers=0), "--n-gpu-layers") == "0"


def test_no_device_is_said_so():
    assert value(LoadSettings(devices=()), "--device") == "none"


def test_each_flag_stands_with_its_origin_above_the_command():
    settings = LoadSettings(n_ctx=4096, n_batch=1024)
    lines = server_command("/m.gguf", settings, {"n_ctx": "you"}).splitlines()
    assert "# --ctx-size 4096: you" in lines
    assert "# --batch-size 1024: load settings" in lines
    assert "# --ubatch-size 512: default" in lines
    assert len(lines) == len(server_flags(settings)) + 1
