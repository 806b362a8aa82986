"""What is decided about bundles: what goes in, what stays out, and what is said of a bad one."""

import ast
import hashlib
import importlib.util
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from app.backends.values import decode_manifest, this_system
from app.ipc.launch import CHILD_MODULES

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "packaging" / "bundle"


def load(name, folder=BUNDLE):
    """Load a script of packaging, which lies outside every package."""
    spec = importlib.util.spec_from_file_location(f"packaging_{name}", folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


contents, check, wheel = load("contents"), load("check"), load("llama_cpp_wheel")


# --- contents ---------------------------------------------------------------------------------------------


def test_every_child_is_in_a_package_that_is_taken_whole():
    assert {module.partition(".")[0] for module in CHILD_MODULES} <= set(contents.OWN_PACKAGES)


def test_no_module_that_is_left_out_is_imported_by_ours():
    sources = [path for package in contents.OWN_PACKAGES for path in (ROOT / package).rglob("*.py")]
    nodes = [node for path in sources for node in ast.walk(ast.parse(path.read_bytes()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    left_out = set(contents.EXCLUDED_MODULES)
    assert not [name for name in names if any(name == out or name.startswith(f"{out}.") for out in left_out)]


def test_the_files_of_resources_are_taken_and_its_code_is_not():
    files = contents.resource_files(ROOT)
    names = {Path(source).name for source, _folder in files}
    assert {"style.qss", "app.svg", "agent.md", "qwen3-coder-next.toml"} <= names
    assert not [name for name in names if name.endswith((".py", ".pyc"))]
    assert (str(ROOT / "resources/icons/app.svg"), "resources/icons") in files


@pytest.mark.parametrize(
    ("name", "is_wanted"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqwayland.so", True),
        ("PySide6\\plugins\\platforms\\qwindows.dll", True),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/plugins/qmltooling/libqmldbg_debugger.so", False),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6/Qt/lib/libQt6Core.so.6", True),
        ("libstdc++.so.6", False),
        ("libX11-xcb.so.1", False),
        ("libxcb-cursor.so.0", True),
    ],
)
def test_only_what_is_of_use_is_taken(name, is_wanted):
    assert contents.is_wanted(name, is_linux=True) is is_wanted


def test_only_linux_has_libraries_of_its_own():
    assert contents.is_wanted("libstdc++.so.6", is_linux=False)


def test_a_library_stays_if_something_that_stays_is_linked_to_it():
    needs = {
        "python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so": ["libssl.so.3", "libc.so.6"],
        "libssl.so.3": ["libcrypto.so.3"],
        "libcrypto.so.3": [],
        "libgtk-3.so.0": ["libgdk-3.so.0"],
        "libgdk-3.so.0": [],
        "llama_cpp/lib/libggml-cpu-zen4.so": ["libgomp.so.1"],
        "libgomp.so.1": [],
    }
    found = contents.reachable({name: name for name in needs}, needs.__getitem__)
    assert found == set(needs) - {"libgtk-3.so.0", "libgdk-3.so.0"}


def test_llama_cpps_libraries_are_taken_once(tmp_path):
    (tmp_path / "lib").mkdir()
    numbers = ("", ".0", ".0.25.3")
    names = [f"libggml-base.so{number}" for number in numbers] + [
        f"libggml-cpu-haswell.so{number}" for number in numbers
    ]
    names += [
        "libllama.so",
        "libllama-common.so.0",
        "libmtmd.so",
        "ggml-cpu-haswell.dll",
        "libggml.0.dylib",
        "notes.txt",
    ]
    names += ["libggml.0.25.3.dylib", "libggml.dylib"]
    for name in names:
        (tmp_path / "lib" / name).touch()
    assert {Path(source).name for source, _folder in contents.llama_libraries(tmp_path)} == {
        "libggml-base.so",
        "libggml-base.so.0",
        "libggml-cpu-haswell.so",
        "libllama.so",
        "ggml-cpu-haswell.dll",
        "libggml.0.dylib",
        "libggml.dylib",
    }


def test_a_librarys_two_names_become_one_file():
    names = ["libggml.so", "libggml.so.0", "libggml-cpu-x64.so", "libllama.0.dylib", "libllama.dylib"]
    assert contents.links_among(names) == {"libggml.so": "libggml.so.0", "libllama.dylib": "libllama.0.dylib"}


# --- llama.cpp --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_llama_cpp_is_built_for_no_single_processor(platform):
    arguments = wheel.cmake_arguments(platform, "vulkan")
    assert {"-DGGML_NATIVE=OFF", "-DGGML_BACKEND_DL=ON", "-DGGML_CPU_ALL_VARIANTS=ON"} <= set(arguments)
    assert "-DGGML_VULKAN=ON" in arguments
    assert any("RPATH" in argument for argument in arguments) is (platform != "win32")


def test_the_bundles_llama_cpp_is_one_that_the_project_asks_for():
    version = wheel.version_in((BUNDLE / "constraints.txt").read_text("utf-8"))
    oldest = re.search(r"llama-cpp-python>=([\d.]+)", (ROOT / "pyproject.toml").read_text("utf-8"))[1]
    assert tuple(map(int, version.split("."))) >= tuple(map(int, oldest.split(".")))


def test_a_backends_archive_and_its_entry_are_what_the_program_reads(tmp_path):
    built = tmp_path / "llama_cpp_python-0.3.36-py3-none-linux_x86_64.whl"
    with zipfile.ZipFile(built, "w") as packed:
        packed.writestr("llama_cpp/lib/libggml-cuda.so", b"a library")
        packed.writestr("llama_cpp/lib/libggml-cpu-x64.so", b"another")
    archive = wheel.pack_backend(built, "cuda", tmp_path / "out", "12.8")
    entries = [load("manifest").entry(archive, "https://example.org/v1/")]
    (backend,) = decode_manifest(json.dumps(entries).encode())
    assert (backend.name, backend.system, backend.needs_cuda) == ("cuda", this_system(), "12.8")
    assert backend.url == f"https://example.org/v1/{archive.name}"
    assert backend.sha256 == hashlib.sha256(archive.read_bytes()).hexdigest()
    with tarfile.open(archive) as packed:
        assert packed.getnames() == ["backend.json", "libggml-cuda.so"]


# --- the check --------------------------------------------------------------------------------------------


def test_a_library_that_nobody_has_is_named_with_who_wants_it():
    needs = {"a.so": ["libb.so.1", "libc.so.6"], "libb.so.1": ["libgone.so.2"]}
    assert check.missing_libraries(needs, ["a.so", "libb.so.1", "libc.so.6"]) == ["libb.so.1: libgone.so.2"]


def test_the_newest_glibc_that_is_asked_for_counts():
    assert check.newest_glibc(["0x0 0x00 05 GLIBC_2.2.5", "GLIBC_2.34 GLIBC_2.9", "GLIBCXX_3.4.30"]) == (2, 34)
    assert check.newest_glibc([]) == (0, 0)


def test_needed_libraries_are_read_from_objdump():
    assert check.linked_to("  NEEDED               libc.so.6\n  SONAME               me.so\n") == ["libc.so.6"]
