"""What an unfolded tool card shows below its line, by the state of the call."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from app.conversations.parts import CallProblem, ToolResultPart
from app.tools.views import AnswerView, DiffView, TerminalView, TextView, TodoView
from app.tools.visible import hidden_characters, make_visible
from ui.theme import Theme
from ui.tools.arguments_view import ArgumentsView
from ui.tools.call_forms import AnswerForm, ApprovalForm, make_repair_row, question_of
from ui.tools.call_words import REACH_WORDS, arguments_of, pretty, sandbox_words, text_of
from ui.tools.line_makers import problem_lines
from ui.tools.lines_pane import LinesPane
from ui.tools.result_views import framed, make_result_view, view_of_result
from ui.tools.sgr import without_sgr
from ui.tools.shown_call import ShownCall
from ui.tools.terminal_pane import TerminalPane
from ui.widgets.flow_row import FlowRow
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label
from ui.widgets.stack import Stack

#: More changed files are counted, not named.
MAX_NAMED_FILES = 12


class CardBody(Stack):
    """Built when a card is unfolded, and anew when its call is in another state.

    Signals:
        chosen(str, object): An action and its payload, as of ``ToolCard``.
        resized(): Its height is another for the same width.
    """

    chosen = Signal(str, object)
    resized = Signal()

    def __init__(self, theme: Theme, shown: ShownCall, parent: QWidget | None = None) -> None:
        super().__init__(theme.space(2), parent)
        self._theme = theme
        self._shown = shown
        self._growing: dict[str, TerminalPane] = {}
        self._live_output: TerminalPane | None = None
        self._approval: ApprovalForm | None = None
        self.setObjectName("tool_card_body")
        self._build()

    @property
    def approval(self) -> ApprovalForm | None:
        """The form that asks for approval, while it does."""
        return self._approval

    def grow(self, key: str, text: str) -> None:
        """Show more of an argument that is being written."""
        pane = self._growing.get(key)
        if pane is None:
            if key:
                self.add(make_label(make_visible(key), "small"))
            pane = TerminalPane(self._theme, f"growing_{key}", f"Argument {key}", has_colors=False)
            self._growing[key] = pane
            self.add(framed(self._theme, pane))
        pane.append(text)

    def print(self, text: str) -> None:
        """Show more of what it prints."""
        if self._live_output is None:
            self._live_output = TerminalPane(self._theme, "live_output", "Output so far")
            self.add(framed(self._theme, self._live_output))
        self._live_output.append(text)

    # --- building ---------------------------------------------------------------------------------------

    def _build(self) -> None:
        live = self._shown.live
        match live.state:
            case "writing":
                for key, text in self._shown.written.items():
                    self.grow(key, text)
            case "asking":
                self._add_reason()
                self._add_arguments()
                if not live.is_record:
                    self._approval = ApprovalForm(self._theme, self._shown)
                    self._approval.chosen.connect(self._on_chosen)
                    self.add(self._approval)
            case "question":
                self._add_question()
            case "running":
                self._add_arguments()
                if not live.is_record:
                    self._add_buttons([("Stop this tool", "danger", "cancel", "stop_tool_button")])
                if self._shown.output:
                    self.print(self._shown.output)
            case "invalid":
                self._add_problems(live.part.problems, is_open=True)
                if live.result is not None:
                    self.add(make_label("What the model was told", "small"))
                    self.add(make_result_view(self._theme, view_of_result(live.result)))
                if live.is_record:
                    self._add_buttons([], can_copy=True)
                else:
                    self.add(make_repair_row(self._theme, self._choose, self._make_copy_button()))
            case _:
                self._add_arguments()
                self._add_problems(live.part.problems, is_open=False)
                self._add_result(live.result)

    def _add_arguments(self) -> None:
        live = self._shown.live
        if live.result and live.result.arguments is not None:
            self.add(make_label("Changed by you before it ran:", "small"))
        arguments = arguments_of(self._shown)
        view = live.result.view if live.result else None
        if arguments and not isinstance(view, TodoView | AnswerView):
            self.add(ArgumentsView(self._theme, live, arguments, is_brief=isinstance(view, DiffView)))

    def _add_reason(self) -> None:
        live = self._shown.live
        hidden = hidden_characters("\n".join(map(text_of, arguments_of(self._shown).values())))
        if live.reason:
            self.add(make_label(make_visible(live.reason), "", wrap=True))
        if live.spec is None or live.spec.kind == "command":
            self._add_chips([REACH_WORDS[live.reach]])
        if hidden:
            names = ", ".join(hidden[:6])
            self._add_callout("warning", f"There are characters in it that cannot be seen: {names}.")

    def _add_question(self) -> None:
        question, options = question_of(arguments_of(self._shown))
        self.add(make_label(make_visible(question) or "The model asks you something.", "body", wrap=True))
        if self._shown.live.is_record:
            return
        form = AnswerForm(self._theme, self._shown, "Your answer", "Answer", options)
        form.answered.connect(lambda text: self.chosen.emit("answer", text))
        self.add(form)

    def _add_problems(self, problems: tuple[CallProblem, ...], *, is_open: bool) -> None:
        for problem in problems:
            self._add_callout("error" if problem.is_fatal else "info", make_visible(problem.message))
        if is_open:
            part = self._shown.live.part
            pane = LinesPane(self._theme, "raw_text", "What the model wrote", wraps=True)
            pane.show_lines(problem_lines(part.raw or pretty(part.arguments), problems if part.raw else ()))
            self.add(make_label("What the model wrote", "small"))
            self.add(framed(self._theme, pane))

    def _add_callout(self, level: str, words: str) -> None:
        icons = {"error": ("error", "danger"), "warning": ("warning", "warning"), "info": ("info", "accent")}
        theme = self._theme
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(2))
        icon = QVBoxLayout()
        icon.addWidget(IconLabel(theme, *icons[level], size=16))
        icon.addStretch(1)
        layout.addLayout(icon)
        layout.addWidget(make_label(words, {"error": "danger", "warning": "warning"}.get(level, ""), wrap=True), 1)
        self.add(row)

    def _add_result(self, result: ToolResultPart | None) -> None:
        if result is None:
            return
        view = view_of_result(result)
        self._add_chips(_chips(result))
        if isinstance(view, TerminalView):
            self._add_changed_files(view.changed_files, max(view.changed_total, len(view.changed_files)))
            if view.note:
                self._add_callout("warning", make_visible(view.note))
        if result.is_error and result.view is not None and result.content:
            self.add(make_result_view(self._theme, TextView(text=result.content)))
        self.add(make_result_view(self._theme, view))
        can_undo = bool(result.step) and not self._shown.live.is_record
        buttons = [("Undo this step", "", "undo", "undo_step_button")] if can_undo else []
        self._add_buttons(buttons, can_copy=True)

    def _add_changed_files(self, paths: tuple[str, ...], total: int) -> None:
        if paths:
            names = ", ".join(make_visible(path) for path in paths[:MAX_NAMED_FILES])
            unnamed = total - min(len(paths), MAX_NAMED_FILES)
            rest = f" and {unnamed:,} more" if unnamed else ""
            self.add(make_label(f"Changed: {names}{rest}", "small", wrap=True))

    def _add_chips(self, chips: list[tuple[str, str]]) -> None:
        if chips:
            row = FlowRow(self._theme.space(1.5))
            labels = [make_label(words, "badge") for words, _ in chips]
            for label, (_, level) in zip(labels, chips, strict=True):
                label.setProperty("level", level)
            row.show_widgets(labels)
            self.add(row)

    def _add_buttons(self, buttons: list[tuple[str, str, str, str]], *, can_copy: bool = False) -> None:
        row = FlowRow(self._theme.space(2))
        made: list[QWidget] = [
            make_button(words, role, partial(self._choose, action), name) for words, role, action, name in buttons
        ]
        if can_copy:
            made.append(self._make_copy_button())
        row.show_widgets(made)
        self.add(row)

    def _make_copy_button(self) -> QPushButton:
        copy = make_button(" Copy", "", None, "copy_call_button")
        copy.setIcon(self._theme.icon("copy"))
        copy.clicked.connect(lambda: self._show_copy_menu(copy))
        return copy

    # --- clicks -----------------------------------------------------------------------------------------

    def _choose(self, action: str) -> None:
        result = self._shown.live.result
        self.chosen.emit(action, result.step if action == "undo" and result else None)

    def _on_chosen(self, action: str, payload: object) -> None:
        if action == "resized":
            self.resized.emit()
        else:
            self.chosen.emit(action, payload)

    def _show_copy_menu(self, button: QWidget) -> None:
        live = self._shown.live
        texts = {"Arguments": pretty(arguments_of(self._shown)), "What the model wrote": live.part.raw}
        if live.result:
            texts["Result"] = live.result.content
            if isinstance(live.result.view, TerminalView):
                texts["Output"] = without_sgr(live.result.view.output)
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for words, text in texts.items():
            if text:
                action = menu.addAction(words)
                action.triggered.connect(partial(_copy, text))
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def _copy(text: str, _is_checked: bool = False) -> None:
    QGuiApplication.clipboard().setText(text)


def _chips(result: ToolResultPart) -> list[tuple[str, str]]:
    """Return the words, with levels, that stand above a result."""
    view = result.view
    chips: list[tuple[str, str]] = []
    if isinstance(view, TerminalView):
        if view.exit_code is not None:
            chips.append((f"exit code {view.exit_code}", "danger" if view.exit_code else "success"))
        if view.ended:
            chips.append((f"ended: {view.ended}", "danger"))
        chips.append(sandbox_words(view.sandbox))
        if view.omitted_bytes:
            chips.append((f"{view.omitted_bytes:,} bytes left out of the middle", ""))
    elif result.sandbox:
        chips.append(sandbox_words(result.sandbox))
    return chips
