"""The program's entry: the command line, with the window and the tour handed in. Qt is imported only for those."""

from __future__ import annotations

import gc
import os
import runpy
import sys
from pathlib import Path

from app.ipc.launch import CHILD_MODULES, give_back_environment


def main() -> int:
    """Run Sawhorse with the arguments of the command line; return the exit code."""
    if getattr(sys, "frozen", False):
        give_back_environment(os.environ, str(getattr(sys, "_MEIPASS", "")))
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--child" and arguments[1] in CHILD_MODULES:  # a frozen bundle's child
        runpy.run_module(arguments[1], run_name="__main__")
        return 0
    from app.cli.main import main as run  # noqa: PLC0415 - a child process has no use for it

    return run(arguments, open_window=_open_window, run_tour=_run_tour)


def _open_window(model: str, *, new: bool) -> int:
    gc.disable()  # saves 50 ms: what modules make while they load is hardly ever garbage; ui.garbage collects later
    from ui.start import open_window  # noqa: PLC0415 - Qt takes time and needs a display

    return open_window(model, new=new)


def _run_tour(folder: Path) -> int:
    from ui.tour.tour import run_tour  # noqa: PLC0415 - as above

    return run_tour(folder)


if __name__ == "__main__":
    sys.exit(main())
