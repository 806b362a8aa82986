"""What small random models cannot show: the size of the model Sawhorse is made for, and a model that knows code."""

import ast
import json

import psutil
import pytest

from app.engine.messages import (
    ChatMessage,
    ChatPrompt,
    Finished,
    LoadProgress,
    LoadSettings,
    PromptProgress,
    Rendered,
    TextPrompt,
)
from app.engine.sampling import Sampling
from tests.engine.harness import Engine

GB = 1e9
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.mark.slow
@pytest.mark.full_shape
@pytest.mark.timeout(900)
def test_a_model_of_48_gb_loads_with_progress_answers_stops_and_gives_its_memory_back(full_shape_model):
    with Engine() as engine:
        shares = []
        loaded = engine.wait(
            engine.engine.load(str(full_shape_model), LoadSettings(n_ctx=4096)),
            lambda event: shares.append(event.fraction) if isinstance(event, LoadProgress) else None,
        )
        assert loaded.model.size_bytes > 48 * GB
        assert loaded.model.is_recurrent
        assert shares == sorted(shares)
        assert len(shares) > 20
        ends, _messages = engine.chat("Hello", "And again")
        assert ends[1].stats.reused_tokens == ends[0].stats.context_tokens
        long = TextPrompt(text="word " * 600)
        request = engine.engine.generate(long, Sampling(max_tokens=4))
        finished = engine.wait(
            request, lambda event: engine.engine.cancel(request) if isinstance(event, PromptProgress) else None
        )
        assert finished.reason == "cancelled"
        assert engine.ask(TextPrompt(text="Hello"), Sampling(max_tokens=1))[0].reason == "max_tokens"
        engine.wait(engine.engine.unload())
        assert psutil.Process(engine.engine.pid).memory_info().rss < 1 * GB


@pytest.fixture(scope="module")
def coder(coder_model):
    """An engine with a real coding model."""
    with Engine() as engine:
        engine.model = engine.load(coder_model, LoadSettings(n_ctx=4096)).model
        yield engine


@pytest.mark.coder
def test_a_coding_model_writes_python_that_parses(coder):
    question = "Write a Python function is_even(n)."
    _finished, text = coder.ask(
        ChatPrompt(messages=(ChatMessage(role="user", content=question),)), Sampling(temperature=0, max_tokens=300)
    )
    code = text.partition("```python\n")[2].partition("```")[0]
    assert any(isinstance(node, ast.FunctionDef) and node.name == "is_even" for node in ast.walk(ast.parse(code)))


@pytest.mark.coder
def test_a_coding_model_keeps_to_a_json_schema(coder):
    schema = {
        "type": "object",
        "properties": {"language": {"enum": ["python", "rust"]}, "lines": {"type": "integer"}},
        "required": ["language", "lines"],
        "additionalProperties": False,
    }
    finished, text = coder.ask(
        ChatPrompt(messages=(ChatMessage(role="user", content="Describe a script of 12 lines."),)),
        Sampling(temperature=0, max_tokens=100, json_schema=json.dumps(schema)),
    )
    assert isinstance(finished, Finished)
    assert set(json.loads(text)) == {"language", "lines"}


@pytest.mark.coder
def test_a_coding_model_is_told_of_its_tools_by_its_own_template(coder):
    assert coder.model.supports_tools
    prompt = ChatPrompt(messages=(ChatMessage(role="user", content="Weather in Oslo?"),), tools=(WEATHER,))
    rendered = coder.wait(coder.engine.render(prompt))
    assert isinstance(rendered, Rendered)
    assert '"name": "weather"' in rendered.text
    _finished, text = coder.ask(prompt, Sampling(temperature=0, max_tokens=100))
    assert "weather" in text
    assert "Oslo" in text
