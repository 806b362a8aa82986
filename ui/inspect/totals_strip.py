"""Where a run's time and tokens went: two bars, each with its key."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.agent.timeline import Totals
from app.agent.timeline_words import SHARE_WORDS, seconds_words, time_words, token_words
from ui.inspect.timeline_picture import COLORS
from ui.theme import Theme

_BAR_PX = 6
_SWATCH_PX = 9
#: The time needs more words than the tokens.
_TIME_COLUMN = 0.58
#: What lies between spans is told from this share on.
_LEAST_OTHER = 0.01


@dataclass(frozen=True)
class Entry:
    """One part of a bar: its colour token, name, amount, and share from 0 to 1."""

    token: str
    name: str
    amount: str
    share: float


def time_entries(totals: Totals) -> list[Entry]:
    """Return the parts of the time that took any."""
    return [
        Entry(f"timeline.{COLORS[share]}", SHARE_WORDS[share], seconds_words(seconds), totals.share(share))
        for share, seconds in totals.seconds.items()
        if seconds >= 0.0005 and (share != "other" or totals.share(share) >= _LEAST_OTHER)
    ]


def token_entries(totals: Totals) -> list[Entry]:
    """Return the parts of the tokens."""
    counts = (
        ("timeline.reused", "Reused", totals.reused_tokens),
        ("timeline.prompt", "Processed", totals.processed_tokens),
        ("timeline.generate", "Generated", totals.generated_tokens),
    )
    whole = sum(count for _token, _name, count in counts)
    return [Entry(token, name, f"{count:,}", count / whole) for token, name, count in counts if count]


class TotalsStrip(QWidget):
    """Two columns where there is room, one above the other where there is not."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._groups: list[tuple[str, list[Entry]]] = []
        self.setObjectName("timeline_totals")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.updateGeometry)

    def show_totals(self, totals: Totals) -> None:
        """Show where time and tokens went."""
        read = totals.reused_tokens + totals.processed_tokens + totals.generated_tokens
        groups = [
            (f"Time  {seconds_words(totals.length)}", time_entries(totals)),
            (f"Tokens  {read:,}", token_entries(totals)),
        ]
        if groups != self._groups:
            self._groups = groups
            self.setAccessibleName(f"{time_words(totals)}. {token_words(totals)}.")
            self.setToolTip(f"{time_words(totals)}\n{token_words(totals)}")
            self.updateGeometry()
            self.update()

    def words(self) -> list[str]:
        """Return what it says, part by part."""
        return [f"{entry.name} {_amount(entry)}" for _title, entries in self._groups for entry in entries]

    # --- Qt -----------------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._flow(width, None)

    def sizeHint(self) -> QSize:
        width = max(self.width(), self._theme.space(80))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.space(40), self.heightForWidth(max(self.width(), self._theme.space(40))))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars and keys."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._flow(self.width(), painter)

    # --- how ----------------------------------------------------------------------------------------------

    def _flow(self, width: int, painter: QPainter | None) -> int:
        """Lay everything out in a width, paint it if there is a painter, and return the height."""
        gap = self._theme.space(8)
        is_wide = width >= self._theme.space(220)
        columns = [width, width]
        if is_wide:
            columns = [round((width - gap) * _TIME_COLUMN), round((width - gap) * (1 - _TIME_COLUMN))]
        heights: list[int] = []
        for number, (title, entries) in enumerate(self._groups):
            left = number * (columns[0] + gap) if is_wide else 0
            top = 0 if is_wide else sum(heights) + number * self._theme.space(2)
            heights.append(self._flow_group(QRect(left, top, columns[number], 0), title, entries, painter))
        if is_wide:
            return max(heights, default=0)
        return sum(heights) + max(0, len(heights) - 1) * self._theme.space(2)

    def _flow_group(self, place: QRect, title: str, entries: list[Entry], painter: QPainter | None) -> int:
        line = self.fontMetrics().height() + self._theme.space(1)
        if painter is not None:
            self._paint_bar(painter, QRectF(place.left(), place.top(), place.width(), _BAR_PX), entries)
        small, gap = self._theme.font("small"), self._theme.space(4)
        top = place.top() + _BAR_PX + self._theme.space(1)
        strong = self._theme.font("strong")
        if painter is not None:
            painter.setFont(strong)
            painter.setPen(self._theme.color("text"))
            painter.drawText(QRect(place.left(), top, place.width(), line), Qt.AlignmentFlag.AlignVCenter, title)
        left = place.left() + self._width(title, "strong") + gap
        for entry in entries:
            wanted = _SWATCH_PX + self._theme.space(1.5) + self._width(f"{entry.name} {_amount(entry)}", "small")
            if left + wanted > place.right() and left > place.left():
                left, top = place.left(), top + line
            if painter is not None:
                painter.setFont(small)
                self._paint_entry(painter, QRect(left, top, wanted + gap, line), entry)
            left += wanted + gap
        return top + line - place.top()

    def _width(self, words: str, role: str) -> int:
        """Return how wide words are, with a little to spare for what fonts round."""
        return QFontMetrics(self._theme.font(role)).horizontalAdvance(words) + 2

    def _paint_bar(self, painter: QPainter, rect: QRectF, entries: list[Entry]) -> None:
        inside = QPainterPath()
        inside.addRoundedRect(rect, _BAR_PX / 2, _BAR_PX / 2)
        painter.save()
        painter.setClipPath(inside)
        painter.fillRect(rect, self._theme.color("track"))
        left = rect.left()
        for entry in entries:
            width = rect.width() * entry.share
            painter.fillRect(
                QRectF(left, rect.top(), max(0.0, width - 1), rect.height()), self._theme.color(entry.token)
            )
            left += width
        painter.restore()

    def _paint_entry(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        theme = self._theme
        swatch = QRectF(rect.left(), rect.center().y() - _SWATCH_PX / 2 + 1, _SWATCH_PX, _SWATCH_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(entry.token))
        painter.drawRoundedRect(swatch, 2, 2)
        words = rect.adjusted(_SWATCH_PX + theme.space(1.5), 0, 0, 0)
        painter.setPen(theme.color("text.muted"))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, entry.name)
        painter.setPen(theme.color("text"))
        shift = painter.fontMetrics().horizontalAdvance(f"{entry.name} ")
        painter.drawText(words.adjusted(shift, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, _amount(entry))


def _amount(entry: Entry) -> str:
    share = f"{entry.share:.0%}" if entry.share >= 0.005 else "<1%"
    return f"{entry.amount} ({share})"
