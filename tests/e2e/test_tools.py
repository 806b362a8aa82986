"""A person has a model work in a folder, in the real window, with the real tools in their real sandbox."""

import psutil
import pytest
from PySide6.QtCore import Qt

from app.agent.trace import RunLimits
from tests.e2e.conftest import close
from tests.e2e.tool_person import Person, called, contents


def test_a_run_is_watched_approved_reviewed_and_undone_to_the_byte(person, workspace):
    before = contents(workspace)
    person.ask(
        "Test the counter.",
        called("list_dir", "I look around.", path="."),
        called("read_file", path="count.py"),
        called("write_file", path="tests/check.py", content="from count import count\nprint(count('a b'))"),
        called("run_command", command="PYTHONPATH=. python3 -B tests/check.py && echo done > log.txt"),
        called("edit_file", path="count.py", old_text="split(' ')", new_text="split()"),
        "The counter works.",
    )
    person.wait_state("waiting")
    person.wait(lambda: person.button("approve_button") is not None and person.button("approve_button").isEnabled())
    assert "write_file asks for approval" in person.bar
    person.qtbot.keyClick(person.button("approve_button"), Qt.Key.Key_Return)
    assert person.run.state == "waiting"
    assert contents(workspace) == before
    for number in range(3, 6):
        person.wait(lambda number=number: len(person.calls) == number)
        person.approve()
    person.wait_for_end()
    assert person.outcomes == ["done"] * 5
    assert "count.py" in person.results[0].content
    assert "2" in person.results[3].content
    assert person.results[3].sandbox
    assert person.branch[-1].text == "The counter works."
    assert (workspace / "count.py").read_text("utf-8").endswith("split())\n")
    assert (workspace / "log.txt").exists()
    person.wait(lambda: "3 files changed" in person.bar)
    person.click("run_undo_button")
    person.wait(lambda: person.dialog("changes_dialog") is not None)
    person.click("undo_yes_button")
    person.wait(lambda: contents(workspace) == before)
    person.wait(lambda: person.bar == "")


def test_a_reviewed_run_has_its_hunks_taken_back_one_by_one_and_is_undone_to_the_byte(person, workspace):
    (workspace / "count.py").write_text("one\nkept\ntwo\n", "utf-8")
    before = contents(workspace)
    person.ask(
        "Change it.", called("write_file", "I do.", path="count.py", content="uno\nkept\ndos\n"), "It is changed."
    )
    person.approve()
    person.wait_for_end()
    person.wait(lambda: "1 file changed" in person.bar)
    person.click("run_review_button")
    person.click("reject_hunk_1")
    person.wait(lambda: (workspace / "count.py").read_text("utf-8") == "uno\nkept\ntwo\n")
    person.click("reject_hunk_0")
    person.wait(lambda: contents(workspace) == before)
    person.click("accept_hunk_1")
    person.wait(lambda: (workspace / "count.py").read_text("utf-8") == "one\nkept\ndos\n")
    person.click("undo_run_button")
    person.click("undo_yes_button")
    person.wait(lambda: contents(workspace) == before)
    person.wait(lambda: person.bar == "")


def test_a_refusal_an_answer_and_a_message_reach_the_model_and_a_malformed_call_is_mended(person, workspace):
    person.ask(
        "Tidy up.",
        called("write_file", path="junk.txt", content="junk"),
        called("ask_user", question="Which file?", choices=["README.md", "count.py"]),
        called("write_file", path="notes.txt"),
        "I give up.",
    )
    person.deny("No junk, please.")
    person.wait(lambda: person.button("option_1") is not None)
    person.send("Be brief.")
    person.click("option_1")
    person.wait_for_end()
    assert person.outcomes == ["denied", "answered", "invalid"]
    assert "No junk, please." in person.results[0].content
    assert "count.py" in person.results[1].content
    assert "content" in person.results[2].content
    assert [turn.text for turn in person.branch if turn.role == "user"] == ["Tidy up.", "Be brief."]
    assert "<parameter=path>" in person.calls[2].raw
    assert not list(workspace.glob("*.txt"))
    malformed = person.calls[2].call_id
    fixed = {"name": "write_file", "arguments": {"path": "notes.txt", "content": "mended"}}
    person.sawhorse.agent.control.act("fix", malformed, fixed)
    person.wait_for_end()
    assert (workspace / "notes.txt").read_text("utf-8") == "mended"
    assert person.outcomes == ["denied", "answered", "done"]
    turn = next(turn for turn in person.branch if person.calls[2] in turn.parts)
    assert len(person.sawhorse.store.siblings(turn.id)) == 2


