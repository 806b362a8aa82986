"""Which file a block of code is meant for: as models write it, and never one outside of the open folder."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conversations.blocks import split_blocks
from app.files.block_source import BlockSource
from app.files.block_target import OutsideError, find_named_file, place_in, without_label
from app.files.fence_info import read_info


def first_block(reply):
    block = next(block for block in split_blocks(reply) if block.kind == "code")
    return BlockSource(block.text, block.language, block.info, block.lead)


def name_in(reply):
    named = find_named_file(first_block(reply))
    return named.name if named is not None else None


@pytest.mark.parametrize(
    ("info", "language", "path"),
    [
        ("python", "python", ""),
        ("python src/app.py", "python", "src/app.py"),
        ("python:src/app.py", "python", "src/app.py"),
        ("src/app.py", "python", "src/app.py"),
        ("12:30:src/app.py", "python", "src/app.py"),
        ("12-30:src/app.py", "python", "src/app.py"),
        ('python title="src/app.py"', "python", "src/app.py"),
        ("ts filename=src/a.ts", "ts", "src/a.ts"),
        ("jsx {file: 'src/a.jsx'}", "jsx", "src/a.jsx"),
        ("python (src/app.py)", "python", "src/app.py"),
        ("python # src/app.py", "python", "src/app.py"),
        ("{.python filename='a b/x.py'}", "python", "a b/x.py"),
        ("rust,no_run", "rust", ""),
        ("Makefile", "make", "Makefile"),
        ("Dockerfile", "dockerfile", "Dockerfile"),
        ("c++", "c++", ""),
        ("vb.net", "vb.net", ""),
        ("python {1,3-4}", "python", ""),
        ("", "", ""),
    ],
)
def test_a_fence_says_its_language_and_its_file(info, language, path):
    said = read_info(info)
    assert (said.language, said.path) == (language, path)


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ("```python\n# src/app.py\nx = 1\n```", "src/app.py"),
        ("```python\n# File: src/app.py (new)\nx = 1\n```", "src/app.py"),
        ("```ts\n// src/a.ts\nlet x;\n```", "src/a.ts"),
        ("```html\n<!-- index.html -->\n<p>\n```", "index.html"),
        ("```css\n/* main.css */\np {}\n```", "main.css"),
        ("```sh\n#!/bin/sh\n# run.sh\nls\n```", "run.sh"),
        ("```sql\n-- schema.sql\nselect 1;\n```", "schema.sql"),
        ("**src/app.py**\n\n```python\nx\n```", "src/app.py"),
        ("### `src/app.py`\n```python\nx\n```", "src/app.py"),
        ("In `src/app.py`, change the loop:\n\n```python\nx\n```", "src/app.py"),
        ("Create hello.py:\n\n```python\nx\n```", "hello.py"),
        ("1. Save this as `tools/run.py`:\n   ```python\n   x\n   ```", "tools/run.py"),
        ("Two steps.\n\nUpdate the `Makefile`:\n```make\nall:\n```", "Makefile"),
        ("```diff\n--- a/src/app.py\n+++ b/src/app.py\n@@ -1 +1 @@\n-x\n+y\n```", "src/app.py"),
        ("```diff\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+y\n```", "new.py"),
    ],
)
def test_a_block_names_its_file(reply, name):
    assert name_in(reply) == name


@pytest.mark.parametrize(
    "reply",
    [
        "```python\n# Load the file\nx = 1\n```",
        "```python\n# see https://example.com/a.py\nx = 1\n```",
        "Run `python hello.py`:\n\n```bash\npython hello.py\n```",
        "Run hello.py:\n\n```bash\npython hello.py\n```",
        "Running `hello.py` prints:\n\n```\nhi\n```",
        "We use Node.js here:\n\n```js\nx\n```",
        "Move it from `a.py` to `b.py`:\n\n```python\nx\n```",
        "`src/app.py` is long.\n\nIt was.\n\nNow this:\n\n```python\nx\n```",
        "```diff\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-x\n+y\n```",
        "Call `os.path`:\n\n```python\nx\n```",
    ],
)
def test_a_block_that_names_none_or_several_names_none(reply):
    assert name_in(reply) is None


def test_the_line_that_only_names_the_file_is_no_part_of_it():
    source = first_block("```python\n# src/app.py\n\nx = 1\n```")
    assert without_label(source, find_named_file(source)) == "x = 1"
    script = first_block("```sh\n#!/bin/sh\n# run.sh\nls\n```")
    assert without_label(script, find_named_file(script)) == "#!/bin/sh\nls"
    plain = first_block("```python\nx = 1\n```")
    assert without_label(plain, find_named_file(plain)) == "x = 1"


# --- where that is ------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    (project / "src/app.py").write_text("x")
    (tmp_path / "outside.py").write_text("x")
    return project


@pytest.mark.parametrize("name", ["src/app.py", "./src/app.py", "src//app.py", "src\\app.py"])
def test_a_file_below_the_folder_is_found(folder, name):
    file = place_in(str(folder), name)
    assert (file.path, file.shown, file.exists) == (str(folder / "src/app.py"), "src/app.py", True)


def test_a_file_with_the_folders_own_path_before_it_is_found(folder):
    assert place_in(str(folder), f"{folder}/src/app.py").shown == "src/app.py"


def test_a_file_that_is_not_there_can_be_made(folder):
    file = place_in(str(folder), "pkg/new.py")
    assert (file.shown, file.exists) == ("pkg/new.py", False)


def test_the_end_of_an_open_files_path_means_that_file(folder):
    open_paths = [str(folder / "src/app.py"), str(folder / "README.md")]
    assert place_in(str(folder), "app.py", open_paths).shown == "src/app.py"
    assert not place_in(str(folder), "app.py").exists


@pytest.mark.parametrize("name", ["../outside.py", "src/../../outside.py", "/etc/hosts.txt", "~/a.py", "C:\\a.py", "."])
def test_what_leads_out_of_the_folder_is_refused_in_words(folder, name):
    with pytest.raises(OutsideError, match=r"\w+"):
        place_in(str(folder), name)


def test_links_folders_and_other_things_are_refused(folder):
    (folder / "link.py").symlink_to(folder.parent / "outside.py")
    (folder / "linked").symlink_to(folder.parent)
    (folder / "pipe.py").parent.mkdir(exist_ok=True)
    os.mkfifo(folder / "pipe.py")
    for name, words in (("link.py", "link"), ("linked/outside.py", "link"), ("src", "not a file"), ("pipe.py", "not")):
        with pytest.raises(OutsideError, match=words):
            place_in(str(folder), name)


@given(st.text(max_size=40))
def test_no_name_leads_out_of_the_folder(name):
    try:
        file = place_in("/nonexistent/project", name)
    except OutsideError:
        return
    assert os.path.normpath(file.path).startswith("/nonexistent/project/")
