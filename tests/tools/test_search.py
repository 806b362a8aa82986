"""Searching: what it finds, with ripgrep and without, and that it always ends."""

from __future__ import annotations

import random
import shutil

import pytest

from app.tools import search, search_ripgrep
from app.tools.context import ToolError
from app.tools.search_query import Query
from app.tools.tool import ToolResult
from tests.tools.harness import Bench

HAS_RIPGREP = shutil.which("rg") is not None
needs_ripgrep = pytest.mark.skipif(not HAS_RIPGREP, reason="there is no ripgrep")


@pytest.fixture(params=["ripgrep", "python"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "ripgrep" and not HAS_RIPGREP:
        pytest.skip("there is no ripgrep")
    if request.param == "python":
        monkeypatch.setattr(shutil, "which", lambda _: None)
    return str(request.param)


def find(bench: Bench, **arguments: object) -> ToolResult:
    return bench.run(search.run, **arguments)


def test_a_search_names_files_lines_and_the_characters_that_match(bench: Bench, engine: str) -> None:
    bench.put({"src/a.py": "import os\ndéf = os.name\n", "b.txt": "nothing\n"})
    result = find(bench, pattern=r"os\b")
    assert result.content == "2 matching lines in 1 file.\nsrc/a.py\n1: import os\n2: déf = os.name"
    assert [(match.path, match.line, match.spans) for match in result.view.matches] == [
        ("src/a.py", 1, ((7, 9),)),
        ("src/a.py", 2, ((6, 8),)),
    ]
    assert bool(bench.sandbox.started) == (engine == "ripgrep")


def test_context_lines_are_told_apart_from_matches(bench: Bench, engine: str) -> None:
    bench.put({"a": "1\n2\nhit\n4\n5\n6\n7\n8\nhit\n"})
    content = find(bench, pattern="hit", context=1).content
    assert content == "2 matching lines in 1 file.\na\n2- 2\n3: hit\n4- 4\n--\n8- 8\n9: hit"


def test_a_literal_search_takes_no_character_as_special(bench: Bench, engine: str) -> None:
    bench.put({"a": "f(x) {\nfx\n"})
    assert find(bench, pattern="f(x) {", literal=True).view.total == 1


def test_ignored_binary_and_git_files_are_left_out_and_hidden_ones_are_not(bench: Bench, engine: str) -> None:
    bench.put(
        {
            ".gitignore": "build/\n*.log\n",
            "build/a": "hit",
            "x.log": "hit",
            ".git/config": "hit",
            "binary": b"hit\n" + b"\0" * 10,
            ".hidden": "hit",
            "sub/.gitignore": "*.tmp\n!keep.log\n",
            "sub/keep.log": "hit",
            "sub/x.tmp": "hit",
        }
    )
    assert [match.path for match in find(bench, pattern="hit").view.matches] == [".hidden", "sub/keep.log"]


def test_an_ignored_folder_is_searched_when_asked_for_by_name(bench: Bench, engine: str) -> None:
    bench.put({".gitignore": "build/\n*.log\n", "build/a": "hit", "build/b.log": "hit", "x.log": "hit"})
    assert [match.path for match in find(bench, pattern="hit", path="build").view.matches] == [
        "build/a",
        "build/b.log",
    ]
    assert find(bench, pattern="hit", path="x.log").view.total == 1


def test_rules_above_a_folder_hold_in_it(bench: Bench, engine: str) -> None:
    bench.put({".gitignore": "*.log\n/a/b/secret\n", "a/b/x.log": "hit", "a/b/secret": "hit", "a/b/c": "hit"})
    bench.put({"a/.gitignore": "/b/d\n", "a/b/d": "hit", "a/other": "hit", "odd [name]{x}": "hit"})
    assert [match.path for match in find(bench, pattern="hit", path="a/b").view.matches] == ["a/b/c"]


def test_a_glob_limits_the_files_and_brings_no_ignored_ones_back(bench: Bench, engine: str) -> None:
    bench.put({".gitignore": "gen/\n", "gen/a.py": "hit", "a.py": "hit", "b.js": "hit", "src/c.py": "hit"})
    assert [match.path for match in find(bench, pattern="hit", glob="*.py").view.matches] == ["a.py", "src/c.py"]
    assert [match.path for match in find(bench, pattern="hit", glob="src/**").view.matches] == ["src/c.py"]
    assert [match.path for match in find(bench, pattern="hit", glob="*.{js,ts}").view.matches] == ["b.js"]


def test_links_are_not_followed_so_loops_and_ways_out_end(bench: Bench, engine: str, tmp_path_factory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text("hit")
    bench.put({"a": "hit"})
    (bench.root / "loop").symlink_to(".")
    (bench.root / "out").symlink_to(outside)
    (bench.root / "file").symlink_to(outside / "secret")
    assert [match.path for match in find(bench, pattern="hit").view.matches] == ["a"]
    with pytest.raises(ToolError, match="outside the workspace"):
        find(bench, pattern="hit", path="out")


def test_names_that_are_no_text_are_searched_and_shown(bench: Bench, engine: str) -> None:
    bench.put({"caf\udce9/\udcff": "hit", ".gitignore": "x\n"})
    for path in ("", r"caf\xe9", r"caf\xe9/\xff"):
        assert [match.path for match in find(bench, pattern="hit", path=path).view.matches] == [r"caf\xe9/\xff"]


def test_what_ripgrep_cannot_do_python_does(bench: Bench) -> None:
    bench.put({"a": "foobar\nfoo\n"})
    assert [match.line for match in find(bench, pattern="foo(?!bar)").view.matches] == [2]


def test_an_expression_that_would_take_for_ever_is_stopped(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    bench.put({"a": "a" * 40 + "b\n"})
    bench.time_limit_s = 1.0
    assert "stopped: it took more than 1 s" in find(bench, pattern="(a+)+$").content


def test_a_cancelled_search_ends_with_what_it_has(bench: Bench, engine: str) -> None:
    bench.put({"a": "hit\n"})
    bench.is_cancelled = lambda: True
    assert "stopped: it was cancelled" in find(bench, pattern="(a+)+$").content


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"pattern": ""}, "empty"),
        ({"pattern": "a\nb"}, "line by line"),
        ({"pattern": "a", "path": "missing"}, "no file or folder"),
        ({"pattern": "a", "path": "../x"}, "outside"),
        ({"pattern": "a", "glob": "[z-a]"}, "no set of characters"),
        ({"pattern": "("}, "no regular expression"),
    ],
)
def test_a_search_that_cannot_be_done_says_why(bench: Bench, engine: str, arguments: dict, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        find(bench, **arguments)


def test_many_and_long_matches_are_cut_and_counted(bench: Bench, engine: str) -> None:
    bench.put({"many": "hit\n" * 5000, "wide": "x" * 100_000 + "hit" + "y" * 100_000})
    result = find(bench, pattern="hit")
    assert len(result.content) <= 32_000
    assert result.content.startswith("5,001 matching lines in 2 files, the first 300 listed")
    wide = find(bench, pattern="hit", path="wide").view.matches[0]
    assert wide.text[slice(*wide.spans[0])] == "hit"
    assert len(wide.text) < 500


WORDS = ["foo", "bar_1", "Foo", "naïve", "éclair", "x.y", "import os", "\t", "  end", "0x1F", "日本", "a-b"]
PATTERNS = [
    r"foo", r"\bfoo\b", r"[Ff]oo|bar", r"^\s+end$", r"\w+\.\w+", r"é", r"\d+", r"x\.y$", r"日.", r"(foo)\s(bar_1)",
    r"^$", r"o{2}", r"[^a-z\s]+", r"a-b",
]  # fmt: skip


def _random_tree(bench: Bench, rng: random.Random) -> None:
    folders = ["", "src/", "src/deep/", "build/", "docs/", "src/build/"]
    for _ in range(rng.randint(5, 25)):
        name = (
            rng.choice(folders) + rng.choice(["a", "b", "c", ".h", "x y", "ü"]) + rng.choice([".py", ".log", ".md", ""])
        )
        end = rng.choice(["\n", "\n", "\r\n"])
        text = end.join(" ".join(rng.choices(WORDS, k=rng.randint(0, 4))) for _ in range(rng.randint(0, 12)))
        encoding = rng.choice(["utf-8", "utf-8", "utf-8", "utf-16", "utf-8-sig"])
        data = text.encode(encoding) + (b"\0\1" if rng.random() < 0.1 else b"")
        if not (bench.root / name).exists():
            bench.put({name: data})
    rules = ["build/", "*.log", "!src/a.log", "/docs", "src/**/b.py", "*.md", "!c.md", "# note", "", "deep/x*"]
    for folder in rng.sample(["", "src/", "src/deep/"], k=rng.randint(0, 3)):
        bench.put({f"{folder}.gitignore": "\n".join(rng.sample(rules, k=rng.randint(1, 4)))})


@needs_ripgrep
@pytest.mark.parametrize("seed", range(12))
def test_ripgrep_and_python_find_the_same(bench: Bench, seed: int) -> None:
    rng = random.Random(seed)
    _random_tree(bench, rng)
    bases = [(), *((name,) for name in ("src", "build") if (bench.root / name).is_dir())]
    queries = [
        Query(
            pattern=pattern,
            base=rng.choice(bases),
            glob=rng.choice(["", "", "*.py", "src/**", "**/*.{md,py}"]),
            ignore_case=rng.random() < 0.3,
            context=rng.choice([0, 0, 2]),
        )
        for pattern in PATTERNS
    ]
    for query in queries:
        with_ripgrep = search_ripgrep.search(query, bench.context(), 20)
        in_python = search.search_in_python(query, bench.context(), 20)
        assert set(with_ripgrep.lines) ^ set(in_python.lines) == set(), query
        assert with_ripgrep == in_python
