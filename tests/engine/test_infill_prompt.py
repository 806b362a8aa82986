"""The prompt of a completion: the order of its parts, what is left of long files, and that file text stays text."""

from dataclasses import replace

import pytest

from app.engine.messages import InfillPrompt
from app.engine.prompts.infill import InfillAssembler, InfillBudget, budget_for

WIDE = InfillBudget(before=4000, after=1000, others=1000)
BEFORE = "def first():\n    return 1\n\n\ndef second():\n    ret"
AFTER = "\n\n\ndef third():\n    return 3\n"


@pytest.fixture
def tokens(tiny_vocab):
    return tiny_vocab.vocab.infill_tokens


@pytest.fixture
def assembler(tiny_vocab, tokens):
    return InfillAssembler(tiny_vocab.vocab, tokens)


def said(tiny_vocab, assembled):
    return tiny_vocab.said(assembled.token_ids)


def test_the_parts_stand_as_the_models_were_trained_with_them(tiny_vocab, assembler):
    prompt = assembler.assemble(InfillPrompt(before=BEFORE, after=AFTER), WIDE)
    assert said(tiny_vocab, prompt) == f"<|fim_prefix|>{BEFORE}<|fim_suffix|>{AFTER}<|fim_middle|>"


def test_a_model_without_a_middle_reads_what_follows_first(tiny_vocab, tokens):
    assembler = InfillAssembler(tiny_vocab.vocab, replace(tokens, middle=None))
    prompt = assembler.assemble(InfillPrompt(before=BEFORE, after=AFTER), WIDE)
    assert said(tiny_vocab, prompt) == f"<|fim_suffix|>{AFTER}<|fim_prefix|>{BEFORE}"


def test_other_files_come_first_with_their_paths(tiny_vocab, assembler):
    others = (("pkg/a.py", "A = 1\n"), ("pkg/b.py", "B = 2\n\n\n"))
    prompt = assembler.assemble(InfillPrompt(before="x", after="y", path="pkg/c.py", others=others), WIDE)
    assert said(tiny_vocab, prompt) == (
        "<|repo_name|>project\n<|file_sep|>pkg/a.py\nA = 1\n<|file_sep|>pkg/b.py\nB = 2\n"
        "<|file_sep|>pkg/c.py\n<|fim_prefix|>x<|fim_suffix|>y<|fim_middle|>"
    )


def test_a_model_that_knows_no_files_is_told_of_none(tiny_vocab, tokens):
    assembler = InfillAssembler(tiny_vocab.vocab, replace(tokens, file=None))
    prompt = assembler.assemble(InfillPrompt(before="x", after="y", path="c.py", others=(("a.py", "A"),)), WIDE)
    assert said(tiny_vocab, prompt) == "<|fim_prefix|>x<|fim_suffix|>y<|fim_middle|>"


@pytest.mark.parametrize("special", ["<|fim_middle|>", "<|im_end|>", "<|file_sep|>", "<tool_call>", "<|endoftext|>"])
def test_no_text_of_a_file_becomes_a_special_token(tiny_vocab, assembler, special):
    text = f"before {special} and {special}{special}"
    prompt = assembler.assemble(InfillPrompt(before=text, after=text, path=text, others=((text, text),)), WIDE)
    special_ids = set(tiny_vocab.vocab.tokenize(special, parse_special=True, add_special=False))
    assert len(special_ids) == 1
    own = assembler._tokens.all
    plain = [token for token in prompt.token_ids if token not in own]
    assert not special_ids & set(plain)
    assert said(tiny_vocab, prompt).count(f"before {special}") == 5


def test_of_a_long_file_the_nearest_lines_are_kept_whole(tiny_vocab, assembler):
    before = "".join(f"line {number}\n" for number in range(400)) + "here"
    after = "\n" + "".join(f"after {number}\n" for number in range(400))
    prompt = assembler.assemble(InfillPrompt(before=before, after=after), InfillBudget(600, 200, 0))
    text = said(tiny_vocab, prompt)
    kept, _, rest = text.removeprefix("<|fim_prefix|>").partition("<|fim_suffix|>")
    assert before.endswith(kept)
    assert kept.startswith("line ")
    assert after.startswith(rest.removesuffix("<|fim_middle|>"))
    assert rest.removesuffix("<|fim_middle|>").endswith("\n")
    assert 600 / 2 - 100 < len(prompt.token_ids) <= 600 + 200 + 3


def test_while_one_types_the_prompt_keeps_its_beginning(assembler):
    typed = "".join(f"line {number}\n" for number in range(300))
    budget = InfillBudget(800, 100, 0)
    prompts = [assembler.assemble(InfillPrompt(before=typed + "x = 1\n" * n, after=""), budget) for n in range(60)]
    beginnings = {prompt.token_ids[:40] for prompt in prompts}
    assert len(beginnings) <= 2  # it moves on in steps of half of it, not with every line


def test_a_checkpoint_is_worth_taking_before_the_line_of_the_cursor(tiny_vocab, assembler):
    prompt = assembler.assemble(InfillPrompt(before=BEFORE, after=AFTER), WIDE)
    assert tiny_vocab.said(prompt.token_ids[: prompt.boundaries[-1]]).endswith("def second():\n")


def test_a_slow_machine_reads_less_of_what_follows_and_all_parts_fit_every_context():
    assert budget_for(4096).after == budget_for(4096, 5000.0).after == 512
    assert budget_for(4096, 200.0).after == 64
    assert budget_for(4096, 400.0).after == 128
    for n_ctx in (256, 512, 1024, 4096):
        budget = budget_for(n_ctx)
        assert budget.before + budget.after + budget.others + 160 <= n_ctx
