"""A generation at its edges: odd prompts, cancels at any time, stop strings, grammars without a way on."""

import time

import pytest

from app.engine.llama.grammar import MAX_DEPTH, depth
from app.engine.messages import Cancel, Delta, PromptProgress, TextPrompt, TokenPrompt
from app.engine.sampling import Sampling
from app.ipc.codec import encode
from tests.engine.replies import GREEDY, chat, failure, reply

LONG = Sampling(temperature=0.0, max_tokens=2000, ignore_eos=True)


def test_a_reply_streams_and_ends_at_the_end_of_turn(starter):
    answer = reply(starter, chat("Say hello."), Sampling(temperature=0.0, max_tokens=200))
    assert answer.end.reason == "eos"
    assert answer.text.strip()
    assert sum(delta.tokens for delta in answer.deltas) == len(answer.end.token_ids)
    assert answer.end.stats.generated_tokens == len(answer.end.token_ids)
    assert "<|im_end|>" not in answer.text


def test_max_tokens_is_kept_exactly(starter):
    answer = reply(starter, "Once upon a time", Sampling(temperature=0.0, max_tokens=7))
    assert answer.end.reason == "max_tokens"
    assert len(answer.end.token_ids) == 7


def test_no_tokens_may_be_asked_for(starter):
    answer = reply(starter, "Once upon a time", Sampling(temperature=0.0, max_tokens=0))
    assert (answer.text, answer.end.token_ids, answer.end.reason) == ("", (), "max_tokens")


@pytest.mark.parametrize("prompt", [TokenPrompt(token_ids=()), TextPrompt(text="", add_special=False)])
def test_an_empty_prompt_is_refused_in_words(starter, prompt):
    failed = failure(starter, prompt)
    assert "empty" in failed.title


@pytest.mark.parametrize("token", [-1, 10**6, 2**31 - 1])
def test_a_token_that_the_model_does_not_have_is_refused_in_words(starter, token):
    failed = failure(starter, TokenPrompt(token_ids=(1, token)))
    assert str(token) in failed.message.replace(",", "")


def test_a_reply_that_is_cancelled_keeps_what_was_said_and_the_engine_goes_on(either):

    def stop_at_first_text(event, number):
        if isinstance(event, Delta):
            either.engine.cancel(number)

    answer = reply(either, "A story: ", LONG, stop_at_first_text)
    assert answer.end.reason == "cancelled"
    assert 0 < len(answer.end.token_ids) < 2000
    assert reply(either, "A story: ").text == reply(either, "A story: ").text


def test_reading_a_prompt_can_be_cancelled_and_what_is_in_memory_stays_true(either):
    prompt = TokenPrompt(token_ids=tuple(100 + i * 7 % 300 for i in range(400)))
    sampling = Sampling(temperature=0.0, max_tokens=12, ignore_eos=True)

    def stop_at_first_progress(event, number):
        if isinstance(event, PromptProgress):
            either.engine.cancel(number)

    stopped = reply(either, prompt, sampling, stop_at_first_progress).end
    assert stopped.reason == "cancelled"
    assert stopped.stats.processed_tokens < stopped.stats.prompt_tokens
    after = reply(either, prompt, sampling).end.token_ids
    reply(either, "Something else entirely. " * 5)
    assert reply(either, prompt, sampling).end.token_ids == after


def test_a_cancel_that_comes_too_late_harms_nobody(starter):
    answer = reply(starter, "Hello")
    starter._transport.write(encode(Cancel(request=answer.end.request)))
    assert reply(starter, "Hello").text == answer.text


def test_the_engine_answers_pings_while_it_generates(starter):
    request = starter.engine.generate(TextPrompt(text="Count: 1, 2,"), LONG)
    deadline = time.monotonic() + 30
    starter.engine.rss_bytes = 0
    starter.engine._pinged_at = 0.0
    while not starter.engine.rss_bytes and time.monotonic() < deadline:
        starter.engine.tick()
        starter._transport.pump(0.05)
    assert starter.engine.state == "generating"
    starter.engine.cancel(request)
    starter.wait(request)
    assert starter.engine.rss_bytes > 0


# --- stop strings -----------------------------------------------------------------------------------------


def test_a_stop_string_ends_the_reply_before_it_even_where_it_straddles_tokens(starter):
    whole = reply(starter, "Once upon a time", Sampling(temperature=0.0, max_tokens=40)).text
    middle = len(whole) // 2
    stop = whole[middle : middle + 9]
    answer = reply(starter, "Once upon a time", Sampling(temperature=0.0, max_tokens=40, stop=("never", stop)))
    assert answer.end.reason == "stop_string"
    assert answer.end.stop_string == stop
    assert answer.text == whole[: whole.index(stop)]


