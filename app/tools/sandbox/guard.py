"""A small process between Sawhorse and a command: it holds it back with Landlock if asked to, and ends all of it.

Run by its path with ``python -I -S``, so it uses the standard library alone. It reads a plan, one line of JSON, from
the pipe that the variable ``CONTROL`` names; when that pipe closes, the command and everything it started end:

    argv, environment   the command
    limits              memory and file size in bytes, processes (optional)
    landlock            handled_fs, handled_net, scoped, and rules, pairs of a path and its rights (optional)
    filter              a seccomp program in hexadecimal (optional)
    temporary           a folder to be removed at the end (optional)

Numbers are those of ``linux/landlock.h``, ``linux/prctl.h`` and ``linux/seccomp.h``.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import struct
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

CONTROL = "SAWHORSE_CONTROL"
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
_LANDLOCK_RULE_PATH_BENEATH = 1
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 22, 36, 38
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION = 0x20080522  # linux/capability.h: two words of 32 capabilities
_CANNOT_RUN = 126
_PAUSE_SECONDS = 0.002


def main() -> None:
    """Run one command."""
    control = int(os.environ[CONTROL])
    os.set_inheritable(control, False)
    plan = _read_plan(control)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    wake_in, wake_out = os.pipe()
    os.set_blocking(wake_out, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake_out)
    child = os.fork()
    if child == 0:
        _become(plan)
    # The command's output ends when its own processes have ended, whatever this one still does.
    code = _wait(child, control, wake_in)
    _end_all(child)
    if plan.get("temporary"):
        shutil.rmtree(plan["temporary"], ignore_errors=True)
    os._exit(code)


def _read_plan(control: int) -> dict[str, Any]:
    text = b""
    while not text.endswith(b"\n"):
        if not (more := os.read(control, 1 << 16)):
            os._exit(0)  # it was given up before it began
        text += more
    plan: dict[str, Any] = json.loads(text)
    return plan


def _wait(child: int, control: int, wake: int) -> int:
    """Return the child's exit code, 128 and the number for a signal; -9 of ours if the control pipe closed."""
    while True:
        ready, _, _ = select.select([control, wake], [], [])
        if wake in ready:
            os.read(wake, 1 << 12)
            for pid, status in _reaped():
                if pid == child:
                    code = os.waitstatus_to_exitcode(status)
                    return code if code >= 0 else 128 - code
        if control in ready:
            return 128 + signal.SIGKILL


def _reaped() -> list[tuple[int, int]]:
    found = []
    with contextlib.suppress(ChildProcessError):
        while (end := os.waitpid(-1, os.WNOHANG))[0]:
            found.append(end)
    return found


def _end_all(child: int) -> None:
    """End every descendant: first all are halted, so that none can start another while they are ended."""
    if sys.platform != "linux":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)  # those that left the group are not found here
        return
    halted: set[int] = set()
    while new := [pid for pid in _descendants() if pid not in halted]:
        _signal(new, signal.SIGSTOP)
        halted.update(new)
    while left := _descendants():
        _signal(left, signal.SIGKILL)
        _reaped()
        time.sleep(_PAUSE_SECONDS)


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _descendants() -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - cheaper
        if name.isdigit():
            with contextlib.suppress(OSError):
                fields = _stat(name)
                if fields[0] != b"Z" or int(fields[1]) == os.getpid():
                    children.setdefault(int(fields[1]), []).append(int(name))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _stat(pid: str) -> list[bytes]:
    """Return what /proc/PID/stat says after the name, which may hold anything: state, parent and so on."""
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()


def _become(plan: dict[str, Any]) -> NoReturn:
    """Turn this process into the command."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        _limit(plan.get("limits") or {})
        if sys.platform == "linux":
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if landlock := plan.get("landlock"):
            _prctl(_PR_SET_NO_NEW_PRIVS, 1)
            _hold(landlock)
            _drop_capabilities()
        if program := plan.get("filter"):
            _prctl(_PR_SET_NO_NEW_PRIVS, 1)
            _filter(bytes.fromhex(program))
        os.execvpe(plan["argv"][0], plan["argv"], plan["environment"])  # noqa: S606 - a shell is what it usually is
    except BaseException as error:  # noqa: BLE001 - told on the command's output; nothing else may run in this process
        os.write(2, f"The command could not be started: {error}\n".encode())
    os._exit(_CANNOT_RUN)


def _limit(limits: dict[str, int]) -> None:
    import resource  # noqa: PLC0415 - exists on POSIX only

    wanted = {resource.RLIMIT_CORE: 0}
    if limits:
        # The last one counts everything the person runs.
        wanted |= {
            resource.RLIMIT_DATA: limits["data"],
            resource.RLIMIT_FSIZE: limits["file"],
            resource.RLIMIT_NPROC: _threads_of_user() + limits["processes"],
        }
    for kind, limit in wanted.items():
        hard = resource.getrlimit(kind)[1]
        most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (most, most))


def _threads_of_user() -> int:
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if entry.stat().st_uid == os.getuid():
                    count += int(_stat(entry.name)[17])
    return count


def _prctl(option: int, value: int, pointer: Any = 0) -> None:
    if _c().prctl(option, ctypes.c_ulong(value), pointer, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} failed: {os.strerror(ctypes.get_errno())}")


def _c() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _system_call(number: int, *arguments: Any) -> int:
    result = int(_c().syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number} failed: {os.strerror(ctypes.get_errno())}")
    return result


def _hold(landlock: dict[str, Any]) -> None:
    """Restrict this process, and all it starts, to the rules."""
    attributes = [landlock["handled_fs"], *landlock["handled_more"]]
    attribute = struct.pack(f"={len(attributes)}Q", *attributes)
    ruleset = _system_call(LANDLOCK_CREATE_RULESET, attribute, ctypes.c_size_t(len(attribute)), ctypes.c_uint(0))
    for path, rights in landlock["rules"]:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        beneath = struct.pack("=Qi", rights, descriptor)
        _system_call(LANDLOCK_ADD_RULE, ctypes.c_int(ruleset), _LANDLOCK_RULE_PATH_BENEATH, beneath, ctypes.c_uint(0))
        os.close(descriptor)
    _system_call(LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)


def _drop_capabilities() -> None:
    """Give up root's powers, for good, as privileges cannot be gained any more."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    if _c().capset(header, bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be given up")


def _filter(program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))
    descriptor = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, descriptor)


if __name__ == "__main__":
    main()
