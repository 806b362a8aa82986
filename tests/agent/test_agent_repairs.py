"""A malformed call can be mended and run, asked for anew with a grammar, or taken for the text it is."""

import pytest

from app.chat.changes import BranchShown
from app.conversations.parts import TextPart, ToolCallPart
from app.errors import AppError
from tests.agent.scenes import written

BAD = "[read_file {oops]\n"


def paused(scene, *texts):
    """Have a run pause after three malformed calls, the last reply as given; return the id of its malformed call."""
    scene.ask()
    scene.say(BAD)
    scene.say(BAD)
    scene.say("".join(texts) or BAD)
    while scene.runner.is_running:
        scene.runner.ends("A")
    assert scene.run_state == "paused"
    return next(call.part.call_id for call in reversed(scene.calls()) if call.state == "invalid")


def told(scene):
    """Have a malformed call told to the model, which then is done; return its id."""
    scene.ask()
    scene.say("Look.\n" + written("read_file", path="a") + BAD, ids=(1, 2, 3))
    scene.runner.ends("AAA")
    scene.say("I give up.")
    assert scene.run_state == "complete"
    return scene.calls()[1].part.call_id


def test_a_call_the_model_was_not_told_of_is_mended_in_its_place(scene):
    identity = paused(scene)
    turns = len(scene.branch)
    scene.agent.fix_and_run(identity, "read_file", {"path": "a"})
    assert scene.runner.runs[-1].arguments == {"path": "a"}
    scene.runner.ends("AAA")
    result = scene.results[-1]
    assert (result.outcome, result.arguments, result.name) == ("done", {"path": "a"}, "read_file")
    assert scene.asked[-1][1].endswith("AAA")
    assert "changed this call" in scene.asked[-1][1]
    assert len(scene.branch) == turns + 1
    assert scene.calls()[-1].state == "done"


def test_a_call_the_model_was_told_of_gets_a_branch_of_its_own_with_the_other_results(scene):
    identity = told(scene)
    before = scene.branch
    scene.agent.fix_and_run(identity, "read_file", {"path": "b"})
    assert scene.heard(BranchShown)
    assert [run.arguments["path"] for run in scene.runner.runs] == ["a", "b"]
    scene.runner.ends("BBB")
    made = scene.branch[1]
    assert scene.store.siblings(made.id) == [before[1].id, made.id]
    assert made.token_ids == (1, 2, 3)
    assert scene.results[0].content == "AAA"
    assert scene.results[1].content.endswith("BBB")
    assert {result.call_id for result in scene.results} == {call.part.call_id for call in scene.calls()}
    prompt = scene.engine.prompts[-1].messages
    assert prompt[2].token_ids == (1, 2, 3)
    assert [message.role for message in prompt] == ["system", "user", "assistant", "tool", "tool"]
    scene.say("Found.")
    assert scene.run_state == "complete"
    assert scene.store.branch_to(before[-1].id) == before


def test_what_is_mended_must_fit_a_tool(scene):
    identity = paused(scene)
    with pytest.raises(AppError, match="cannot take"):
        scene.agent.fix_and_run(identity, "read_file", {"path": 1})
    with pytest.raises(AppError, match="no tool"):
        scene.agent.fix_and_run(identity, "fly", {})
    assert scene.run_state == "paused"


def test_a_mended_question_is_asked(scene):
    scene.agent.fix_and_run(paused(scene), "ask_user", {"question": "Which?"})
    assert (scene.calls()[-1].state, scene.run_state) == ("question", "waiting")
    scene.agent.answer(scene.id, "b")
    assert scene.asked[-1][1].endswith("b")


def test_nothing_is_mended_while_a_run_is_under_way(scene):
    scene.ask()
    scene.say(BAD)
    identity = scene.calls()[0].part.call_id
    for verb, arguments in (("fix_and_run", ("read_file", {"path": "a"})), ("ask_again", ()), ("send_as_text", ())):
        with pytest.raises(AppError, match="under way"):
            getattr(scene.agent, verb)(identity, *arguments)


def test_asking_again_writes_the_reply_anew_under_a_grammar(scene):
    identity = told(scene)
    first = scene.branch[1]
    scene.agent.ask_again(identity)
    assert scene.engine.samplings[-1].grammar == "root ::= 5"
    assert scene.asked[-1] == ("user", "Do it.")
    scene.call("read_file", path="c")
    assert scene.store.siblings(first.id) == [first.id, scene.branch[1].id]
    scene.runner.ends("C")
    assert scene.engine.samplings[-1].grammar == ""


def test_a_call_sent_as_text_is_text_in_a_version_of_its_own_and_the_ids_stay(scene):
    scene.ask()
    scene.say("See: " + BAD + "That is how.", ids=(1, 2))
    scene.say("Sorry.")
    first = scene.branch[1]
    scene.agent.send_as_text(scene.calls()[0].part.call_id)
    assert [turn.role for turn in scene.branch] == ["user", "assistant"]
    (part,) = scene.last.parts
    assert part == TextPart(text="See: " + BAD + "That is how.")
    assert scene.last.token_ids == (1, 2)
    assert scene.store.siblings(first.id) == [first.id, scene.last.id]
    assert not scene.session.is_busy
    scene.session.send("Thanks.")
    assert scene.engine.prompts[-1].messages[2].token_ids == (1, 2)
    assert scene.engine.prompts[-1].messages[2].tool_calls == ()


def test_the_other_calls_of_a_reply_stay_calls_with_their_results(scene):
    identity = told(scene)
    scene.agent.send_as_text(identity)
    assert [type(part) for part in scene.branch[1].parts] == [TextPart, ToolCallPart, TextPart]
    assert [result.content for result in scene.results] == ["AAA"]
    assert scene.asked[-1] == ("tool", "AAA")
    assert len(scene.runner.runs) == 1
