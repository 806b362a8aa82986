"""Finding and replacing, brackets, and texts as the editor holds them."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.files.brackets import find_partner
from app.files.find import MAX_HITS, Query, TooLongError, compile_query, find_hits, make_replacement, places_of
from app.files.hit_search import HitSearch
from app.files.inner_text import Utf16Places, can_hold, from_inner, to_inner, utf16_shadow


def hits(query: Query, text: str) -> list[str]:
    return [text[begin:end] for begin, end in find_hits(compile_query(query), text)]


def test_words_are_found_as_they_are_written():
    assert hits(Query("a.c"), "abc A.C a.c") == ["A.C", "a.c"]


def test_case_and_whole_words_are_heeded_on_request():
    text = "name Name rename name_ name"
    assert hits(Query("name", matches_case=True, is_whole_word=True), text) == ["name", "name"]


def test_a_regular_expression_sees_lines():
    assert hits(Query("^b.$", is_regex=True), "ab\nbc\nbd") == ["bc", "bd"]


def test_an_empty_match_is_no_hit():
    assert hits(Query("x*", is_regex=True), "axxb") == ["xx"]


def test_an_expression_that_is_none_is_told():
    with pytest.raises(AppError) as caught:
        compile_query(Query("(", is_regex=True))
    assert "regular expression" in caught.value.title


def test_a_replacement_has_the_groups_of_its_hit():
    text = "f(a, b)"
    pattern = compile_query(Query(r"(\w), (\w)", is_regex=True))
    (hit,) = find_hits(pattern, text)
    assert make_replacement(pattern, text, hit, r"\2 \1", is_regex=True) == "b a"
    assert make_replacement(pattern, text, hit, r"\2 \1", is_regex=False) == r"\2 \1"


def test_a_group_that_does_not_exist_is_told():
    pattern = compile_query(Query("a", is_regex=True))
    with pytest.raises(AppError):
        make_replacement(pattern, "a", (0, 1), r"\3", is_regex=True)


def partner(text: str, line: int, column: int, is_code=lambda _line, _column: True):
    lines = text.split("\n")
    return find_partner(lambda n: lines[n] if n < len(lines) else None, (line, column), is_code)


def test_brackets_find_their_partners_over_lines_in_both_directions():
    text = "f(a[1],\n  (b),\n)"
    assert partner(text, 0, 1) == (2, 0)
    assert partner(text, 2, 0) == (0, 1)
    assert partner(text, 0, 3) == (0, 5)


def test_a_bracket_in_a_string_is_none_of_the_code():
    text = "f(')')"
    assert partner(text, 0, 1, lambda _line, column: column != 3) == (0, 5)


def test_a_bracket_without_a_partner_has_none():
    assert partner("((a)", 0, 0) is None
    assert partner("abc", 0, 1) is None


texts = st.text(alphabet="ab\n\r\u2028\u2029\ufdd0\ufdd1\u00a0\u00e9\U0001f600\U0001d49c")


@given(texts)
def test_a_text_comes_out_of_the_editor_as_it_went_in(text):
    assert can_hold(text)
    assert from_inner(to_inner(text)) == text


@given(texts)
def test_a_shadow_counts_as_qt_does(text):
    assert len(utf16_shadow(text)) == len(text.encode("utf-16-le")) // 2


@given(texts, st.data())
def test_places_are_translated_both_ways(text, data):
    place = data.draw(st.integers(0, len(text)))
    places = Utf16Places(text)
    assert places.to_qt(place) == len(text[:place].encode("utf-16-le")) // 2
    assert places.from_qt(places.to_qt(place)) == place


def test_an_expression_that_never_ends_is_given_up():
    with pytest.raises(TooLongError):
        hits(Query("(x+x+)+y", is_regex=True), "x" * 5000)


@pytest.mark.parametrize("pattern", ["(?:a{1000}){1000}", "a{900000}", "((a{100}){100}){100}"])
def test_an_expression_that_would_fill_the_memory_is_refused(pattern):
    with pytest.raises(AppError, match="repeats too much"):
        compile_query(Query(pattern, is_regex=True))


@pytest.mark.parametrize(
    ("pattern", "places"), [(r"a{3}", 3), (r"(ab){10}c", 21), (r"[a{3}]{4}", 4), (r"\{3}", 3), (r"((a{2}){2}){2}", 8)]
)
def test_repeats_are_counted_as_they_are_written_out(pattern, places):
    assert places_of(pattern) == places


def test_a_long_search_goes_on_beside_and_finds_every_hit_once():
    text = "ab" * 200_000
    search = HitSearch(compile_query(Query("a[b]", is_regex=True)), text, 0, len(text))
    found = search.take()
    pause = threading.Event()
    while search.is_running:
        pause.wait(0.005)  # one who asks without a pause would use up the processor time that the search has
        found += search.take()
    found += search.take()
    assert search.problem is None
    assert found == [(place, place + 2) for place in range(0, 2 * MAX_HITS, 2)]