def test_a_command_that_hangs_is_stopped_and_a_killed_tool_process_is_only_a_failed_result(person):
    person.ask(
        "Wait.",
        called("run_command", command="echo begun; sleep 600"),
        called("run_command", command="echo again; sleep 600"),
        called("list_dir", path="."),
        "That was it.",
    )
    person.approve()
    person.unfold_running()
    person.click("stop_tool_button")
    person.wait(lambda: len(person.calls) == 2)
    person.approve()
    person.unfold_running()
    psutil.Process(person.sawhorse.core.process.pid).kill()
    person.wait_for_end()
    assert person.outcomes == ["cancelled", "failed", "done"]
    assert person.branch[-1].text == "That was it."


def test_a_run_cut_off_while_it_asks_goes_on_in_the_next_session(person, open_person, workspace):
    person.ask("Write it.", called("write_file", path="a.txt", content="a"), "Written.")
    person.wait_state("waiting")
    close(person.sawhorse)
    again = open_person()
    assert again.run.state == "interrupted"
    again.wait(lambda: again.button("approve_button") is None)
    again.click("run_continue_button")
    again.approve()
    again.wait_for_end()
    assert (workspace / "a.txt").read_text("utf-8") == "a"
    assert again.branch[-1].text == "Written."


def test_fifty_steps_with_failures_refusals_huge_output_and_a_loop(person, workspace):
    settings = person.sawhorse.settings
    settings.change(tool_policies={str(workspace): {"run_command": "allow", "write_file": "deny"}})
    steps = []
    for number in range(12):
        steps += [
            called("run_command", command=f"echo {number}; exit {number % 2}"),
            called("read_file", path=f"missing-{number}.txt"),
            called("write_file", path=f"{number}.txt", content="x"),
            called("list_dir", path=".", depth="many") if number % 2 else called("glob", pattern=f"*{number}*"),
        ]
    huge = called("run_command", command="head -c 3000000 /dev/zero | tr '\\0' x")
    person.ask("Go on.", *steps, huge, *[called("list_dir", path=".")] * 4)
    person.wait(lambda: person.run is not None and person.run.state in {"limit", "paused", "complete"}, 60_000)
    assert person.run.state == "limit"
    person.click("run_continue_button")
    person.wait_for_end("paused")
    assert "list_dir 3 times" in person.run.reason
    assert len(person.results) == 53
    assert max(len(result.content) for result in person.results) < 100_000
    assert not list(workspace.glob("*.txt"))


@pytest.mark.coder
@pytest.mark.timeout(300)
def test_a_real_coding_model_lists_the_files(open_window, qtbot, workspace, coder_model, tmp_path):
    person = Person(open_window(str(coder_model), new=True), qtbot, tmp_path)
    person.sawhorse.settings.change(run_limits=RunLimits(turns=3), sampling={"temperature": 0.0, "max_tokens": 200})
    person.choose(workspace)
    person.send("list the files")
    person.wait(lambda: person.run is not None and person.run.state not in {"running", "waiting"}, 240_000)
    assert person.calls[0].name == "list_dir"
    assert person.outcomes[0] == "done"
    assert "count.py" in person.results[0].content
