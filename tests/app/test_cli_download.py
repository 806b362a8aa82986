"""``sawhorse download`` as a terminal sees it; what REPO[:QUANT] means is handed in."""

import argparse
import json
import os
import signal
import subprocess
import sys

import msgspec
import pytest

from app.catalog.variants import RemoteFile, Variant
from app.cli import download as command
from app.download.values import Download
from app.errors import AppError
from tests.download.harness import CHUNK, REPOSITORY, content, publish, shards
from tests.hub.server import Hub

SIZE = 30 * CHUNK
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="process groups are of Unix")
PROGRAM = """
import sys, msgspec
from pathlib import Path
from app.catalog.variants import Variant
from app.cli.download import download
sys.exit(download(msgspec.json.decode(sys.argv[1], type=Variant), Path(sys.argv[2]), as_json=len(sys.argv) > 3))
"""


@pytest.fixture
def hub(nothing_left_behind):
    with Hub() as server:
        yield server


def run(variant, *arguments):
    """Run the command in this process; return its exit code."""
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    asked = []
    code = command.run(parser.parse_args(["download", *arguments]), lambda text: asked.append(text) or variant)
    assert asked == [arguments[0]]
    return code


def test_the_path_is_printed_and_the_file_lies_below_its_owner_and_name(hub, own_home, capsys):
    files = shards(SIZE, 2)
    variant = publish(hub, files)
    assert run(variant, f"{REPOSITORY}:Q4_K_M") == 0
    folder = own_home / "models" / REPOSITORY
    assert capsys.readouterr().out.strip() == str(folder / variant.files[0].name)
    assert content(folder, variant) == files


def test_another_folder_can_be_named(hub, tmp_path, capsys):
    variant = publish(hub, shards(SIZE))
    assert run(variant, "x/y", "--to", str(tmp_path / "here")) == 0
    assert content(tmp_path / "here", variant)
    assert capsys.readouterr().out.strip().startswith(str(tmp_path / "here"))


def test_json_lines_tell_progress_and_the_end(hub, tmp_path, capsys):
    variant = publish(hub, shards(SIZE))
    run(variant, "x/y", "--to", str(tmp_path / "here"), "--json")
    *progress, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert progress
    assert {line["type"] for line in progress} == {"progress"}
    assert last["type"] == "done"
    assert last["path"] == str(tmp_path / "here" / variant.files[0].name)
    assert last["done_bytes"] == last["size_bytes"] == last["fetched_bytes"] == SIZE


def test_a_failure_is_told_with_a_hint_and_the_token_comes_from_the_environment(hub, tmp_path, monkeypatch):
    hub.gate(REPOSITORY, "hf_canary")
    variant = publish(hub, shards(SIZE))
    with pytest.raises(AppError) as caught:
        run(variant, "x/y", "--to", str(tmp_path / "here"))
    assert "gated" in caught.value.title
    assert "HF_TOKEN" in caught.value.hint
    monkeypatch.setenv("HF_TOKEN", "hf_canary")
    assert run(variant, "x/y", "--to", str(tmp_path / "here")) == 0


def test_a_file_name_that_is_not_accepted_is_told(hub, tmp_path):
    with pytest.raises(AppError, match="not accepted"):
        run(publish(hub, {"../x.gguf": b"x"}), "x/y", "--to", str(tmp_path / "here"))


@POSIX
def test_ctrl_c_pauses_and_the_same_command_goes_on(hub, tmp_path):
    files = shards(SIZE)
    variant = publish(hub, files)
    hub.rate = 200_000
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, msgspec.json.encode(variant).decode(), str(tmp_path), "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for line in process.stdout:
        if json.loads(line)["done_bytes"] > 0:
            break
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "same command" in said
    assert not content(tmp_path, variant)
    hub.rate = 0
    assert run(variant, "x/y", "--to", str(tmp_path)) == 0
    assert content(tmp_path, variant) == files
    assert hub.sent_bytes <= 1.2 * SIZE


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "running", "speed": 50e6, "eta_s": 738.0}, ["12.30 of 49.20 GB", "25%", "50.0 MB/s", "12 min left"]),
        ({"state": "running", "speed": 5e6, "eta_s": 7380.0}, ["2 h 3 min left"]),
        ({"state": "running", "speed": 5e6, "eta_s": 12.0}, ["12 s left"]),
        (
            {"state": "waiting", "problem": "No answer.", "hint": "It tries again."},
            ["waiting: No answer. It tries again."],
        ),
        ({"state": "verifying"}, ["verifying"]),
        ({"state": "queued"}, ["queued"]),
    ],
)
def test_a_line_says_how_far_it_is(fields, words):
    variant = variant_of_size(49_200_000_000)
    line = command.describe(Download(id=1, variant=variant, folder="", done_bytes=12_300_000_000, **fields))
    assert not [word for word in words if word not in line]


def variant_of_size(size):
    file = RemoteFile(name="m.gguf", url="", size_bytes=size)
    return Variant(source="huggingface", repository="a/b", revision="r", quantization="Q4", files=(file,))
