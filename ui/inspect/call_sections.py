"""The microscope's other parts: the parsed call, its schema check, and what was sent back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.agent.live import CallState, LiveCall
from app.agent.loose_json import json_type
from app.agent.schema_report import FieldReport, FieldState, report_on
from app.agent.timeline_words import seconds_words
from app.conversations.parts import ToolResultPart
from app.tools.tool import Outcome
from ui.inspect.section import RowsSection, Section
from ui.inspect.text_pane import TextPane
from ui.theme import Theme
from ui.tools.call_words import readable
from ui.widgets.flow_row import FlowRow
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_label, plain_tip, set_property

#: What is shown of one value; the rest stands in the raw text.
MAX_VALUE_CHARACTERS = 4_000
MAX_VALUE_LINES = 10
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "done": ("Done", "success"),
    "failed": ("Failed", "danger"),
    "denied": ("Denied by you", "warning"),
    "answered": ("Answered by you", "success"),
    "cancelled": ("Cancelled", "warning"),
    "timed_out": ("Timed out", "danger"),
    "invalid": ("Malformed, did not run", "danger"),
    "not_run": ("Not run", "warning"),
}
_STATES: dict[FieldState, tuple[str, str, str]] = {
    "ok": ("success", "success", "ok"),
    "missing": ("error", "danger", "missing"),
    "wrong": ("error", "danger", "wrong"),
    "absent": ("minus", "text.faint", "not given"),
    "unknown": ("warning", "warning", "unknown"),
}
_NOT_YET: dict[CallState, str] = {
    "writing": "The model is still writing this call.",
    "queued": "Nothing yet: it has not run.",
    "asking": "Nothing yet: it waits for your approval.",
    "question": "Nothing yet: it waits for your answer.",
    "running": "Nothing yet: it is running.",
    "done": "Its result is not kept.",
    "invalid": "Nothing yet: the call is malformed, and has not run.",
}


def badge(words: str, level: str = "") -> QWidget:
    """Return a small label with a ground of its own."""
    label = make_label(words, "badge")
    set_property(label, "level", level)
    return label


class ParsedSection(RowsSection):
    """The call as it was understood: each argument with the type it was read as."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "parsed", "What was understood", parent)

    def show_call(self, live: LiveCall) -> None:
        """Show a call; where a person changed its arguments, both stand there."""
        changed = live.result.arguments if live.result else None
        self.set_badge(
            "Changed by you" if changed is not None else live.part.format, "" if changed is None else "accent"
        )
        name = make_label(live.part.name or "(no name)", "strong")
        name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        rows: list[QWidget] = [name]
        asked, ran = live.part.arguments, live.part.arguments if changed is None else changed
        for number, key in enumerate({**asked, **ran}):
            rows.append(self._argument(number, key, asked, ran))
        if not asked and not ran:
            rows.append(make_label("It has no arguments.", "muted"))
        self.show_rows(rows)

    def _argument(self, number: int, key: str, asked: Mapping[str, Any], ran: Mapping[str, Any]) -> QWidget:
        row = QWidget()
        layout = QVBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.space(0.5))
        head = QHBoxLayout()
        head.setSpacing(self._theme.space(2))
        head.addWidget(make_label(key, "mono"))
        value = ran.get(key, asked.get(key))
        head.addWidget(badge(f"read as {json_type(value)}"))
        head.addStretch(1)
        layout.addLayout(head)
        if key in ran:
            layout.addWidget(self._value(f"argument_{number}", f"Value of {key}", ran[key]))
        if key not in asked or key not in ran or asked[key] != ran[key]:
            words = "The model asked for:" if key in asked else "The model did not give it."
            layout.addWidget(make_label(words if key in ran else "You took it out. The model asked for:", "small"))
            if key in asked:
                layout.addWidget(
                    self._value(f"asked_argument_{number}", f"What the model asked for, {key}", asked[key])
                )
        return row

    def _value(self, name: str, words: str, value: Any) -> TextPane:
        pane = TextPane(self._theme, name, words, MAX_VALUE_LINES)
        text = readable(value)
        more = len(text) - MAX_VALUE_CHARACTERS
        pane.show_text(text if more <= 0 else f"{text[:MAX_VALUE_CHARACTERS]}\n… {more:,} characters more")
        return pane


