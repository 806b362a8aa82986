"""What a person reads before an MCP server is started or its tools are offered, and again when it has changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.tools.mcp.review import Change, Review
from ui.mcp.tool_list import ToolList
from ui.mcp.whole_text import WholeText, breakable
from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label

_SIZE_STEPS = (170, 150)


class ReviewDialog(QDialog):
    """Approves by its button alone: Enter and Escape both leave everything as it is.

    Signals:
        approved(str, str): The server's name, and the key of exactly what was shown.
    """

    approved = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.review: Review | None = None
        self._texts = 0
        self.setObjectName("mcp_review_dialog")
        self.setAccessibleName("Review of an MCP server")
        self.resize(theme.space(_SIZE_STEPS[0]), theme.space(_SIZE_STEPS[1]))
        self._title = make_label("", "heading", wrap=True)
        self._intro = make_label("", "muted", wrap=True)
        self._scroll = QScrollArea()
        self._approve = make_button("", "", self._on_approve_clicked, "mcp_approve_button")
        self._leave = make_button("Not now", "", self.reject, "mcp_not_now_button")
        self._build()

    def show_review(self, review: Review) -> None:
        """Show what is to be approved, from its beginning."""
        self.review = review
        self.setWindowTitle(f"Review “{review.server}”")
        title, intro, button = _words(review)
        self._title.setText(title)
        self._intro.setText(intro)
        self._approve.setText(button)
        self._approve.setAccessibleName(button)
        self._scroll.setWidget(self._make_page(review))
        self._leave.setFocus()
        self.open()

    def _on_approve_clicked(self) -> None:
        if self.review is not None:
            self.approved.emit(self.review.server, self.review.key)
        self.accept()

    def _make_page(self, review: Review) -> QWidget:
        space = self._theme.space
        page = QWidget()
        page.setProperty("role", "page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(space(5), space(2), space(5), space(4))
        layout.setSpacing(space(3))
        if review.warnings:
            layout.addWidget(self._make_warnings(review.warnings))
        if review.is_change:
            layout.addWidget(make_label("What changed since you approved it", "strong"))
            for change in review.changes:
                layout.addWidget(self._make_change(change))
        if review.facts:
            layout.addWidget(make_label("What is approved", "strong"))
            layout.addWidget(self._make_facts(review.facts))
        if review.kind == "tools":
            layout.addWidget(make_label(f"All tools ({len(review.tools)})", "strong"))
            tools = ToolList(self._theme)
            tools.show_tools(review.tools)
            layout.addWidget(tools)
        layout.addStretch(1)
        return page

    def _make_warnings(self, warnings: Sequence[str]) -> QWidget:
        frame = QFrame()
        frame.setProperty("role", "callout")
        frame.setProperty("level", "warning")
        words = QVBoxLayout()
        words.setSpacing(self._theme.space(1.5))
        for warning in warnings:
            words.addWidget(make_label(breakable(warning), wrap=True))
        row = QHBoxLayout(frame)
        row.setContentsMargins(*(self._theme.space(3),) * 4)
        row.setSpacing(self._theme.space(3))
        icon = IconLabel(self._theme, "warning", "warning", self._theme.space(4.5))
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return frame

    def _make_facts(self, facts: Sequence[tuple[str, str]]) -> QWidget:
        widget = QWidget()
        grid = QGridLayout(widget)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self._theme.space(4))
        grid.setVerticalSpacing(self._theme.space(1.5))
        for row, (name, text) in enumerate(facts):
            grid.addWidget(make_label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._make_text(text, name), row, 1)
        grid.setColumnStretch(1, 1)
        return widget

    def _make_change(self, change: Change) -> QWidget:
        widget = QWidget()
        grid = QGridLayout(widget)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self._theme.space(3))
        grid.setVerticalSpacing(self._theme.space(1.5))
        grid.addWidget(make_label(breakable(change.what), wrap=True), 0, 0, 1, 2)
        for row, (name, text, level) in enumerate(
            (("was", change.before, "danger"), ("is", change.after, "success")), 1
        ):
            badge = make_label(name, "badge")
            badge.setProperty("level", level)
            grid.addWidget(badge, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._make_text(text or "(nothing)", f"{change.what} {name}"), row, 1)
        grid.setColumnStretch(1, 1)
        return widget

    def _make_text(self, text: str, name: str) -> WholeText:
        self._texts += 1
        return WholeText(self._theme, text, f"mcp_review_text_{self._texts}", name)

    def _build(self) -> None:
        space = self._theme.space
        self._scroll.setObjectName("mcp_review_scroll")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._leave.setDefault(True)
        head = QVBoxLayout()
        head.setContentsMargins(space(5), space(4), space(5), space(2))
        head.setSpacing(space(1))
        head.addWidget(self._title)
        head.addWidget(self._intro)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(space(5), space(3), space(5), space(4))
        buttons.setSpacing(space(2))
        buttons.addStretch(1)
        buttons.addWidget(self._approve)
        buttons.addWidget(self._leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(buttons)


def _words(review: Review) -> tuple[str, str, str]:
    if review.kind == "start":
        if review.is_change:
            return (
                f"“{review.server}” is not what you approved",
                "It was not started. Read what changed before you approve it as it is now.",
                "Approve and start",
            )
        return f"Start “{review.server}”?", "Nothing of it runs yet.", "Approve and start"
    if review.is_change:
        return (
            f"The tools of “{review.server}” have changed",
            "They are locked: models are not told of them, and none is called.",
            "Approve the tools",
        )
    return (
        f"Offer the tools of “{review.server}” to models?",
        "Models read these descriptions word for word. You are asked again when a single letter of them changes.",
        "Approve the tools",
    )
