"""The process that runs tools, the real one, and what its parent makes of its end."""

import os
import signal
import time
import uuid

import pytest

from app.ipc.codec import encode
from app.ipc.popen_transport import PopenTransport
from app.ipc.transport import ChildExit
from app.tools.builtin import SPECS
from app.tools.messages import Output, Probed, Ran
from app.tools.runner import GRACE_S, OTHER_S, ToolProcess
from app.tools.tool import SandboxState, ToolResult, ToolRun, ToolSpec
from app.tools.toolbox import ToolBox
from app.tools.views import TerminalView
from tests.tools.sandboxes import running

LIMIT_S = 30


class Heard:
    """What one process with a real child has answered."""

    def __init__(self, workspace):
        self.transport = PopenTransport()
        self.process = ToolProcess(self.transport, SPECS)
        self.workspace = workspace
        self.output = []
        self.results = []
        self.errors = []

    def start(self, name, *, limit_s=60.0, reach="sandbox", **arguments):
        run = ToolRun(
            call_id="call",
            name=name,
            arguments=arguments,
            workspace=str(self.workspace),
            run_key="run",
            reach=reach,
            time_limit_s=limit_s,
        )
        return self.process.run(run, self.output.append, self.results.append)

    def call(self, name, **arguments):
        self.results.clear()
        self.start(name, **arguments)
        self.wait(lambda: self.results)
        return self.results[-1]

    def ask(self, verb, *arguments, **more):
        answers = []
        verb(*arguments, answers.append, self.errors.append, **more)
        self.wait(lambda: answers or self.errors)
        return answers[0] if answers else self.errors[-1]

    def wait(self, condition):
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, "nothing was heard"
            self.transport.pump(0.05)


@pytest.fixture
def heard(own_home, tmp_path):
    workspace = tmp_path / "ws"
    workspace.mkdir()
    heard = Heard(workspace)
    yield heard
    heard.process.close()
    heard.transport.close()


def test_it_finds_its_sandbox_and_hides_sawhorses_own_files_in_it(heard, own_home):
    assert heard.process.sandbox is None
    state = heard.ask(heard.process.probe)
    assert heard.process.sandbox == state
    if state.kind == "none":
        pytest.skip(state.message)

    result = heard.call("run_command", command=f"ls -A {own_home}; cat {own_home}/checkpoints/*")

    assert "checkpoints.db" not in result.content


def test_what_a_run_did_is_listed_read_and_taken_back(heard):
    (heard.workspace / "kept.txt").write_text("before\n")
    written = heard.call("write_file", path="new.txt", content="new\n")
    ran = heard.call("run_command", command="echo after > kept.txt; rm new.txt; mkdir d; echo x > d/x")

    assert written.outcome == ran.outcome == "done"
    assert isinstance(ran.view, TerminalView)
    assert set(ran.view.changed_files) == {"kept.txt", "new.txt", "d/x"}
    changes = heard.ask(heard.process.changes, str(heard.workspace), "run")
    kept = next(change for change in changes if change.path == "kept.txt")
    assert heard.ask(heard.process.contents, str(heard.workspace), kept.before) == b"before\n"
    outcome = heard.ask(heard.process.undo, str(heard.workspace), "run")
    assert outcome.conflicts == ()
    assert {path.name: path.read_text() for path in heard.workspace.iterdir()} == {"kept.txt": "before\n"}


def test_a_failure_is_told_in_words(heard):
    assert "outcome" not in heard.call("read_file", path="none.txt").content
    assert heard.results[-1].outcome == "failed"
    assert heard.call("no_tool").content == "There is no tool named no_tool."
    assert heard.ask(heard.process.changes, str(heard.workspace / "gone"), "run").title


def test_a_long_output_can_be_paged_through(heard):
    result = heard.call("run_command", command="seq 1 30000")
    name = result.content.partition('path "')[2].partition('"')[0]

    page = heard.call("read_file", path=name, offset=20_000, limit=2)

    assert page.outcome == "done", page.content
    assert "20000" in page.content


def test_a_command_is_stopped_while_it_runs(heard):
    request = heard.start("run_command", command="echo up; sleep 7000")
    heard.wait(lambda: "up\n" in "".join(heard.output))

    heard.process.cancel(request)
    heard.wait(lambda: heard.results)

    assert heard.results[0].outcome == "cancelled"
    assert heard.call("run_command", command="echo next").view.output == "next\n"


def test_the_death_of_the_process_is_a_result_and_the_next_call_starts_another(heard):
    mark = f"7{uuid.uuid4().int % 10**12}"
    heard.start("run_command", command=f"echo up; setsid sleep {mark} & sleep {mark}")
    heard.wait(lambda: "up\n" in "".join(heard.output))
    first = heard.process.pid

    os.kill(first, signal.SIGKILL)
    heard.wait(lambda: heard.results)

    assert heard.results[0].outcome == "failed"
    assert "ended before this call was done" in heard.results[0].content
    heard.wait(lambda: not running(mark))
    assert heard.call("run_command", command="echo again").view.output == "again\n"
    assert heard.process.pid != first


