"""The inspector: a run's timeline and one call under the microscope, in one panel with two tabs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QWidget

from app.agent.live import LiveCall
from app.conversations.parts import Turn
from ui.inspect.microscope import Microscope
from ui.inspect.timeline_view import TimelineView
from ui.theme import Theme


class Inspector(QTabWidget):
    """Holds both, and the timeline's buttons beside the tabs.

    Attributes:
        timeline: The run.
        microscope: The call.

    Signals:
        jump_requested(int, str): Turn and call (empty for none) of a span that was clicked.
    """

    jump_requested = Signal(int, str)

    def __init__(
        self, theme: Theme, timeline: TimelineView, microscope: Microscope, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setAccessibleName("Inspector")
        self.setDocumentMode(True)
        self.timeline = timeline
        self.microscope = microscope
        self.addTab(timeline, "Timeline")
        self.addTab(microscope, "Call")
        self.tabBar().setObjectName("inspector_tabs")
        self.tabBar().setAccessibleName("Inspector")
        self._corner = QStackedWidget()
        self._corner.addWidget(timeline.tools)
        self._corner.addWidget(QWidget())
        self._corner.setFixedHeight(theme.space(8))
        self.setCornerWidget(self._corner, Qt.Corner.TopRightCorner)
        self.currentChanged.connect(self._corner.setCurrentIndex)
        timeline.jump_requested.connect(self.jump_requested)

    def show_call(self, live: LiveCall, turn: Turn) -> None:
        """Put a call under the microscope and bring it to the front."""
        self.microscope.show_call(live, turn)
        self.timeline.select_call(live.part.call_id)
        self.setCurrentWidget(self.microscope)
