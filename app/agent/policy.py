"""Whether a call may run: at once, after a person's yes, or not at all. Pure.

Reading is allowed unless someone forbids it; what writes, runs commands or belongs to another program asks. A
stored "allow" for a command counts only inside a sandbox: what needs more than the sandbox gives always asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from app.settings import Permission
from app.tools.tool import Reach, SandboxState, ToolKind, ToolSpec

DEFAULTS: Mapping[ToolKind, Permission] = {
    "read": "allow",
    "talk": "allow",
    "write": "ask",
    "command": "ask",
    "external": "ask",
}
#: The argument with which a command asks for more than the sandbox gives.
REACH_ARGUMENT = "permissions"
Policies = Mapping[str, Mapping[str, Permission]]

_NETWORK = "It asks for the network: it could send what it reads anywhere."
_UNSANDBOXED = "It asks to run outside the sandbox: it could read and change everything that you can."
_UNKNOWN = "It is not known yet what holds commands back on this computer."
_NETWORK_UNHELD = (
    "It asks for the network. There is no sandbox on this computer, so a yes lets it run without one: it could read "
    "and change everything that you can, and send it anywhere."
)
_NO_SANDBOX = "There is no sandbox on this computer: it could read and change everything that you can."


@dataclass(frozen=True)
class Decision:
    """What becomes of a call.

    Attributes:
        reason: Why it asks or is refused, for people.
        reach: What it is given if it runs.
        can_remember: A yes may be kept for this tool and folder.
    """

    verdict: Permission
    reason: str = ""
    reach: Reach = "sandbox"
    can_remember: bool = False


def permission_for(spec: ToolSpec, folder: str, policies: Policies) -> Permission:
    """Return what holds for a tool in a folder: the folder's own word, that for every folder, the default."""
    for place in (folder, ""):
        if spec.name in policies.get(place, {}):
            return policies[place][spec.name]
    return DEFAULTS[spec.kind]


def decide(
    spec: ToolSpec, arguments: Mapping[str, Any], folder: str, policies: Policies, sandbox: SandboxState | None
) -> Decision:
    """Return what becomes of a call of ``spec`` in ``folder``; ``sandbox`` is None until it was probed."""
    permission = permission_for(spec, folder, policies)
    if permission == "deny":
        return Decision("deny", f"The settings do not allow {spec.name} in this folder.")
    if spec.kind == "command":
        return _decide_command(permission, reach_of(arguments), sandbox)
    if permission == "allow":
        return Decision("allow")
    return Decision("ask", _reason(spec), can_remember=True)


def reach_of(arguments: Mapping[str, Any]) -> Reach:
    """Return what a command asks for."""
    wanted = arguments.get(REACH_ARGUMENT, "sandbox")
    return cast("Reach", wanted) if wanted in get_args(Reach) else "sandbox"


def _decide_command(permission: Permission, reach: Reach, sandbox: SandboxState | None) -> Decision:
    if sandbox is not None and sandbox.kind == "none":
        return Decision("ask", _NETWORK_UNHELD if reach == "network" else _NO_SANDBOX, "unsandboxed")
    if reach != "sandbox":
        return Decision("ask", _NETWORK if reach == "network" else _UNSANDBOXED, reach)
    if sandbox is None:
        return Decision("ask", _UNKNOWN)
    if permission == "allow":
        return Decision("allow")
    return Decision("ask", "It runs a command, in the sandbox.", can_remember=True)


def _reason(spec: ToolSpec) -> str:
    match spec.kind:
        case "write":
            return "It changes files in this folder."
        case "external":
            return f"It is a tool of another program, {spec.source.removeprefix('mcp:')}, which no sandbox holds."
        case _:
            return "The settings ask before it runs."
