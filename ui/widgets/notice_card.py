"""One notice on the screen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPropertyAnimation, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QGraphicsOpacityEffect, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.error_view import error_details
from ui.widgets.flow_row import FlowRow
from ui.widgets.icon_button import IconButton
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label
from ui.widgets.notice import Notice, NoticeAction

_FADE_MS = 200
_ICONS = {
    "info": ("info", "accent"),
    "success": ("success", "success"),
    "warning": ("warning", "warning"),
    "error": ("error", "danger"),
}


class NoticeCard(QFrame):
    """Shows a notice; stays while the pointer rests on it.

    Signals:
        dismissed(NoticeCard): It was closed, acted upon, or its time is over.
    """

    dismissed = Signal(object)

    def __init__(self, theme: Theme, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self._theme = theme
        self._count = 1
        self._fade: QPropertyAnimation | None = None
        self.setProperty("role", "notice")
        self.setProperty("level", notice.level)
        self.setObjectName(f"notice_{notice.level}")
        self.setAccessibleName(notice.title)
        self._count_label = make_label("", "badge")
        self._count_label.hide()
        self._lay_out()
        self._stay_timer = QTimer(self)
        self._stay_timer.setSingleShot(True)
        self._stay_timer.timeout.connect(self._on_stay_timer_timeout)
        self._start_stay()

    def count_up(self) -> None:
        """Say that the same happened once more."""
        self._count += 1
        self._count_label.setText(f"{self._count}\u00d7")
        self._count_label.show()
        self._start_stay()

    def _start_stay(self) -> None:
        if self.notice.shown_ms:
            self._stay_timer.start(self.notice.shown_ms)

    def _on_stay_timer_timeout(self) -> None:
        if self._theme.reduce_motion:
            self.dismissed.emit(self)
            return
        effect = QGraphicsOpacityEffect(self)
        self.setGraphicsEffect(effect)
        self._fade = QPropertyAnimation(effect, b"opacity", self)
        self._fade.setDuration(_FADE_MS)
        self._fade.setStartValue(1.0)
        self._fade.setEndValue(0.0)
        self._fade.finished.connect(lambda: self.dismissed.emit(self))
        self._fade.start()

    def _run(self, action: NoticeAction) -> None:
        self.dismissed.emit(self)
        action.run()

    def _copy(self) -> None:
        notice = self.notice
        QGuiApplication.clipboard().setText(error_details(notice.title, notice.message, notice.hint, notice.detail))

    def _lay_out(self) -> None:
        theme = self._theme
        icon_name, color = _ICONS[self.notice.level]
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(3), theme.space(2), theme.space(2), theme.space(2))
        row.setSpacing(theme.space(2))
        icon = QVBoxLayout()
        icon.addSpacing(theme.space(1.5))
        icon.addWidget(IconLabel(theme, icon_name, color, theme.space(4.5)))
        icon.addStretch(1)
        row.addLayout(icon)
        row.addLayout(self._words(), 1)
        if self.notice.level == "error":
            copy = IconButton(theme, "copy", "Copy details", size=theme.space(7))
            copy.setObjectName("notice_copy_button")
            copy.clicked.connect(self._copy)
            row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        close = IconButton(theme, "close", "Dismiss", size=theme.space(7))
        close.setObjectName("notice_dismiss_button")
        close.clicked.connect(lambda: self.dismissed.emit(self))
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def _words(self) -> QVBoxLayout:
        notice, theme = self.notice, self._theme
        words = QVBoxLayout()
        words.setSpacing(theme.space(1))
        words.setContentsMargins(0, theme.space(1.5), 0, theme.space(1))
        heading = QHBoxLayout()
        heading.addWidget(make_label(notice.title, "strong", wrap=True), 1)
        heading.addWidget(self._count_label, 0, Qt.AlignmentFlag.AlignTop)
        words.addLayout(heading)
        for text, role in ((notice.message, "muted"), (notice.hint, "muted")):
            if text:
                label = make_label(text, role, wrap=True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                words.addWidget(label)
        if notice.actions:
            words.addSpacing(theme.space(1))
            words.addWidget(self._buttons())
        return words

    def _buttons(self) -> FlowRow:
        buttons = FlowRow(self._theme.space(2))
        names = ["notice_" + action.text.lower().replace(" ", "_") for action in self.notice.actions]
        buttons.show_widgets(
            [
                make_button(action.text, "", partial(self._run, action), name)
                for action, name in zip(self.notice.actions, names, strict=True)
            ]
        )
        return buttons

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while it is being read."""
        self._stay_timer.stop()
        if self._fade is not None:
            self._fade.stop()
            self._fade = None
            self.setGraphicsEffect(None)  # type: ignore[arg-type]  # Qt takes None to remove it
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Count its time anew."""
        self._start_stay()
        super().leaveEvent(event)
