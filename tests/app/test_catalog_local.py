"""What is on disk is found wherever programs keep it, whatever state it is in, and nothing is changed."""

import json
import os
import sys

import pytest

from app.catalog.local import Limits, scan
from app.catalog.messages import Folder
from app.catalog.places import known_places

GGUF = b"GGUF\x03\x00\x00\x00"
SHA = "ab" * 32


def write(path, data=GGUF):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def found(path, place="folder", **limits):
    return scan([Folder(place=place, path=str(path))], Limits(**limits))


def summary(models):
    return [(model.name, model.quantization, model.size_bytes, model.repository) for model in models]


# --- folders ----------------------------------------------------------------------------------------------


def test_loose_files_are_found_at_any_depth(tmp_path):
    write(tmp_path / "M-Q8_0.gguf")
    write(tmp_path / "a/b/c/d/N-Q4_K_M.gguf", GGUF * 2)
    write(tmp_path / "a/README.md")
    models, notes = found(tmp_path)
    assert summary(models) == [("M", "Q8_0", 8, ""), ("N", "Q4_K_M", 16, "")]
    assert not notes


def test_shards_are_one_model_with_its_first_as_the_path(tmp_path):
    paths = [write(tmp_path / f"Q8_0/M-Q8_0-{number:05d}-of-00003.gguf") for number in (3, 1, 2)]
    (model,), _notes = found(tmp_path)
    assert model.path == str(paths[1])
    assert len(model.files) == 3
    assert not model.missing


def test_missing_shards_are_named(tmp_path):
    write(tmp_path / "M-Q8_0-00002-of-00003.gguf")
    (model,), _notes = found(tmp_path)
    assert model.missing == ("M-Q8_0-00001-of-00003.gguf", "M-Q8_0-00003-of-00003.gguf")


def test_the_same_names_in_two_folders_are_two_models(tmp_path):
    for folder in ("a", "b"):
        for number in (1, 2):
            write(tmp_path / folder / f"M-Q8_0-{number:05d}-of-00002.gguf")
    models, _notes = found(tmp_path)
    assert len(models) == 2


def test_projectors_and_matrices_are_not_models(tmp_path):
    for name in ("mmproj-F16.gguf", "M.imatrix.gguf", "M-Q8_0.gguf.part", "x.bin"):
        write(tmp_path / name)
    assert found(tmp_path) == ((), ())


def test_links_in_a_circle_are_survived(tmp_path):
    write(tmp_path / "a/M-Q8_0.gguf")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "nowhere-Q8_0.gguf").symlink_to(tmp_path / "gone")
    models, notes = found(tmp_path, entries=10)
    assert len(models) == 1
    assert not notes


def test_one_file_by_two_paths_is_listed_once(tmp_path):
    write(tmp_path / "a/M-Q8_0.gguf")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/M-Q8_0.gguf").symlink_to(tmp_path / "a/M-Q8_0.gguf")
    models, _notes = found(tmp_path)
    assert len(models) == 1


