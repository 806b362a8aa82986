"""A click runs a block through the real tools in the real sandbox; it is watched, stopped, undone, and may die."""

import os
import signal
import sys

import psutil
import pytest

from app.files.block_source import BlockSource
from app.ipc.launch import clean_environment
from app.settings import SettingsFile
from app.tools.builtin import SPECS
from app.tools.runner import ToolProcess
from tests.ui.desk_fakes import FakeDesk
from ui.control.run_block_control import RunBlockControl
from ui.editor.output_panel import OutputPanel
from ui.process_transport import QtProcessTransport
from ui.widgets.notices import Notices

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandboxes tested are Linux's")
WAIT_MS = 60_000


class Bench:
    """The panel over real tools."""

    def __init__(self, theme, qtbot, folder):
        self.qtbot, self.folder = qtbot, folder
        self.transport = QtProcessTransport(clean_environment())
        self.tools = ToolProcess(self.transport, SPECS)
        self.panel = OutputPanel(theme)
        qtbot.addWidget(self.panel)
        self.panel.resize(800, 300)
        self.notices = Notices(theme, self.panel)
        self.control = RunBlockControl(
            self.panel, self.panel.show, FakeDesk(theme, qtbot), self.tools, self.tools, lambda: str(folder),
            SettingsFile(folder.parent / "settings.json"), self.notices, self.panel,
        )  # fmt: skip

    def run(self, text, language="python"):
        self.control.run_block(BlockSource(text, language))
        run = self.control.runs[-1]
        self.wait(lambda: run.state != "waiting")
        if run.state == "asking":
            pytest.skip("no sandbox works here")
        return run

    def wait(self, until):
        self.qtbot.waitUntil(until, timeout=WAIT_MS)

    def close(self):
        self.control.stop()
        self.tools.close()
        self.transport.close()
        self.notices.dismiss_all()
        self.panel.close()


@pytest.fixture
def bench(theme, qtbot, tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "kept.txt").write_text("before")
    bench = Bench(theme, qtbot, folder)
    yield bench
    bench.close()


def test_a_block_runs_held_and_what_it_changed_is_taken_back(bench):
    run = bench.run("import os\nopen('kept.txt', 'w').write('after')\nprint(os.getcwd())\nopen('../outside.txt', 'w')")
    bench.wait(lambda: run.is_over)
    assert run.output.startswith(f"{bench.folder}\n")
    assert not (bench.folder.parent / "outside.txt").exists()
    assert run.result.sandbox in {"bubblewrap", "landlock"}
    assert (bench.folder / "kept.txt").read_text() == "after"
    assert run.can_undo
    bench.panel.action_requested.emit("undo", run)
    bench.wait(lambda: not run.can_undo)
    assert (bench.folder / "kept.txt").read_text() == "before"


def test_a_shell_block_that_goes_on_is_stopped_with_all_it_started(bench):
    run = bench.run("echo begun; sleep 987.5 & sleep 987.5", "bash")
    bench.wait(lambda: "begun" in run.output)
    bench.panel.action_requested.emit("stop", run)
    bench.wait(lambda: run.is_over)
    assert run.view.ended == "stopped"
    assert not [one for one in psutil.process_iter(["cmdline"]) if "987.5" in (one.info["cmdline"] or ())]


def test_input_cannot_be_given_and_the_death_of_the_tools_process_is_said(bench):
    run = bench.run("input('name? ')")
    bench.wait(lambda: run.is_over)
    assert "EOFError" in run.output
    run = bench.run("import time\nprint('begun')\ntime.sleep(987.5)")
    bench.wait(lambda: "begun" in run.output)
    os.kill(bench.tools.pid, signal.SIGKILL)
    bench.wait(lambda: run.is_over)
    assert "process that runs tools ended" in run.result.content
