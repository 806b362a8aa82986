"""The downloads in the status bar: how far they are, seen from everywhere; a click shows them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.download.values import Download
from ui.models.sizes import rate_words, size_words, time_words
from ui.theme import Theme

#: Downloads in these states will go on by themselves.
GOING = frozenset({"queued", "checking", "running", "waiting", "verifying"})


def indicator_words(downloads: Sequence[Download]) -> str:
    """Return the state of all downloads in a few words; empty where there is nothing to say."""
    going = [download for download in downloads if download.state in GOING]
    failed = sum(download.state == "failed" for download in downloads)
    paused = sum(download.state == "paused" for download in downloads)
    if going:
        done = sum(download.done_bytes for download in going)
        total = sum(download.variant.size_bytes for download in going)
        times = [download.eta_s for download in going if download.eta_s is not None]
        left = f", {time_words(max(times))} left" if times else ""
        return f"{int(100 * done / max(1, total))} %{left}"
    if failed:
        return "Download failed" if failed == 1 else f"{failed} downloads failed"
    if paused:
        return "Download paused" if paused == 1 else f"{paused} downloads paused"
    return ""


def indicator_hint(downloads: Sequence[Download]) -> str:
    """Return a line for each download."""
    lines = []
    for download in downloads:
        variant = download.variant
        name = f"{variant.repository} {variant.quantization}"
        if download.state == "done":
            continue
        numbers = f"{size_words(download.done_bytes)} of {size_words(variant.size_bytes)}"
        speed = f", {rate_words(download.speed)}" if download.state == "running" and download.speed else ""
        why = f". {download.problem}" if download.problem else ""
        lines.append(f"{name}: {download.state}, {numbers}{speed}{why}")
    return "\n".join([*lines, "Click to see the downloads."])


class DownloadIndicator(QPushButton):
    """Hidden while there are no downloads; its clicked() asks for them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share = 0.0
        self._is_failed = False
        self.setObjectName("status_downloads")
        self.setAccessibleName("Downloads")
        self.setAutoDefault(False)
        self.setIconSize(QSize(theme.space(3), theme.space(3)))
        theme.changed.connect(self._draw_icon)
        self.hide()

    def show_downloads(self, downloads: Sequence[Download]) -> None:
        """Show how far they are."""
        words = indicator_words(downloads)
        going = [download for download in downloads if download.state in GOING]
        total = sum(download.variant.size_bytes for download in going)
        self._share = sum(download.done_bytes for download in going) / total if total else 0.0
        self._is_failed = not going and any(download.state == "failed" for download in downloads)
        self.setText(words)
        self.setAccessibleName(f"Downloads: {words}")
        self.setToolTip(indicator_hint(downloads))
        self.setVisible(bool(words))
        self._draw_icon()
        self.update()

    @property
    def share(self) -> float:
        """How much of the downloads under way is done, 0 to 1."""
        return self._share

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a line of progress below the words."""
        super().paintEvent(event)
        if self._share <= 0:
            return
        with QPainter(self) as painter:
            left = self._theme.space(2)
            track = QRectF(left, self.height() - 3, self.width() - 2 * left, 2)
            painter.fillRect(track, self._theme.color("track"))
            track.setWidth(track.width() * self._share)
            painter.fillRect(track, self._theme.color("accent"))

    def _draw_icon(self) -> None:
        color = "danger" if self._is_failed else "accent"
        self.setIcon(self._theme.icon("error" if self._is_failed else "download", color))
