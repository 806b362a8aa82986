"""Puts GPU backends together: what is loaded at a start, and the page in the settings of a package that offers some."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.backends.places import use
from app.backends.values import llama_cpp_version, read_manifest
from app.ipc.launch import clean_environment
from app.paths import Paths
from app.settings import SettingsFile
from ui.settings.page import AddedPage, PageEntry
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.control.backends_control import BackendsControl


class BackendParts(QObject):
    """Tells engines that are started later of the chosen backend; made before any transport takes the environment."""

    def __init__(self, theme: Theme, settings: SettingsFile, paths: Paths, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._paths = paths
        self._control: BackendsControl | None = None
        name = settings.settings.backend
        if name:
            use(os.environ, paths.data, name, llama_cpp_version())
        self.pages = [PageEntry("cpu", self._make_page)] if read_manifest() else []

    def close(self) -> None:
        """End the child, if there is one."""
        if self._control is not None:
            self._control.close()

    def _make_page(self) -> AddedPage:
        from ui.control.backends_control import BackendsControl  # noqa: PLC0415 - a start has no use for it
        from ui.process_transport import QtProcessTransport  # noqa: PLC0415 - as above
        from ui.settings.gpu_page import GpuPage  # noqa: PLC0415 - as above

        self._control = BackendsControl(QtProcessTransport(clean_environment(), self), self._paths.data, self)
        return GpuPage(self._theme, self._control)
