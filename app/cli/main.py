"""Reads the command line and runs what it asks for."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from app.errors import AppError

FAILED = 1
INTERRUPTED = 130  # what shells make of an end by Ctrl+C


class OpenWindow(Protocol):
    """Opens the window and returns the exit code when it is closed."""

    def __call__(self, model: str, *, new: bool) -> int:
        """Load ``model`` (empty: the last one); begin a new conversation if ``new``."""
        ...


def main(argv: Sequence[str], *, open_window: OpenWindow, run_tour: Callable[[Path], int]) -> int:
    """Run one command and return its exit code: 0, 1 for a failure, 2 for wrong use.

    The window and the tour are handed in, so that this package knows nothing of Qt.
    """
    _speak_utf8()
    argv = _with_model(argv)
    try:
        arguments = _only_window(argv) or _parser().parse_args(argv)
    except SystemExit as end:  # argparse has said what was wrong, or printed the help
        return int(end.code or 0)
    try:
        if "command" in arguments and arguments.command:
            return _run(arguments, run_tour)
        return open_window(arguments.model, new=arguments.new)
    except AppError as error:
        print(f"sawhorse: {error.title}. {error.message}".strip(), file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # such as `| head`: whoever read has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        return FAILED


def _run(arguments: argparse.Namespace, run_tour: Callable[[Path], int]) -> int:
    from app.cli import chat, doctor, download, fit, models  # noqa: PLC0415 - the window has no use for them
    from app.cli.catalog import find_source, find_variant  # noqa: PLC0415 - as above

    match arguments.command:
        case "doctor":
            return doctor.run(as_json=arguments.json)
        case "chat":
            return chat.run(arguments)
        case "models":
            return models.run(arguments)
        case "fit":
            return fit.run(arguments, find_source)
        case "download":
            return download.run(arguments, find_variant)
        case _:
            return run_tour(arguments.out)


def _only_window(argv: Sequence[str]) -> argparse.Namespace | None:
    """Return what the window is asked for, None if there is anything else: that takes longer to find out."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    _add_window_options(parser)
    try:
        arguments, rest = parser.parse_known_args(argv)
    except argparse.ArgumentError:
        return None
    return None if rest else arguments


def _with_model(argv: Sequence[str]) -> list[str]:
    """Take a file that stands where a command may stand for the model to load: so a desktop opens a file."""
    first, *rest = argv or ("",)
    is_path = first.lower().endswith(".gguf") or (os.sep in first and Path(first).is_file())
    return ["--model", first, *rest] if is_path and not first.startswith("-") else list(argv)


def _speak_utf8() -> None:
    """Replies hold any character, and JSON lines are UTF-8, whatever the system's own encoding is."""
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        if isinstance(stream, io.TextIOWrapper):  # None without a console, something else under tests
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _add_window_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="", help='GGUF file to load, or "starter" (default: the last one)')
    parser.add_argument("--new", action="store_true", help="begin a new conversation")


def _parser() -> argparse.ArgumentParser:
    from app.cli import chat, download, fit, models  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(
        prog="sawhorse",
        description="Run coding models on your own machine. Without a command, opens the window; with a GGUF file in "
        "its place, loads that.",
    )
    parser.add_argument("--version", action="version", version=f"sawhorse {_version()}")
    _add_window_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    checks = commands.add_parser("doctor", help="say what this machine and installation can do")
    checks.add_argument("--json", action="store_true", help="print JSON")
    chat.add_parser(commands)
    models.add_parser(commands)
    fit.add_parser(commands)
    download.add_parser(commands)
    tour = commands.add_parser("tour", help="drive the real window through a scenario and keep pictures of it")
    tour.add_argument("--out", type=Path, default=Path("tour"), help="folder for the pictures (default: ./tour)")
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - as above

    try:
        return version("sawhorse")
    except PackageNotFoundError:
        return "unknown"
