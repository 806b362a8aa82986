"""Settings: what this is, which versions are at work, and whose work is in it."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app import crash_log
from ui.settings.page import SettingsPage
from ui.theme import Theme
from ui.theme.tokens import read_resource
from ui.widgets.labels import make_button, make_label

_PACKAGES = ("llama-cpp-python", "PySide6-Essentials", "apsw", "markdown-it-py", "Pygments")


class AboutPage(SettingsPage):
    """Versions and licences; the versions can be copied, and a report with the end of the log in ``logs``."""

    def __init__(self, theme: Theme, logs: Path, parent: QWidget | None = None) -> None:
        super().__init__(theme, "About", parent)
        self.rows.addWidget(self._make_head())
        lines = "\n".join(f"{name} {number}" for name, number in versions())
        self.rows.addWidget(make_label(lines, "muted"))
        copy = make_button(
            "Copy versions", "", lambda: QGuiApplication.clipboard().setText(lines), "copy_versions_button"
        )
        copy_report = make_button(
            "Copy a report of a problem",
            "",
            lambda: QGuiApplication.clipboard().setText(crash_log.report("A report of Sawhorse", versions(), logs)),
            "copy_report_button",
        )
        row = QHBoxLayout()
        row.setSpacing(theme.space(2))
        row.addWidget(copy)
        row.addWidget(copy_report)
        row.addStretch(1)
        self.rows.addLayout(row)
        self.add_text(
            f"Logs are in {logs}. A report has the versions and the end of the log; nothing is sent.", "small"
        )
        self.rows.addWidget(make_label("Licences", "section"))
        self.add_text("Sawhorse is free software under the Apache License, version 2.0.")
        self.rows.addWidget(self._make_licences())
        self.finish()

    def _make_head(self) -> QWidget:
        theme = self._theme
        head = QWidget()
        mark = QLabel()
        side = theme.space(12)
        mark.setPixmap(theme.app_icon().pixmap(side, side))
        words = QVBoxLayout()
        words.setSpacing(theme.space(1))
        words.addWidget(make_label(f"Sawhorse {_version('sawhorse')}", "strong"))
        words.addWidget(make_label("A workbench for coding models on your own machine", "muted"))
        layout = QHBoxLayout(head)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(4))
        layout.addWidget(mark)
        layout.addLayout(words, 1)
        return head

    def _make_licences(self) -> QPlainTextEdit:
        box = QPlainTextEdit()
        box.setObjectName("licences")
        box.setAccessibleName("Licences of fonts and icons")
        box.setReadOnly(True)
        box.setMinimumHeight(self._theme.space(50))
        box.setPlainText(
            "FONTS\n\n"
            + read_resource("fonts", "LICENSE-fonts.txt")
            + "\n\nICONS (Lucide)\n\n"
            + read_resource("icons", "LICENSE-lucide.txt")
        )
        return box


def versions() -> list[tuple[str, str]]:
    """Return (name, version) of what is at work."""
    found = [("Sawhorse", _version("sawhorse")), ("Python", platform.python_version()), ("Qt", qVersion() or "")]
    found += [(name, _version(name)) for name in _PACKAGES]
    return [*found, ("System", platform.platform())]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
