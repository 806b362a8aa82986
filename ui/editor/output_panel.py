"""The panel of what a person ran: the run that was looked at last, those before it, and a word while there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.editor.output_run import OutputRun
from ui.theme import Theme
from ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from ui.editor.output_view import OutputView

_LEAST_HEIGHT_STEPS = 36


class OutputPanel(QWidget):
    """Shows one run at a time.

    Signals:
        action_requested(str, OutputRun): "stop", "again", "network" (again, with the network), "undo", "ask" (a model
            about it), "yes" or "no" (to a run that asks), "clear" (all that are over).
    """

    action_requested = Signal(str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: OutputView | None = None
        self.setObjectName("output_panel")
        self.setAccessibleName("Output")
        self._empty = EmptyState(
            theme,
            "terminal",
            "Nothing has run yet",
            "Run a block of Python or shell code from a reply, or the file in the editor.",
        )
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._empty)

    def show_runs(self, runs: Sequence[OutputRun], run: OutputRun | None) -> None:
        """Show one of these runs; None: there is nothing to show."""
        if run is not None:
            self._made_view().show_runs(runs, run)
        if self._view is not None:
            self._view.setVisible(run is not None)
        self._empty.setVisible(run is None)

    def refresh(self, run: OutputRun) -> None:
        """A run stands otherwise than before."""
        if self._view is not None:
            self._view.refresh(run)

    def print(self, run: OutputRun, text: str) -> None:
        """A run printed something."""
        if self._view is not None:
            self._view.print(run, text)

    @property
    def run(self) -> OutputRun | None:
        """The run on show."""
        return self._view.run if self._view is not None and not self._view.isHidden() else None

    def _made_view(self) -> OutputView:
        if self._view is None:
            from ui.editor.output_view import OutputView  # noqa: PLC0415 - a start has no use for it

            self._view = OutputView(self._theme)
            self._view.action_requested.connect(self.action_requested)
            self._layout.addWidget(self._view)
        return self._view

    # --- Qt ---------------------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """Leave the rest of the window its room."""
        return QSize(super().minimumSizeHint().width(), self._theme.space(_LEAST_HEIGHT_STEPS))
