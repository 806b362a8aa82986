"""``sawhorse tour``: the scenario run on a window of its own, with a report."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.errors import AppError
from app.paths import find_paths
from ui.application import SawhorseWindow
from ui.start import make_application, start_logging
from ui.tour.scenario import Stage, steps_of
from ui.tour.script import ScriptRunner, StepResult

SIZE = (1280, 800)
#: The starter sometimes writes on until the context is full, and then nothing more fits the conversation.
SAMPLING = {"max_tokens": 400}


def run_tour(folder: Path) -> int:
    """Drive the real window through the scenario in a folder of its own; return 0 only if every step worked.

    Without a display it runs off screen. Pictures and nothing else are left in ``folder``.

    Raises:
        AppError: The starter model is not installed.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = make_application()
    application.setQuitOnLastWindowClosed(False)
    results: list[StepResult] = []
    os.environ["HF_HUB_OFFLINE"] = "1"  # a tour asks nobody
    with tempfile.TemporaryDirectory(prefix="sawhorse-tour-") as place:
        os.environ["SAWHORSE_HOME"] = str(Path(place) / "home")  # its child processes keep their files there, too
        start_logging(find_paths())

        def open_window() -> SawhorseWindow:
            opened = SawhorseWindow(find_paths())
            opened.theme.set_mode("light")
            opened.settings.change(sampling=SAMPLING)
            opened.start("starter")
            opened.window.resize(*SIZE)
            return opened

        stage = Stage(open_window, open_window())
        runner = ScriptRunner(steps_of(stage, Path(place)), lambda: stage.window.window, folder)
        runner.step_finished.connect(_tell)
        runner.finished.connect(results.extend)
        runner.finished.connect(QCoreApplication.quit)
        runner.start()
        application.exec()
        stage.window.close()
    return _report(results, folder)


def _tell(result: StepResult) -> None:
    mark = "failed" if result.problem else "ok"
    sys.stdout.write(f"  {mark:<7} {result.name} ({result.seconds:.1f} s)\n")
    sys.stdout.flush()


def _report(results: list[StepResult], folder: Path) -> int:
    failed = [result for result in results if result.problem]
    pictures = sum(result.picture is not None for result in results)
    sys.stdout.write(f"{len(results) - len(failed)} steps worked; {pictures} pictures are in {folder.resolve()}\n")
    if failed:
        raise AppError(
            f"The tour stopped at “{failed[0].name}”", failed[0].problem, f"See {failed[0].picture} for what was seen."
        )
    return 0
