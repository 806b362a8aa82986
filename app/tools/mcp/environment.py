"""The environment a server's program gets: a few ordinary variables, and those its configuration names."""

from __future__ import annotations

from collections.abc import Mapping

from app.ipc.launch import clean_environment

_NAMES = (
    "HOME LANG LANGUAGE LOGNAME PATH SHELL TERM TMPDIR TZ USER XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME "
    "APPDATA COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA PATHEXT PROCESSOR_ARCHITECTURE SYSTEMDRIVE SYSTEMROOT TEMP TMP "
    "USERNAME USERPROFILE WINDIR"
)
#: What programs need to find themselves and to speak the user's language; nothing that opens a door.
ORDINARY_NAMES = frozenset(_NAMES.split())


def server_environment(own: Mapping[str, str], configured: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a server.

    Args:
        own: Sawhorse's own environment, of which only what is ordinary is passed on.
        configured: The server's variables, with every reference filled in.
    """
    ordinary = {
        name: value
        for name, value in clean_environment(own).items()
        if name.upper() in ORDINARY_NAMES or name.startswith("LC_")
    }
    return {**ordinary, **configured}
