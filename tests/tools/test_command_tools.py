"""run_command and run_python, in a real sandbox."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.tools import run_command, run_python
from app.tools.commands import MAX_CHANGED_FILES
from app.tools.context import MAX_RESULT_CHARACTERS, ToolContext, ToolError
from app.tools.output import Output
from app.tools.sandbox import environment
from app.tools.sandbox.unheld import Unheld
from app.tools.views import MAX_VIEW_CHARACTERS
from app.tools.workspace import Workspace
from tests.tools.harness import NoRecorder
from tests.tools.sandboxes import KINDS, make_sandbox, path_without, running


class Recording(NoRecorder):
    """Notes when it is asked."""

    def __init__(self, reason=""):
        super().__init__()
        self.reason = reason
        self.asked = []

    def before_command(self):
        self.asked.append("before")
        return self.reason

    def finish(self):
        self.asked.append("finish")
        return "step 1", ("made.txt",)


@pytest.fixture
def workspace(nothing_left_behind, tmp_path):
    (tmp_path / "ws/src").mkdir(parents=True)
    with Workspace(tmp_path / "ws") as workspace:
        yield workspace


@pytest.fixture
def context(workspace, tmp_path):
    written = []
    return ToolContext(
        workspace=workspace,
        recorder=Recording(),
        sandbox=make_sandbox("bubblewrap", tmp_path / "home"),
        outputs=tmp_path / "outputs",
        reach="sandbox",
        time_limit_s=60.0,
        write=written.append,
        is_cancelled=lambda: False,
    )


def run(context, command, **more):
    return run_command.run({"command": command, **more}, context)


def test_a_command_gives_its_output_its_code_and_what_it_changed(context, workspace):
    result = run(context, "echo out; echo err >&2; echo x > made.txt; exit 3")

    assert (result.outcome, result.view.exit_code, result.view.output) == ("done", 3, "out\nerr\n")
    assert result.content.startswith("Exit code 3 after ")
    assert result.content.endswith("\nout\nerr")
    assert (result.step, result.view.changed_files) == ("step 1", ("made.txt",))
    assert (result.sandbox, result.view.sandbox) == ("bubblewrap", "bubblewrap")
    assert context.recorder.asked == ["before", "finish"]
    assert (workspace.root / "made.txt").read_text() == "x\n"


def test_of_very_many_changed_files_the_first_are_named_and_all_are_counted(context, monkeypatch):
    changed = tuple(f"{number:04}.o" for number in range(5000))
    monkeypatch.setattr(context.recorder, "finish", lambda: ("step 1", changed))
    view = run(context, "true").view
    assert view.changed_files == changed[:MAX_CHANGED_FILES]
    assert view.changed_total == 5000


def test_a_command_without_output_says_so(context):
    assert run(context, "true").content.endswith("\n(no output)")


def test_a_command_runs_in_the_folder_it_names(context):
    assert run(context, "pwd", cwd="src").view.output == f"{context.workspace.root}/src\n"


@pytest.mark.parametrize("cwd", ["..", "/etc", "none", "src/../..", "link"])
def test_a_folder_outside_the_workspace_is_refused(context, cwd):
    (context.workspace.root / "link").symlink_to("/etc")

    with pytest.raises(ToolError):
        run(context, "pwd", cwd=cwd)


@pytest.mark.parametrize("command", ["", "  \n", "echo \0x", "echo " + "x" * 130_000, "echo \ud800"])
def test_what_cannot_be_run_is_refused_in_words(context, command):
    with pytest.raises(ToolError, match="The command"):
        run(context, command)


def test_output_is_shown_while_the_command_runs(context):
    heard = threading.Event()
    (context.workspace.root / "src/wait").touch()

    def write(text):
        if "first" in text:
            (context.workspace.root / "src/wait").unlink()  # only now can the command end
            heard.set()

    result = run(replace(context, write=write), "echo first; while [ -e src/wait ]; do sleep 0.02; done; echo last")

    assert heard.is_set()
    assert result.view.output == "first\nlast\n"


def test_a_question_without_a_line_end_is_shown_too(context):
    written = []

    def write(text):
        written.append(text)
        (context.workspace.root / "src/asked").touch()

    run(replace(context, write=write), "printf 'Password: '; while [ ! -e src/asked ]; do sleep 0.02; done; echo x")

    assert "".join(written) == "Password: x\n"


def test_colours_reach_the_person_and_not_the_model(context):
    result = run(context, r"printf '\e[31mred\e[0m \e]0;title\a\e[2Jend\n'")

    assert result.view.output == "\x1b[0;31mred\x1b[0m end\n"
    assert result.content.endswith("\nred end")


def test_a_long_output_is_shortened_and_kept_whole_in_a_file(context):
    result = run(context, "seq 1 200000; printf 'a\\xffb\\n'")

    assert len(result.content) < MAX_RESULT_CHARACTERS + 500
    assert len(result.view.output) < MAX_VIEW_CHARACTERS + 500
    assert "\n1\n2\n3\n" in result.content
    assert result.content.endswith("\n199999\n200000\na\ufffdb")
    assert result.view.omitted_bytes > 1_000_000
    (file,) = context.outputs.iterdir()
    assert f'"output:{file.name}"' in result.content
    whole = "".join(f"{number}\n" for number in range(1, 200_001)) + "a\ufffdb\n"
    assert file.read_text() == whole
    head, _, tail = result.view.output.partition("\x1b[0m\n\x1b[2m[… ")
    assert whole.startswith(head)
    assert whole.endswith(tail.partition("\n")[2])


def test_an_endless_output_takes_little_memory_and_ends_in_time(context):
    import psutil

    before = psutil.Process().memory_info().rss
    result = run(context, "yes | head -c 400000000", timeout_s=50)

    assert result.outcome == "done"
    assert psutil.Process().memory_info().rss - before < 150e6
    assert sum(file.stat().st_size for file in context.outputs.iterdir()) <= 65 * 1024 * 1024


@pytest.mark.parametrize("kind", KINDS)
def test_a_command_past_its_time_is_ended_with_all_it_started(kind, context, tmp_path):
    context = replace(context, sandbox=make_sandbox(kind, tmp_path / "home"))
    mark = f"7{id(context)}"

    result = run(context, f"trap '' TERM; echo up; setsid sleep {mark} & sleep {mark}", timeout_s=0.3)

    assert (result.outcome, result.view.ended, result.view.exit_code) == ("timed_out", "time limit", None)
    assert "limit of 0.3 s" in result.content
    assert "up" in result.content
    assert running(mark) == []
    assert context.recorder.asked == ["before", "finish"]


def test_a_command_can_be_stopped(context):
    began = threading.Event()
    context = replace(context, write=lambda _text: began.set(), is_cancelled=began.is_set)

    result = run(context, "echo up; sleep 7000")

    assert (result.outcome, result.view.ended) == ("cancelled", "stopped")


def test_too_many_processes_end_a_command(context, monkeypatch):
    monkeypatch.setattr("app.tools.commands.MAX_PROCESSES", 8)

    result = run(context, "for i in $(seq 20); do sleep 7000 & done; wait")

    assert (result.outcome, result.view.ended) == ("failed", "processes")


def test_the_person_is_told_when_a_command_cannot_be_undone(context):
    result = run(replace(context, recorder=Recording("The folder is too large.")), "true")

    assert result.view.note == "The folder is too large."


def test_a_failure_that_the_sandbox_caused_is_explained(context, tmp_path):
    assert "permissions" in run(context, "echo 'curl: (6) Could not resolve host: x'; exit 6").content
    assert ".git/hooks" in run(context, "echo x > .mcp.json.d; mkdir .git/x").content
    landlock = replace(context, sandbox=make_sandbox("landlock", tmp_path / "home"))
    assert "write_file" in run(landlock, "mkdir new").content


def test_python_runs_in_the_workspace_with_its_modules(context):
    (context.workspace.root / "mine.py").write_text("def double(x): return 2 * x\n")

    result = run_python.run({"code": "import mine\nprint(mine.double(21))"}, context)

    assert (result.view.output, result.view.exit_code) == ("42\n", 0)
    assert "ZeroDivisionError" in run_python.run({"code": "1/0"}, context).content


def test_python_is_the_workspaces_own_where_it_has_one(context):
    own = context.workspace.root / ".venv/bin/python"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\necho own\n")
    own.chmod(0o755)

    assert run_python.run({"code": "print('other')"}, context).view.output == "own\n"


def test_outside_of_the_sandbox_a_command_runs_only_when_that_was_allowed(context, tmp_path):
    context = replace(context, sandbox=Unheld())
    with pytest.raises(ToolError, match="no sandbox"):
        run(context, "touch ran", permissions="unsandboxed")  # what the model asks for is not what was allowed

    result = run(replace(context, reach="unsandboxed"), f"echo x > {tmp_path}/outside")

    assert (result.sandbox, result.view.exit_code) == ("none", 0)
    assert (tmp_path / "outside").exists()


def test_the_schemas_say_what_the_agent_decides_by():
    for spec in (run_command.SPEC, run_python.SPEC):
        assert spec.kind == "command"
        assert spec.parameters["properties"]["permissions"]["enum"] == ["sandbox", "network", "unsandboxed"]
        assert spec.main_argument in spec.parameters["required"]


def test_live_output_is_told_a_few_times_a_second_and_shortened(tmp_path):
    now, told = [0.0], []
    output = Output(tmp_path, told.append, lambda: now[0])

    for index in range(100):
        output.feed(f"line {index}\n".encode())
    assert told == []
    now[0] = 1.0
    output.tick()
    assert len(told) == 1
    output.feed(b"x" * 50 + b"\n")
    for _ in range(10_000):
        output.feed(b"y" * 99 + b"\n")
    now[0] = 2.0
    output.tick()
    assert len(told[-1]) < 70_000
    assert "characters not shown live" in told[-1]
    output.finish()


def test_a_progress_bar_shown_in_part_is_followed_by_its_last_state(tmp_path):
    now, told = [0.0], []
    output = Output(tmp_path, told.append, lambda: now[0])

    output.feed(b"10 %")
    now[0] = 1.0
    output.tick()
    output.feed(b"\r100 %\nnext\n")
    now[0] = 2.0
    output.tick()

    assert "".join(told) == "10 %\n100 %\nnext\n"
    assert output.finish().view == "100 %\nnext\n"


def test_a_disk_that_is_full_loses_the_file_only(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    output = Output(blocked, lambda _text: None)

    output.feed(b"line\n" * 20_000)
    collected = output.finish()

    assert "characters left out here …" in collected.text
    assert Path(blocked).read_text() == ""


def test_variables_that_hold_secrets_are_not_passed_on(tmp_path, monkeypatch):
    variables = environment.command_environment(
        tmp_path, tmp_path, (), {"PATH": "/usr/bin:relative::/home/you/bin", "AWS_SECRET": "s", "LANG": "de_DE.UTF-8"}
    )

    assert "relative" not in variables["PATH"].split(":")
    assert "/home/you/bin" not in variables["PATH"]
    assert variables["LANG"] == "de_DE.UTF-8"
    assert "AWS_SECRET" not in variables
    with path_without(monkeypatch, tmp_path):
        assert "/usr/bin" in environment.command_environment(tmp_path, tmp_path, ())["PATH"]
