"""How diffs are looked at, the same in every window that shows one, and remembered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal


class DiffLook(QObject):
    """Signals: changed(): Diffs are to be shown otherwise."""

    changed = Signal()

    def __init__(
        self,
        *,
        is_split: bool = True,
        keep: Callable[[bool], None] = lambda _is_split: None,
        parent: QObject | None = None,
    ) -> None:
        """Begin as it was left; ``keep`` hears what is to be remembered."""
        super().__init__(parent)
        self._is_split = is_split
        self._keep = keep

    @property
    def is_split(self) -> bool:
        """Whether both texts stand side by side."""
        return self._is_split

    def set_split(self, is_split: bool) -> None:
        """Show both texts side by side, or one below the other."""
        if is_split != self._is_split:
            self._is_split = is_split
            self._keep(is_split)
            self.changed.emit()