def test_the_ids_of_a_stopped_reply_say_what_its_text_says(starter):
    whole = reply(starter, "Once upon a time", Sampling(temperature=0.0, max_tokens=40)).text
    for at in range(3, 60, 7):
        stop = whole[at : at + 5]
        answer = reply(starter, "Once upon a time", Sampling(temperature=0.0, max_tokens=40, stop=(stop,)))
        rendered = starter.wait(starter.engine.render(TokenPrompt(token_ids=answer.end.token_ids)))
        assert rendered.text == answer.text


def test_text_held_back_for_a_stop_string_comes_out_at_the_end(starter):
    plain = reply(starter, "Once upon a time", Sampling(temperature=0.0, max_tokens=10)).text
    answer = reply(starter, "Once upon a time", Sampling(temperature=0.0, max_tokens=10, stop=(plain[-4:] + "§",)))
    assert answer.text == plain
    assert answer.end.reason == "max_tokens"


# --- characters -------------------------------------------------------------------------------------------


def test_characters_of_several_tokens_arrive_whole(starter):
    sampling = Sampling(temperature=0.0, max_tokens=60, grammar='root ::= "🦙🎉 naïve 日本語 é"')
    answer = reply(starter, "Emoji:", sampling)
    assert answer.text == "🦙🎉 naïve 日本語 é"
    assert all("\N{REPLACEMENT CHARACTER}" not in delta.text for delta in answer.deltas)


# --- probabilities ----------------------------------------------------------------------------------------


def test_probabilities_of_all_tokens_add_up_to_one(tiny):
    n_vocab = tiny.engine.model.n_vocab
    answer = reply(tiny, "x", Sampling(temperature=0.0, max_tokens=1, n_probs=n_vocab, ignore_eos=True))
    assert sum(2.718281828459045**other.logprob for other in answer.probabilities[0].top) == pytest.approx(1.0)


def test_probabilities_are_those_before_sampling(starter):
    hot = Sampling(temperature=1.9, top_k=0, min_p=0.0, top_p=1.0, seed=5, max_tokens=1, n_probs=3)
    cold = Sampling(temperature=0.0, max_tokens=1, n_probs=3)
    assert (
        reply(starter, "The sky is", hot).probabilities[0].top
        == reply(starter, "The sky is", cold).probabilities[0].top
    )


def test_without_a_request_for_them_no_probabilities_are_sent(starter):
    assert reply(starter, "Hello", GREEDY).probabilities == ()


# --- grammar ----------------------------------------------------------------------------------------------

FORBIDDEN = (("a", float("-inf")), ("b", float("-inf")))


@pytest.mark.parametrize(
    ("sampling", "words"),
    [
        (Sampling(grammar="root ::= [^\\x00-\\U0010FFFF]"), "allows nothing"),
        (Sampling(grammar='root ::= "\\x00"'), "allows nothing"),
        (Sampling(grammar="root ::= " + "(" * 100_000 + '"a"' + ")" * 100_000), "too deeply"),
        (Sampling(json_schema="[" * 100_000), "too deeply"),
        (Sampling(json_schema="[1, 2]"), "not a JSON schema"),
        (Sampling(json_schema='{"$ref": "http://example.com/schema"}'), "cannot be turned"),
    ],
    ids=["no character", "nul", "deep grammar", "deep schema", "a list", "remote reference"],
)
def test_a_grammar_that_llama_cpp_would_die_of_is_refused_in_words(starter, sampling, words):
    failed = failure(starter, "Hi", sampling)
    assert failed.code == "grammar"
    assert words in failed.title
    assert failed.hint


def test_llama_cpp_s_own_reason_for_refusing_a_grammar_is_told(starter):
    assert "Undefined rule identifier 'bar'" in failure(starter, "Hi", Sampling(grammar="root ::= bar")).message


def test_a_grammar_that_biases_make_impossible_is_refused(starter):
    sampling = Sampling(grammar='root ::= "a" | "b"', logit_bias=FORBIDDEN, seed=1, max_tokens=4)
    assert failure(starter, "Hi", sampling).code == "grammar"


def test_a_finished_grammar_ends_the_reply_although_the_end_of_text_is_ignored(starter):
    answer = reply(starter, "Hi", Sampling(grammar='root ::= "a"', ignore_eos=True, seed=1, max_tokens=9))
    assert answer.text == "a"
    assert answer.end.reason == "eos"


@pytest.mark.parametrize("sampler", [{"mirostat": 1}, {"mirostat": 2}, {"adaptive_target": 0.3}, {"temperature": 0.0}])
def test_a_grammar_holds_with_every_way_of_choosing(starter, sampler):
    text = reply(starter, "Count:", Sampling(grammar="root ::= [0-9]+", seed=3, max_tokens=6, **sampler)).text
    assert text.isdigit()


def test_parentheses_in_texts_and_classes_do_not_nest():
    assert depth('root ::= ("((((" [((] # ((\n (x))') == 2
    assert depth("(" * (MAX_DEPTH + 1)) > MAX_DEPTH
