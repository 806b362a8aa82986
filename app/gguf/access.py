"""Who may read: the hub's access token and the one host it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_HUB = "https://huggingface.co"


@dataclass(frozen=True)
class HubAccess:
    """An access token, empty for none, and the host (with its port, if any) it may be sent to."""

    token: str = ""
    host: str = ""


def hub_access(environment: Mapping[str, str]) -> HubAccess:
    """Return the access that ``HF_TOKEN`` and ``HF_ENDPOINT`` give."""
    endpoint = environment.get("HF_ENDPOINT", "").strip() or _HUB
    return HubAccess(environment.get("HF_TOKEN", "").strip(), urlsplit(endpoint).netloc)
