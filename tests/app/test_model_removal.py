"""Deleting a downloaded model: its files and what lies beside them, and nothing else."""

from __future__ import annotations

import pytest

from app.catalog.removal import FilesRemoved, RemoveFiles, answer, remove_files
from app.errors import AppError


@pytest.fixture
def root(tmp_path):
    """A folder of models with two variants of one repository."""
    folder = tmp_path / "models" / "acme" / "tiny"
    folder.mkdir(parents=True)
    for name in ("tiny-Q4_0.gguf", "tiny-Q8_0.gguf", ".tiny-Q4_0.gguf.sawhorse.json", "tiny-Q4_0.gguf.sawhorse-part"):
        (folder / name).write_bytes(b"x" * 10)
    return tmp_path / "models"


def names(root):
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def test_the_files_and_what_was_kept_beside_them_are_deleted(root):
    file = root / "acme" / "tiny" / "tiny-Q4_0.gguf"
    assert remove_files(root, (file,)) == 10
    assert names(root) == ["tiny-Q8_0.gguf"]


def test_folders_that_are_empty_then_go_up_to_the_root(root):
    folder = root / "acme" / "tiny"
    remove_files(root, (folder / "tiny-Q4_0.gguf", folder / "tiny-Q8_0.gguf"))
    assert list(root.iterdir()) == []
    assert root.is_dir()


def test_a_file_elsewhere_is_refused_and_nothing_is_deleted(root, tmp_path):
    outside = tmp_path / "mine.gguf"
    outside.write_bytes(b"mine")
    with pytest.raises(AppError, match="is not in"):
        remove_files(root, (root / "acme" / "tiny" / "tiny-Q4_0.gguf", outside))
    assert outside.exists()
    assert "tiny-Q4_0.gguf" in names(root)


def test_a_way_out_of_the_folder_is_refused(root, tmp_path):
    (tmp_path / "mine.gguf").write_bytes(b"mine")
    with pytest.raises(AppError):
        remove_files(root, (root / "acme" / ".." / ".." / "mine.gguf",))
    assert (tmp_path / "mine.gguf").exists()


def test_a_folder_that_leads_elsewhere_is_refused(root, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.gguf").write_bytes(b"mine")
    (root / "link").symlink_to(elsewhere)
    with pytest.raises(AppError):
        remove_files(root, (root / "link" / "mine.gguf",))
    assert (elsewhere / "mine.gguf").exists()


def test_what_is_gone_already_is_no_failure(root):
    assert remove_files(root, (root / "acme" / "gone.gguf",)) == 0


def test_names_with_wildcards_delete_only_themselves(root):
    folder = root / "acme" / "tiny"
    (folder / "[ab].gguf").write_bytes(b"12345")
    (folder / "a.gguf.sawhorse-part").write_bytes(b"keep")
    assert remove_files(root, (folder / "[ab].gguf",)) == 5
    assert "a.gguf.sawhorse-part" in names(root)


def test_the_child_answers_with_what_is_free_again(root):
    command = RemoveFiles(root=str(root), files=(str(root / "acme" / "tiny" / "tiny-Q8_0.gguf"),))
    assert answer(command, lambda _event: None) == FilesRemoved(freed_bytes=10)
