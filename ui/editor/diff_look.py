"""How diffs are looked at, the same in every window that shows one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class DiffLook(QObject):
    """Signals: changed(): Diffs are to be shown otherwise, which is worth remembering."""

    changed = Signal()

    def __init__(self, *, is_split: bool = True, parent: QObject | None = None) -> None:
        """Begin as it was left."""
        super().__init__(parent)
        self._is_split = is_split

    @property
    def is_split(self) -> bool:
        """Whether both texts stand side by side."""
        return self._is_split

    def set_split(self, is_split: bool) -> None:
        """Show both texts side by side, or one below the other."""
        if is_split != self._is_split:
            self._is_split = is_split
            self.changed.emit()
