"""Failures of the catalog, with a stable code beside the words for people."""

from __future__ import annotations

from typing import Literal

from app.errors import AppError

Code = Literal[
    "gated", "unauthorised", "not_found", "no_models", "rate_limited", "offline", "timeout", "proxy", "server",
    "not_understood", "too_large",
]  # fmt: skip


class CatalogError(AppError):
    """A listing, a search or a scan that failed.

    Attributes:
        code: A stable word for what went wrong: "gated" and "unauthorised" ask for a token, "not_found" for another
            name, "offline", "proxy" and "timeout" for a network; also those of ``JobFailed`` ("ended", "internal" …).
    """

    def __init__(self, code: str, title: str, message: str = "", hint: str = "", detail: str = "") -> None:
        super().__init__(title, message, hint, detail)
        self.code = code
