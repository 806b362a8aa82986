"""Prompts keep the model's own ids, begin with what was read before, and let nobody else write control tokens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.messages import ChatMessage, ChatPrompt, ToolCall
from app.engine.prompts.assemble import PromptAssembler
from app.engine.prompts.chatml import CHATML_TEMPLATE
from app.engine.prompts.renderer import TemplateFailed
from tests.engine.prompt_models import Model
from tests.models.build import chat_template

_TOOLS = (
    {
        "type": "function",
        "function": {
            "name": "read_file",
            "description": "Read a file.",
            "parameters": {
                "type": "object",
                "properties": {"path": {"type": "string", "description": "Which."}, "lines": {"type": "integer"}},
                "required": ["path"],
            },
        },
    },
)


@pytest.fixture(scope="module", params=["smollm2", "chatml", "qwen3-coder", "qwen3-coder-tiny"])
def model(request, starter_vocab, tiny_vocab, renderer):
    templates = {"smollm2": starter_vocab.template, "chatml": CHATML_TEMPLATE}
    opened = tiny_vocab if request.param.endswith("tiny") else starter_vocab
    return Model(opened, templates.get(request.param, chat_template()), renderer)


@pytest.fixture(scope="module")
def qwen(tiny_vocab, renderer):
    return Model(tiny_vocab, tiny_vocab.template, renderer)


def _user(content):
    return ChatMessage(role="user", content=content)


def _system(content):
    return ChatMessage(role="system", content=content)


def _reply(content, ids=None, **fields):
    return ChatMessage(role="assistant", content=content, token_ids=ids, **fields)


plain = st.text(st.characters(codec="utf-8", exclude_characters="<|>"), max_size=40)
hostile = st.lists(
    plain
    | st.sampled_from(
        [
            "<|im_end|>",
            "<|im_start|>",
            "<|im_",
            "start|>",
            "<|endoftext|>",
            "<",
            ">",
            "|",
            "<tool_call>",
            "</tool_response>",
            "<|im_start|>system",
            "<<|im_end|>",
            "<|im_end|><|im_end|>",
            "zq0x1y",
        ]
    )
    | st.sampled_from(["\n", "\n\n", " ", "  "]),
    max_size=6,
).map("".join)
generated = st.lists(st.integers(0, 599), max_size=20).map(tuple)
_thorough = settings(max_examples=60, deadline=None)


@_thorough
@given(system=plain, question=plain, reply=plain, more=plain)
def test_ordinary_text_gets_the_same_ids_as_tokenising_the_whole_rendering(model, system, question, reply, more):
    prompt = model.assemble(_system(system), _user(question), _reply(reply), _user(more))
    assert list(prompt.token_ids) == model.vocab.tokenize(prompt.text, parse_special=True, add_special=True)


@_thorough
@given(system=hostile, turns=st.lists(st.tuples(hostile, generated, hostile), min_size=1, max_size=4))
def test_each_prompt_begins_with_the_one_before_and_what_was_generated(model, system, turns):
    messages = [_system(system)]
    seen = ()
    for question, ids, said in turns:
        messages.append(_user(question))
        prompt = model.assemble(*messages, tools=_TOOLS)
        assert prompt.token_ids[: len(seen)] == seen
        seen = prompt.token_ids + ids
        messages.append(_reply(said, ids))


@_thorough
@given(result=hostile, ids=generated, more=generated)
def test_results_of_tools_follow_the_ids_of_the_call(qwen, result, ids, more):
    call = ToolCall(name="read_file", arguments={"path": "a"}, id="1")
    messages = [_user("read it")]
    first = qwen.assemble(*messages, tools=_TOOLS)
    messages += [_reply("", ids, tool_calls=(call,)), ChatMessage(role="tool", content=result, tool_call_id="1")]
    second = qwen.assemble(*messages, tools=_TOOLS)
    third = qwen.assemble(*messages, _reply("done", more), _user("thanks"), tools=_TOOLS)
    assert second.token_ids[: len(first.token_ids) + len(ids)] == first.token_ids + ids
    assert third.token_ids[: len(second.token_ids) + len(more)] == second.token_ids + more


@_thorough
@given(system=hostile, question=hostile, result=hostile, argument=hostile, description=hostile)
def test_text_of_people_and_tools_never_becomes_a_special_token(qwen, system, question, result, argument, description):
    def prompt(*texts):
        call = ToolCall(name="read_file", arguments={"path": texts[3]}, id="1")
        tool = {"type": "function", "function": {"name": "f", "description": texts[4], "parameters": {}}}
        answer = ChatMessage(role="tool", content=texts[2], tool_call_id="1")
        messages = (_system(texts[0]), _user(texts[1]), _reply("x", tool_calls=(call,)), answer)
        return qwen.assemble(*messages, tools=(tool,))

    # What the model itself wrote may hold its own words for a call, but no control token.
    argument = argument.replace("tool_", "")
    tricky = prompt(system, question, result, argument, description)
    harmless = prompt("s", "q", "r", "a", "d")
    assert qwen.control_ids(tricky.token_ids) == qwen.control_ids(harmless.token_ids)


@_thorough
@given(question=hostile, reply=hostile)
def test_the_tokens_say_what_the_text_says(qwen, question, reply):
    prompt = qwen.assemble(_user(question), _reply(reply), _user("more"))
    assert qwen.opened.said(prompt.token_ids) == prompt.text


def test_a_reply_keeps_ids_that_no_tokenizer_would_choose(qwen):
    odd = (*qwen.vocab.tokenize("t", parse_special=False, add_special=False) * 2, 70, 71)
    prompt = qwen.assemble(_user("u"), _reply("tt", odd), _user("v"))
    ids = list(prompt.token_ids)
    assert any(tuple(ids[n : n + len(odd)]) == odd for n in range(len(ids)))


def test_a_special_token_in_the_middle_of_text_leaves_the_words_beside_it_alone(qwen):
    ids = list(qwen.assemble(_user("the window<|im_end|> the model")).token_ids)
    whole = qwen.vocab.tokenize("user\nthe window<|im_end|> the model", parse_special=False, add_special=False)
    assert any(ids[n : n + len(whole)] == whole for n in range(len(ids)))


def test_calls_without_ids_are_written_in_the_form_of_the_template(qwen):
    call = ToolCall(name="read_file", arguments={"path": "a.py", "lines": 3, "tags": ["x"]}, id="1")
    prompt = qwen.assemble(_user("u"), _reply("Look.", tool_calls=(call,)), tools=_TOOLS)
    assert (
        "<|im_start|>assistant\nLook.\n\n<tool_call>\n<function=read_file>\n<parameter=path>\na.py\n</parameter>\n"
        '<parameter=lines>\n3\n</parameter>\n<parameter=tags>\n["x"]\n</parameter>\n</function>\n</tool_call><|im_end|>'
    ) in prompt.text


def test_a_reply_with_ids_is_not_given_its_calls_twice(qwen):
    call = ToolCall(name="read_file", arguments={"path": "a"}, id="1")
    answer = ChatMessage(role="tool", content="A", tool_call_id="1")
    prompt = qwen.assemble(_user("u"), _reply("RAW", (70, 71), tool_calls=(call,)), answer)
    assert "assistant\nRAW<|im_end|>\n<|im_start|>user\n<tool_response>\nA\n" in prompt.text
    assert "<function=read_file>" not in prompt.text


def test_a_reply_can_be_continued_where_it_stopped(model):
    asked = model.assemble(_user("u"))
    continued = model.assemble(_user("u"), _reply("abc", (70, 71)), continue_last=True)
    assert continued.token_ids == (*asked.token_ids, 70, 71)


def test_an_edited_reply_is_continued_from_its_text(model):
    continued = model.assemble(_user("u"), _reply("The answer is  "), continue_last=True)
    assert continued.text.endswith("assistant\nThe answer is  ")
    assert list(continued.token_ids) == model.vocab.tokenize(continued.text, parse_special=True, add_special=True)


def test_messages_begin_at_special_tokens_and_boundaries_are_among_them(qwen):
    prompt = qwen.assemble(_system("s"), _user("u"), _reply("a", (70,)), _user("v"))
    starts = [qwen.opened.said(prompt.token_ids[offset:]).split("\n")[0] for offset in prompt.message_offsets]
    roles = ["system", "user", "assistant", "user"]
    assert starts == [f"<|im_start|>{role}" for role in roles]
    assert prompt.boundaries == (prompt.message_offsets[1], prompt.message_offsets[3])


def test_tools_without_a_system_message_lie_before_the_first_boundary(qwen):
    prompt = qwen.assemble(_user("u"), tools=_TOOLS)
    assert "read_file" in qwen.opened.said(prompt.token_ids[: prompt.boundaries[0]])
    assert qwen.opened.said(prompt.token_ids[prompt.boundaries[0] :]).startswith("<|im_start|>user\nu")


@_thorough
@given(first=hostile, other=hostile)
def test_tokens_before_a_boundary_do_not_depend_on_what_follows(model, first, other):
    one = model.assemble(_system("s"), _user("a"), _reply("b", (70,)), _user(first))
    two = model.assemble(_system("s"), _user("a"), _reply("b", (70,)), _user(other))
    assert one.boundaries == two.boundaries
    assert one.token_ids[: one.boundaries[-1]] == two.token_ids[: two.boundaries[-1]]


class WithBos:
    """A vocabulary that wants its first token before every prompt."""

    def __init__(self, vocab):
        self._vocab = vocab
        self.special_texts, self.eos_text = vocab.special_texts, vocab.eos_text
        self.bos_text, self.bos_id, self.adds_bos = "<|endoftext|>", 0, True

    def tokenize(self, text, *, parse_special, add_special):
        assert not add_special
        return self._vocab.tokenize(text, parse_special=parse_special, add_special=False)


@pytest.mark.parametrize("template", [CHATML_TEMPLATE, "{{ bos_token }}" + CHATML_TEMPLATE])
def test_the_first_token_comes_exactly_once(starter_vocab, renderer, template):
    assembler = PromptAssembler(WithBos(starter_vocab.vocab), template, renderer)
    prompt = assembler.assemble(ChatPrompt(messages=(_system("s"), _user("u"), _reply("a", (70,)), _user("v"))))
    assert prompt.token_ids.count(0) == 1
    assert prompt.token_ids[0] == 0
    assert prompt.message_offsets[0] == 0
    assert all(prompt.token_ids[offset] == 1 for offset in prompt.message_offsets[1:])


_STRICT = (
    "{%- for message in messages %}"
    "{%- if message.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>\\n' }}"
    "{%- endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def test_a_template_without_system_role_gets_the_text_in_the_first_question(starter_vocab, renderer):
    strict = Model(starter_vocab, _STRICT, renderer)
    prompt = strict.assemble(_system("Be brief."), _user(" one "), _user("two"))
    assert prompt.text.startswith("<|im_start|>user\nBe brief.\n\n one \n\ntwo<|im_end|>\n")
    assert prompt.message_offsets == ()


def test_trimmed_messages_still_have_their_places(starter_vocab, renderer):
    strict = Model(starter_vocab, _STRICT, renderer)
    prompt = strict.assemble(_user("  one \n"), _reply(" a ", (70,)), _user("\ttwo"))
    assert len(prompt.message_offsets) == 3
    assert prompt.boundaries == (prompt.message_offsets[2],)


def test_a_conversation_no_form_of_which_is_accepted_fails_in_the_words_of_the_template(starter_vocab, renderer):
    strict = Model(starter_vocab, _STRICT, renderer)
    with pytest.raises(TemplateFailed, match="Roles must alternate"):
        strict.assemble(_reply("I begin."), _user("u"))


_NEEDS_CALLS = CHATML_TEMPLATE.replace(
    "{%- for message in messages %}",
    "{%- if tools %}{{ tools | tojson }}{% endif %}{%- for message in messages %}"
    "{% if message.role == 'tool' and not messages[loop.index0 - 1].tool_calls %}"
    "{{ raise_exception('A result needs its call') }}{% endif %}",
)


def test_a_template_that_looks_for_the_calls_gets_them(starter_vocab, renderer):
    model = Model(starter_vocab, _NEEDS_CALLS, renderer)
    call = ToolCall(name="f", arguments={}, id="1")
    answer = ChatMessage(role="tool", content="A", tool_call_id="1")
    prompt = model.assemble(_user("u"), _reply("x", (70,), tool_calls=(call,)), answer, _reply("y", (71, 72)))
    assert 70 not in prompt.token_ids
    assert (71, 72) in [prompt.token_ids[n : n + 2] for n in range(len(prompt.token_ids))]


def test_a_reply_the_template_rewrites_is_rendered_in_full(starter_vocab, renderer):
    shouting = Model(starter_vocab, CHATML_TEMPLATE.replace("message.content", "(message.content | upper)"), renderer)
    prompt = shouting.assemble(_user("u <|im_end|> v"), _reply("abc", (70,)), _user("w"))
    assert prompt.text == (
        "<|im_start|>user\nU <|im_end|> V<|im_end|>\n<|im_start|>assistant\nABC<|im_end|>\n"
        "<|im_start|>user\nW<|im_end|>\n<|im_start|>assistant\n"
    )


_THINKING = (
    "{%- for message in messages %}{{ '<|im_start|>' + message.role + '\\n' }}"
    "{%- if message.role == 'assistant' and loop.last %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}"
    "{{- message.content.split('</think>')[-1] + '<|im_end|>\\n' }}{% endfor %}"
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{% endif %}"
)


@pytest.mark.parametrize("continue_last", [False, True])
def test_a_reply_stays_behind_the_header_it_was_generated_behind(starter_vocab, renderer, continue_last):
    thinking = Model(starter_vocab, _THINKING, renderer)
    first = thinking.assemble(_user("u"))
    said = (70, 71, 72)
    more = () if continue_last else (_user("v"),)
    second = thinking.assemble(_user("u"), _reply("a</think>b", said), *more, continue_last=continue_last)
    assert second.token_ids[: len(first.token_ids) + 3] == first.token_ids + said


def test_a_continued_reply_the_template_hides_follows_the_header_of_a_new_one(starter_vocab, renderer):
    hiding = CHATML_TEMPLATE.replace("message.content", "('' if message.role == 'assistant' else message.content)")
    model = Model(starter_vocab, hiding, renderer)
    prompt = model.assemble(_user("u"), _reply("half a"), continue_last=True)
    assert prompt.text.endswith("<|im_start|>assistant\nhalf a")


def test_arguments_for_the_template_reach_it_but_cannot_replace_the_messages(starter_vocab, renderer):
    model = Model(starter_vocab, "{{ style }}" + CHATML_TEMPLATE, renderer)
    prompt = model.assemble(_user("u"), template_arguments={"style": "calm", "messages": []})
    assert prompt.text.startswith("calm<|im_start|>user\nu")


def test_no_messages_is_an_error_in_words_or_a_bare_header(starter_vocab, renderer):
    assert Model(starter_vocab, "", renderer).assemble().text == "<|im_start|>assistant\n"
