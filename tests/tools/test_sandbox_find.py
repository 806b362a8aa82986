"""Which sandbox is used, and what is said of it."""

import os
import re
import sys
import tempfile
from pathlib import Path

import pytest

from app.tools.context import ToolError
from app.tools.sandbox import environment, seatbelt, seccomp
from app.tools.sandbox.bubblewrap import Bubblewrap
from app.tools.sandbox.find import find_sandbox, probe
from app.tools.sandbox.landlock import all_rights, writable_entries
from app.tools.sandbox.unheld import Unheld
from tests.tools.sandboxes import KINDS, make_box, make_sandbox, path_without

both = pytest.mark.parametrize("kind", KINDS)
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux's sandboxes")


@linux
def test_bubblewrap_is_used_where_it_works(tmp_path):
    make_sandbox("bubblewrap", tmp_path)

    state = find_sandbox().state

    assert (state.kind, state.can_cut_network, state.hint) == ("bubblewrap", True, "")


@linux
def test_without_bubblewrap_landlock_is_used_and_says_so(tmp_path, monkeypatch):
    make_sandbox("landlock", tmp_path)

    with path_without(monkeypatch, tmp_path, "bwrap"):
        state = find_sandbox().state

    assert state.kind == "landlock"
    assert "bubblewrap, which holds back more, is not installed" in state.message
    assert "Install bubblewrap" in state.hint


@linux
def test_a_bubblewrap_that_is_there_and_does_not_work_is_not_used(tmp_path, monkeypatch):
    make_sandbox("landlock", tmp_path)
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    state = find_sandbox().state

    assert state.kind == "landlock"
    assert "does not work here: bwrap: setting up uid map: Permission denied" in state.message


@linux
def test_without_any_sandbox_it_says_so_and_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("app.tools.sandbox.landlock.kernel_version", lambda: 0)
    with path_without(monkeypatch, tmp_path, "bwrap"):
        sandbox = find_sandbox()

    assert (sandbox.state.kind, sandbox.state.can_cut_network) == ("none", False)
    assert "each one is asked for" in sandbox.state.message
    for reach in ("sandbox", "network"):
        with pytest.raises(ToolError, match="There is no sandbox"):
            sandbox.start(["touch", "ran"], tmp_path, tmp_path, reach)
    assert not (tmp_path / "ran").exists()


