"""The tools of an MCP server one below the other: name, cost, the whole description, arguments, what was found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.tools.mcp.messages import ToolInfo
from ui.mcp.whole_text import breakable
from ui.theme import Theme
from ui.widgets.labels import discard, make_label, make_line


class ToolList(QWidget):
    """Shows tools; text in it can be selected."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.space(2))

    def show_tools(self, tools: Sequence[ToolInfo], counts: Sequence[int] | None = None) -> None:
        """Show tools, each with its count of tokens if they are known, in the order of those that can be offered."""
        while item := self._rows.takeAt(0):
            if widget := item.widget():
                discard(widget)
        left = list(counts or ())
        for number, tool in enumerate(sorted(tools, key=lambda tool: tool.name)):
            if number:
                self._rows.addWidget(make_line())
            count = left.pop(0) if left and not tool.problem else None
            self._rows.addWidget(self._make_row(tool, count))

    def _make_row(self, tool: ToolInfo, count: int | None) -> QWidget:
        row = QWidget()
        layout = QVBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.space(1))
        head = QHBoxLayout()
        head.setSpacing(self._theme.space(2))
        head.addWidget(make_label(tool.name, "mono"))
        if tool.is_read_only:
            hint = make_label("says it only reads", "badge")
            hint.setToolTip("What the server says of itself; nothing is decided by it.")
            head.addWidget(hint)
        head.addStretch(1)
        if count is not None:
            head.addWidget(make_label(f"{count:,} tokens", "small"))
        layout.addLayout(head)
        texts = [(tool.problem and f"Not offered: {tool.problem}", "warning"), (tool.description, "")]
        texts += [(_arguments(tool), "small"), *((note, "warning") for note in tool.notes)]
        for text, role in texts:
            if text:
                layout.addWidget(_selectable(text, role))
        return row


def _selectable(text: str, role: str) -> QWidget:
    label = make_label(breakable(text), role, wrap=True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _arguments(tool: ToolInfo) -> str:
    properties = tool.parameters.get("properties")
    if not isinstance(properties, dict) or not properties:
        return ""
    needed = tool.parameters.get("required") or ()
    lines = []
    for name, schema in properties.items():
        described = schema if isinstance(schema, dict) else {}
        kind = described.get("type", "any")
        words = f"{name}: {kind if isinstance(kind, str) else 'any'}{'' if name in needed else ', optional'}"
        explained = described.get("description")
        lines.append(f"{words} — {explained}" if isinstance(explained, str) else words)
    return "\n".join(lines)
