"""No prompt is read twice: what is reused, on attention and on hybrid models, and that it changes no result."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.llama.cache_plan import common_prefix, plan_reuse, to_evict
from app.engine.messages import ChatMessage, ChatPrompt, LoadSettings, TextPrompt
from app.engine.sampling import Sampling
from tests.engine.harness import Engine

LONG = "word " * 300


def new_tokens(finished, before):
    """The tokens of a prompt that were not in memory after the turn before."""
    return finished.stats.prompt_tokens - before.stats.context_tokens


def test_later_turns_read_only_what_is_new(either):
    ends, _messages = either.chat("First question", "Second one", "Third and last")
    for before, after in pairwise(ends):
        assert after.stats.processed_tokens == new_tokens(after, before)
        assert after.stats.reused_tokens == before.stats.context_tokens


def test_regenerating_reads_one_token(either):
    _ends, messages = either.chat("Tell me something", "And more")
    again, _text = either.ask(ChatPrompt(messages=tuple(messages[:-1])))
    assert again.stats.processed_tokens == 1


def test_editing_the_last_message_reads_only_that_message(either):
    ends, messages = either.chat(LONG, "Something quite different")
    edited = ChatMessage(role="user", content="Another thing entirely")
    finished, _text = either.ask(ChatPrompt(messages=(*messages[:-2], edited)))
    assert finished.stats.processed_tokens < 40
    assert finished.stats.reused_tokens > ends[0].stats.prompt_tokens - 40


def test_replies_from_the_cache_equal_replies_without_it(either):
    _ends, messages = either.chat("One", LONG, "Two")
    edited = (*messages[:-2], ChatMessage(role="user", content="Three"))
    _finished, warm = either.ask(ChatPrompt(messages=edited))
    for other in range(3):  # push everything of this conversation out of memory
        either.ask(TextPrompt(text=f"Something else {other} " * 60))
    with Engine() as fresh:
        fresh.load(either.model.path, LoadSettings(n_ctx=either.model.n_ctx))
        cold_end, cold = fresh.ask(ChatPrompt(messages=edited))
    assert cold_end.stats.reused_tokens == 0
    assert warm == cold


def test_going_back_to_another_conversation_reads_nothing_twice(either):
    _ends, first = either.chat(LONG, "And then?", system="One system")
    either.chat("Something else " * 60, system="Quite another system prompt")
    again = (*first, ChatMessage(role="user", content="Where were we?"))
    finished, _text = either.ask(ChatPrompt(messages=again))
    assert finished.stats.processed_tokens < 40


def test_a_stopped_reply_is_gone_on_with_at_once(either):
    messages = (ChatMessage(role="user", content="Count slowly"),)
    short = Sampling(temperature=0, max_tokens=5)
    finished, text = either.ask(ChatPrompt(messages=messages), short)
    if finished.reason != "max_tokens":
        pytest.skip("this model has nothing more to say")
    partial = ChatMessage(role="assistant", content=text, token_ids=finished.token_ids)
    more, _text = either.ask(ChatPrompt(messages=(*messages, partial), continue_last=True), short)
    assert more.stats.processed_tokens <= 1


def test_without_memory_for_checkpoints_a_hybrid_model_reads_all_and_says_why(tiny_model):
    with Engine() as engine:
        engine.load(tiny_model, LoadSettings(n_ctx=2048, checkpoint_bytes=0, prompt_cache_bytes=0))
        _ends, messages = engine.chat("Tell me something", "And more")
        again, _text = engine.ask(ChatPrompt(messages=tuple(messages[:-1])))
    assert again.stats.reused_tokens == 0
    assert "checkpoint" in again.stats.reuse_reason


def test_a_small_checkpoint_budget_still_serves_regenerating(tiny_model):
    with Engine() as engine:
        engine.load(tiny_model, LoadSettings(n_ctx=4096, checkpoint_bytes=3 * 100_000))
        _ends, messages = engine.chat(*[f"Question {number}" for number in range(8)])
        again, _text = engine.ask(ChatPrompt(messages=tuple(messages[:-1])))
    assert again.stats.processed_tokens <= 1


tokens = st.lists(st.integers(0, 3), max_size=30)


@given(tokens, tokens)
def test_the_common_prefix_is_what_a_plain_loop_finds(a, b):
    plain = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    assert common_prefix(a, b) == plain


@given(tokens, tokens.filter(bool), st.sets(st.integers(1, 30)), st.booleans())
def test_a_plan_keeps_only_what_is_true_and_reads_at_least_one_token(live, prompt, positions, can_cut):
    checkpoints = sorted(position for position in positions if position <= len(live))
    plan = plan_reuse(live, checkpoints, prompt, can_cut=can_cut)
    assert plan.keep <= len(prompt) - 1
    assert live[: plan.keep] == prompt[: plan.keep]
    if not can_cut and plan.keep not in {0, len(live)}:
        assert plan.checkpoint == plan.keep
    if plan.checkpoint is not None:
        assert plan.checkpoint in checkpoints


@given(st.sets(st.integers(0, 1000), min_size=4))
def test_eviction_spares_the_first_and_the_last_two(positions):
    ordered = sorted(positions)
    assert 0 < to_evict(ordered) < len(ordered) - 2
