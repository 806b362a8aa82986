"""What a sandboxed command tries and must not get, in every sandbox that works here."""

import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.tools.sandboxes import KINDS, make_box

pytestmark = pytest.mark.parametrize("kind", KINDS)

WRITES = {
    "a new file": "echo x > {outside}/new",
    "an appended line": "echo x >> {outside}/file",
    "a truncation": "truncate -s 0 {outside}/file",
    "a deletion": "rm {outside}/file",
    "a move out": "echo x > src/y && mv src/y {outside}/y",
    "a move in": "mv {outside}/file src/file",
    "a copy": "cp /bin/sh {outside}/sh",
    "a folder": "mkdir {outside}/folder",
    "a link out": "ln -s {outside} src/link && echo x > src/link/new",
    "a relative link out": "ln -s ../../../outside src/up && echo x > src/up/new",
    "a hard link": "ln {outside}/file src/hard && echo x >> src/hard",
    "the process's root": "echo x > /proc/self/root{outside}/new",
    "the first process's root": "echo x > /proc/1/root{outside}/new",
    "the parent's folder": "cd .. && echo x > new && [ -e {home}/new ] && cp new {outside}/new",
    "a mode": "chmod 666 {outside}/file",
    "an owner": "chown 12345 {outside}/file",
    "a time": "touch -d 2001-01-01 {outside}/file",
    "an attribute": "setfattr -n user.x -v y {outside}/file",
    "a socket": "python3 -c 'import os,stat; os.mknod(\"{outside}/fifo\", stat.S_IFIFO | 0o600)'",
    "system settings": "echo x > /etc/sawhorse-test",
    "the kernel's settings": "echo core > /proc/sys/kernel/core_pattern",
    "a magic request": "echo h > /proc/sysrq-trigger",
    "the workspace's name": "mv {workspace} {workspace}2",
}

READS = {
    "keys": "cat {home}/.ssh/id",
    "keys by a link": "ln -s {home}/.ssh/id src/key && cat src/key",
    "keys by the root": "cat /proc/self/root{home}/.ssh/id",
    "keys by a hard link": "ln {home}/.ssh/id src/key && cat src/key",
    "Sawhorse's own files": "cat {hidden}/conversations.db",
    "the variables": "env; cat /proc/self/environ",
    "another's variables": "cat /proc/{pid}/environ",
    "another's memory": 'python3 -c \'open("/proc/{pid}/mem", "rb").read(1)\'; gdb -p {pid} </dev/null',
}

ACTS = {
    "a signal": "kill -9 {sleeper}",
    "a trace": "python3 -c 'import ctypes,sys; sys.exit(ctypes.CDLL(None).ptrace(16, {sleeper}, 0, 0) and 1)'",
    "namespaces": "unshare -Ur true",
    "namespaces by clone": "unshare --fork --pid true",
    "a mount": "mount -t tmpfs none src",
    "an unmount": "umount {workspace}",
    "a root": "chroot / true",
    "another sandbox": "bwrap --ro-bind / / --dev /dev true",
    "typing": "python3 -c 'import fcntl; fcntl.ioctl(0, 0x5412, b\"x\")'",
    "keys of the kernel": "python3 -c 'import ctypes,sys; sys.exit(ctypes.CDLL(None).syscall(250, 0, -3, 0) < 0)'",
    "io_uring": "python3 -c 'import ctypes,sys; sys.exit(ctypes.CDLL(None).syscall(425, 1, bytes(120)) < 0)'",
    "a program for the kernel": "python3 -c 'import ctypes,sys; sys.exit(ctypes.CDLL(None).syscall(321, 0, 0, 0) < 0)'",
    "a machine's socket": "python3 -c 'import socket; socket.socket(40, socket.SOCK_STREAM)'",
    "raw packets": "python3 -c 'import socket; socket.socket(17, socket.SOCK_RAW)'",
}


def filled(command, box, **more):
    return command.format(
        outside=box.outside, home=box.home, workspace=box.workspace, hidden=box.hidden, pid=os.getpid(), **more
    )


