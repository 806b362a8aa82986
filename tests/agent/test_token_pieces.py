"""Which tokens a call came from, and how they are asked for."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agent.token_lookup import TokenLookup
from app.agent.token_pieces import TokenText, piece_at, pieces_of_calls
from app.engine.messages import Died, Failed, Rendered, TextPrompt, TokenPrompt, TokensCounted
from tests.ui.run_examples import demo_run, token_text

RAW = "<tool_call>\n<function=f>\n</function>\n</tool_call>"


def texts(raw, pieces):
    return [raw[piece.start : piece.end] for piece in pieces]


def test_the_pieces_of_a_call_make_its_text():
    reply = token_text(RAW, "Let me see.\n")
    (pieces,) = pieces_of_calls(reply, [RAW])
    assert "".join(texts(RAW, pieces)) == RAW
    assert [piece.token_ids for piece in pieces] == [(reply.token_ids[piece.position],) for piece in pieces]


def test_calls_that_look_the_same_are_found_one_after_the_other():
    reply = token_text(f"{RAW}\n{RAW}")
    first, second = pieces_of_calls(reply, [RAW, RAW])
    assert first[-1].position < second[0].position
    assert "".join(texts(RAW, first)) == "".join(texts(RAW, second)) == RAW


def test_a_call_that_is_not_in_the_reply_has_no_pieces_and_the_others_have():
    reply = token_text(RAW)
    assert pieces_of_calls(reply, ["<gone>", "", RAW])[:2] == ((), ())
    assert pieces_of_calls(reply, ["<gone>", RAW])[1]


def test_a_token_that_reaches_beyond_the_call_is_cut():
    reply = TokenText("ab<x>cd", (1, 2, 3), (4, 6, 7))  # "ab<x", ">c", "d"
    (pieces,) = pieces_of_calls(reply, ["<x>"])
    assert [(piece.position, piece.start, piece.end) for piece in pieces] == [(0, 0, 2), (1, 2, 3)]


def test_a_character_of_several_tokens_is_one_piece_with_all_their_ids():
    reply = TokenText("a\U0001f600b", (1, 2, 3, 4, 5), (1, 1, 1, 2, 3))
    (whole,) = pieces_of_calls(reply, [reply.text])
    assert [piece.token_ids for piece in whole] == [(1,), (2, 3, 4), (5,)]
    (tail,) = pieces_of_calls(reply, ["\U0001f600b"])
    assert [(piece.position, piece.token_ids) for piece in tail] == [(1, (2, 3, 4)), (4, (5,))]


def test_ends_that_do_not_match_the_ids_give_no_pieces():
    assert pieces_of_calls(TokenText("ab", (1, 2), (1,)), ["ab"]) == ((),)


@given(st.lists(st.text(min_size=0, max_size=3), min_size=1, max_size=30), st.data())
def test_pieces_cover_any_stretch_without_gaps(tokens, data):
    whole = "".join(tokens)
    ends = [sum(map(len, tokens[: number + 1])) for number in range(len(tokens))]
    start = data.draw(st.integers(0, len(whole)))
    raw = whole[start : data.draw(st.integers(start, len(whole)))]
    (pieces,) = pieces_of_calls(TokenText(whole, tuple(range(len(tokens))), tuple(ends)), [raw])
    assert "".join(texts(raw, pieces)) == raw
    for piece in pieces:
        assert piece.start < piece.end
        assert piece_at(pieces, piece.start) == piece_at(pieces, piece.end - 1) == pieces.index(piece)
    assert piece_at(pieces, len(raw)) is None


# --- asking the engine ------------------------------------------------------------------------------------------


class Engine:
    """An engine that only notes what it is asked."""

    def __init__(self, fingerprint="fp"):
        self.model = SimpleNamespace(fingerprint=fingerprint) if fingerprint else None
        self.asked = []
        self.cancelled = []

    def render(self, prompt):
        self.asked.append(prompt)
        return len(self.asked)

    count_tokens = render

    def cancel(self, request):
        self.cancelled.append(request)


@pytest.fixture
def turn():
    return msgspec.structs.replace(demo_run(2).turns[1], token_ids=(5, 6), fingerprint="fp")


def test_the_tokens_of_a_reply_are_asked_of_the_engine(turn):
    engine, found = Engine(), []
    lookup = TokenLookup(engine)
    lookup.find(turn, found.append)
    assert engine.asked == [TokenPrompt(token_ids=(5, 6))]
    lookup.handle(Rendered(request=99, text="of another", token_ids=(1,), token_ends=(10,)))
    lookup.handle(Rendered(request=1, text="ab", token_ids=(5, 6), token_ends=(1, 2)))
    assert found == [TokenText("ab", (5, 6), (1, 2))]


@pytest.mark.parametrize(
    ("fields", "fingerprint", "words"),
    [
        ({"token_ids": None}, "fp", "not known"),
        ({}, None, "Load the model"),
        ({}, "other", "Another model"),
    ],
)
def test_where_there_are_no_tokens_it_says_why(turn, fields, fingerprint, words):
    engine, found = Engine(fingerprint), []
    TokenLookup(engine).find(msgspec.structs.replace(turn, **fields), found.append)
    assert words in found[0]
    assert not engine.asked


def test_an_engine_that_does_not_tell_ends_is_said_to_be_so(turn):
    found = []
    lookup = TokenLookup(Engine())
    lookup.find(turn, found.append)
    lookup.handle(Rendered(request=1, text="ab", token_ids=(5, 6)))
    assert "does not say" in found[0]


@pytest.mark.parametrize(
    "event",
    [
        Failed(request=1, code="internal", title="It broke"),
        Died(title="The engine ended", message="", hint="", lost=(1,)),
    ],
)
def test_a_failure_is_an_answer_too(turn, event):
    found, counted = [], []
    lookup = TokenLookup(Engine())
    lookup.find(turn, found.append)
    lookup.handle(event)
    assert "could not be read" in found[0]
    lookup = TokenLookup(Engine())
    lookup.count("text", counted.append)
    lookup.handle(event)
    assert counted == [None]


def test_a_new_question_drops_the_one_before(turn):
    engine, first, second = Engine(), [], []
    lookup = TokenLookup(engine)
    lookup.find(turn, first.append)
    lookup.find(turn, second.append)
    assert engine.cancelled == [1]
    lookup.handle(Rendered(request=1, text="ab", token_ids=(5, 6), token_ends=(1, 2)))
    lookup.handle(Rendered(request=2, text="ab", token_ids=(5, 6), token_ends=(1, 2)))
    assert (len(first), len(second)) == (0, 1)


def test_a_text_is_counted_as_the_plain_text_it_is():
    engine, counted = Engine(), []
    lookup = TokenLookup(engine)
    lookup.count("<|im_end|>", counted.append)
    assert engine.asked == [TextPrompt(text="<|im_end|>", parse_special=False, add_special=False)]
    lookup.handle(TokensCounted(request=1, tokens=7, n_ctx=100))
    assert counted == [7]


def test_without_a_model_nothing_is_counted():
    counted = []
    TokenLookup(Engine(None)).count("text", counted.append)
    assert counted == [None]
