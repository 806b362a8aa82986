"""The key to the bars: a swatch, a name and a number for each part."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.fit.values import FitPlan
from ui.models.fit_bar import paint_hatch
from ui.models.fit_words import PART_WORDS, totals
from ui.models.sizes import size_words
from ui.theme import Theme


class FitLegend(QWidget):
    """Flows over as many lines as it needs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries: list[tuple[str, str, str]] = []  # token of the colour, name, number
        self.setObjectName("fit_legend")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_plan(self, plan: FitPlan | None) -> None:
        """Show the key to a plan."""
        self._entries = _entries(plan) if plan else []
        self.setAccessibleName("; ".join(f"{name} {number}" for _token, name, number in self._entries))
        self.updateGeometry()
        self.update()

    def entries(self) -> list[tuple[str, str]]:
        """Return names and numbers on show."""
        return [(name, number) for _token, name, number in self._entries]

    def heightForWidth(self, width: int) -> int:
        return self._flow(width)[1]

    def sizeHint(self) -> QSize:
        return QSize(self._theme.space(90), self._flow(max(self.width(), self._theme.space(90)))[1])

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.space(40), self._theme.space(5))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the entries."""
        del event
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font("small"))
            places, _height = self._flow(self.width())
            for (token, name, number), place in zip(self._entries, places, strict=True):
                side = theme.space(2.5)
                swatch = QRectF(place.left(), place.center().y() - side / 2 + 0.5, side, side)
                self._paint_swatch(painter, swatch, token)
                words = place.adjusted(theme.space(4), 0, 0, 0)
                painter.setPen(theme.color("text.muted"))
                painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)
                words.setLeft(words.left() + painter.fontMetrics().horizontalAdvance(name + " "))
                painter.setPen(theme.color("text"))
                painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, number)

    def _paint_swatch(self, painter: QPainter, swatch: QRectF, token: str) -> None:
        theme = self._theme
        if token == "others":  # noqa: S105 - a colour
            paint_hatch(painter, swatch, theme.color("text.faint"), theme.color("surface.sunken"))
        elif token == "mapped":  # noqa: S105 - a colour
            paint_hatch(painter, swatch, theme.color("fit.weights"), theme.color("surface.raised"), 2.0)
        elif token == "free":  # noqa: S105 - a colour
            painter.setPen(QPen(theme.color("border.strong"), 1))
            painter.setBrush(theme.color("surface.raised"))
            painter.drawRect(swatch.adjusted(0.5, 0.5, -0.5, -0.5))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(f"fit.{token}"))
            painter.drawRoundedRect(swatch, 2, 2)

    def _flow(self, width: int) -> tuple[list[QRect], int]:
        """Return where each entry lies, and the height of all."""
        theme = self._theme
        metrics = QFontMetrics(theme.font("small"))
        line = metrics.height() + theme.space(1)
        left = top = 0
        places = []
        for _token, name, number in self._entries:
            needed = theme.space(4) + metrics.horizontalAdvance(f"{name} {number}") + 2
            if left and left + needed > width:
                left, top = 0, top + line
            places.append(QRect(left, top, needed, line))
            left += needed + theme.space(4)
        return places, top + line


def _entries(plan: FitPlan) -> list[tuple[str, str, str]]:
    mapped = sum(device.mapped_bytes for device in plan.devices) if plan.verdict == "mapped" else 0
    entries: list[tuple[str, str, str]] = []
    for part, size in totals(plan).items():
        own = size - mapped if part == "weights" else size
        if own > 0:
            entries.append((part, PART_WORDS[part], size_words(own)))
    if mapped:  # last of the parts, as in the bar
        entries.append(("mapped", "Weights mapped from disk", size_words(mapped)))
    others = sum(max(0, device.total_bytes - device.free_bytes) for device in plan.devices)
    if others:
        entries.append(("others", "Other programs", size_words(others)))
    left = sum(max(0, device.free_bytes - device.needed_bytes) for device in plan.devices)
    entries.append(("free", "Free", size_words(left)))
    return entries
