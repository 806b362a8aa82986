"""Checks a bundle for Linux before it is packed: nothing missing, nothing built for one processor alone.

Uses ``objdump`` and ``ldconfig``, which every machine that builds has.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

#: These run on every 64-bit processor and choose among the others; wide registers in them would be a mistake.
EVERYWHERE = ("libllama.so.0", "libggml.so.0", "libggml-base.so.0", "libggml-cpu-x64.so")
_WIDE = re.compile(r"%[yz]mm\d")
_GLIBC = re.compile(r"\bGLIBC_(\d+)\.(\d+)\b")


def elf_files(folder: Path) -> Iterator[Path]:
    """Yield the programs and libraries in a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def objdump(flag: str, path: Path) -> str:
    """Return what objdump tells of a file."""
    return subprocess.run(["objdump", flag, str(path)], capture_output=True, text=True, check=True).stdout


def linked_to(headers: str) -> list[str]:
    """Return the libraries that a file names in the headers that ``objdump -p`` prints."""
    return re.findall(r"^\s*NEEDED\s+(\S+)", headers, re.MULTILINE)


def missing_libraries(needs: Mapping[str, Iterable[str]], present: Iterable[str]) -> list[str]:
    """Return "FILE: LIBRARY" for each library that neither the bundle nor the system has.

    Args:
        needs: By file, the libraries it is linked to.
        present: The names that are found.
    """
    names = set(present)
    return [f"{file}: {name}" for file, libraries in needs.items() for name in libraries if name not in names]


def newest_glibc(texts: Iterable[str]) -> tuple[int, int]:
    """Return the newest version of glibc whose symbols are asked for: the oldest system the bundle runs on."""
    found = (tuple(map(int, match)) for text in texts for match in _GLIBC.findall(text))
    return max(((major, minor) for major, minor in found), default=(0, 0))


def system_libraries() -> set[str]:
    """Return the names the dynamic linker finds on this system."""
    told = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^\s+(\S+) \(", told, re.MULTILINE)) | {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}


def check(bundle: Path) -> None:
    """Check a bundle and say which glibc it needs.

    Raises:
        SystemExit: Something is wrong with it; the text says what.
    """
    files = list(elf_files(bundle))
    headers = {path: objdump("-p", path) for path in files}
    needs = {path.relative_to(bundle).as_posix(): linked_to(text) for path, text in headers.items()}
    problems = [f"missing: {line}" for line in missing_libraries(needs, {p.name for p in files} | system_libraries())]
    problems += [f"leads nowhere: {path}" for path in bundle.rglob("*") if path.is_symlink() and not path.exists()]
    if list(bundle.rglob("libggml-cpu.so*")):
        problems.append("llama.cpp was built for this processor alone: there is a libggml-cpu.so")
    for path in files:
        if path.name in EVERYWHERE and _WIDE.search(objdump("-d", path)):
            problems.append(f"{path.name} uses instructions that not every processor has")
    if problems:
        raise SystemExit("The bundle is not fit to be packed:\n  " + "\n  ".join(problems))
    major, minor = newest_glibc(headers.values())
    size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file() and not path.is_symlink())
    sys.stderr.write(f"{bundle}: {len(files)} programs and libraries, {size / 1e6:.0f} MB, glibc {major}.{minor}\n")
