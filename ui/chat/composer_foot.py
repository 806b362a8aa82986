"""The line below the field where messages are written: controls of others, a hint, and how long the prompt would be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.labels import make_button, make_label

#: Known soon, and said by the tip of the button: it may go where there is no room.
USUAL_HINT = "Enter sends, Shift+Enter breaks the line"


class ComposerFoot(QWidget):
    """A hint that does not fit beside the controls has a line of its own, but for the usual one, which is left out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action: Callable[[], object] = lambda: None
        self._is_below = False
        self._hint = ElidedLabel(USUAL_HINT)
        self._hint.setProperty("role", "small")
        self._button = make_button("", "link", self._run_action, "composer_hint_action")
        self._button.hide()
        self._tokens = make_label("", "small")
        self._controls = QHBoxLayout()
        self._controls.setSpacing(theme.space(1))
        self._words = QWidget()
        words = QHBoxLayout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(theme.space(1))
        words.addWidget(self._hint)
        words.addWidget(self._button)
        words.addStretch(1)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.space(1), 0, theme.space(1), 0)
        self._grid.setHorizontalSpacing(theme.space(1))
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._grid.addLayout(self._controls, 0, 0)
        self._grid.addWidget(self._words, 0, 1)
        self._grid.addWidget(self._tokens, 0, 2)

    def add_control(self, widget: QWidget) -> None:
        """Put a control of its own before the hint."""
        self._controls.addWidget(widget)

    def set_hint(self, text: str, action_text: str = "", action: Callable[[], object] | None = None) -> None:
        """Say something, with something to do about it."""
        self._hint.set_text(text)
        self._button.setText(action_text)
        self._button.setAccessibleName(action_text)
        self._button.setVisible(bool(action_text))
        self._action = action or (lambda: None)
        self._fit()

    def set_token_count(self, tokens: int | None, n_ctx: int) -> None:
        """Show how long the prompt would be; None while that is not known."""
        self._tokens.setText("" if tokens is None else f"{tokens:,} of {n_ctx:,} tokens")
        level = "danger" if tokens is not None and tokens >= n_ctx else "small"
        if self._tokens.property("role") != level:
            self._tokens.setProperty("role", level)
            self._tokens.style().polish(self._tokens)

    # --- inside -----------------------------------------------------------------------------------------

    def _fit(self) -> None:
        margins = self._grid.contentsMargins()
        others = self._controls.sizeHint().width() + self._tokens.sizeHint().width()
        gaps = margins.left() + margins.right() + 2 * self._grid.horizontalSpacing()
        button = 0 if self._button.isHidden() else self._button.sizeHint().width() + self._grid.horizontalSpacing()
        fits = self._hint.sizeHint().width() + button + others + gaps <= self.width()
        is_usual = self._hint.whole_text() == USUAL_HINT
        self._hint.setVisible(fits or not is_usual)
        is_below = not fits and not is_usual
        if is_below != self._is_below:
            self._is_below = is_below
            self._grid.removeWidget(self._words)
            if is_below:
                self._grid.addWidget(self._words, 1, 0, 1, 3)
            else:
                self._grid.addWidget(self._words, 0, 1)

    def _run_action(self) -> None:
        self._action()

    # --- Qt ---------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Fit the hint anew when something beside it has another size."""
        is_done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return is_done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
