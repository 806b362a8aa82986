"""The grammars for tool calls, read and applied by llama.cpp itself."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

import llama_cpp.llama_cpp as llama
import pytest

from app.agent.grammars import call_grammar
from app.agent.tool_calls import render_call
from app.engine.llama.grammar import init_grammar
from app.engine.sampling import Sampling
from tests.agent.replies import FORMATS, TOOLS, ran, read, tool
from tests.engine.vocabularies import OpenVocab

NESTED = tool(
    "nested",
    ["steps"],
    steps={"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
    mode={"enum": ["fast", 'care"ful', 3, None]},
    either={"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": False}]},
    fixed={"const": True},
    many={"type": ["integer", "null"]},
    anything={},
)
NESTED["function"]["parameters"]["$defs"] = {
    "step": {
        "type": "object",
        "properties": {"text": {"type": "string"}, "inner": {"$ref": "#/$defs/step"}},
        "required": ["text"],
    }
}
ALL = (*TOOLS, NESTED)
CALLS = (
    ("weather", {"city": "Oslo"}),
    ("weather", {"city": 'Ny "Å"', "days": -3}),
    ("write_file", {"path": "a.py", "content": "<b>\n\nif x < 1:\n    pass\n</b>\n"}),
    ("typed", {"whole": 4, "truth": False, "thing": {"a": [1.5, None]}}),
    ("now", {}),
    ("nested", {"steps": [{"text": "x", "inner": {"text": "y"}}], "mode": 3, "fixed": True, "many": None}),
)


@pytest.fixture(scope="module")
def vocab(starter_model: Path) -> Iterator[OpenVocab]:
    """A vocabulary, opened without its model."""
    opened = OpenVocab(starter_model)
    yield opened
    opened.close()


def accepts(vocab: OpenVocab, grammar: str, text: str) -> bool:
    """Return whether llama.cpp lets a model write a text, byte-sized tokens and all, and end there."""
    sampler = init_grammar(Sampling(grammar=grammar), vocab.vocab)
    try:
        ids = (*tokens(vocab, text), llama.llama_vocab_eos(vocab.vocab.handle))
        for token in ids:
            candidate = (llama.llama_token_data * 1)(llama.llama_token_data(token, 1.0, 0.0))
            array = llama.llama_token_data_array(candidate, 1, -1, False)
            llama.llama_sampler_apply(sampler, ctypes.byref(array))
            if candidate[0].logit == float("-inf"):
                return False
            llama.llama_sampler_accept(sampler, token)
        return True
    finally:
        llama.llama_sampler_free(sampler)


def tokens(vocab: OpenVocab, text: str) -> tuple[int, ...]:
    data = text.encode()
    buffer = (llama.llama_token * (len(data) + 8))()
    count = llama.llama_tokenize(vocab.vocab.handle, data, len(data), buffer, len(buffer), False, False)
    return tuple(buffer[:count])


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_a_call_as_the_model_writes_it_is_let_through(vocab, format_, name, arguments):
    text = render_call(format_, name, arguments)
    assert accepts(vocab, call_grammar(format_, ALL), text)
    assert ran(read(format_, text, tools=ALL)) == [(name, arguments)]


@pytest.mark.parametrize("format_", ["qwen3-coder", "hermes", "json-fence", "mistral"])
def test_text_may_come_before_the_calls_and_several_may_follow(vocab, format_):
    one = render_call(format_, "now", {})
    text = (
        "Let me see.\n" + one + ("" if format_ == "mistral" else "\n") + render_call(format_, "run", {"command": "ls"})
    )
    assert accepts(vocab, call_grammar(format_, ALL), text)


@pytest.mark.parametrize("format_", FORMATS)
def test_what_the_tools_do_not_know_is_not_let_through(vocab, format_):
    grammar = call_grammar(format_, ALL)
    assert not accepts(vocab, grammar, render_call(format_, "weather", {"days": 1}))
    assert not accepts(vocab, grammar, render_call(format_, "delete_everything", {}))
    assert not accepts(vocab, grammar, render_call(format_, "weather", {"city": "Oslo", "days": "many"}))
    assert not accepts(vocab, grammar, render_call(format_, "weather", {"city": "Oslo", "unit": "kelvin"}))
    assert not accepts(vocab, grammar, render_call(format_, "now", {})[:-1])


def test_without_tools_only_text_is_let_through(vocab):
    grammar = call_grammar("hermes", ())
    assert accepts(vocab, grammar, "Nothing to call.")
    assert not accepts(vocab, grammar, render_call("hermes", "now", {}))
