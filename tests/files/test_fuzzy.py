"""A few letters find the file that is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.fuzzy import fit_path, fold, terms_of
from app.files.path_index import PathIndex


def index_of(*paths: str, folders: tuple[str, ...] = ()) -> PathIndex:
    index = PathIndex("/root")
    for path in folders:
        index.add(path, -1)
    for path in paths:
        index.add(path, len(path))
    return index


def found(query: str, *paths: str, **options) -> list[str]:
    matches, _ = index_of(*paths).find(query, 50, **options)
    return [match.path for match in matches]


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("main", "src/main.py", "main/other.py"),  # the name beats the folder
        ("model", "ui/model.py", "ui/model_view.py"),  # the whole name
        ("model", "ui/model_view.py", "ui/tree_model.py"),  # its beginning
        ("view", "ui/tree_view.py", "ui/overview.py"),  # where a word begins
        ("tm", "ui/tree_model.py", "ui/item.py"),  # initials
        ("tm", "ui/TreeModel.ts", "ui/atom.ts"),  # of words joined by capitals
        ("index", "app/index.py", "app/deep/down/below/index.py"),  # the shorter path
        ("conf", "conftest.py", "c/o/n/f.py"),  # in a row
        ("ui/mod", "ui/model.py", "ui/a/b/modify/x.py"),
        ("test3", "tests/test_3.py", "tests/test_13.py"),
        ("readme", "README.md", "docs/read/some/me.md"),
    ],
)
def test_the_obvious_file_comes_first(query, better, worse):
    assert found(query, worse, better) == [better, worse]
    assert found(query, better, worse) == [better, worse]


def test_letters_must_all_be_there_and_in_order():
    assert found("xyz", "app/zyx.py", "app/xy.py") == []
    assert found("abc", "a/b/c", "c/b/a") == ["a/b/c"]


def test_every_word_of_a_query_has_to_fit_in_any_order():
    paths = ("app/engine/worker.py", "app/engine/cache.py", "ui/worker.py")
    assert found("worker engine", *paths) == ["app/engine/worker.py"]
    assert found("engine worker", *paths) == ["app/engine/worker.py"]


def test_case_does_not_count_and_a_backslash_is_a_slash():
    assert found("SRC\\Main", "src/main.py", "other.py") == ["src/main.py"]


def test_of_files_that_fit_alike_those_opened_last_come_first():
    paths = ("a/model.py", "b/model.py", "c/model.py")
    assert found("model", *paths, recent=("c/model.py", "b/model.py")) == ["c/model.py", "b/model.py", "a/model.py"]


def test_having_been_opened_does_not_beat_the_obvious_file():
    paths = ("app/settings.py", "docs/some/extra/things.py")
    assert found("settings", *paths, recent=("docs/some/extra/things.py",))[0] == "app/settings.py"


def test_without_a_query_files_opened_before_come_first_then_the_highest():
    paths = ("deep/down/x.py", "a.py", "src/b.py")
    assert found("", *paths, recent=("src/b.py", "gone.py")) == ["src/b.py", "a.py", "deep/down/x.py"]


def test_folders_are_found_only_when_asked_for():
    index = index_of("src/main.py", folders=("src",))
    assert [match.path for match in index.find("src", 9)[0]] == ["src/main.py"]
    with_folders = index.find("src", 9, with_folders=True)[0]
    assert [(match.path, match.is_folder, match.size_bytes) for match in with_folders] == [
        ("src", True, 0),
        ("src/main.py", False, len("src/main.py")),
    ]


def test_matched_places_are_those_of_the_letters():
    (match, *_), total = index_of("src/main_window.py").find("mw", 5)
    assert (match.matched, total) == ((4, 9), 1)


def test_a_query_that_goes_on_finds_what_it_would_have_found_by_itself():
    paths = [f"{a}/{b}{number}.py" for a in ("app", "ui") for b in ("model", "modal") for number in range(30)]
    index = index_of(*paths)
    for query in ("m", "mo", "mod", "mode", "model", "model 7", "mo", "modal"):
        assert index.find(query, 20) == index_of(*paths).find(query, 20)


def test_the_best_of_very_many_is_not_lost():
    many = [f"folder{number}/s_e_t_t_i_n_g_s{number}.py" for number in range(3000)]
    assert found("settings", *many, "app/deep/settings.py")[0] == "app/deep/settings.py"


paths = st.text("abAB_/.1ä", min_size=1, max_size=20)


@given(paths, st.text("abAB_/.1ä ", max_size=6))
def test_places_spell_the_query_and_a_fit_is_found_exactly_where_there_is_one(path, query):
    terms, folded = terms_of(query), fold(path)
    fit = fit_path(terms, path, folded)
    assert (fit is not None) == all(_is_within(term, folded) for term in terms)
    if fit is not None and len(terms) == 1:
        assert "".join(folded[place] for place in fit.places) == terms[0]
    if terms:
        assert (fit is not None) == bool(found(query, path))


def _is_within(term: str, text: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in term)
