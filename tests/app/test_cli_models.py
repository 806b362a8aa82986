"""``sawhorse models`` as scripts and people use it: cards, what is on disk, the variants of a repository."""

import json
import os
import shutil

import pytest

from app.cli.catalog import find_source, find_variant
from app.errors import AppError
from tests.app.catalogs import PROXIES
from tests.app.command_line import run
from tests.hub.server import Hub
from tests.hub.tree import COMMIT, ModelApi, lfs_file

NAME = "o/Tiny-GGUF"


@pytest.fixture(autouse=True)
def somebody(own_home, tmp_path, monkeypatch):
    """Give every test a user without models, tokens or proxies."""
    for name in os.environ:
        if name.upper() in PROXIES or name.startswith("HF_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return own_home


@pytest.fixture
def server(monkeypatch):
    with Hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def test_without_a_repository_the_cards_and_what_is_on_disk_are_shown(tmp_path):
    (tmp_path / "M-Q8_0.gguf").write_bytes(b"GGUF" * 1000)
    done = run("models", "--folder", str(tmp_path))
    assert done.returncode == 0, done
    assert "qwen3-coder-next" in done.stdout
    assert f"{tmp_path}/M-Q8_0.gguf" in done.stdout


def test_the_same_as_json(tmp_path):
    (tmp_path / "M-Q8_0-00002-of-00002.gguf").write_bytes(b"GGUF")
    value = json.loads(run("models", "--json", "--folder", str(tmp_path)).stdout)
    assert {"qwen3-coder-next", "smollm2-135m-instruct"} <= {card["id"] for card in value["cards"]}
    (model,) = [model for model in value["on_disk"] if model["place"] == "folder"]
    assert model["missing"] == ["M-Q8_0-00001-of-00002.gguf"]


def test_a_repository_shows_sizes_shards_bits_and_what_is_on_disk(server, somebody):
    tree = [lfs_file("T-Q8_0.gguf", 8), *[lfs_file(f"T-F16-0000{n}-of-00002.gguf", 8) for n in (1, 2)]]
    ModelApi(server).offer(NAME, tree, about={"gguf": {"total": 8}})
    folder = somebody / "models" / NAME
    folder.mkdir(parents=True)
    (folder / "T-Q8_0.gguf").write_bytes(b"GGUFGGUF")
    done = run("models", NAME, "--json")
    assert done.returncode == 0, done
    value = json.loads(done.stdout)
    assert (value["repository"], value["revision"], value["source"]) == (NAME, COMMIT, "huggingface")
    small, large = value["variants"]
    assert (small["quantization"], small["size_bytes"], small["shards"], small["bits_per_weight"]) == (
        "Q8_0",
        8,
        1,
        8.0,
    )
    assert (small["on_disk"], small["path"]) == (True, str(folder / "T-Q8_0.gguf"))
    assert (large["quantization"], large["size_bytes"], large["shards"], large["on_disk"]) == ("F16", 16, 2, False)
    table = run("models", NAME).stdout
    assert "on disk" in table
    assert "Q8_0" in table


def test_other_commands_find_a_variant_by_name(server):
    tree = [lfs_file(f"T-{name}.gguf", 8) for name in ("UD-Q4_K_XL", "Q8_0")]
    ModelApi(server).offer(NAME, tree)
    assert find_variant(NAME).quantization == "UD-Q4_K_XL"
    assert find_variant(f"{NAME}:q8_0").quantization == "Q8_0"
    assert find_variant(f"{server.url}/{NAME}/blob/main/T-Q8_0.gguf").quantization == "Q8_0"
    with pytest.raises(AppError, match=r"It has UD-Q4_K_XL, Q8_0|It has Q8_0, UD-Q4_K_XL"):
        find_variant(f"{NAME}:Q2_K")


def test_headers_are_read_on_disk_where_the_model_is_there_and_remotely_else(server, somebody):
    ModelApi(server).offer(NAME, [lfs_file("T-Q8_0.gguf", 8), lfs_file("T-Q4_K_M.gguf", 4)])
    folder = somebody / "models" / NAME
    folder.mkdir(parents=True)
    (folder / "T-Q8_0.gguf").write_bytes(b"GGUFGGUF")
    here, name = find_source(f"{NAME}:Q8_0")
    assert (here.paths, here.files, name) == ((str(folder / "T-Q8_0.gguf"),), (), str(folder / "T-Q8_0.gguf"))
    there, name = find_source(f"{NAME}:Q4_K_M")
    assert (there.paths, [file.size_bytes for file in there.files], name) == ((), [4], f"{NAME}:Q4_K_M")
    given, name = find_source(str(folder / "T-Q8_0.gguf"))
    assert given == here


def test_the_hub_can_be_searched(server):
    ModelApi(server).offer(NAME, [])
    (found,) = json.loads(run("models", "--search", "tiny", "--json").stdout)["repositories"]
    assert (found["id"], found["downloads"]) == (NAME, 1000)
    assert NAME in run("models", "--search", "tiny").stdout
    assert run("models", "--search", "nothing-like-it").stdout == "Nothing was found.\n"


def test_a_failure_is_one_line_and_a_hint(server):
    ModelApi(server)
    done = run("models", "o/gone")
    assert (done.returncode, done.stdout) == (1, "")
    reason, hint = done.stderr.splitlines()
    assert reason.startswith("sawhorse: There is no repository o/gone")
    assert hint.startswith("hint: ")


def test_words_that_name_nothing_are_refused():
    done = run("models", "a/b/c")
    assert done.returncode == 1
    assert "OWNER/NAME" in done.stderr


def test_chat_takes_a_repository_that_is_on_disk(tiny_model, somebody):
    folder = somebody / "models" / NAME
    folder.mkdir(parents=True)
    shutil.copy(tiny_model, folder / "T-Q4_K_M.gguf")
    done = run("chat", NAME, "-p", "One?", "--temp", "0", "-n", "4", "-c", "512")
    assert done.returncode == 0, done
    missing = run("chat", f"{NAME}:Q8_0", "-p", "One?")
    assert missing.returncode == 1
    assert f"sawhorse download {NAME}:Q8_0" in missing.stderr
