"""The system-call filter of sandboxed commands: a small assembler for classic BPF, and what is refused. Pure.

A filter is an array of ``struct sock_filter`` (``linux/filter.h``) run on a ``struct seccomp_data``
(``linux/seccomp.h``): the call's number, the architecture, the instruction pointer, and six 64-bit arguments.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.tools.sandbox.environment import words

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06  # linux/bpf_common.h
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in seccomp_data
_X32 = 0x40000000  # calls of x86-64's second interface carry this bit
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
_SOCK_STREAM, _SOCK_SEQPACKET, _SOCKET_TYPE = 1, 5, 0xF
_NEW_NAMESPACES = 0x7E020080  # CLONE_NEWNS, -TIME, -CGROUP, -UTS, -IPC, -USER, -PID and -NET
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # type into a terminal, and paste into a console

#: Calls that reach into the kernel, other processes or mounts, which no build or test needs.
REFUSED = words(
    "acct add_key bpf chroot delete_module finit_module fsconfig fsmount fsopen fspick init_module io_uring_enter "
    "io_uring_register io_uring_setup kexec_file_load kexec_load keyctl mount mount_setattr move_mount "
    "name_to_handle_at open_by_handle_at open_tree perf_event_open pivot_root quotactl reboot request_key setns "
    "swapoff swapon syslog umount2 userfaultfd"
)
#: Changes of a file's mode, owner, times and attributes by its path, which Landlock does not look at. Those through a
#: descriptor need the file to be opened, which it does.
REFUSED_BY_PATH = words(
    "chmod fchmodat fchmodat2 chown lchown fchownat setxattr lsetxattr removexattr lremovexattr setxattrat "
    "removexattrat utime utimes futimesat"
)


@dataclass(frozen=True)
class Machine:
    """A processor: its AUDIT_ARCH, and its system calls' numbers (``asm/unistd_64.h``, ``asm-generic/unistd.h``)."""

    architecture: int
    numbers: Mapping[str, int]


def _numbers(text: str) -> dict[str, int]:
    parts = text.split()
    return {name: int(number) for name, number in zip(parts[::2], parts[1::2], strict=True)}


_COMMON = _numbers(
    "io_uring_setup 425 io_uring_enter 426 io_uring_register 427 open_tree 428 move_mount 429 fsopen 430 fsconfig 431 "
    "fsmount 432 fspick 433 clone3 435 mount_setattr 442 fchmodat2 452 setxattrat 463 removexattrat 466"
)
_X86_64 = _numbers(
    "socket 41 socketpair 53 clone 56 ioctl 16 unshare 272 acct 163 add_key 248 bpf 321 chroot 161 delete_module 176 "
    "finit_module 313 init_module 175 kexec_file_load 320 kexec_load 246 keyctl 250 mount 165 name_to_handle_at 303 "
    "open_by_handle_at 304 perf_event_open 298 pivot_root 155 quotactl 179 reboot 169 request_key 249 setns 308 "
    "swapoff 168 swapon 167 syslog 103 umount2 166 userfaultfd 323 chmod 90 fchmodat 268 chown 92 lchown 94 "
    "fchownat 260 setxattr 188 lsetxattr 189 removexattr 197 lremovexattr 198 utime 132 utimes 235 futimesat 261 "
    "utimensat 280"
)
_AARCH64 = _numbers(
    "socket 198 socketpair 199 clone 220 ioctl 29 unshare 97 acct 89 add_key 217 bpf 280 chroot 51 delete_module 106 "
    "finit_module 273 init_module 105 kexec_file_load 294 kexec_load 104 keyctl 219 mount 40 name_to_handle_at 264 "
    "open_by_handle_at 265 perf_event_open 241 pivot_root 41 quotactl 60 reboot 142 request_key 218 setns 268 "
    "swapoff 225 swapon 224 syslog 116 umount2 39 userfaultfd 282 fchmodat 53 fchownat 54 setxattr 5 lsetxattr 6 "
    "removexattr 14 lremovexattr 15 utimensat 88"
)
#: By ``platform.machine()``; on other processors there is no filter, hence no sandbox.
MACHINES = {
    "x86_64": Machine(0xC000003E, {**_COMMON, **_X86_64}),
    "aarch64": Machine(0xC00000B7, {**_COMMON, **_AARCH64}),
}


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refuse(error: int = errno.EPERM) -> bytes:
    return _step(_RETURN, _REFUSE | error)


def _argument(index: int, *, upper: bool = False) -> bytes:
    """Load a half of an argument, which is the lower one unless it is an address; both processors are little-endian."""
    return _step(_LOAD, 16 + 8 * index + 4 * upper)


def _on(number: int, body: Sequence[bytes]) -> list[bytes]:
    """Run ``body`` for one system call; it ends in a return on every path."""
    return [_step(_EQUAL, number, 0, len(body)), *body]


def build_filter(machine: Machine, families: Sequence[int], *, by_path: bool) -> bytes:
    """Return the program that refuses what a sandboxed command has no use for, and allows the rest.

    Unix sockets are refused with the network on, too: through them a command would reach the desktop's bus, a
    container daemon or an SSH agent. Connected pairs stay, except of datagrams (and raw ones, which are the same),
    which can be sent elsewhere.

    Args:
        machine: One of ``MACHINES``.
        families: Of the sockets that may be made.
        by_path: Also refuse ``REFUSED_BY_PATH``.
    """
    numbers = machine.numbers
    allow = _step(_RETURN, _ALLOW)
    steps = [_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, machine.architecture, 1, 0), _refuse(), _step(_LOAD, _NUMBER)]
    steps += [_step(_AT_LEAST, _X32, 0, 1), _refuse(errno.ENOSYS)]
    # Programs fall back to clone, whose flags can be looked at.
    steps += _on(numbers["clone3"], [_refuse(errno.ENOSYS)])
    for name in (*REFUSED, *(REFUSED_BY_PATH if by_path else ())):
        if name in numbers:
            steps += _on(numbers[name], [_refuse()])
    if by_path:  # without a path it is a descriptor's
        given = [_argument(1), _step(_EQUAL, 0, 0, 2), _argument(1, upper=True), _step(_EQUAL, 0, 1, 0)]
        steps += _on(numbers["utimensat"], [*given, _refuse(), allow])
    for name in ("clone", "unshare"):
        steps += _on(numbers[name], [_argument(0), _step(_ANY_BIT, _NEW_NAMESPACES, 0, 1), _refuse(), allow])
    typing = [_step(_EQUAL, _TIOCSTI, 2, 0), _step(_EQUAL, _TIOCLINUX, 1, 0)]
    steps += _on(numbers["ioctl"], [_argument(1), *typing, allow, _refuse()])
    known = [step for family in families for step in (_step(_EQUAL, family, 0, 1), allow)]
    steps += _on(numbers["socket"], [_argument(0), *known, _refuse()])
    connected = [_step(_EQUAL, _SOCK_STREAM, 2, 0), _step(_EQUAL, _SOCK_SEQPACKET, 1, 0)]
    steps += _on(numbers["socketpair"], [_argument(1), _step(_AND, _SOCKET_TYPE), *connected, _refuse(), allow])
    return b"".join([*steps, allow])
