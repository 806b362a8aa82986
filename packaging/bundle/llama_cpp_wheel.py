"""Builds the wheel of llama-cpp-python that goes into packages: for every processor, not for the one it is built on.

ggml comes with its CPU code once for each generation of processors, in files of which it loads the best that runs
(``GGML_BACKEND_DL``, ``GGML_CPU_ALL_VARIANTS``); nothing else is built for more than the oldest 64-bit processor.
``--backend`` builds one GPU backend besides and packs that file alone, for the download from the settings.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

#: The backend is a file like those of the CPU; each is built on a machine that has its SDK.
GPU_BACKENDS = {"cuda": "-DGGML_CUDA=ON", "vulkan": "-DGGML_VULKAN=ON"}


def cmake_arguments(platform: str, backend: str = "") -> list[str]:
    """Return what CMake is told.

    Args:
        platform: As ``sys.platform``.
        backend: One of ``GPU_BACKENDS``, or none.
    """
    arguments = [
        "-DGGML_NATIVE=OFF",
        "-DGGML_BACKEND_DL=ON",
        "-DGGML_CPU_ALL_VARIANTS=ON",
        "-DLLAVA_BUILD=OFF",
        "-DCMAKE_INSTALL_BINDIR=llama_cpp/lib",
        "-DCMAKE_INSTALL_LIBDIR=llama_cpp/lib",
    ]
    if platform != "win32":
        # Each library finds its like beside it, wherever the bundle lies.
        arguments.append("-DCMAKE_INSTALL_RPATH=" + ("@loader_path" if platform == "darwin" else r"\$ORIGIN"))
    return [*arguments, GPU_BACKENDS[backend]] if backend else arguments


def version_in(constraints: str) -> str:
    """Return the version of llama-cpp-python that a constraints file names."""
    lines = (line.partition("#")[0].strip() for line in constraints.splitlines())
    return next(line.partition("==")[2] for line in lines if line.lower().startswith("llama"))


def build(folder: Path, constraints: Path, python: Path, backend: str = "") -> Path:
    """Return the wheel, built if it is not in ``folder``: 15 minutes on two cores, and more with a GPU backend."""
    folder = folder / (backend or "cpu")
    version = version_in(constraints.read_text("utf-8"))
    wheels = list(folder.glob(f"llama_cpp_python-{version}-*.whl"))
    if not wheels:
        environment = {
            "CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 1),
            **os.environ,
            "CMAKE_ARGS": shlex.join(cmake_arguments(sys.platform, backend)),
        }
        command = [python, "-m", "pip", "wheel", "--no-deps", "--no-binary", "llama-cpp-python", "--no-cache-dir"]
        command += ["--config-settings", f"build-dir={folder / 'tree'}", "--wheel-dir", folder]
        command += [f"llama-cpp-python=={version}"]
        subprocess.run([str(part) for part in command], check=True, env=environment)
        wheels = list(folder.glob(f"llama_cpp_python-{version}-*.whl"))
    return wheels[0]


def pack_backend(wheel: Path, backend: str, folder: Path, needs_cuda: str = "") -> Path:
    """Pack the file of a GPU backend as it is downloaded; return the archive.

    ``backend.json`` in it says which llama.cpp it belongs to: ggml's inner structures change with every version.

    Args:
        wheel: The wheel that was built with it.
        backend: One of ``GPU_BACKENDS``.
        folder: Where the archive goes.
        needs_cuda: The CUDA it was built with, such as "12.8"; a driver must offer as new a one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / backend
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if Path(name).name in library_names(backend)]
        for name in names[:1]:
            work.mkdir(exist_ok=True)
            (work / Path(name).name).write_bytes(archive.read(name))
    library = next(path for path in work.iterdir() if path.name in library_names(backend))
    version, system = wheel.name.split("-")[1], f"{sys.platform}-{platform.machine().lower()}"
    facts = {
        "backend": backend,
        "system": system,
        "llama_cpp_python": version,
        "library": library.name,
        "needs_cuda": needs_cuda,
    }
    (work / "backend.json").write_text(json.dumps(facts), "utf-8")
    path = folder / f"sawhorse-backend-{backend}-{version}-{system}.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        for file in sorted(work.iterdir()):
            packed.add(file, file.name)
    return path


def library_names(backend: str) -> set[str]:
    """Return what a backend's file is called, by the system."""
    return {f"libggml-{backend}.so", f"ggml-{backend}.dll"}


def main() -> None:
    """Build a GPU backend's archive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--backend", required=True, choices=sorted(GPU_BACKENDS))
    parser.add_argument("--needs-cuda", default="", help="version of CUDA it is built with, such as 12.8")
    parser.add_argument("--out", type=Path, default=Path("dist"))
    options = parser.parse_args()
    here = Path(__file__).resolve()
    constraints = here.with_name("constraints.txt")
    wheel = build(here.parents[2] / "build/llama", constraints, Path(sys.executable), options.backend)
    sys.stdout.write(f"{pack_backend(wheel, options.backend, options.out, options.needs_cuda)}\n")


if __name__ == "__main__":
    main()