def test_a_folder_that_may_not_be_read_is_a_note(tmp_path, monkeypatch):
    write(tmp_path / "M-Q8_0.gguf")
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refuse(folder):  # permissions would not stop root
        if os.fspath(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    models, notes = found(tmp_path)
    assert len(models) == 1
    assert "closed could not be looked at" in notes[0]


def test_a_folder_that_is_gone_is_a_note(tmp_path):
    _models, notes = found(tmp_path / "gone")
    assert "is not there" in notes[0]


def test_a_file_in_place_of_a_folder_is_a_note(tmp_path):
    _models, notes = found(write(tmp_path / "file"))
    assert len(notes) == 1


def test_a_search_that_would_not_end_stops_and_says_so(tmp_path):
    for number in range(30):
        write(tmp_path / f"d{number:02d}/M{number}-Q8_0.gguf")
    models, notes = found(tmp_path, entries=40)
    assert 0 < len(models) < 30
    assert "stopped" in notes[0]


def test_depth_has_an_end(tmp_path):
    write(tmp_path / "/".join("abcdef") / "M-Q8_0.gguf")
    assert not found(tmp_path, depth=3)[0]
    assert found(tmp_path, depth=6)[0]


def test_time_has_an_end(tmp_path):
    write(tmp_path / "M-Q8_0.gguf")
    ticks = iter(range(0, 10_000, 100))
    _models, notes = scan([Folder(place="folder", path=str(tmp_path))], Limits(), lambda: next(ticks))
    assert "stopped" in notes[0]


def test_sawhorse_and_lm_studio_keep_models_by_owner_and_name(tmp_path):
    write(tmp_path / "Qwen/Qwen3-GGUF/Q8_0/M-Q8_0.gguf")
    for place in ("sawhorse", "lmstudio"):
        (model,), _notes = found(tmp_path, place)
        assert (model.place, model.repository) == (place, "Qwen/Qwen3-GGUF")
    (model,), _notes = found(tmp_path, "folder")
    assert model.repository == ""


def test_a_verified_download_tells_its_repository_and_hash_while_it_is_unchanged(tmp_path):
    path = write(tmp_path / "M-Q8_0.gguf")
    about = {"repository": "o/r", "sha256": SHA, "size_bytes": 8, "mtime_ns": path.stat().st_mtime_ns}
    write(tmp_path / ".M-Q8_0.gguf.sawhorse.json", json.dumps(about).encode())
    (model,), _notes = found(tmp_path)
    assert (model.repository, model.sha256) == ("o/r", (SHA,))
    os.utime(path, (1, 1))
    (model,), _notes = found(tmp_path)
    assert (model.repository, model.sha256) == ("o/r", ("",))


def test_llama_cpp_notes_where_a_file_came_from(tmp_path):
    write(tmp_path / "o_r_M-Q8_0.gguf")
    url = "https://huggingface.co/o/r/resolve/main/M-Q8_0.gguf"
    write(tmp_path / "o_r_M-Q8_0.gguf.json", json.dumps({"etag": "x", "url": url}).encode())
    (model,), _notes = found(tmp_path, "llama.cpp")
    assert model.repository == "o/r"


@pytest.mark.parametrize("note", [b"", b"{", b'{"url": 7}', b'{"url": "https://evil.example/"}', b"[]"], ids=ascii)
def test_notes_of_nonsense_tell_nothing(tmp_path, note):
    write(tmp_path / "M-Q8_0.gguf")
    write(tmp_path / "M-Q8_0.gguf.json", note)
    write(tmp_path / ".M-Q8_0.gguf.sawhorse.json", note)
    (model,), _notes = found(tmp_path)
    assert (model.repository, model.sha256) == ("", ("",))


# --- other programs' places -------------------------------------------------------------------------------


def test_the_hugging_face_cache_is_read_through_its_links(tmp_path):
    snapshot = tmp_path / "models--Qwen--Qwen3-Coder-Next-GGUF/snapshots/abc/Q8_0"
    blobs = tmp_path / "models--Qwen--Qwen3-Coder-Next-GGUF/blobs"
    snapshot.mkdir(parents=True)
    for number in (1, 2):
        write(blobs / f"{number:064x}", GGUF * number)
        (snapshot / f"M-Q8_0-{number:05d}-of-00002.gguf").symlink_to(f"../../../blobs/{number:064x}")
    (model,), _notes = found(tmp_path, "huggingface")
    assert summary([model]) == [("M", "Q8_0", 24, "Qwen/Qwen3-Coder-Next-GGUF")]
    assert model.file_sizes == (8, 16)
    assert model.sha256 == (f"{1:064x}", f"{2:064x}")


def ollama(root, name, layers, config=None):
    """Write a model as Ollama keeps it."""
    described = [layer | {"digest": f"sha256:{index:064x}"} for index, layer in enumerate(layers)]
    for index in range(len(layers)):
        write(root / "blobs" / f"sha256-{index:064x}", GGUF * 10)
    manifest = {"layers": described}
    if config is not None:
        write(root / "blobs" / f"sha256-{99:064x}", json.dumps(config).encode())
        manifest["config"] = {"digest": f"sha256:{99:064x}"}
    write(root / "manifests" / name, json.dumps(manifest).encode())


MODEL = {"mediaType": "application/vnd.ollama.image.model"}


def test_ollama_names_its_blobs_in_manifests(tmp_path):
    parts = [MODEL, {"mediaType": "application/vnd.ollama.image.template"}]
    ollama(tmp_path, "registry.ollama.ai/library/qwen2.5-coder/7b", parts, {"file_type": "Q4_K_M"})
    (model,), notes = found(tmp_path, "ollama")
    assert summary([model]) == [("qwen2.5-coder:7b", "Q4_K_M", 80, "")]
    assert model.path.endswith(f"sha256-{0:064x}")
    assert not notes


def test_ollama_tells_the_repository_of_what_came_from_hugging_face(tmp_path):
    ollama(tmp_path, "hf.co/unsloth/X-GGUF/Q4_K_M", [MODEL])
    (model,), _notes = found(tmp_path, "ollama")
    assert (model.name, model.quantization, model.repository) == ("unsloth/X-GGUF:Q4_K_M", "Q4_K_M", "unsloth/X-GGUF")


def test_what_ollama_keeps_in_pieces_or_has_lost_is_a_note(tmp_path):
    ollama(tmp_path, "registry.ollama.ai/library/large/latest", [MODEL, MODEL])
    write(tmp_path / "manifests/registry.ollama.ai/library/lost/latest", json.dumps(
        {"layers": [MODEL | {"digest": f"sha256:{7:064x}"}]}).encode())  # fmt: skip
    models, notes = found(tmp_path, "ollama")
    assert not models
    assert any("2 pieces" in note for note in notes)
    assert any("lost:latest" in note for note in notes)


@pytest.mark.parametrize(
    "manifest",
    [b"", b"\xff", b"[]", b"{", b'{"layers": {}}', b'{"layers": [1, {"mediaType": 3}]}', b"[" * 100_000,
     json.dumps({"layers": [MODEL | {"digest": "sha256:../../../etc/passwd"}]}).encode()],
    ids=ascii,
)  # fmt: skip
def test_manifests_of_nonsense_are_survived(tmp_path, manifest):
    write(tmp_path / "manifests/registry.ollama.ai/library/x/latest", manifest)
    write(tmp_path / "models.json", manifest)
    assert found(tmp_path, "ollama") == ((), ())
    assert found(tmp_path, "docker") == ((), ())


def docker(root, count, *, has_run):
    layers = [
        {"mediaType": "application/vnd.docker.ai.gguf.v3", "size": 8, "digest": f"sha256:{index:064x}"}
        for index in range(count)
    ]
    for index in range(count):
        write(root / f"blobs/sha256/{index:064x}")
    write(root / f"manifests/sha256/{99:064x}", json.dumps({"layers": layers}).encode())
    entry = {"id": f"sha256:{99:064x}", "tags": ["ai/qwen3-coder-next:80B-Q4_K_M"], "files": []}
    write(root / "models.json", json.dumps({"models": [entry]}).encode())
    names = ["model.gguf"] if count == 1 else [f"model-{n:05d}-of-{count:05d}.gguf" for n in range(1, count + 1)]
    for name in names if has_run else ():
        write(root / f"bundles/sha256/{99:064x}/model/{name}")


def test_docker_model_runner_keeps_one_file_as_a_blob(tmp_path):
    docker(tmp_path, 1, has_run=False)
    (model,), _notes = found(tmp_path, "docker")
    assert summary([model]) == [("ai/qwen3-coder-next:80B-Q4_K_M", "Q4_K_M", 8, "ai/qwen3-coder-next")]


def test_shards_of_docker_model_runner_load_from_its_bundle(tmp_path):
    docker(tmp_path, 3, has_run=True)
    (model,), _notes = found(tmp_path, "docker")
    assert len(model.files) == 3
    assert model.path.endswith("model-00001-of-00003.gguf")


def test_shards_without_a_bundle_are_a_note(tmp_path):
    docker(tmp_path, 3, has_run=False)
    models, notes = found(tmp_path, "docker")
    assert not models
    assert "3 pieces" in notes[0]


# --- where to look ----------------------------------------------------------------------------------------


def places(home, platform="linux", **environment):
    folders = known_places({name: str(value) for name, value in environment.items()}, home, platform)
    return [(folder.place, folder.path.removeprefix(f"{home}/")) for folder in folders]


def test_the_usual_places_are_known(tmp_path):
    usual = {
        ".cache/huggingface/hub": "huggingface",
        ".lmstudio/models": "lmstudio",
        ".cache/lm-studio/models": "lmstudio",
        ".ollama/models": "ollama",
        ".cache/llama.cpp": "llama.cpp",
        ".docker/models": "docker",
    }
    assert not [place for place in places(tmp_path) if place[1] in usual]
    for path in usual:
        (tmp_path / path).mkdir(parents=True)
    assert {path: place for place, path in places(tmp_path) if path in usual} == usual


def test_variables_and_settings_of_other_programs_are_followed(tmp_path):
    for name in ("hf/hub", "ollama", "llama", "docker", "lms", "studio/models"):
        (tmp_path / name).mkdir(parents=True)
    write(tmp_path / ".lmstudio/settings.json", json.dumps({"downloadsFolder": str(tmp_path / "lms")}).encode())
    write(tmp_path / ".lmstudio-home-pointer", str(tmp_path / "studio").encode())
    there = places(
        tmp_path,
        HF_HOME=tmp_path / "hf",
        OLLAMA_MODELS=tmp_path / "ollama",
        LLAMA_CACHE=tmp_path / "llama",
        MODELS_PATH=tmp_path / "docker",
    )
    wanted = {
        ("huggingface", "hf/hub"),
        ("lmstudio", "lms"),
        ("lmstudio", "studio/models"),
        ("ollama", "ollama"),
        ("llama.cpp", "llama"),
        ("docker", "docker"),
    }
    assert wanted <= set(there)


def test_macos_keeps_its_caches_elsewhere(tmp_path):
    (tmp_path / "Library/Caches/llama.cpp").mkdir(parents=True)
    assert ("llama.cpp", "Library/Caches/llama.cpp") in places(tmp_path, "darwin")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_place_that_another_leads_to_is_looked_at_once(tmp_path):
    (tmp_path / ".ollama/models").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / ".ollama/models")
    there = places(tmp_path, "darwin", OLLAMA_MODELS=tmp_path / "link")
    assert [place for place, _path in there if place == "ollama"] == ["ollama"]
