"""Servers in their processes: approved, called, and ended, whatever they do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import psutil
import pytest

from app.tools.context import MAX_RESULT_CHARACTERS
from app.tools.mcp.config import McpServer
from tests.mcp.harness import Stable, server_of


def test_nothing_starts_before_it_is_asked_for(stable, tmp_path):
    stable.file.put(server_of("good"))
    with Stable(tmp_path) as again:
        assert again.view("good").state == "off"
        assert not again.pids()


def test_opening_a_folder_with_servers_of_its_own_starts_and_reads_nothing(stable, tmp_path):
    folder, mark = tmp_path / "work", tmp_path / "started"
    folder.mkdir()
    entry = {"command": "touch", "args": [str(mark)]}
    for name in (".mcp.json", ".cursor/mcp.json"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"mcpServers": {"toucher": entry}}))
    stable.servers.connect()
    stable.servers.set_workspace(str(folder))
    stable.servers.tick()
    assert stable.servers.views == ()
    assert not stable.pids()
    assert not mark.exists()


def test_new_server_is_not_started_before_its_command_is_approved(stable, tmp_path):
    mark = tmp_path / "started"
    stable.servers.save(McpServer(name="toucher", command="touch", args=(str(mark),)))
    view = stable.until_state("toucher", "needs_approval")
    assert view.review.kind == "start"
    stable.until(lambda: not stable.pids())
    assert not mark.exists()
    assert not stable.servers.specs


def test_tools_are_offered_only_after_their_list_is_approved(stable):
    stable.servers.save(server_of("good"))
    stable.servers.approve("good", stable.until_state("good", "needs_approval").review.key)
    stable.until(lambda: stable.view("good").review is not None and stable.view("good").review.kind == "tools")
    assert not stable.servers.specs
    stable.servers.approve("good", stable.view("good").review.key)
    names = [spec.name for spec in stable.servers.specs]
    assert "mcp__good__add" in names
    assert names == sorted(names)
    spec = stable.servers.specs[0]
    assert (spec.kind, spec.source) == ("external", "mcp:good")


def test_approved_server_starts_without_a_question(stable, tmp_path):
    stable.add(server_of("good"))
    with Stable(tmp_path) as again:
        again.servers.connect()
        again.until_state("good", "ready")
        assert again.call("mcp__good__add", a=2, b=3).content.strip() == "5"


def test_approval_of_something_else_approves_nothing(stable):
    stable.servers.save(server_of("good"))
    stable.until_state("good", "needs_approval")
    stable.servers.approve("good", "0" * 64)
    assert stable.view("good").state == "needs_approval"


def test_call_gives_the_tools_answer(stable):
    stable.add(server_of("good"))
    result = stable.call("mcp__good__echo", text="hay")
    assert (result.content, result.outcome) == ("hay", "done")
    failed = stable.call("mcp__good__fail")
    assert failed.outcome == "failed"
    assert "the barn is on fire" in failed.content
    picture = stable.call("mcp__good__picture")
    assert "image/png, 100 bytes" in picture.content
    assert stable.call("mcp__good__nothing").is_error


def test_progress_is_heard(stable):
    stable.add(server_of("good"))
    _, results, output = stable.start("mcp__good__steps", count=3)
    stable.until(lambda: bool(results))
    assert output[0] == "1 of 3 step\n"


def test_server_gets_its_variables_and_no_secrets(stable, tmp_path):
    environment = {**os.environ, "WANTED": "straw", "MY_API_KEY": "secret", "UNRELATED": "x"}
    with Stable(tmp_path, environment) as stable:
        stable.add(server_of("good", env={"GIVEN": "a ${WANTED}"}))
        told = [
            stable.call("mcp__good__environment", name=name).content for name in ("GIVEN", "MY_API_KEY", "UNRELATED")
        ]
    assert told == ["a straw", "(not set)", "(not set)"]


def test_server_is_started_in_a_folder_of_its_own_and_told_the_workspace(stable, tmp_path):
    stable.servers.set_workspace(str(tmp_path / "work"))
    stable.add(server_of("good"))
    assert stable.call("mcp__good__folder").content == str(tmp_path / "neutral")
    assert stable.call("mcp__good__roots").content == f"file://{tmp_path}/work able: roots"
    stable.servers.set_workspace("/elsewhere")
    assert stable.call("mcp__good__roots").content.startswith("file:///elsewhere ")


def test_server_that_dies_in_a_call_is_a_notice_and_a_result_and_comes_back(stable):
    stable.add(server_of("dies"))
    result = stable.call("mcp__dies__die")
    assert result.outcome == "failed"
    view = stable.until_state("dies", "ended")
    assert "exit code 3" in view.words
    assert "out of hay" in view.detail
    assert [notice.title for notice in stable.notices] == ["The MCP server “dies” ended"]
    assert [spec.name for spec in stable.servers.specs] == ["mcp__dies__die"]
    assert "can be started again" in stable.call("mcp__dies__die").content
    stable.ahead_s = 10.0
    stable.call("mcp__dies__die")
    stable.until(lambda: len(stable.notices) == 2)


def test_server_that_hangs_is_ended_with_what_it_started(stable):
    stable.add(server_of("hangs"))
    result = stable.call("mcp__hangs__hang", limit_s=0.5)
    assert result.outcome == "timed_out"
    stable.until_state("hangs", "ended")
    assert "ping" in stable.view("hangs").words
    assert not psutil.Process().children(recursive=True)


def test_slow_call_does_not_end_a_server_that_answers_otherwise(stable):
    stable.add(server_of("hangs"))
    assert stable.call("mcp__hangs__slow", limit_s=0.3).outcome == "timed_out"
    request, results, _ = stable.start("mcp__hangs__slow")
    stable.servers.cancel(request)
    stable.until(lambda: bool(results))
    assert results[0].outcome == "cancelled"
    assert stable.view("hangs").state == "ready"
    assert not stable.notices


def test_flood_is_bounded(stable):
    stable.add(server_of("floods"))
    assert stable.call("mcp__floods__log", lines=3000).content == "logged"
    log = stable.servers.log("floods")
    assert len(log) <= 500
    assert max(map(len, log)) <= 500
    long = stable.call("mcp__floods__shout", mib=2)
    assert long.outcome == "done"
    assert len(long.content) < MAX_RESULT_CHARACTERS + 100
    assert "characters left out" in long.content
    too_long = stable.call("mcp__floods__shout", mib=17)
    assert too_long.outcome == "failed"
    assert "16 MiB" in too_long.content
    _, results, output = stable.start("mcp__floods__progress", count=2000)
    stable.until(lambda: bool(results))
    assert len(output) < 200
    assert stable.view("floods").state == "ready"


def test_tools_that_change_while_the_server_runs_are_locked_until_approved(stable):
    stable.add(server_of("changes"))
    stable.call("mcp__changes__change")
    view = stable.until_state("changes", "changed")
    assert not stable.servers.specs
    assert stable.call("mcp__changes__echo", text="x").is_error
    (change,) = view.review.changes
    assert change.what == "echo: description"
    assert "id_rsa" in change.after
    assert "id_rsa" not in change.before
    stable.servers.approve("changes", view.review.key)
    assert stable.call("mcp__changes__echo", text="x").content == "x"


@pytest.mark.parametrize("change", ["Return the text!", "Return  the text.", "Return the text.\u200b"])
def test_one_byte_of_a_description_asks_again(stable, change):
    stable.add(server_of("changes", "Return the text."))
    stable.servers.save(server_of("changes", change))
    view = stable.until_state("changes", "changed")
    assert view.review.kind == "start"  # the argument is part of the command
    stable.servers.approve("changes", view.review.key)
    stable.until(lambda: stable.view("changes").review is not None and stable.view("changes").review.kind == "tools")
    assert stable.view("changes").state == "changed"
    assert not stable.servers.specs
    assert stable.view("changes").review.changes[0].what == "echo: description"


def test_changed_script_asks_again(stable, tmp_path):
    script = tmp_path / "mine.py"
    script.write_text(Path(server_of("good").args[0]).read_text())
    mine = McpServer(name="mine", command=server_of("good").command, args=(str(script), "good"))
    stable.add(mine)
    script.write_text(script.read_text() + "\n")
    stable.servers.restart("mine")
    view = stable.until_state("mine", "changed")
    assert [change.what for change in view.review.changes] == [f"Contents of {script}"]
    assert not stable.servers.specs


def test_hostile_descriptions_are_made_plain(stable):
    stable.add(server_of("hostile"))
    specs = {spec.title: spec for spec in stable.servers.specs}
    assert "sneaky\u200bname" not in specs
    painted = specs["painted"].description
    assert painted.startswith("red\u27e8U+200B\u27e9\u27e8U+202E\u27e9\u27e8U+E0041\u27e9")
    assert "\x1b" not in painted
    assert "<|im" not in painted
    assert len(specs["long"].description) < 4_200
    listed = {tool.name: tool for tool in stable.view("hostile").listed}
    assert any("hidden characters" in note for note in listed["painted"].notes)
    assert any("control tokens" in note for note in listed["painted"].notes)
    assert any(tool.problem for tool in listed.values())


def test_server_that_does_not_start_says_what_it_said(stable):
    stable.servers.save(server_of("fails"))
    stable.servers.approve("fails", stable.until_state("fails", "needs_approval").review.key)
    view = stable.until_state("fails", "failed")
    assert "exit code 4" in view.words
    assert "no such barn" in view.detail


def test_missing_program_is_said(stable):
    stable.servers.save(McpServer(name="none", command="no-such-program-anywhere"))
    assert "no program" in stable.until_state("none", "failed").words


def test_missing_variable_is_said(stable):
    stable.servers.save(server_of("good", env={"TOKEN": "${NO_SUCH_VARIABLE_SET}"}))
    assert "NO_SUCH_VARIABLE_SET is not set" in stable.until_state("good", "failed").words


def test_turning_off_ends_the_process_and_the_offer(stable):
    stable.add(server_of("good"))
    stable.servers.set_enabled("good", False)
    assert stable.view("good").state == "off"
    assert not stable.servers.specs
    stable.until(lambda: not stable.pids())
    stable.servers.set_enabled("good", True)
    stable.until_state("good", "ready")
    stable.servers.remove("good")
    assert not stable.servers.views
    stable.until(lambda: not stable.pids())


def test_killed_host_takes_its_server_along(stable):
    stable.add(server_of("good"))
    (pid,) = stable.pids()
    (program,) = psutil.Process(pid).children()
    psutil.Process(pid).kill()
    stable.until_state("good", "ended")
    program.wait(5)
    assert stable.notices