def state_of(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        found[path.name] = (status.st_mode, status.st_uid, status.st_mtime_ns, status.st_nlink, content)
    return found


@pytest.mark.parametrize("attempt", WRITES)
def test_nothing_outside_the_workspace_can_be_changed(kind, attempt, tmp_path):
    box = make_box(kind, tmp_path)
    before = state_of(box.outside)

    ended = box.run(filled(WRITES[attempt], box))

    assert ended.code != 0, ended.output
    assert state_of(box.outside) == before
    assert box.workspace.is_dir()
    assert not Path("/etc/sawhorse-test").exists()


@pytest.mark.parametrize("attempt", READS)
def test_secrets_cannot_be_read(kind, attempt, tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_TOKEN", "canary-of-environment")
    box = make_box(kind, tmp_path)

    ended = box.run(filled(READS[attempt], box))

    assert "canary" not in ended.output


@pytest.mark.parametrize("attempt", ACTS)
def test_the_kernel_and_other_programs_are_out_of_reach(kind, attempt, tmp_path):
    box = make_box(kind, tmp_path)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as sleeper:
        ended = box.run(filled(ACTS[attempt], box, sleeper=sleeper.pid))

        assert ended.code != 0, ended.output
        assert sleeper.poll() is None
        sleeper.communicate(b"\n")


def test_a_command_has_no_capabilities_and_cannot_gain_any(kind, tmp_path):
    ended = make_box(kind, tmp_path).run("grep -E '^(CapEff|CapPrm|NoNewPrivs|Seccomp):' /proc/self/status")

    values = dict(line.split(":\t") for line in ended.output.splitlines())
    assert values == {"CapEff": "0" * 16, "CapPrm": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2"}


CONNECT = """python3 -c '
import socket
s = socket.socket(socket.{family}, socket.{type})
s.settimeout(5)
s.connect(ADDRESS)
s.send(b"x")
'"""


@pytest.mark.parametrize("transport", ["SOCK_STREAM", "SOCK_DGRAM"])
def test_without_the_network_nothing_reaches_this_machine(kind, transport, tmp_path):
    box = make_box(kind, tmp_path)
    with socket.socket(socket.AF_INET, getattr(socket, transport)) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        if transport == "SOCK_STREAM":
            listener.listen()
        address = f'("127.0.0.1", {listener.getsockname()[1]})'
        command = CONNECT.replace("ADDRESS", address).format(family="AF_INET", type=transport)

        box.run(command)

        with pytest.raises(BlockingIOError):
            listener.accept() if transport == "SOCK_STREAM" else listener.recv(1)


def test_with_the_network_allowed_a_connection_is_made(kind, tmp_path):
    box = make_box(kind, tmp_path)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(10)
        address = f'("127.0.0.1", {listener.getsockname()[1]})'
        ended = box.run(CONNECT.replace("ADDRESS", address).format(family="AF_INET", type="SOCK_STREAM"), "network")

        assert ended.code == 0, ended.output
        listener.accept()[0].close()


@pytest.mark.parametrize("reach", ["sandbox", "network"])
@pytest.mark.parametrize("place", ["workspace", "abstract", "run"])
def test_unix_sockets_of_other_programs_are_out_of_reach(kind, reach, place, tmp_path):
    box = make_box(kind, tmp_path)
    with tempfile.TemporaryDirectory(dir="/run" if place == "run" and os.access("/run", os.W_OK) else None) as folder:
        name = {"workspace": str(box.workspace / "s"), "abstract": f"\0sawhorse-{os.getpid()}", "run": f"{folder}/s"}
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(name[place])
            listener.listen()
            listener.setblocking(False)
            address = repr(name[place]).replace("'", '"')

            ended = box.run(CONNECT.replace("ADDRESS", address).format(family="AF_UNIX", type="SOCK_STREAM"), reach)

            assert ended.code != 0
            with pytest.raises(BlockingIOError):
                listener.accept()


def test_a_pair_of_datagram_sockets_which_could_be_pointed_elsewhere_is_refused(kind, tmp_path):
    box = make_box(kind, tmp_path)

    assert box.run("python3 -c 'import socket; socket.socketpair(1, socket.SOCK_DGRAM)'").code != 0
    assert box.run("python3 -c 'import socket; socket.socketpair(1, socket.SOCK_RAW)'").code != 0
    assert box.run("python3 -c 'import socket; socket.socketpair()'").code == 0
