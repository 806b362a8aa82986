"""Generating: cancel, stop strings, characters, samplers, grammar, probabilities, overflow."""

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.llama.detokenizer import Detokenizer
from app.engine.llama.stop_strings import StopMatcher
from app.engine.messages import (
    ChatMessage,
    ChatPrompt,
    Delta,
    Failed,
    Finished,
    LoadSettings,
    PromptProgress,
    Rendered,
    TextPrompt,
    TokensCounted,
)
from app.engine.sampling import DEFAULT_SAMPLERS, Sampling
from tests.engine.harness import GREEDY, Engine

STORY = TextPrompt(text="Once upon a time there was")


def test_the_same_seed_gives_the_same_reply_and_another_seed_another(starter):
    def reply(seed):
        return starter.ask(STORY, Sampling(temperature=1.2, seed=seed, max_tokens=24))[1]

    assert reply(7) == reply(7)
    assert reply(7) != reply(8)


def test_an_unset_seed_is_chosen_and_told_so_that_the_reply_can_be_had_again(starter):
    finished, text = starter.ask(STORY, Sampling(temperature=1.2, max_tokens=24))
    assert starter.ask(STORY, Sampling(temperature=1.2, seed=finished.seed, max_tokens=24))[1] == text


def test_a_reply_is_cancelled_while_it_is_written_and_the_engine_is_usable_at_once(starter):
    request = starter.engine.generate(STORY, Sampling(temperature=0, ignore_eos=True, max_tokens=2000))

    def cancel(event):
        if isinstance(event, Delta) and event.request == request:
            starter.engine.cancel(request)

    finished = starter.wait(request, cancel)
    assert finished.reason == "cancelled"
    assert 0 < len(finished.token_ids) < 1000
    assert starter.ask(STORY)[0].reason in {"eos", "max_tokens"}


def test_a_prompt_is_cancelled_while_it_is_read_and_what_was_read_is_kept(tiny_model):

    with Engine() as engine:
        engine.load(tiny_model, LoadSettings(n_ctx=32768, n_batch=256, n_ubatch=64))
        prompt = TextPrompt(text="many different words in a row " * 1500)
        request = engine.engine.generate(prompt, GREEDY)

        def cancel(event):
            if isinstance(event, PromptProgress):
                engine.engine.cancel(request)

        finished = engine.wait(request, cancel)
        assert (finished.reason, finished.token_ids) == ("cancelled", ())
        assert 0 < finished.stats.processed_tokens < finished.stats.prompt_tokens
        again, _text = engine.ask(prompt)
        assert isinstance(again, Finished)


def test_a_queued_request_can_be_cancelled_before_it_begins(starter):
    first = starter.engine.generate(STORY, Sampling(temperature=0, ignore_eos=True, max_tokens=60))
    second = starter.engine.generate(STORY, GREEDY)
    starter.engine.cancel(second)
    ended = starter.wait(second)
    assert isinstance(ended, Finished)
    assert ended.reason == "cancelled"
    assert first not in starter.engine._requests


def test_progress_tells_how_far_a_prompt_has_been_read(starter):
    finished, _text = starter.ask(TextPrompt(text="A sentence of its own. " * 120))
    progress = [event for event in starter.events if isinstance(event, PromptProgress)]
    assert [event.done for event in progress] == sorted({event.done for event in progress})
    assert progress[-1].done == progress[-1].total == finished.stats.prompt_tokens
    assert progress[-1].tokens_per_second > 0


def test_a_stop_string_ends_the_reply_and_is_not_part_of_it(starter):
    _finished, whole = starter.ask(STORY)
    stop = whole[10:17]
    finished, text = starter.ask(STORY, Sampling(temperature=0, max_tokens=24, stop=(stop,)))
    assert (finished.reason, finished.stop_string) == ("stop_string", stop)
    assert text == whole[: whole.index(stop)]


