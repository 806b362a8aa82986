"""The model dialog: choose a model, choose a variant, see what it needs here, fetch it, load it. Assembly only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ui.models.action_bar import ActionBar
from ui.models.card_view import CardView
from ui.models.fit_pane import FitPane
from ui.models.listing_view import ListingView
from ui.models.model_picker import ModelPicker
from ui.models.picker_model import Entry
from ui.theme import Theme
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import make_line
from ui.window.geometry import fitted

DEFAULT_SIZE = QSize(1180, 740)
LEAST_SIZE = QSize(960, 560)
_PICKER_STEPS = 68
_LEAST_LISTING_STEPS = 26
_LEAST_FIT_STEPS = 40


class ModelDialog(QDialog):
    """Not modal. Its parts are public: who connects the dialog talks to them.

    Signals:
        closed(): It was closed; what it was doing goes on.
    """

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_shared_by_hand = False
        self.setObjectName("model_dialog")
        self.setAccessibleName("Models")
        self.setWindowTitle("Models")
        self.setModal(False)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint, True)
        self.picker = ModelPicker(theme)
        self.card = CardView(theme)
        self.listing = ListingView(theme)
        self.fit = FitPane(theme)
        self.actions_bar = ActionBar(theme)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._fit_scroll = QScrollArea()
        self._pages = QStackedWidget()
        self._empty = EmptyState(
            theme,
            "package",
            "Choose a model",
            "Sawhorse reads its header and says what it needs here, before a download.",
        )
        self._build()
        self.resize(self._on_screen(DEFAULT_SIZE))

    def show_entries(self, entries: Sequence[Entry], chosen: str) -> None:
        """Show what can be chosen on the left."""
        self.picker.show_entries(entries, chosen)

    def show_model(self, has_model: bool) -> None:
        """Show the right side, or what to do where no model is chosen."""
        self._pages.setCurrentIndex(1 if has_model else 0)

    def open(self) -> None:
        """Show the dialog and come to the front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def state(self) -> str:
        """Return how the dialog stands, as text."""
        return bytes(self.saveGeometry().toBase64().data()).decode("ascii")

    def restore(self, state: str) -> None:
        """Stand as ``state`` says; what cannot be used of it is left alone."""
        if state and self.restoreGeometry(QByteArray.fromBase64(state.encode("ascii", "replace"))):
            screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
            self.setGeometry(fitted(self.geometry(), screens))

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        self.setMinimumSize(self._on_screen(LEAST_SIZE))
        self.picker.setFixedWidth(round(theme.space(_PICKER_STEPS) * max(1.0, theme.text_scale)))
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._make_model_page())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picker)
        layout.addWidget(make_line(vertical=True))
        layout.addWidget(self._pages, 1)

    def _make_model_page(self) -> QWidget:
        space = self._theme.space
        inner = QVBoxLayout()
        inner.setContentsMargins(space(6), space(4), space(6), space(2))
        inner.setSpacing(space(3))
        inner.addWidget(self.card)
        self._set_up_fit_scroll()
        self._splitter.setObjectName("model_splitter")
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(space(3))
        self._splitter.addWidget(self.listing)
        self._splitter.addWidget(self._fit_scroll)
        self._splitter.splitterMoved.connect(self._on_splitter_moved)
        inner.addWidget(self._splitter, 1)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(inner, 1)
        layout.addWidget(make_line())
        layout.addWidget(self.actions_bar)
        return page

    def share_height(self) -> None:
        """Give the variants what they need, and the rest to what is said of the chosen one, until a person decides."""
        self._fit_scroll.setVisible(not self.fit.isHidden())
        if self._is_shared_by_hand or not self._splitter.isVisible() or self.fit.isHidden():
            return
        room = self._splitter.height() - self._splitter.handleWidth()
        below = max(self.fit.heightForWidth(self._splitter.width()), self._theme.space(_LEAST_FIT_STEPS))
        above = max(self.listing.wanted_height(), self._theme.space(_LEAST_LISTING_STEPS))
        if above + below > room:
            above = max(self._theme.space(_LEAST_LISTING_STEPS), room - below, room // 3)
        self._splitter.setSizes([above, max(0, room - above)])

    def _on_splitter_moved(self) -> None:
        self._is_shared_by_hand = True

    def _set_up_fit_scroll(self) -> None:
        """Let the lower part scroll where the window is low."""
        self.fit.setProperty("role", "plain")
        scroll = self._fit_scroll
        scroll.setObjectName("fit_scroll")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.fit)

    @staticmethod
    def _on_screen(size: QSize) -> QSize:
        screen = QGuiApplication.primaryScreen()
        return size.boundedTo(screen.availableGeometry().size()) if screen else size

    # --- Qt -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the height anew."""
        super().resizeEvent(event)
        self.share_height()

    def showEvent(self, event: QShowEvent) -> None:
        """Share the height that there is now."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self.share_height)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that it is closed."""
        super().closeEvent(event)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape, and leave Enter to what has the focus."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
