"""What does the work in the process that runs tools, here in the test's own process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

import pytest

from app.tools.checkpoints import CheckpointStore
from app.tools.context import ToolContext, ToolError
from app.tools.messages import Ran, Run, ToolEvent
from app.tools.server import ToolServer, World
from app.tools.tool import ToolRun
from app.tools.workspace import Workspace
from tests.tools.harness import Bench, NoSandbox

LIMIT_S = 30


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
    answers: SimpleQueue[ToolEvent] = SimpleQueue()
    world = World(
        tools={"tool": tool},
        outputs=bench.outputs,
        open_workspace=Workspace,
        open_checkpoints=store.of,
        find_sandbox=NoSandbox,
    )
    server = ToolServer(world, answers.put)
    run = ToolRun(call_id="c", name="tool", arguments={}, workspace=str(bench.root), run_key="run")
    server.obey(Run(request=1, run=run))
    answer = answers.get(timeout=LIMIT_S)
    server.close()
    store.close()
    bench.put({"a": "theirs"})

    store = CheckpointStore(tmp_path / "checkpoints")  # as the next process opens it
    changes = store.of(bench.workspace).changes("run")
    store.close()

    assert isinstance(answer, Ran)
    assert answer.result.outcome == "failed"
    assert changes == ()
