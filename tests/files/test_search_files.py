"""Search in files: what it finds, with ripgrep and without, and that it always ends."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.errors import AppError
from app.files import search_engines
from app.files.search_files import MAX_LINES, MAX_LINES_PER_FILE, FileHits, SearchEnd, SearchQuery
from app.files.search_lines import LineFinder, split_globs, wants_path
from app.files.search_messages import HitsFound, SearchFolder, SearchOver
from app.files.search_service import SearchService
from app.files.search_worker import answer
from app.ipc.popen_transport import PopenTransport
from tests.files.asking import pump_until

Find = Callable[..., tuple[dict[str, FileHits], SearchEnd]]


@pytest.fixture(params=["ripgrep", "python"])
def find(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Find:
    """Return what searches the test's folder, by either engine."""
    if request.param == "ripgrep" and shutil.which("rg") is None:
        pytest.skip("there is no ripgrep")
    real, used = search_engines.find_in_python, []
    monkeypatch.setattr("app.files.search_worker.find_in_python", lambda *args: used.append(1) or real(*args))
    if request.param == "python":
        monkeypatch.setattr(shutil, "which", lambda _: None)

    def search(text: str, *, unsaved: dict[str, str] | None = None, falls_back: bool = False, **more: Any):
        found: dict[str, FileHits] = {}

        def take(event: HitsFound) -> None:
            for hits in event.files:
                assert hits.path not in found, "each file once"
                found[hits.path] = hits

        texts = {path: one.encode() for path, one in (unsaved or {}).items()}
        query = SearchQuery(folder=str(tmp_path), text=text, **more)
        over = answer(SearchFolder(query=query, unsaved=texts), take)
        assert isinstance(over, SearchOver)
        assert bool(used) == (request.param == "python" or falls_back)
        used.clear()
        return found, over.end

    return search


def put(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def lines(hits: FileHits) -> list[tuple[int, str, int, int]]:
    return [(line.number, line.text, line.column, line.length) for line in hits.lines]


def test_a_search_names_files_lines_and_places(tmp_path: Path, find: Find):
    put(tmp_path, {"src/a.py": "import os\ndéf = Os.name os\n", "b.txt": "nothing\n"})
    found, end = find("os")
    assert lines(found["src/a.py"]) == [(1, "import os", 8, 2), (2, "déf = Os.name os", 7, 2)]
    assert found["src/a.py"].lines[1].spans == ((6, 8), (14, 16))
    assert end == SearchEnd(files=1, lines=2)


def test_case_words_and_expressions_are_heeded_on_request(tmp_path: Path, find: Find):
    put(tmp_path, {"a": "Name\nname\nrename\nname_\nn.me\n"})
    assert [line[0] for line in lines(find("name", matches_case=True, is_whole_word=True)[0]["a"])] == [2]
    assert [line[0] for line in lines(find("n.me")[0]["a"])] == [5]
    assert [line[0] for line in lines(find("^n.me$", is_regex=True)[0]["a"])] == [1, 2, 5]
    found, _ = find(r"(?<=re)name", is_regex=True, falls_back=True)
    assert lines(found["a"]) == [(3, "rename", 3, 4)]


def test_globs_choose_files_and_folders(tmp_path: Path, find: Find):
    put(tmp_path, {"a.py": "x", "src/b.py": "x", "src/c.txt": "x", "src/deep/d.py": "x", "test/e.py": "x"})
    assert set(find("x", include="*.py", exclude="test")[0]) == {"a.py", "src/b.py", "src/deep/d.py"}
    assert set(find("x", include="src/*.py, *.txt")[0]) == {"src/b.py", "src/c.txt"}
    assert set(find("x", include="src/**", exclude="**/d.*")[0]) == {"src/b.py", "src/c.txt"}
    assert set(find("x", include="{src,test}")[0]) == {"src/b.py", "src/c.txt", "src/deep/d.py", "test/e.py"}


def test_ignored_and_binary_files_are_left_out_and_hidden_ones_are_not(tmp_path: Path, find: Find):
    put(
        tmp_path,
        {".gitignore": "build/\n*.log\n", "build/a": "x", "b.log": "x", ".git/c": "x", ".hidden": "x", "d": b"x\0\0"},
    )
    assert set(find("x")[0]) == {".hidden"}
    assert set(find("x", include="*.log")[0]) == set()


def test_texts_that_are_open_are_searched_as_they_are_there(tmp_path: Path, find: Find):
    put(tmp_path, {"a": "old\n", "b": "old\n"})
    unsaved = {str(tmp_path / "a"): "one\nnew\n", str(tmp_path.parent / "other"): "new", str(tmp_path / "c"): "new"}
    found, _ = find("new", unsaved=unsaved)
    assert {path: (lines(hits)[0][0], hits.is_unsaved) for path, hits in found.items()} == {
        "a": (2, True),
        "c": (1, True),
    }
    assert set(find("old", unsaved=unsaved)[0]) == {"b"}


@pytest.mark.parametrize(
    ("data", "number", "column"),
    [
        (b"\xff\xfe" + "é\r\nö x\r\n".encode("utf-16-le"), 2, 3),
        ("# Привет, мир\n# это проверка x\n".encode("cp1251"), 2, 16),
        (b"a\rb\rc x\r", 3, 3),
        ("\u2028é x".encode(), 1, 4),
    ],
)
def test_places_are_those_of_the_text_in_the_editor(tmp_path: Path, find: Find, data: bytes, number: int, column: int):
    put(tmp_path, {"a": data})
    found, _ = find(r"\bx\b", is_regex=True)
    assert [line[:1] + line[2:3] for line in lines(found["a"])] == [(number, column)]


def test_long_lines_and_many_hits_are_cut_and_counted(tmp_path: Path, find: Find):
    put(tmp_path, {"long": "a" * 100_000 + "x" + "a" * 100_000, "many": "xy\n" * (MAX_LINES_PER_FILE + 5)})
    found, end = find("x")
    (line,) = found["long"].lines
    assert (line.column, line.length) == (100_001, 1)
    assert len(line.text) < 500
    assert [line.text[begin:stop] for begin, stop in line.spans] == ["x"]
    assert (len(found["many"].lines), found["many"].line_count) == (MAX_LINES_PER_FILE, MAX_LINES_PER_FILE + 5)
    assert end.lines == MAX_LINES_PER_FILE + 6


def test_a_search_with_too_many_hits_ends(tmp_path: Path, find: Find):
    put(tmp_path, {f"{number}": "x\n" * 3000 for number in range(9)})
    _, end = find("x")
    assert MAX_LINES <= end.lines < MAX_LINES + 3000
    assert "20,000" in end.stopped


def test_both_engines_find_the_same(tmp_path: Path):
    if shutil.which("rg") is None:
        pytest.skip("there is no ripgrep")
    chance = random.Random(5)
    alphabet = ["a", "b", "A", "é", " ", "_", "\n", "\r\n", "ab", "\U0001f600", "(", "."]
    put(tmp_path, {f"f{number}/g": "".join(chance.choices(alphabet, k=200)) for number in range(30)})
    for text, is_regex in [("ab", False), ("A", False), ("(.", False), ("a.b", True), (r"\w+", True), ("é|b$", True)]:
        for case in (False, True):
            for word in (False, True):
                query = SearchQuery(
                    folder=str(tmp_path), text=text, is_regex=is_regex, matches_case=case, is_whole_word=word
                )
                finder, wants = LineFinder(query), wants_path(query)
                first = {one.path: one for one in search_engines.find_by_ripgrep(query, finder, wants)}
                second = {one.path: one for one in search_engines.find_in_python(query, finder, wants)}
                assert first == second, query


def test_an_expression_that_never_ends_is_given_up_and_said(tmp_path: Path, find: Find):
    put(tmp_path, {"a": "x" * 5000})
    _, end = find(r"(x+x+)+\1y", is_regex=True, falls_back=True)
    assert "takes more than 1 second" in end.stopped


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ({"text": "(", "is_regex": True}, "no"),
        ({"text": "a\nb"}, "cannot be searched"),
        ({"text": "x", "include": "[z-a]"}, "no glob"),
        ({"text": "x", "folder": "/nothing/there"}, "cannot be searched"),
    ],
)
def test_what_cannot_be_searched_is_said(tmp_path: Path, query: dict[str, Any], title: str):
    whole = SearchQuery(**({"folder": str(tmp_path)} | query))
    with pytest.raises(AppError) as caught:
        answer(SearchFolder(query=whole), lambda _: None)
    assert title in str(caught.value).lower()


