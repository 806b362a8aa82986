"""``sawhorse fit``, as scripts and people use it: a process of its own, a real model, what comes out."""

import json
import shlex

import pytest

from app.cli.main import FAILED
from app.fit.record import RECORDS, FitRecord, RecordStore
from app.fit.values import PARTS
from tests.app.command_line import run


def answered(*arguments):
    done = run("fit", *map(str, arguments), "--json")
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def test_scripts_get_devices_with_parts_a_verdict_and_speeds(tiny_model):
    found = answered(tiny_model, "--context", "4096")
    assert found["model"] == "Tiny qwen3next"
    assert found["verdict"] == "fits"
    assert found["reason"]
    assert found["method"] == "dry_run"
    memory = found["devices"][0]
    assert memory["name"] == "CPU"
    assert set(memory["parts"]) == set(PARTS)
    assert memory["needed_bytes"] == sum(memory["parts"].values()) < memory["free_bytes"] <= memory["total_bytes"]
    assert found["tokens_per_second"]["low"] <= found["tokens_per_second"]["estimate"]
    assert found["prompt_tokens_per_second"]["estimate"] > 0


def test_what_is_decided_on_the_command_line_is_what_is_planned(tiny_model):
    found = answered(tiny_model, "--context", "2048", "--kv-type", "q8_0", "--gpu-layers", "2", "--cpu-moe", "3")
    settings = found["settings"]
    assert (settings["n_ctx"], settings["type_k"], settings["type_v"]) == (2048, "q8_0", "q8_0")
    assert (settings["n_gpu_layers"], settings["n_cpu_moe"]) == (2, 3)
    words = shlex.split(found["llama_server"])
    assert words[words.index("--n-cpu-moe") + 1] == "3"
    assert words[words.index("--model") + 1] == str(tiny_model)


def test_the_kv_type_changes_the_cache_by_its_bytes(tiny_model):
    sizes = {
        kv: answered(tiny_model, "--context", "8192", "--kv-type", kv)["devices"][0]["parts"]["kv_cache"]
        for kv in ("f16", "q8_0")
    }
    assert sizes["q8_0"] / sizes["f16"] == pytest.approx(34 / 64, rel=0.01)


def test_people_get_the_verdict_first_and_a_table(tiny_model):
    done = run("fit", str(tiny_model))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "Tiny qwen3next"
    assert any(line.startswith("Fits: ") for line in lines)
    for words in ("weights", "kv cache", "recurrent state", "needed", "free", "generation", "tokens a second"):
        assert words in done.stdout
    assert "_" not in done.stdout.replace("_home", "")


def test_the_starter_is_a_model_too():
    found = answered("starter")
    assert found["outline"]["architecture"] == "llama"


@pytest.mark.parametrize("name", ["nested_array", "truncated_weights"])
def test_a_file_that_lies_fails_in_one_line_with_a_hint(hostile_files, name):
    done = run("fit", str(hostile_files[name]), "--json")
    assert (done.returncode, done.stdout) == (FAILED, "")
    first, hint = done.stderr.splitlines()
    assert first.startswith("sawhorse: ")
    assert hint.startswith("hint: ")


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = run("fit", str(tmp_path / "gone.gguf"))
    assert done.returncode == FAILED
    assert "gone.gguf" in done.stderr


def test_settings_that_make_no_sense_are_refused_in_words(tiny_model):
    done = run("fit", str(tiny_model), "--context", "-5")
    assert done.returncode == FAILED
    assert "context size" in done.stderr


def test_doctor_tells_how_far_off_the_predictions_were(own_home):
    store = RecordStore(own_home / RECORDS)
    for taken in (100, 102):
        store.add(FitRecord(at=1.0, model="m", placement="cpu", n_ctx=1, predicted={"CPU": 100}, actual={"CPU": taken}))
    found = json.loads(run("doctor", "--json").stdout)["fit"]
    assert found == {"loads": 2, "median_error": "0.98%", "largest_error": "1.96%", "last_error": "1.96%"}
