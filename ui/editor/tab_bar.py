"""The row of tabs itself: they can be moved, a middle click closes one, and the mouse brings its cross out."""

from __future__ import annotations

from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QTabBar, QWidget

from ui.editor.tab_mark import TabMark
from ui.theme import Theme
from ui.widgets.labels import plain_tip, set_property

_MOST_STEPS = 60
_LEAST_STEPS = 26
_HEIGHT_STEPS = 9


class TabBar(QTabBar):
    """Tabs with icons, hints and marks; who they stand for is in their data.

    Signals:
        close_asked(index): By its cross or a middle click.
        menu_asked(index, where): The context menu, where on the screen.
        dragged_out(index): A tab is dragged away from the row.
        fits_changed(): Tabs came, went, or were given another width.
    """

    close_asked = Signal(int)
    menu_asked = Signal(int, QPoint)
    dragged_out = Signal(int)
    fits_changed = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pressed = -1
        self._held = -1
        self._near = -1
        self.setObjectName(name)
        self.setAccessibleName("Open files")
        self.setProperty("role", "tabs")
        self.setMovable(True)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(theme.space(4), theme.space(4)))
        self.setMouseTracking(True)
        self.currentChanged.connect(lambda _index: self.show_marks())

    def add(self, data: object, index: int) -> int:
        """Add a tab and return where it is."""
        with QSignalBlocker(self):  # the first tab is current before it has its data
            index = self.insertTab(index, "")
            self.setTabData(index, data)
        mark = TabMark(self._theme, self)
        mark.setObjectName("tab_close_button")
        mark.clicked.connect(partial(self._on_mark_clicked, mark))
        self.setTabButton(index, QTabBar.ButtonPosition.RightSide, mark)
        self.setTabButton(index, QTabBar.ButtonPosition.LeftSide, None)
        return index

    def show_tab(self, index: int, name: str, hint: str, icon: str, tip: str, is_dirty: bool) -> None:
        """Show what a tab is called, and whether something of it is not saved."""
        words = f"{name}  \u2013  {hint}" if hint else name
        words = words.replace("&", "&&")
        if words != self.tabText(index):
            self.setTabText(index, words)
        self.setTabIcon(index, self._theme.icon(icon, "text.muted"))
        self.setTabToolTip(index, plain_tip(tip))
        spoken = f"{name} {hint}".strip()
        self.setAccessibleTabName(index, f"{spoken}, not saved" if is_dirty else spoken)
        mark = self.mark(index)
        mark.setAccessibleName(f"Close {spoken}")
        mark.setToolTip("Close (not saved)" if is_dirty else "Close")
        mark.show_state(is_dirty=is_dirty, is_current=index == self.currentIndex())
        mark.setProperty("dirty", is_dirty)

    def mark(self, index: int) -> TabMark:
        """Return a tab's mark."""
        return cast("TabMark", self.tabButton(index, QTabBar.ButtonPosition.RightSide))

    def set_active(self, is_active: bool) -> None:
        """Say whether the keyboard is, or was last, in this group."""
        set_property(self, "active", is_active)

    def show_marks(self) -> None:
        """Show the cross in the tab that is open, and under the mouse."""
        for index in range(self.count()):
            mark = self.mark(index)
            mark.show_state(is_dirty=bool(mark.property("dirty")), is_current=index == self.currentIndex())
            mark.set_near(index == self._near)

    @property
    def has_hidden_tabs(self) -> bool:
        """Whether there is no room for all of them."""
        return sum(self.tabSizeHint(index).width() for index in range(self.count())) > self.width()

    # --- Qt -------------------------------------------------------------------------------------------------

    def tabSizeHint(self, index: int) -> QSize:
        width = super().tabSizeHint(index).width()
        width = max(self._theme.space(_LEAST_STEPS), min(width, self._theme.space(_MOST_STEPS)))
        return QSize(width, self._theme.space(_HEIGHT_STEPS))

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.space(_LEAST_STEPS), self._theme.space(_HEIGHT_STEPS))

    def tabLayoutChange(self) -> None:
        super().tabLayoutChange()
        self.fits_changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pressed = self.tabAt(event.position().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton:
            self._held = self.tabAt(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            index = self.tabAt(event.position().toPoint())
            if index >= 0 and index == self._pressed:
                self.close_asked.emit(index)
        self._held = -1
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        self._set_near(self.tabAt(place))
        if self._held >= 0 and not -self.height() < place.y() < 2 * self.height():
            self._held = -1
            # The row's own moving of the tab ends first.
            end = QEvent.Type.MouseButtonRelease
            left, none, keys = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton, event.modifiers()
            super().mouseReleaseEvent(QMouseEvent(end, event.position(), event.globalPosition(), left, none, keys))
            self.dragged_out.emit(self.currentIndex())
            return
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_near(-1)
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if is_key else self.tabAt(event.pos())
        if index >= 0:
            self.menu_asked.emit(index, event.globalPos())

    # --- how ------------------------------------------------------------------------------------------------

    def _set_near(self, index: int) -> None:
        if index != self._near:
            self._near = index
            self.show_marks()

    def _on_mark_clicked(self, mark: TabMark) -> None:
        for index in range(self.count()):
            if self.mark(index) is mark:
                self.close_asked.emit(index)
                return
