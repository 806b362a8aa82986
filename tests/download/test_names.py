"""A repository chooses its files' names; none leads out of the folder or is written at all if it is not safe."""

import sys
from pathlib import Path

import msgspec
import pytest

from app.catalog.variants import RemoteFile, Variant
from app.download.errors import DownloadError
from app.download.names import make_folders, model_folder, safe_parts, targets
from tests.download.harness import names_below, task_for

EVIL = [
    "../evil.gguf",
    "a/../../evil.gguf",
    "/evil.gguf",
    "a//evil.gguf",
    "./evil.gguf",
    "",
    ".",
    "a/",
    "C:\\evil.gguf",
    "C:evil.gguf",
    "\\\\server\\share\\evil.gguf",
    "a\\..\\evil.gguf",
    "evil\0.gguf",
    "evil\n.gguf",
    "evil\x1b[2J.gguf",
    "evil\udcff.gguf",
    "CON",
    "con.gguf",
    "LPT1.gguf",
    "a/NUL .gguf",
    "com\u00b9.gguf",
    "evil.gguf.",
    "evil.gguf ",
    " evil.gguf",
    "evil.gguf:stream",
    "evil?.gguf",
    "x" * 300 + ".gguf",
    "evil.gguf.sawhorse-part",
    "evil.gguf.sawhorse-journal",
    ".evil.gguf.sawhorse.json",
]


def variant(*names):
    files = tuple(RemoteFile(name=name, url="http://127.0.0.1:1/x", size_bytes=1, sha256="0" * 64) for name in names)
    return Variant(source="huggingface", repository="a/b", revision="r", quantization="Q4", files=files)


@pytest.mark.parametrize("name", EVIL, ids=ascii)
def test_a_name_that_could_lead_elsewhere_is_refused_before_anything_is_written(name, tmp_path):
    inner = tmp_path / "models" / "a" / "b"
    with pytest.raises(DownloadError) as caught:
        task_for(variant(name), inner).run()
    assert caught.value.code == "name"
    assert caught.value.message.isprintable()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["model-Q4_K_M.gguf", "Q8_0/m-00001-of-00003.gguf", "a b/Модель.gguf", "模型.gguf", "...x.gguf"]
)
def test_the_names_of_honest_repositories_are_kept(name):
    assert "/".join(safe_parts(name)) == name


@pytest.mark.parametrize("name", ["..", "a/../b", "/a/b", "a/b\\c", "a/.."])
def test_a_repository_cannot_choose_a_folder_outside_of_the_models(name, tmp_path):
    with pytest.raises(DownloadError):
        model_folder(tmp_path, msgspec.structs.replace(variant("x.gguf"), repository=name))


def test_a_model_lies_below_its_owner_and_name(tmp_path):
    assert model_folder(tmp_path, variant("x.gguf")) == tmp_path / "a" / "b"


def test_names_that_differ_only_in_case_are_refused():
    with pytest.raises(DownloadError):
        targets(Path("x"), variant("a.gguf", "A.gguf"))


def test_shards_in_several_folders_are_refused(tmp_path):
    with pytest.raises(DownloadError, match="llama"):
        targets(tmp_path, variant("a/m-00001-of-00002.gguf", "b/m-00002-of-00002.gguf"))


def test_nothing_to_download_is_said(tmp_path):
    with pytest.raises(DownloadError):
        targets(tmp_path, variant())


def test_what_is_not_finished_has_no_name_of_a_model(tmp_path):
    (target,) = targets(tmp_path, variant("m.gguf"))
    for path in (target.part, target.journal, target.manifest):
        assert path.suffix != ".gguf"
        assert path.parent == target.final.parent


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
@pytest.mark.parametrize("where", ["folder", "part", "final", "journal", "manifest"])
def test_a_link_in_the_way_is_not_followed(where, tmp_path):
    folder, outside = tmp_path / "models", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (target,) = targets(folder, variant("Q4/m.gguf"))
    if where == "folder":
        (folder / "Q4").symlink_to(outside)
    else:
        (folder / "Q4").mkdir()
        getattr(target, where).symlink_to(outside / "x")
    with pytest.raises(DownloadError):
        make_folders(folder, target)
    assert names_below(outside) == []