def test_globs_are_separated_by_commas_that_are_not_in_braces():
    assert split_globs(" *.py, src/{a,b} ,,docs/") == ["*.py", "src/{a,b}", "docs/"]


# --- the process --------------------------------------------------------------------------------------------------


@pytest.fixture
def searching() -> Iterator[tuple[SearchService, PopenTransport]]:
    transport = PopenTransport()
    service = SearchService(transport)
    yield service, transport
    service.close()
    transport.close()


def test_a_process_tells_files_as_they_are_found_and_then_the_end(tmp_path: Path, searching):
    service, transport = searching
    put(tmp_path, {f"{number}": "x\n" * 100 for number in range(20)})
    heard: list[Any] = []
    unsaved = {str(tmp_path / "open"): "x \ud83d"}
    service.search(SearchQuery(folder=str(tmp_path), text="x", unsaved=unsaved), heard.append, heard.append)
    pump_until(transport, lambda: isinstance(heard[-1:] and heard[-1], SearchEnd))
    assert len(heard) > 2
    assert sum(len(files) for files in heard[:-1]) == heard[-1].files == 21
    assert not service.is_busy


def test_a_new_search_cancels_the_one_before_and_a_cancelled_one_is_silent(tmp_path: Path, searching):
    service, transport = searching
    put(tmp_path, {"a": "x" * 5000 + "\nfound\n"})
    silent: list[Any] = []
    slow = SearchQuery(folder=str(tmp_path), text=r"(x+x+)+\1y", is_regex=True)
    first = service.search(slow, silent.append, silent.append)
    heard: list[Any] = []
    service.search(SearchQuery(folder=str(tmp_path), text="found"), heard.append, heard.append)
    pump_until(transport, lambda: len(heard) == 2)
    service.cancel(first)
    last = service.search(slow, silent.append, silent.append)
    service.cancel(last)
    pump_until(transport, lambda: transport.pid is None)
    assert silent == []
    assert heard[1] == SearchEnd(files=1, lines=1)


def test_an_error_is_heard_at_the_end(tmp_path: Path, searching):
    service, transport = searching
    heard: list[Any] = []
    service.search(SearchQuery(folder=str(tmp_path), text="(", is_regex=True), heard.append, heard.append)
    pump_until(transport, lambda: bool(heard))
    assert isinstance(heard[0], AppError)
