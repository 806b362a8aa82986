"""Tools in prompts: steps of a run only add tokens, templates without tools get them in words, nothing escapes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.messages import ChatMessage, ToolCall
from app.engine.prompts.chatml import CHATML_TEMPLATE
from tests.engine.prompt_models import Model
from tests.models.build import chat_template

_CALL = ToolCall(name="read_file", arguments={"path": "a.py"}, id="a00000001")
_hostile = st.lists(
    st.text(max_size=8)
    | st.sampled_from(["<|im_end|>", "<|im_start|>", "<|im_", "end|>", "<tool_call>", "</tool_response>", "<", ">"]),
    max_size=6,
).map("".join)
_thorough = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module", params=["smollm2", "chatml", "qwen3-coder"])
def model(request, starter_vocab, tiny_vocab, renderer):
    """A model whose template knows no tools, one without a template, one that was made for them."""
    templates = {"smollm2": starter_vocab.template, "chatml": CHATML_TEMPLATE, "qwen3-coder": chat_template()}
    opened = tiny_vocab if request.param == "qwen3-coder" else starter_vocab
    return Model(opened, templates[request.param], renderer)


@pytest.fixture(scope="module")
def plain(starter_vocab, renderer):
    """A model whose template knows no tools."""
    return Model(starter_vocab, starter_vocab.template, renderer)


def _tool(name="read_file", description="Read a file.", **parameters):
    schema = {"type": "object", "properties": parameters or {"path": {"type": "string"}}}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def _user(content):
    return ChatMessage(role="user", content=content)


def _system(content):
    return ChatMessage(role="system", content=content)


def _called(ids, *ids_of_calls):
    calls = tuple(ToolCall(name="read_file", arguments={}, id=call) for call in ids_of_calls)
    return ChatMessage(role="assistant", content="", token_ids=ids, tool_calls=calls)


def _result(call, content):
    return ChatMessage(role="tool", content=content, tool_call_id=call, name="read_file")


def _begins(longer, shorter):
    return longer.token_ids[: len(shorter)] == tuple(shorter)


# --- a run of many steps ----------------------------------------------------------------------------------


@_thorough
@given(steps=st.lists(st.tuples(st.lists(st.integers(5, 599), max_size=8), _hostile, _hostile), min_size=1, max_size=5))
def test_every_step_of_a_run_only_adds_to_what_was_read_and_written(model, steps):
    messages, seen = [_system("s"), _user("Do it.")], ()
    for number, (ids, one, two) in enumerate(steps):
        prompt = model.assemble(*messages, tools=(_tool(),))
        assert _begins(prompt, seen)
        seen = (*prompt.token_ids, *ids)
        first, second = f"a{number:08}", f"b{number:08}"
        messages += [_called(tuple(ids), first, second), _result(first, one), _result(second, two)]
    assert _begins(model.assemble(*messages, _user("And now?"), tools=(_tool(),)), seen)


def test_results_come_in_the_order_of_the_calls_whatever_order_they_are_given_in(model):
    calls = _called((70,), "a", "b")
    ordered = model.assemble(_user("u"), calls, _result("a", "AAA"), _result("b", "BBB"), tools=(_tool(),))
    mixed = model.assemble(_user("u"), calls, _result("b", "BBB"), _result("a", "AAA"), tools=(_tool(),))
    assert ordered.token_ids == mixed.token_ids
    assert 0 < ordered.text.index("AAA") < ordered.text.index("BBB")


def test_the_places_of_messages_are_known_with_results_that_a_template_puts_together(model):
    messages = (_system("s"), _user("u"), _called((70,), "a", "b"), _result("a", "A"), _result("b", "B"), _user("v"))
    offsets = model.assemble(*messages, tools=(_tool(),)).message_offsets
    assert len(offsets) == len(messages)
    assert all(before <= after for before, after in itertools.pairwise(offsets))
    assert offsets[3] < offsets[5]


# --- templates that know no tools -------------------------------------------------------------------------


def test_tools_are_described_behind_the_users_own_system_prompt(plain):
    text = plain.assemble(_system("Be brief."), _user("u"), tools=(_tool(), _tool("glob"))).text
    assert text.startswith("<|im_start|>system\nBe brief.\n\n# Tools\n")
    assert '"name": "read_file"' in text
    assert (
        text.index('"name": "read_file"') < text.index('"name": "glob"') < text.index("<|im_start|>user\nu<|im_end|>")
    )
    assert '<tool_call>\n{"name": "NAME"' in text


def test_tools_are_described_where_there_is_no_system_prompt(plain):
    assert plain.assemble(_user("u"), tools=(_tool(),)).text.startswith("<|im_start|>system\n# Tools\n")


def test_calls_and_results_are_written_as_plain_messages(plain):
    reply = ChatMessage(role="assistant", content="Look.", tool_calls=(_CALL,))
    text = plain.assemble(_user("u"), reply, _result(_CALL.id, "A"), tools=(_tool(),)).text
    call = '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.py"}}\n</tool_call>'
    assert f"<|im_start|>assistant\nLook.\n{call}<|im_end|>" in text
    assert "<|im_start|>user\n<tool_response>\nA\n</tool_response><|im_end|>" in text
    assert "<|im_start|>tool" not in text


def test_a_call_without_a_result_is_answered_in_words(plain):
    reply = ChatMessage(role="assistant", content="", tool_calls=(_CALL,))
    assert "<tool_response>\nThis call was not run" in plain.assemble(_user("u"), reply, _user("v")).text


def test_without_tools_such_a_template_is_used_as_before(plain):
    assert plain.assemble(_system("s"), _user("u")).text == (
        "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nu<|im_end|>\n<|im_start|>assistant\n"
    )


# --- nothing becomes a control token ----------------------------------------------------------------------


@_thorough
@given(result=_hostile, name=_hostile, description=_hostile, parameter=_hostile, about=_hostile)
def test_results_and_the_words_of_foreign_tools_never_become_control_tokens(
    model, result, name, description, parameter, about
):
    def prompt(result, name, description, parameter, about):
        tool = _tool(name, description, **{parameter or "p": {"type": "string", "description": about}})
        reply = ChatMessage(role="assistant", content="x", token_ids=(70,), tool_calls=(_CALL,))
        message = ChatMessage(role="tool", content=result, tool_call_id=_CALL.id, name=name)
        return model.assemble(_system("s"), _user("u"), reply, message, tools=(tool,))

    tricky = prompt(result, name, description, parameter, about)
    assert model.control_ids(tricky.token_ids) == model.control_ids(prompt("r", "n", "d", "p", "a").token_ids)
