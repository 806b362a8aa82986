"""Completions of a real coding model: sensible Python, and two caches that do not disturb each other."""

import ast

import pytest

from app.engine.messages import ChatMessage, ChatPrompt, InfillPrompt, LoadSettings
from app.infill.proposal import proposal
from app.infill.rules import sampling_for, shape_of
from app.infill.surroundings import surroundings
from tests.engine.harness import Engine

pytestmark = [pytest.mark.coder, pytest.mark.timeout(600)]

MODULE = '''"""Bank accounts."""

from dataclasses import dataclass


@dataclass
class Account:
    owner: str
    balance: int = 0

    def deposit(self, amount: int) -> None:
        """Add money."""
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance += amount

    def withdraw(self, amount: int) -> None:
        """Take money out."""
        if amount > self.balance:
            raise ValueError("not enough money")
        self.balance -= amount


def find_account(accounts: list[Account], owner: str) -> Account | None:
    """Return the account of an owner."""
    for account in accounts:
        if account.owner == owner:
            return account
    return None


def richest(accounts: list[Account]) -> Account:
    """Return the account with the highest balance."""
    return max(accounts, key=lambda account: account.balance)
'''


@pytest.fixture(scope="module")
def coder(coder_model):
    with Engine() as engine:
        engine.model = engine.load(coder_model, LoadSettings(n_ctx=4096)).model
        yield engine


def fill(engine, removed):
    """Take a part out of the module and return what is proposed in its place, and the module with that."""
    before, after = MODULE.split(removed, 1)
    lines = (before + after).split("\n")
    line = before.count("\n")
    head = before.split("\n")[-1]
    around = surroundings(lines.__getitem__, len(lines), line, head, lines[line][len(head) :])
    shape = shape_of(around)
    finished, answer = engine.ask(InfillPrompt(before=around.before, after=around.after), sampling_for(shape))
    text = proposal(answer, around, shape, is_final=True).text
    return finished, text, before + text + after


@pytest.mark.parametrize(
    ("removed", "word"),
    [
        ("self.balance += amount", "balance"),
        ("max(accounts, key=lambda account: account.balance)", "max"),
        ("account.owner == owner:\n", "owner"),
        ("amount > self.balance:\n", "amount"),
    ],
)
def test_what_it_fills_in_fits_the_code_around_it(coder, removed, word):
    _finished, text, whole = fill(coder, removed.rstrip("\n"))
    assert word in text
    ast.parse(whole)


def test_a_conversation_goes_on_as_if_nothing_had_been_completed(coder):
    ends, messages = coder.chat("What is a list?")
    fill(coder, "self.balance -= amount")
    question = ChatMessage(role="user", content="And a tuple?")
    after, _text = coder.ask(ChatPrompt(messages=(*messages, question)))
    assert after.stats.reused_tokens == ends[-1].stats.context_tokens


def test_the_next_completion_reads_only_from_the_line_of_the_cursor(coder):
    before, after = MODULE.split("max(accounts", 1)[0], "\n"
    first, _text = coder.ask(InfillPrompt(before=before, after=after), sampling_for("line"))
    coder.chat("What is a dictionary?")
    second, _text = coder.ask(InfillPrompt(before=before + "max(", after=after), sampling_for("line"))
    assert second.stats.processed_tokens < 20 < first.stats.prompt_tokens
