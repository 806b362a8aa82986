"""Kills a process that saves a file, again and again, at any moment: ``python -m tests.files.kill_saves 1000``."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from app.files.in_place import finish_writes
from app.files.saving import PREFIX
from app.files.text_file import read_text_file, save_text_file

#: The child saves texts of so many equal lines in turn; a damaged file is none of them.
LINES = 2_000
SAVER = """
import sys
from app.files.text_file import read_text_file, save_text_file
file, lines = read_text_file(sys.argv[1]), int(sys.argv[3])
print("ready", flush=True)
number = 0
while True:
    number += 1
    text = f"line of save {number:09}\\n" * (lines + number % 7 * 100)
    file = save_text_file(file, text, backup_folder=sys.argv[2])
"""


class Tally(NamedTuple):
    """What was found after the kills.

    Attributes:
        interrupted: Rounds in which a save had begun and not ended.
        temporary: Files left behind by a save after the next one.
        left: Files left behind at the end.
    """

    rounds: int
    interrupted: int
    damaged: int
    temporary: int
    left: int


def is_whole(text: str) -> bool:
    """Whether a text is one that the child saves."""
    lines = text.splitlines(keepends=True)
    return bool(lines) and len(set(lines)) == 1 and lines[0].endswith("\n") and len(lines) % 100 == 0


def kill_saves(folder: Path, rounds: int, *, in_place: bool = False, seed: int = 0) -> Tally:
    """Kill a saving process ``rounds`` times, and count damaged files, and what is left after the next save.

    Args:
        in_place: The file has two names, so that it is written in place.
    """
    moments = random.Random(seed)
    path, backups = folder / "file.txt", folder / "backups"
    path.write_text("line of save 000000000\n" * LINES)
    if in_place:
        (folder / "other name.txt").hardlink_to(path)
    interrupted = damaged = temporary = 0
    for _ in range(rounds):
        saver = subprocess.Popen([sys.executable, "-c", SAVER, path, backups, str(LINES)], stdout=subprocess.PIPE)
        assert saver.stdout is not None
        saver.stdout.readline()
        time.sleep(moments.uniform(0, 0.03))
        saver.send_signal(signal.SIGKILL)
        saver.wait()
        saver.stdout.close()
        interrupted += len(_left(folder, backups)) > 0
        finish_writes(str(backups))
        file = read_text_file(str(path))
        if not is_whole(file.text):
            damaged += 1
            path.write_text("line of save 000000000\n" * LINES)
            file = read_text_file(str(path))
        save_text_file(file, file.text, backup_folder=str(backups))
        temporary += sum(entry.name.startswith(PREFIX) for entry in folder.iterdir())
    return Tally(rounds, interrupted, damaged, temporary, len(_left(folder, backups)))


def _left(folder: Path, backups: Path) -> list[Path]:
    temporary = [entry for entry in folder.iterdir() if entry.name.startswith(PREFIX)]
    return temporary + (list(backups.iterdir()) if backups.exists() else [])


def main() -> None:
    """Print what happened to files that were replaced, and to files that were written in place."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    for in_place in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            print("in place:" if in_place else "replaced:", kill_saves(Path(folder), rounds, in_place=in_place))


if __name__ == "__main__":
    main()