class SchemaSection(RowsSection):
    """Each parameter of the tool's schema: what it asks for, and whether it got that."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "schema", "Schema check", parent)

    def show_call(self, live: LiveCall) -> None:
        """Check a call, with the arguments that ran."""
        if live.spec is None:
            self.set_badge("Unknown tool", "danger")
            self.show_rows(
                [make_label(f"There is no tool {live.part.name!r} to check it against.", "muted", wrap=True)]
            )
            return
        changed = live.result.arguments if live.result else None
        report = report_on(live.spec.parameters, live.part.arguments if changed is None else changed)
        wrong = len(report.remarks) + sum(field.state not in {"ok", "absent"} for field in report.fields)
        if live.state == "writing":
            self.set_badge("")
        elif wrong:
            self.set_badge(f"{wrong} problem{'' if wrong == 1 else 's'}", "danger")
        else:
            self.set_badge("Fits", "success")
        rows: list[QWidget] = [make_label(words, "danger", wrap=True) for words in report.remarks]
        rows += [self._field(field) for field in report.fields]
        self.show_rows(rows or [make_label("The tool takes no parameters.", "muted")])

    def _field(self, field: FieldReport) -> QWidget:
        theme = self._theme
        icon, color, words = _STATES[field.state]
        row = QWidget()
        row.setAccessibleName(f"{field.name}: {words}. {field.message}")
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(2))
        layout.addWidget(IconLabel(theme, icon, color, theme.space(3.5)), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(theme.space(0.5))
        head = QHBoxLayout()
        head.setSpacing(theme.space(2))
        head.addWidget(make_label(field.name, "mono"))
        if field.is_required:
            head.addWidget(badge("required"))
        head.addStretch(1)
        head.addWidget(make_label(words, "small"))
        column.addLayout(head)
        wanted = f"{field.wanted}, read as {field.read_as}" if field.wanted and field.read_as else field.wanted
        for text, role in ((wanted, "small"), (field.message, "danger" if field.state != "unknown" else "warning")):
            if text:
                column.addWidget(make_label(text, role, wrap=True))
        if field.description:
            row.setToolTip(plain_tip(field.description))
        layout.addLayout(column, 1)
        return row


class SentSection(Section):
    """What the model was told of the call, character for character."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "sent", "What was sent back", parent)
        self._facts = FlowRow(theme.space(1.5))
        self.pane = TextPane(theme, "sent_text", "What the model reads of the result")
        self._nothing = make_label("", "muted", wrap=True)
        self._size = make_label("", "small", wrap=True)
        self.content.addWidget(self._facts)
        self.content.addWidget(self._nothing)
        self.content.addWidget(self.pane, 1)
        self.content.addStretch(0)
        self.content.addWidget(self._size)

    def show_call(self, live: LiveCall) -> None:
        """Show a call's result, or why there is none."""
        result = live.result
        self.set_badge(*(OUTCOMES[result.outcome] if result else ("", "")))
        self._facts.show_widgets([badge(words) for words in facts_of(result)] if result else [])
        self._nothing.setText("" if result else _NOT_YET[live.state])
        self._nothing.setVisible(result is None)
        self.pane.setVisible(result is not None)
        self.pane.show_text(result.content if result else "")
        self.show_tokens(None)

    def show_tokens(self, tokens: int | None) -> None:
        """Say how long the text is; in tokens too, where they were counted."""
        counted = "" if tokens is None else f", {tokens:,} tokens"
        self._size.setText(f"{len(self.pane.text):,} characters{counted}" if self.pane.isVisibleTo(self) else "")

    def size_words(self) -> str:
        """Return what is said of the length."""
        return self._size.text()


def facts_of(result: ToolResultPart) -> list[str]:
    """Return what is known of how a call ran, in a few words each."""
    pieces = [
        seconds_words(result.seconds) if result.seconds else "",
        f"in {result.sandbox}" if result.sandbox and result.sandbox != "none" else "",
        "no sandbox" if result.sandbox == "none" else "",
        f"undo step {result.step}" if result.step else "",
        "told as an error" if result.is_error else "",
    ]
    return [piece for piece in pieces if piece]