def test_a_full_context_ends_the_reply_and_says_so(starter):
    finished, _text = starter.ask(STORY, Sampling(temperature=0, ignore_eos=True))
    assert finished.reason == "context_full"
    assert finished.stats.context_tokens == starter.model.n_ctx


def test_a_prompt_longer_than_the_context_is_refused_with_its_length(starter):
    failed, _text = starter.ask(TextPrompt(text="word " * 3000))
    assert isinstance(failed, Failed)
    assert failed.code == "context_overflow"
    assert failed.prompt_tokens > failed.n_ctx == starter.model.n_ctx


def test_counting_tells_tokens_and_where_messages_begin(starter):
    messages = tuple(ChatMessage(role=role, content="Hello") for role in ("user", "assistant", "user"))
    counted = starter.wait(starter.engine.count_tokens(ChatPrompt(messages=messages)))
    assert isinstance(counted, TokensCounted)
    assert len(counted.message_offsets) == 3
    assert list(counted.message_offsets) == sorted(set(counted.message_offsets))
    assert counted.tokens > counted.message_offsets[-1]


def test_a_rendered_prompt_is_what_the_model_reads(starter):
    prompt = ChatPrompt(messages=(ChatMessage(role="user", content="Hi"),))
    rendered = starter.wait(starter.engine.render(prompt))
    assert isinstance(rendered, Rendered)
    assert "<|im_start|>user\nHi<|im_end|>" in rendered.text
    finished, _text = starter.ask(prompt)
    assert finished.stats.prompt_tokens == len(rendered.token_ids)


def test_probabilities_are_of_the_chosen_token_and_its_rivals_best_first(starter):
    starter.ask(STORY, Sampling(temperature=0, max_tokens=8, n_probs=5))
    deltas = [event for event in starter.events if isinstance(event, Delta)]
    chosen = [token for delta in deltas for token in delta.probabilities]
    assert len(chosen) == 8
    for token in chosen:
        assert token.top[0].token_id == token.token_id  # greedy takes the likeliest
        assert token.logprob == pytest.approx(token.top[0].logprob)
        values = [rival.logprob for rival in token.top]
        assert values == sorted(values, reverse=True)
        assert sum(map(math.exp, values)) <= 1.0001


# --- samplers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(top_k=1, temperature=2.0),
        Sampling(top_p=1e-6, temperature=2.0),
        Sampling(min_p=1.0, temperature=2.0),
        Sampling(top_n_sigma=0.0001, temperature=2.0),
        Sampling(temperature=0.0),
        Sampling(temperature=1e-4),
    ],
    ids=["top_k", "top_p", "min_p", "top_n_sigma", "zero", "nearly zero"],
)
def test_each_narrow_sampler_alone_leaves_only_the_likeliest_token(starter, sampling):
    narrow = msgspec.structs.replace(sampling, max_tokens=16, seed=3)
    assert starter.ask(STORY, narrow)[1] == starter.ask(STORY, Sampling(temperature=0, max_tokens=16))[1]


WIDE = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 11, "max_tokens": 40}


@pytest.mark.parametrize(
    "change",
    [
        {"typical_p": 0.2},
        {"xtc_probability": 1.0, "xtc_threshold": 0.05},
        {"dynatemp_range": 0.9},
        {"mirostat": 1, "mirostat_tau": 1.0},
        {"mirostat": 2, "mirostat_tau": 1.0},
        {"adaptive_target": 0.5},
        {"repeat_penalty": 1.9},
        {"presence_penalty": 2.0},
        {"frequency_penalty": 2.0},
        {"dry_multiplier": 5.0, "dry_allowed_length": 1},
    ],
    ids=lambda change: next(iter(change)) + str(next(iter(change.values()))),
)
def test_each_sampler_has_an_effect(starter, change):
    prompt = TextPrompt(text="one two three one two three one two three one two")
    plain = starter.ask(prompt, Sampling(**WIDE))[1]
    assert starter.ask(prompt, Sampling(**{**WIDE, **change}))[1] != plain


