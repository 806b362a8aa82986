"""Completions in the editor: made beside the conversation, whose memory they leave as it was."""

import pytest

from app.engine.llama.infill import expected_bytes
from app.engine.messages import ChatMessage, ChatPrompt, Failed, Finished, InfillPrompt, LoadSettings, PromptProgress
from app.engine.sampling import Sampling
from tests.engine.harness import Engine

SHORT = Sampling(temperature=0, max_tokens=12)
BEFORE = "".join(f"def function_{number}(value):\n    return value + {number}\n\n\n" for number in range(30))
AFTER = "\n\n\nif __name__ == '__main__':\n    print(function_1(2))\n"


def complete(engine, typed="", after=AFTER):
    finished, text = engine.ask(InfillPrompt(before=f"{BEFORE}def last(value):\n    {typed}", after=after), SHORT)
    assert isinstance(finished, Finished), finished
    return finished, text


@pytest.fixture(scope="module", params=["qwen3next", "llama", "gemma3"])
def filler(request, model_builder):
    """A model with fill-in-the-middle tokens: hybrid, of pure attention, and with a sliding window."""
    with Engine() as engine:
        engine.model = engine.load(model_builder.tiny(request.param), LoadSettings(n_ctx=4096)).model
        yield engine


def test_a_model_says_whether_it_can_fill_in_the_middle(tiny, starter):
    assert tiny.model.supports_infill
    assert not starter.model.supports_infill


def test_a_model_without_the_tokens_says_so_and_lives(starter):
    failed, _text = starter.ask(InfillPrompt(before="x", after="y"), SHORT)
    assert isinstance(failed, Failed)
    assert failed.code == "no_infill"
    assert "fill-in-the-middle" in failed.title
    assert isinstance(starter.chat("Hello")[0][0], Finished)


def test_after_completions_the_next_turn_reads_only_what_is_new(filler):
    ends, messages = filler.chat("First question", "And a second one")
    complete(filler)
    complete(filler, "return")
    question = ChatMessage(role="user", content="A third")
    after, _text = filler.ask(ChatPrompt(messages=(*messages, question)))
    assert after.stats.reused_tokens == ends[-1].stats.context_tokens
    assert after.stats.processed_tokens == after.stats.prompt_tokens - ends[-1].stats.context_tokens


def test_a_conversation_as_long_as_its_context_is_not_disturbed_either(model_builder):
    with Engine() as engine:
        engine.load(model_builder.tiny(), LoadSettings(n_ctx=1024, prompt_cache_bytes=0))
        messages = (ChatMessage(role="user", content="word " * 100),)
        first, _text = engine.ask(ChatPrompt(messages=messages), Sampling(temperature=0, ignore_eos=True))
        assert first.reason == "context_full"
        complete(engine)
        again, _text = engine.ask(ChatPrompt(messages=messages))
        assert again.stats.processed_tokens <= 1


def test_the_next_completion_in_a_file_reads_only_from_the_line_of_the_cursor(filler):
    first, _text = complete(filler)
    filler.chat("Something in between")
    second, _text = complete(filler, "return val")
    assert first.stats.prompt_tokens > 500
    assert second.stats.processed_tokens < 80
    assert second.stats.reused_tokens > 450


def test_a_completion_from_the_cache_equals_one_without_it(filler):
    complete(filler, "x")
    _finished, warm = complete(filler, "return")
    with Engine() as fresh:
        fresh.load(filler.model.path, LoadSettings(n_ctx=4096))
        _finished, cold = complete(fresh, "return")
    assert warm == cold


def test_a_completion_that_is_cancelled_while_it_is_read_leaves_both_caches_true(filler):
    ends, messages = filler.chat("Hello there")
    request = filler.engine.generate(InfillPrompt(before=BEFORE * 3, after="\n# another end\n"), SHORT)

    def cancel(event):
        if isinstance(event, PromptProgress):
            filler.engine.cancel(request)

    assert filler.wait(request, cancel).reason == "cancelled"
    question = ChatMessage(role="user", content="Go on")
    after, _text = filler.ask(ChatPrompt(messages=(*messages, question)))
    assert after.stats.reused_tokens == ends[-1].stats.context_tokens
    assert isinstance(complete(filler)[0], Finished)


def test_a_message_that_is_sent_cancels_the_completion_under_way(filler):
    endless = Sampling(temperature=0, max_tokens=3000, ignore_eos=True)
    completion = filler.engine.generate(InfillPrompt(before=BEFORE, after=AFTER), endless)
    assert filler.engine.state == "ready"  # nobody has to wait for it
    reply = filler.engine.generate(ChatPrompt(messages=(ChatMessage(role="user", content="Hi"),)), SHORT)
    assert filler.engine.state == "generating"
    ended = []
    finished = filler.wait(reply, ended.append)
    assert finished.reason in {"eos", "max_tokens"}
    assert any(isinstance(event, Finished | Failed) and event.request == completion for event in ended)


def test_no_special_token_is_part_of_a_completion(filler):
    for typed in ("", "return", "x = [", "#"):
        finished, _text = complete(filler, typed)
        rendered = filler.wait(filler.engine.render(InfillPrompt(before="a", after="b")))
        assert not {rendered.token_ids[0], rendered.token_ids[-1]} & set(finished.token_ids)


def test_the_memory_of_the_second_context_is_foretold_by_device():
    memory = {
        "CUDA0": {"weights": 10**9, "kv_cache": 800, "recurrent_state": 75, "compute": 300},
        "CUDA_Host": {"compute": 20},
        "CPU": {"weights": 10**8, "kv_cache": 80, "output": 1},
    }
    assert expected_bytes(memory, {"CUDA0"}, 32_768, 4096) == {"CUDA0": 100 + 75 + 300, "CPU": 20 + 10 + 1}
