"""What the set-up script decides: which Python will do, what is missing, and what it tells the user."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def setup():
    """The script, which lies outside every package because it runs before anything is installed."""
    spec = importlib.util.spec_from_file_location("setup_environment", ROOT / "packaging" / "setup_environment.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def need(setup, name):
    return next(need for need in setup.LIBRARIES if need.name == name)


@pytest.mark.parametrize(
    ("version", "will_do"), [((3, 10, 14), False), ((3, 11, 0), True), ((3, 14), True), ((0,), False)]
)
def test_python_3_11_is_the_oldest_that_will_do(setup, version, will_do):
    assert setup.is_recent(version) is will_do


def test_a_python_that_is_too_old_is_named_with_a_way_out(setup):
    text = setup.python_missing_text("3.9.2")
    assert "3.11 or newer" in text
    assert "3.9.2" in text
    assert "apt-get install python3.11" in text


def test_the_command_for_the_user_names_each_package_once(setup):
    needs = [need(setup, "libglib-2.0.so.0"), need(setup, "libgthread-2.0.so.0"), need(setup, "libEGL.so.1")]
    text = setup.needs_text(needs, "apt")
    assert "sudo apt-get install --yes --no-install-recommends libglib2.0-0 libegl1" in text


def test_other_families_of_linux_get_their_own_names(setup):
    needs = [need(setup, "libxcb-icccm.so.4")]
    assert "sudo dnf install --assumeyes xcb-util-wm" in setup.needs_text(needs, "dnf")
    assert "sudo pacman --sync --needed xcb-util-wm" in setup.needs_text(needs, "pacman")


def test_an_unknown_system_is_told_the_names_of_the_libraries(setup):
    text = setup.needs_text([need(setup, "libEGL.so.1")], None)
    assert "libEGL.so.1" in text
    assert "sudo" not in text


def test_nothing_is_installed_twice(setup):
    wanted = setup.wanted_stamp(b"[project]", (3, 11, 7))
    stamp = json.dumps({"installation": wanted, "extras": ["check", "starter", "test"]})
    assert setup.missing_extras(stamp, wanted, ["starter"]) == []


def test_only_extras_that_are_new_are_asked_for(setup):
    wanted = setup.wanted_stamp(b"[project]", (3, 11, 7))
    stamp = json.dumps({"installation": wanted, "extras": ["starter"]})
    assert setup.missing_extras(stamp, wanted, ["starter", "test"]) == ["test"]


@pytest.mark.parametrize("stamp", ["", "{", "[]", '{"installation": "other", "extras": ["starter"]}'])
def test_another_pyproject_or_a_damaged_stamp_means_everything_anew(setup, stamp):
    assert setup.missing_extras(stamp, setup.wanted_stamp(b"[project]", (3, 11, 7)), ["starter"]) is None


def test_another_python_means_another_installation(setup):
    assert setup.wanted_stamp(b"", (3, 11, 7)) == setup.wanted_stamp(b"", (3, 11, 9))
    assert setup.wanted_stamp(b"", (3, 11)) != setup.wanted_stamp(b"", (3, 12))


def test_a_library_that_is_not_there_is_noticed(setup):
    assert not setup.can_load("libsawhorse-has-no-such-library.so.1")


@pytest.mark.skipif(sys.platform == "win32", reason="root and apt are of Unix")
def test_without_root_the_user_is_asked_and_nothing_is_called(setup, monkeypatch):
    monkeypatch.setattr(setup.sys, "platform", "linux")
    monkeypatch.setattr(setup.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(setup, "find_manager", lambda: "apt")
    monkeypatch.setattr(setup, "_call", lambda *_: pytest.fail("a package manager was called"))
    with pytest.raises(setup.SetupError, match="sudo apt-get install"):
        setup.provide([need(setup, "libEGL.so.1")])


def test_the_python_that_runs_the_script_is_taken_when_it_is_recent_enough(setup):
    assert setup.find_python() == sys.executable


def test_a_python_that_does_not_exist_has_no_version(setup):
    assert setup.version_of("/nowhere/python3") == (0,)
    assert setup.version_of(sys.executable) == sys.version_info[:3]
