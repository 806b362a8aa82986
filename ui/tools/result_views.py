"""Widgets for what came of a call, each kind of result in the form it is read in."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.conversations.parts import ToolResultPart
from app.tools.views import (
    AnswerView,
    AnyView,
    DiffView,
    FileView,
    JsonView,
    MatchesView,
    TerminalView,
    TextView,
    Todo,
    TodoView,
    TreeView,
)
from app.tools.visible import make_visible
from ui.chat.highlight import find_lexer, find_lexer_for_path
from ui.theme import Theme
from ui.tools.call_words import pretty
from ui.tools.line_makers import diff_lines, file_lines, match_lines, numbered
from ui.tools.lines_pane import LinesPane
from ui.tools.terminal_pane import TerminalPane
from ui.tools.tree_list import TreeList
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_label
from ui.widgets.stack import Stack

#: More things to do are not listed.
MAX_TODOS = 200
_TODO_ICONS = {
    "pending": ("circle", "text.faint"),
    "in_progress": ("loader-circle", "accent"),
    "done": ("circle-check", "success"),
}


def view_of_result(result: ToolResultPart) -> AnyView:
    """Return what a person sees of a result; failures may have only words."""
    return result.view if result.view is not None else TextView(text=result.content)


def make_result_view(theme: Theme, view: AnyView) -> QWidget:
    """Return a widget for a result; it has ``layout_to``."""
    match view:
        case DiffView(path=path):
            pane = LinesPane(theme, "diff_result", f"Changes of {path}")
            pane.show_lines(diff_lines(view), find_lexer_for_path(path))
            return framed(theme, pane)
        case FileView(path=path):
            pane = LinesPane(theme, "file_result", f"Lines of {path}")
            pane.show_lines(file_lines(view), find_lexer_for_path(path))
            return framed(theme, pane)
        case MatchesView(pattern=pattern):
            pane = LinesPane(theme, "matches_result", f"Matches of {pattern}")
            pane.show_lines(match_lines(view))
            return framed(theme, pane)
        case TerminalView(output=output):
            terminal = TerminalPane(theme, "terminal_result", "Output")
            terminal.append(output or "It printed nothing.", is_end=True)
            return framed(theme, terminal)
        case TreeView():
            return framed(theme, TreeList(theme, view))
        case TodoView(items=items):
            return _todos(theme, items)
        case AnswerView(question=question, answer=answer):
            return _answer(theme, question, answer)
        case JsonView(value=value):
            return _text(theme, pretty(value), "json")
        case TextView(text=text):
            return _text(theme, text, "")


class Framed(QFrame):
    """A pane on the ground of code, with some room around it."""

    def __init__(self, theme: Theme, pane: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self._stack = Stack(0, self)
        self._stack.add(pane)
        self.setObjectName("code_frame")

    def layout_to(self, width: int) -> int:
        """Take ``width`` pixels and return the height."""
        side, above = self._theme.space(2), self._theme.space(1.5)
        height = self._stack.layout_to(width - 2 * side)
        self._stack.setGeometry(side, above, width - 2 * side, height)
        return height + 2 * above


def framed(theme: Theme, pane: QWidget) -> Framed:
    """Return a pane in its frame."""
    return Framed(theme, pane)


def _text(theme: Theme, text: str, language: str) -> QWidget:
    pane = LinesPane(theme, "text_result", "Result", wraps=True)
    pane.show_lines(numbered(text or "It said nothing."), find_lexer(language))
    return framed(theme, pane)


def _todos(theme: Theme, items: tuple[Todo, ...]) -> QWidget:
    stack = Stack(theme.space(1))
    for item in items[:MAX_TODOS]:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(theme.space(1), 0, 0, 0)
        layout.setSpacing(theme.space(2))
        layout.addWidget(IconLabel(theme, *_TODO_ICONS[item.state], size=16))
        role = {"pending": "", "in_progress": "strong", "done": "muted"}[item.state]
        label = make_label(make_visible(item.text), role, wrap=True)
        label.setAccessibleName(f"{item.text}, {item.state.replace('_', ' ')}")
        layout.addWidget(label, 1)
        stack.add(row)
    return stack


def _answer(theme: Theme, question: str, answer: str) -> QWidget:
    stack = Stack(theme.space(1))
    if question:
        stack.add(make_label(make_visible(question), "muted", wrap=True))
    stack.add(make_label(make_visible(answer), "body", wrap=True))
    return stack
