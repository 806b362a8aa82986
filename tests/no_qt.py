"""A pytest plugin (``-p tests.no_qt``) that runs tests as if Qt were not installed: proof that ``app`` needs none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec

import pytest


class QtBlocker:
    """An import finder that refuses Qt, and ``ui`` with it."""

    BLOCKED = frozenset({"PySide6", "shiboken6", "ui"})

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        if name.partition(".")[0] in self.BLOCKED:
            raise ModuleNotFoundError(f"{name} is not to be had in this run of the tests", name=name)
        return None


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.set_blocked("pytest-qt")
    for option in ("qt_api", "qt_log_level_fail", "qt_log_ignore"):  # pytest-qt's, which pyproject.toml sets
        parser.addini(option, "unused without Qt")
    sys.meta_path.insert(0, QtBlocker())
