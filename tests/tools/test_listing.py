"""Listing and finding files, and the tools as a set."""

from __future__ import annotations

import os

import jsonschema
import pytest

from app.tools import ask_user, glob, list_dir, todo
from app.tools.builtin import BUILTIN, SPECS
from app.tools.context import MAX_RESULT_CHARACTERS, ToolError
from app.tools.globbing import compile_glob
from tests.tools.harness import Bench


def test_a_folder_is_listed_with_sizes_links_and_what_is_left_out(bench: Bench) -> None:
    bench.put({"src/a.py": "x" * 1200, "b": "", ".gitignore": "build\n", "build/x": "", ".git/HEAD": ""})
    (bench.root / "link").symlink_to("src")
    os.mkfifo(bench.root / "pipe")
    result = bench.run(list_dir.run, depth=2)
    assert result.content.splitlines() == [
        "./: 5 files, 1 folder, 2 ignored", ".gitignore 6 B", "b 0 B", "link -> src", "pipe (not a file)", "src/",
        "  a.py 1.2 kB",
    ]  # fmt: skip
    assert [(entry.path, entry.kind, entry.size_bytes) for entry in result.view.entries] == [
        (".gitignore", "file", 6), ("b", "file", 0), ("link", "link", -1), ("pipe", "other", -1), ("src", "folder", -1),
        ("src/a.py", "file", 1200),
    ]  # fmt: skip


def test_a_rule_that_cannot_be_read_is_passed_over(bench: Bench) -> None:
    bench.put({"a.log": "", "b": "", ".gitignore": "[z-a]\n!\n*.log\n"})
    listed = bench.run(list_dir.run).content.splitlines()
    assert listed == ["./: 2 files, 0 folders, 1 ignored", ".gitignore 14 B", "b 0 B"]


def test_everything_is_listed_when_asked_for(bench: Bench) -> None:
    bench.put({".gitignore": "build\n", "build/x": "", ".git/HEAD": ""})
    assert "build/" in bench.run(list_dir.run, all=True).content
    assert "x 0 B" in bench.run(list_dir.run, path="build").content


def test_a_large_folder_lists_its_upper_levels_first(bench: Bench) -> None:
    bench.put({f"a/{'n' * 100}{number}": "" for number in range(600)} | {"z/last": ""})
    result = bench.run(list_dir.run, depth=2)
    assert "z/" in result.content.splitlines()
    assert len(result.content) <= MAX_RESULT_CHARACTERS
    assert "more entries not listed" in result.content
    assert result.view.total == 603


def test_a_listing_ends_where_links_go_round(bench: Bench) -> None:
    bench.put({"d/a": ""})
    (bench.root / "d/loop").symlink_to("..")
    assert bench.run(list_dir.run, depth=10).content.splitlines()[1:] == ["d/", "  a 0 B", "  loop -> .."]


@pytest.mark.parametrize(("path", "words"), [("x", "no folder x"), ("a", "not a folder"), ("..", "outside")])
def test_a_folder_that_is_none_says_so(bench: Bench, path: str, words: str) -> None:
    bench.put({"a": ""})
    for tool in (list_dir.run, glob.run):
        with pytest.raises(ToolError, match=words):
            bench.run(tool, path=path, pattern="*")


def test_files_are_found_newest_first(bench: Bench) -> None:
    bench.put({"old.py": "", "src/new.py": "", "src/b.txt": "", "build/x.py": "", ".gitignore": "build/"})
    os.utime(bench.root / "old.py", (1, 1))
    assert bench.run(glob.run, pattern="**/*.py").content == "src/new.py\nold.py"
    assert bench.run(glob.run, pattern="*.py", path="src").content == "src/new.py"
    assert bench.run(glob.run, pattern="*.rs").content == "No file matches."


def test_many_files_are_cut_and_counted(bench: Bench) -> None:
    bench.put({f"{number}.py": "" for number in range(250)})
    result = bench.run(glob.run, pattern="*.py")
    assert result.content.endswith("(50 older files not listed; use a narrower pattern)")
    assert (len(result.view.entries), result.view.total) == (200, 250)


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.py", ["a.py", "src/deep/a.py", ".py"], ["a.pyc", "a.py/b"]),
        ("src/*.py", ["src/a.py"], ["src/x/a.py", "a.py"]),
        ("src/**", ["src/a", "src/x/a.py"], ["src", "a/src/b"]),
        ("**/test_*.py", ["test_a.py", "x/y/test_.py"], ["x/atest_.py"]),
        ("src/**/b", ["src/b", "src/x/y/b"], ["src/xb", "b"]),
        ("*.{js,ts}", ["a.js", "x/b.ts"], ["a.jts", "a.{js,ts}"]),
        ("{a,b{c,d}}/x", ["a/x", "bc/x", "bd/x"], ["b/x"]),
        ("[!a-c]?", ["dx", "x/é1"], ["ax", "d"]),
        ("a[]]", ["a]"], ["a"]),
        ("[a^b]", ["^", "a"], ["c"]),
        ("a*b*c*d", ["abcd", "a1b2c3d", "abcdcd"], ["abc", "abdc"]),
        (r"\*", ["*"], ["a"]),
        ("[*]x", ["*x"], ["ax"]),
        ("a**b", ["ab", "axb"], ["a/b"]),
        ("./src/a", ["src/a"], ["x/src/a"]),
        ("/a", ["a"], ["b/a"]),
        ("a[", ["a["], ["a"]),
    ],
)
def test_patterns_match_as_ripgrep_matches_them(pattern: str, matching: list[str], others: list[str]) -> None:
    matches = compile_glob(pattern)
    assert [path for path in matching if not matches(path)] == []
    assert [path for path in others if matches(path)] == []


@pytest.mark.parametrize("pattern", ["", "/", "[z-a]", "**/" * 5 + "a", "{a,b}" * 7])
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ToolError):
        compile_glob(pattern)


def test_a_pattern_of_many_stars_is_decided_at_once() -> None:
    assert not compile_glob("*a" * 40 + "b")("a" * 250)


def test_the_list_of_things_to_do_is_taken_whole(bench: Bench) -> None:
    items = [{"text": "read", "state": "done"}, {"text": "write", "state": "in_progress"}]
    result = bench.run(todo.run, items=items)
    assert result.content == "Noted: 1 done, 1 in progress, 0 pending."
    assert [(item.text, item.state) for item in result.view.items] == [("read", "done"), ("write", "in_progress")]
    assert bench.run(todo.run, items=[]).content == "The list is empty."
    for item in ({"text": " ", "state": "done"}, {"text": "x", "state": "maybe"}):
        with pytest.raises(ToolError):
            bench.run(todo.run, items=[item])


def test_a_question_is_not_answered_by_the_tool(bench: Bench) -> None:
    with pytest.raises(ToolError):
        bench.run(ask_user.run, question="?")


def test_every_tool_has_a_valid_schema_a_short_description_and_its_own_name() -> None:
    names = [spec.name for spec in SPECS]
    assert names == [
        "read_file", "write_file", "edit_file", "list_dir", "glob", "search", "run_command", "run_python", "todo_write",
        "ask_user",
    ]  # fmt: skip
    for spec, _ in BUILTIN:
        jsonschema.Draft202012Validator.check_schema(spec.parameters)
        assert len(spec.description) <= 250
        assert spec.main_argument in {"", *spec.parameters["properties"]}
        if "path" in spec.parameters["properties"] and spec.name != "glob":
            assert next(iter(spec.parameters["properties"])) == "path"