def test_the_end_of_the_parent_ends_a_command(heard):
    mark = f"7{uuid.uuid4().int % 10**12}"
    heard.start("run_command", command=f"echo up; trap '' TERM; sleep {mark}", reach="unsandboxed")
    heard.wait(lambda: "up\n" in "".join(heard.output))

    heard.process.close()

    heard.wait(lambda: not running(mark))


class Child:
    """A transport whose child answers when the test says so, and ends when the test says so."""

    def __init__(self):
        self.starts = 0
        self.killed = 0
        self.pid = None
        self.heard = []

    def start(self, command, on_bytes, on_exit):
        self.starts += 1
        self._on_bytes, self._on_exit = on_bytes, on_exit

    def write(self, data):
        self.heard.append(data)

    def kill(self):
        self.killed += 1

    def say(self, event):
        self._on_bytes(encode(event))

    def die(self, **end):
        self._on_exit(ChildExit(code=None, **end))


def call(limit_s=10.0):
    return ToolRun(call_id="c", name="t", arguments={}, workspace="/w", run_key="r", time_limit_s=limit_s)


def test_a_process_that_hangs_past_the_limit_is_ended_and_the_next_call_still_runs():
    now, results = [0.0], []
    child = Child()
    process = ToolProcess(child, (), clock=lambda: now[0])
    process.run(call(), lambda _text: None, results.append)
    process.run(call(), lambda _text: None, results.append)

    now[0] = 10.0 + GRACE_S
    process.tick()
    assert child.killed == 0
    now[0] += 1
    process.tick()
    process.tick()
    assert child.killed == 1
    child.die()

    assert [result.outcome for result in results] == ["failed"]
    assert "gave no answer for 25 seconds" in results[0].content
    assert child.starts == 2
    child.say(Ran(request=2, result=ToolResult(content="done")))
    assert results[1].content == "done"


def test_a_call_that_will_not_stop_is_ended():
    now, results = [0.0], []
    child = Child()
    process = ToolProcess(child, (), clock=lambda: now[0])
    request = process.run(call(100.0), lambda _text: None, results.append)
    process.cancel(request)
    process.cancel(request)

    now[0] = GRACE_S + 1
    process.tick()
    child.die()

    assert "did not stop" in results[0].content


def test_other_questions_have_a_limit_too_and_fail_in_words():
    now, errors = [0.0], []
    child = Child()
    process = ToolProcess(child, (), clock=lambda: now[0])
    process.probe(lambda _state: None, errors.append)

    now[0] = OTHER_S + 1
    process.tick()
    child.die()

    assert "gave no answer" in errors[0].message


def test_a_process_that_cannot_start_or_speaks_nonsense_is_said():
    results = []
    child = Child()
    process = ToolProcess(child, ())
    process.run(call(), lambda _text: None, results.append)
    child.die(error="no such file")
    process.run(call(), lambda _text: None, results.append)
    child._on_bytes(b"\xff" * 8)
    child.die()

    assert "could not be started: no such file" in results[0].content
    assert "could not be understood" in results[1].content


def test_output_and_results_reach_their_call_once():
    told, results = [], []
    child = Child()
    process = ToolProcess(child, ())
    request = process.run(call(), told.append, results.append)

    child.say(Output(request=request, text="a"))
    child.say(Ran(request=request, result=ToolResult(content="x")))
    child.say(Ran(request=request, result=ToolResult(content="y")))
    child.say(Output(request=request, text="b"))
    child.say(Probed(request=9, sandbox=SandboxState(kind="none", can_cut_network=False, message="")))

    assert told == ["a"]
    assert [result.content for result in results] == ["x"]


def test_nothing_is_heard_after_close():
    results = []
    child = Child()
    process = ToolProcess(child, ())
    process.run(call(), lambda _text: None, results.append)

    process.close()
    child.die()

    assert child.killed == 1
    assert results == []


class Runner:
    sandbox = None

    def __init__(self, *names):
        self.specs = tuple(ToolSpec(name=name, description="", parameters={}, kind="read") for name in names)
        self.runs = []
        self.cancelled = []

    def run(self, run, on_output, on_done):
        self.runs.append((run.name, on_done))
        return 7

    def cancel(self, request):
        self.cancelled.append(request)


def test_a_tool_box_sends_each_call_to_whom_it_belongs():
    own, other = Runner("read", "search"), Runner("search", "issues")
    box = ToolBox(own, other)
    results = []

    assert [spec.name for spec in box.specs] == ["read", "search", "issues"]
    requests = [
        box.run(ToolRun(call_id="c", name=name, arguments={}, workspace="", run_key=""), print, results.append)
        for name in ("issues", "search", "gone")
    ]

    assert [name for name, _ in own.runs] == ["search", "gone"]
    assert [name for name, _ in other.runs] == ["issues"]
    assert len(set(requests)) == 3
    box.cancel(requests[0])
    assert (other.cancelled, own.cancelled) == ([7], [])
    own.runs[0][1](ToolResult(content="found"))
    box.cancel(requests[1])
    assert own.cancelled == []
    assert [result.content for result in results] == ["found"]