def test_the_order_of_samplers_is_the_users(starter):
    rest = tuple(name for name in DEFAULT_SAMPLERS if name not in {"temperature", "min_p"})
    values = {"temperature": 3.0, "min_p": 0.3, "top_k": 0, "top_p": 1.0, "seed": 5, "max_tokens": 40}
    last = starter.ask(STORY, Sampling(**values, samplers=(*rest, "min_p", "temperature")))[1]
    first = starter.ask(STORY, Sampling(**values, samplers=(*rest, "temperature", "min_p")))[1]
    assert last != first


def test_a_sampler_that_is_left_out_of_the_order_is_off(starter):
    values = {"temperature": 2.0, "top_k": 1, "seed": 5, "max_tokens": 24}
    without = tuple(name for name in DEFAULT_SAMPLERS if name != "top_k")
    assert starter.ask(STORY, Sampling(**values))[1] != starter.ask(STORY, Sampling(**values, samplers=without))[1]


def test_a_bias_forbids_a_token_by_text_or_id(starter):
    finished, text = starter.ask(STORY)
    first = finished.token_ids[0]
    forbidden = Sampling(temperature=0, max_tokens=1, logit_bias=((first, float("-inf")),))
    assert starter.ask(STORY, forbidden)[0].token_ids[0] != first
    forced = Sampling(temperature=0, max_tokens=1, logit_bias=((" elephant", 1000.0),))
    assert "eleph" in starter.ask(STORY, forced)[1]
    assert text


# --- grammar ----------------------------------------------------------------------------------------------


def test_a_grammar_is_kept_to(starter):
    sampling = Sampling(temperature=1.0, seed=1, grammar='root ::= ("yes" | "no") "!"')
    finished, text = starter.ask(STORY, sampling)
    assert text in {"yes!", "no!"}
    assert finished.reason == "eos"


def test_a_json_schema_gives_json_that_fits_it(starter):
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "maximum": 99}},
        "required": ["name", "age"],
    }
    sampling = Sampling(temperature=0.7, seed=2, max_tokens=200, json_schema=json.dumps(schema))
    _finished, text = starter.ask(TextPrompt(text="A person as JSON: "), sampling)
    value = json.loads(text)
    assert isinstance(value["name"], str)
    assert isinstance(value["age"], int)


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(grammar="root ::= ("),
        Sampling(grammar='nothing ::= "x"'),
        Sampling(grammar="root ::= root"),
        Sampling(json_schema="{"),
        Sampling(json_schema='{"type": "nonsense"}'),
        Sampling(grammar='root ::= "x"', json_schema="{}"),
    ],
    ids=["unfinished", "no root", "left recursion", "no json", "bad schema", "both"],
)
def test_a_bad_grammar_is_refused_in_words_and_the_engine_lives(starter, sampling):
    failed, _text = starter.ask(STORY, sampling)
    assert isinstance(failed, Failed), failed
    assert failed.code == "grammar"
    assert failed.hint
    assert isinstance(starter.ask(STORY)[0], Finished)


# --- pure parts -------------------------------------------------------------------------------------------


@given(st.text(), st.data())
def test_text_is_the_same_however_its_bytes_are_cut(text, data):
    raw = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    detokenizer = Detokenizer()
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert "".join([*map(detokenizer.feed, pieces), detokenizer.finish()]) == raw.decode()


letters = st.text(alphabet="abc", max_size=20)


@given(letters, st.lists(letters.filter(bool), max_size=3), st.data())
def test_a_stop_string_is_found_where_a_reader_of_single_characters_finds_it(text, stops, data):
    expected = text
    for end in range(1, len(text) + 1):
        ending = [stop for stop in stops if text[:end].endswith(stop)]
        if ending:
            expected = text[: end - max(map(len, ending))]
            break
    matcher = StopMatcher(stops)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    shown = "".join(map(matcher.feed, pieces)) + matcher.finish()
    assert shown == expected