def test_a_processor_without_a_filter_has_no_sandbox(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    monkeypatch.setattr("sys.platform", "linux")

    assert "riscv64" in find_sandbox().state.message


@linux
def test_a_probe_says_what_a_broken_sandbox_said(tmp_path):
    assert "not be started" in probe(Bubblewrap(str(tmp_path / "bwrap"), tmp_path / "home"))
    assert probe(Unheld()).startswith("There is no sandbox")


@linux
def test_a_sandbox_that_cannot_be_started_leaves_nothing_open(tmp_path):
    sandbox = Bubblewrap(str(tmp_path / "bwrap"), tmp_path / "home")
    before = set(Path("/proc/self/fd").iterdir())

    assert "not be started" in probe(sandbox)

    assert set(Path("/proc/self/fd").iterdir()) <= before


@both
@pytest.mark.parametrize("place", ["home", "above", "/", "/proc/self"])
def test_a_workspace_that_gives_everything_away_is_refused(kind, place, tmp_path):
    box = make_box(kind, tmp_path)
    workspace = {"home": box.home, "above": box.home.parent}.get(place, Path(place))

    with pytest.raises(ToolError, match=r"home folder|belongs to the system"):
        box.sandbox.start(["true"], workspace, workspace, "sandbox")


@both
@pytest.mark.parametrize("above", ["/run", "/var/tmp", "/opt"])
def test_a_workspace_may_lie_where_a_sandbox_hides_things(kind, above, tmp_path):
    if not os.access(above, os.W_OK):
        pytest.skip(f"{above} cannot be written")
    with tempfile.TemporaryDirectory(dir=above) as name:
        box = make_box(kind, tmp_path)
        box.workspace = Path(name).resolve()
        (box.workspace / "src").mkdir()

        assert box.run("echo x > src/y").code == 0
        assert (box.workspace / "src/y").read_text() == "x\n"


@both
def test_a_command_sees_only_variables_it_needs(kind, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "canary")
    monkeypatch.setenv("MY_SETTING", "mine")
    box = make_box(kind, tmp_path)

    names = {line.partition("=")[0] for line in box.run("env").output.splitlines()}

    assert names <= {
        *("PATH", "HOME", "PWD", "OLDPWD", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SHELL", "SHLVL"),
        *("_", *environment.QUIET),
    }


def test_an_allowed_command_outside_of_the_sandbox_gets_no_secrets_either(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "canary")
    monkeypatch.setenv("MY_SETTING", "mine")
    sandbox = Unheld()

    process = sandbox.start(["env"], tmp_path, tmp_path, "unsandboxed")
    output, _ = process.communicate(timeout=30)
    sandbox.stop(process)

    assert b"canary" not in output
    assert b"MY_SETTING=mine" in output


@both
def test_programs_in_the_home_folder_can_be_used_and_not_changed(kind, tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / ".local/bin").mkdir(parents=True)
    tool = home / ".local/bin/greet"
    tool.write_text("#!/bin/sh\necho hello\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    box = make_box(kind, tmp_path)

    assert box.run("greet").output == "hello\n"
    assert box.run(f"echo x > {tool}").code != 0


def test_landlock_gives_no_right_on_protected_entries_links_and_the_root(tmp_path):
    for name in (".git", "src", ".VSCode"):
        (tmp_path / name).mkdir()
    for name in ("a.py", ".mcp.json"):
        (tmp_path / name).write_text("")
    (tmp_path / "link").symlink_to("src")

    rules = dict(writable_entries(tmp_path, all_rights(7)))

    assert {Path(path).name for path in rules} == {"src", "a.py"}
    assert rules[str(tmp_path / "a.py")] & (1 << 8) == 0  # a file has no right to make files


def test_every_processor_refuses_the_same_calls():
    x86, arm = seccomp.MACHINES["x86_64"], seccomp.MACHINES["aarch64"]

    for name in seccomp.REFUSED:
        assert name in x86.numbers
        assert name in arm.numbers
    only_old = {"chmod", "chown", "lchown", "utime", "utimes", "futimesat"}
    assert set(x86.numbers) - set(arm.numbers) == only_old


@linux
@pytest.mark.parametrize("kind", ["landlock", "sandbox-exec"])
def test_a_command_that_cannot_be_started_leaves_no_temporary_folder(kind, tmp_path, monkeypatch):
    home = tmp_path / "home"
    sandbox = make_sandbox(kind, home) if kind == "landlock" else seatbelt.Seatbelt(seatbelt.PROGRAM, home)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    with pytest.raises(ToolError, match="No such file"):
        sandbox.start(["true"], tmp_path / "gone", tmp_path / "gone", "sandbox")

    assert list(temporary.iterdir()) == []


def macos_profile(**more):
    values = {
        "workspace": Path('/Users/you/My "Project"'),
        "temporary": Path("/private/tmp/t"),
        "home": Path("/Users/you"),
        "hidden": (Path("/Users/you/Library/Application Support/sawhorse"),),
        "reach": "sandbox",
    }
    return seatbelt.profile(**{**values, **more})


def test_the_profile_for_macos_denies_by_default_and_quotes_paths():
    lines = macos_profile().splitlines()

    assert lines[:2] == ["(version 1)", "(deny default)"]
    assert '(subpath "/Users/you/My \\"Project\\"")' in macos_profile()
    assert not any("network" in line for line in lines)
    assert any("network-outbound" in line for line in macos_profile(reach="network").splitlines())
    for line in lines:
        assert line.count("(") - line.count(")") == 0 or "regex" in line


def test_the_profile_for_macos_denies_writing_after_it_allows_it():
    lines = macos_profile().splitlines()
    allowed = next(index for index, line in enumerate(lines) if line.startswith("(allow file-write*"))
    denied = [index for index, line in enumerate(lines) if line.startswith("(deny file-write* (regex")]

    assert min(denied) > allowed
    assert len(denied) > 20


@pytest.mark.parametrize("path", [".git/hooks", ".GIT/Hooks/pre-commit", "sub/.git/config", ".MCP.json", ".envrc"])
def test_the_profile_for_macos_protects_in_either_case_and_at_any_depth(path):
    patterns = re.findall(r'\(regex #"(.*)"\)\)', macos_profile(workspace=Path("/w")))

    assert any(re.match(pattern, f"/w/{path}") for pattern in patterns)
    assert not any(re.match(pattern, "/w/src/main.py") for pattern in patterns)
