"""What tools cost: counted by the model, as differences, one prompt at a time."""

from __future__ import annotations

from types import SimpleNamespace

from app.engine.messages import Died, Failed, TokensCounted
from tests.app.chats import Hand
from tests.ui.agent_fakes import READ, SPECS
from ui.control.tool_costs import ToolCosts


class Costs:
    """The service with an engine whose prompts cost 10 tokens, 40 more with tools, and 100 a tool."""

    def __init__(self):
        self.engine = Hand()
        self.costs = ToolCosts(self.engine)
        self.answered = 0

    def answer(self):
        """Answer every question until none is left."""
        while self.answered < len(self.engine.counted):
            tools = self.engine.counted[self.answered].tools
            self.answered += 1
            tokens = 10 + (40 if tools else 0) + 100 * len(tools)
            self.costs.handle(TokensCounted(request=self.engine.last_request, tokens=tokens, n_ctx=4096))


def test_costs_are_differences_so_that_words_around_all_tools_count_once():
    counting = Costs()
    counting.costs.want(SPECS, SPECS[:2])
    counting.answer()
    assert [counting.costs.cost(spec) for spec in SPECS] == [100] * 5
    assert counting.costs.total(SPECS[:2]) == 240


def test_one_prompt_is_counted_at_a_time_and_none_twice():
    counting = Costs()
    counting.costs.want(SPECS, SPECS)
    assert len(counting.engine.counted) == 1
    counting.answer()
    asked = len(counting.engine.counted)
    counting.costs.want(SPECS, SPECS)
    assert len(counting.engine.counted) == asked


def test_nothing_is_counted_while_the_engine_is_at_work_or_without_a_model():
    counting = Costs()
    counting.engine.state = "generating"
    counting.costs.want(SPECS, SPECS)
    assert counting.engine.counted == []
    assert counting.costs.cost(READ) is None
    counting.engine.state = "ready"
    counting.costs.handle(SimpleNamespace(request=0))
    assert len(counting.engine.counted) == 1


def test_another_model_is_asked_anew():
    counting = Costs()
    counting.costs.want((READ,), (READ,))
    counting.answer()
    counting.engine.change_model("another")
    assert counting.costs.cost(READ) is None
    counting.costs.want((READ,), (READ,))
    counting.answer()
    assert counting.costs.cost(READ) == 100


def test_what_cannot_be_counted_stays_unknown_and_is_not_asked_again():
    counting = Costs()
    counting.costs.want((READ,), ())
    while counting.answered < len(counting.engine.counted):
        counting.answered += 1
        counting.costs.handle(Failed(request=counting.engine.last_request, code="template", title="No"))
    assert counting.costs.cost(READ) is None
    asked = len(counting.engine.counted)
    counting.costs.want((READ,), ())
    assert len(counting.engine.counted) == asked


def test_an_engine_that_dies_is_asked_again_when_it_is_back():
    counting = Costs()
    counting.costs.want((READ,), ())
    counting.engine.state = "failed"
    counting.costs.handle(Died(title="It died", message="", hint="", lost=()))
    counting.engine.state = "ready"
    counting.costs.want((READ,), ())
    assert len(counting.engine.counted) == 2
