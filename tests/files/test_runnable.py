"""What can be run of a reply or a file, and as which call of which tool."""

import pytest

from app.files.block_source import BlockSource
from app.files.runnable import run_of_block, run_of_file


def command_of(text, language="bash"):
    runnable = run_of_block(BlockSource(text, language))
    return runnable.arguments.get("command", runnable.arguments.get("code")) if runnable else None


@pytest.mark.parametrize(
    ("language", "text", "command"),
    [
        ("bash", "ls -l\npwd", "ls -l\npwd"),
        ("sh", "$ ls -l\n$ pwd\n", "ls -l\npwd"),
        ("console", "$ pytest -q\n3 passed\n$ echo hi\nhi", "pytest -q\necho hi"),
        ("console", "you@host:~/x$ ls\na.py", "ls"),
        ("console", "(venv) $ ls", "ls"),
        ("console", "$ echo a \\\n> b\na b", "echo a \\\nb"),
        ("console", "only output", None),
        ("shell", "echo $HOME", "echo $HOME"),
        ("python", "print(1)", "print(1)"),
        ("python", ">>> x = 1\n>>> for y in [x]:\n...     print(y)\n...\n1", "x = 1\nfor y in [x]:\n    print(y)\n"),
        ("python", "  \n", None),
        ("js", "x", None),
        ("", "ls", None),
    ],
)
def test_blocks_of_python_and_shell_run_without_their_prompts_and_outputs(language, text, command):
    assert command_of(text, language) == command


def test_python_runs_as_python_and_shell_as_a_command():
    assert run_of_block(BlockSource("x", "py")).tool == "run_python"
    assert run_of_block(BlockSource("x", "zsh")).tool == "run_command"
    assert run_of_block(BlockSource("x", "rust")) is None


@pytest.mark.parametrize(
    ("path", "is_saved", "tool", "argument", "note"),
    [
        ("/p/src/a.py", True, "run_command", "python3 src/a.py", ""),
        ("/p/my file.sh", True, "run_command", "bash 'my file.sh'", ""),
        ("/p/-x.py", True, "run_command", "python3 ./-x.py", ""),
        ("/p/src/a.py", False, "run_python", "text", "not saved"),
        ("/p/a.sh", False, "run_command", "text", "not saved"),
        ("/elsewhere/a.py", True, "run_python", "text", "not a file of the open folder"),
    ],
)
def test_a_saved_file_runs_as_a_file_and_another_text_as_it_is(path, is_saved, tool, argument, note):
    runnable = run_of_file(path, "/p", "text", is_saved=is_saved)
    assert (runnable.tool, *runnable.arguments.values()) == (tool, argument)
    assert (note in runnable.note) if note else runnable.note == ""


def test_a_text_that_is_no_file_runs_if_its_first_line_or_its_language_says_how():
    assert run_of_file("", "/p", "#!/usr/bin/env python3\nx", is_saved=False).tool == "run_python"
    assert run_of_file("/p/run", "/p", "#!/bin/sh\nls", is_saved=True).arguments == {"command": "bash run"}
    assert run_of_file("", "", "print(1)", is_saved=False, language="python").title == "New text"
    assert run_of_file("/p/a.js", "/p", "x", is_saved=True) is None
    assert run_of_file("/p/a.py", "/p", " \n", is_saved=True) is None
