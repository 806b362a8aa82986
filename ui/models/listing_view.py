"""The middle of the model dialog: the variants, or what is to be said while or because there are none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ui.models.banner import Banner
from ui.models.skeleton import Skeleton
from ui.models.variant_model import VariantRow
from ui.models.variant_table import VariantTable
from ui.theme import Theme
from ui.widgets.empty_state import EmptyState


class ListingView(QWidget):
    """Signals of its parts: variant_selected(str), variant_opened(str), retry_requested(), token_given(str)."""

    variant_selected = Signal(str)
    variant_opened = Signal(str)
    retry_requested = Signal()
    token_given = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("listing_view")
        self.banner = Banner(theme)
        self.table = VariantTable(theme)
        self._skeleton = Skeleton(theme)
        self._empty = EmptyState(theme, "package", "", "")
        self._pages = QStackedWidget()
        for page in (self.table, self._skeleton, self._empty):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._gap = theme.space(2)
        layout.setSpacing(self._gap)
        layout.addWidget(self.banner)
        layout.addWidget(self._pages, 1)
        self.table.selected.connect(self.variant_selected)
        self.table.opened.connect(self.variant_opened)
        self.banner.retry_requested.connect(self.retry_requested)
        self.banner.token_given.connect(self.token_given)

    def show_rows(self, rows: Sequence[VariantRow], chosen: str) -> None:
        """Show variants."""
        self.table.show_rows(rows, chosen)
        self._pages.setCurrentWidget(self.table)

    def show_loading(self, words: str) -> None:
        """Say what is awaited."""
        self.banner.hide()
        self._skeleton.show_words(words)
        self._pages.setCurrentWidget(self._skeleton)

    def show_nothing(self, title: str, text: str) -> None:
        """Say why there is nothing to choose."""
        self.table.show_rows((), "")
        self._empty.set_words(title, text)
        self._pages.setCurrentWidget(self._empty)

    def wanted_height(self) -> int:
        """Return the height that shows everything."""
        banner = 0 if self.banner.isHidden() else self.banner.heightForWidth(self.width()) + self._gap
        is_table = self._pages.currentWidget() is self.table
        return banner + (self.table.wanted_height() if is_table else self._skeleton.sizeHint().height())

    def show_problem(self, title: str, message: str, *, level: str = "warning", wants_token: bool = False) -> None:
        """Say what is wrong, above what is shown."""
        self.banner.show_problem(title, message, level=level, wants_token=wants_token)

    def hide_problem(self) -> None:
        """Say nothing is wrong."""
        self.banner.hide()
