"""A person has a model work in a folder, in the real window, with the real tools in their real sandbox."""

from PySide6.QtCore import Qt

from tests.e2e.tool_person import called, contents


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
    person.wait(lambda: "files changed" in person.bar)
    assert "3 files changed" in person.bar, (person.bar, contents(workspace).keys())
    person.click("run_undo_button")
    person.wait(lambda: person.dialog("changes_dialog") is not None)
    person.click("undo_yes_button")
    person.wait(lambda: contents(workspace) == before)
    person.wait(lambda: person.bar == "")
