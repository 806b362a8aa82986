"""What does the work in the process that runs tools, here in the test's own process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

import pytest

from app.ipc.codec import FrameDecoder, encode
from app.ipc.job import JobFailed
from app.tools.checkpoints import CheckpointStore
from app.tools.context import ToolContext, ToolError
from app.tools.messages import AnyToolCommand, AnyToolEvent, ListChanges, Ran, Run
from app.tools.server import ToolServer, World
from app.tools.tool import ToolRun
from app.tools.workspace import Workspace
from tests.tools.harness import Bench, NoSandbox

LIMIT_S = 30


def answer_of(command: AnyToolCommand, bench: Bench, **world: Any) -> AnyToolEvent:
    answers: SimpleQueue[AnyToolEvent] = SimpleQueue()
    world = {"tools": {}, "outputs": bench.outputs, "open_workspace": Workspace, "find_sandbox": NoSandbox, **world}
    server = ToolServer(World(**world), answers.put)
    server.obey(command)
    answer = answers.get(timeout=LIMIT_S)
    server.close()
    return answer


def fails_to_write(arguments: Mapping[str, Any], context: ToolContext) -> NoReturn:
    context.recorder.before_write("a")
    raise ToolError("The disk is full.")


def fails_to_start(arguments: Mapping[str, Any], context: ToolContext) -> NoReturn:
    assert context.recorder.before_command() == ""
    raise ToolError("Another command still runs in this folder.")


@pytest.mark.parametrize("tool", [fails_to_write, fails_to_start])
def test_what_somebody_changes_after_a_call_that_failed_is_not_taken_for_its_work(
    bench: Bench, tmp_path: Path, tool: Any
) -> None:
    bench.put({"a": "1"})
    store = CheckpointStore(tmp_path / "checkpoints")
    run = ToolRun(call_id="c", name="tool", arguments={}, workspace=str(bench.root), run_key="run")
    answer = answer_of(Run(request=1, run=run), bench, open_checkpoints=store.of, tools={"tool": tool})
    store.close()
    bench.put({"a": "theirs"})

    store = CheckpointStore(tmp_path / "checkpoints")  # as the next process opens it
    changes = store.of(bench.workspace).changes("run")
    store.close()

    assert isinstance(answer, Ran)
    assert answer.result.outcome == "failed"
    assert changes == ()


@pytest.mark.parametrize(
    ("folder", "title", "message"),
    [("gone", "This folder cannot be opened", "No such file"), ("", "Something in Sawhorse failed", "KeyError: 'x'")],
)
def test_another_request_that_fails_says_why(bench: Bench, folder: str, title: str, message: str) -> None:
    def broken(workspace: object) -> NoReturn:
        raise KeyError("x")

    command = ListChanges(request=7, workspace=str(bench.root / folder), run_key="run")
    answer = answer_of(command, bench, open_checkpoints=broken)
    (heard,) = FrameDecoder(AnyToolEvent).feed(encode(answer))

    assert isinstance(heard, JobFailed)
    assert (heard.request, heard.title) == (7, title)
    assert message in heard.message
