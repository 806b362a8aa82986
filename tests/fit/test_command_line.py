"""The equivalent llama-server command: every flag with who decided it."""

import shlex

from app.engine.messages import LoadSettings
from app.fit.command_line import as_text, llama_server_command, with_origins

PATH = "/models/a model.gguf"


def flags(settings, origins=None):
    return {flag.flag: flag for flag in llama_server_command(PATH, settings, origins or {})}


def test_defaults_that_llama_server_shares_are_left_out():
    found = flags(LoadSettings())
    assert found["--ctx-size"].value == "8192"
    assert found["--n-gpu-layers"].value == "all"
    assert found["--fit"].value == "off"
    assert not {"--batch-size", "--cache-type-k", "--flash-attn", "--load-mode", "--n-cpu-moe", "--threads"} & set(
        found
    )


def test_every_flag_tells_who_decided_it():
    settings = LoadSettings(n_ctx=65_536, n_cpu_moe=27, n_threads=8)
    found = flags(settings, {"n_ctx": "you", "n_cpu_moe": "automatic", "n_threads": "automatic"})
    assert (found["--ctx-size"].value, found["--ctx-size"].origin) == ("65536", "you")
    assert (found["--n-cpu-moe"].value, found["--n-cpu-moe"].origin) == ("27", "automatic")
    assert found["--model"].origin == "default"


def test_what_somebody_decided_is_there_even_if_it_is_the_default():
    found = flags(LoadSettings(), {"type_k": "you", "n_batch": "card"})
    assert (found["--cache-type-k"].value, found["--cache-type-k"].origin) == ("f16", "you")
    assert found["--batch-size"].origin == "card"


def test_memory_and_devices_are_passed_on():
    settings = LoadSettings(
        use_mmap=False, use_mlock=True, use_extra_bufts=False, devices=(), type_k="q8_0", type_v="q4_0",
        tensor_overrides=((r"blk\.3\.", "CPU"),), tensor_split=(3.0, 1.0), prompt_cache_bytes=512 * 1024**2,
        offload_kqv=False, rope_scaling="yarn", yarn_orig_ctx=262_144, rope_freq_scale=0.25,
    )  # fmt: skip
    found = flags(settings)
    assert {name: flag.value for name, flag in found.items()}.items() >= {
        "--load-mode": "mlock", "--no-repack": "", "--device": "none", "--cache-type-k": "q8_0",
        "--cache-type-v": "q4_0", "--override-tensor": r"blk\.3\.=CPU", "--tensor-split": "3,1", "--cache-ram": "512",
        "--no-kv-offload": "", "--rope-scaling": "yarn", "--yarn-orig-ctx": "262144", "--rope-freq-scale": "0.25",
    }.items()  # fmt: skip


def test_the_text_can_be_given_to_a_shell_as_it_is():
    settings = LoadSettings(tensor_overrides=((r"blk\.(1|2)\.", "CPU"), ("output", "CPU")))
    words = shlex.split(as_text(llama_server_command(PATH, settings, {})))
    assert words[:3] == ["llama-server", "--model", PATH]
    assert words.count("--override-tensor") == 2
    assert r"blk\.(1|2)\.=CPU" in words
    assert as_text(llama_server_command(PATH, settings, {}), windows=True).startswith(f'llama-server --model "{PATH}"')


def test_above_the_command_stands_who_decided_each_flag():
    flags_of_two = llama_server_command(PATH, LoadSettings(n_ctx=4096, devices=()), {"n_ctx": "you"})
    *notes, command = with_origins(flags_of_two).splitlines()
    assert "# --ctx-size 4096: you" in notes
    assert "# --device none: default" in notes
    assert len(notes) == len(flags_of_two) - 1
    assert command == as_text(flags_of_two)
