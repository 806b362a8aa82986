"""Who may read: the hub's access token and the one host it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HubAccess:
    """An access token, empty for none, and the host (with its port, if any) it may be sent to."""

    token: str = ""
    host: str = ""
