"""Settings: what tools may do everywhere, when a run stops to ask, and what holds commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.settings import Permission, Settings
from app.tools.tool import SandboxState, ToolSpec
from ui.settings.page import AddedPage
from ui.theme import Theme
from ui.tools.permission_box import PermissionBox
from ui.tools.policies import EVERYWHERE, forgotten, remembered_folders, with_permission
from ui.tools.tools_state import source_words
from ui.tools.workspace_state import sandbox_icon, sandbox_title, sandbox_words, tools_words
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import discard, make_button, make_label, set_property
from ui.widgets.number_field import IntField

_MOST = 1_000_000_000
_MOST_MINUTES = 24 * 60
_MOST_SECONDS = 24 * 3600
_FIELD_STEPS = 36


class ToolsPage(AddedPage):
    """Signals: ``changed`` as of every page; check_requested() that the sandbox is to be looked for again."""

    check_requested = Signal()

    def __init__(
        self, theme: Theme, default_of: Callable[[ToolSpec], Permission], parent: QWidget | None = None
    ) -> None:
        """Build the page; ``default_of`` says what a tool may do where nothing was chosen at all."""
        super().__init__(theme, "Tools", parent)
        self._default_of = default_of
        self._settings = Settings()
        self._specs: tuple[ToolSpec, ...] = ()
        self._boxes: dict[str, PermissionBox] = {}
        self._has_sandbox = True
        self._shield = IconLabel(theme, "shield")
        self._sandbox_title = make_label("", "strong")
        self._sandbox_words = make_label("", "small", wrap=True)
        self._sandbox_words.setObjectName("sandbox_words")
        self._sandbox = QFrame()
        self._turns = self._number("no limit", _MOST)
        self._minutes = self._number("no limit", _MOST_MINUTES)
        self._tokens = self._number("no limit", _MOST, step=10_000)
        self._seconds = self._number("", _MOST_SECONDS, least=1, step=10)
        self._tools = QGridLayout()
        self._folders = QVBoxLayout()
        self._build()
        self.show_sandbox(None)

    def show_settings(self, settings: Settings) -> None:
        """Show settings."""
        self._settings = settings
        fields = (self._turns, self._minutes, self._tokens, self._seconds)
        blockers = [QSignalBlocker(field) for field in fields]
        self._turns.setValue(settings.run_limits.turns)
        self._minutes.setValue(round(settings.run_limits.seconds / 60))
        self._tokens.setValue(settings.run_limits.tokens)
        self._seconds.setValue(round(settings.tool_seconds))
        for blocker in blockers:
            blocker.unblock()
        self._show_permissions()
        self._show_folders(remembered_folders(settings.tool_policies))

    def show_sandbox(self, sandbox: SandboxState | None) -> None:
        """Say what holds commands; None while that is being found out."""
        self._shield.set_icon(*sandbox_icon(sandbox))
        self._sandbox_title.setText(sandbox_title(sandbox))
        self._sandbox_words.setText(sandbox_words(sandbox))
        self._has_sandbox = sandbox is None or sandbox.kind != "none"
        set_property(self._sandbox, "level", "" if self._has_sandbox else "warning")
        self._show_permissions()

    def show_specs(self, specs: Sequence[ToolSpec]) -> None:
        """List these tools."""
        if tuple(specs) == self._specs:
            return
        self._specs = tuple(specs)
        self._boxes = {}
        while item := self._tools.takeAt(0):
            if widget := item.widget():
                discard(widget)
        for row, spec in enumerate(spec for spec in self._specs if spec.kind != "talk"):
            self._add_tool(row, spec)
        self._show_permissions()

    # --- how it is put together -------------------------------------------------------------------------

    def _build(self) -> None:
        space = self._theme.space
        self.rows.addWidget(self._make_sandbox_card())
        self._heading("A run stops to ask")
        self.add_row("After so many replies", self._turns, "Of the model, in one run. 0 for no limit.", "limit_turns")
        hint = "Minutes of work; the time it waits for you does not count. 0 for no limit."
        self.add_row("After so many minutes", self._minutes, hint, "limit_minutes")
        self.add_row("After so many tokens", self._tokens, "Written by the model. 0 for no limit.", "limit_tokens")
        self.add_row("Time for one tool", self._seconds, "A tool is ended after so many seconds.", "tool_seconds")
        self._heading("Permissions in every folder", "A choice made for a folder goes before these.")
        self._tools.setHorizontalSpacing(space(2.5))
        self._tools.setVerticalSpacing(space(2))
        self._tools.setColumnStretch(1, 1)
        self.rows.addLayout(self._tools)
        self._heading("Folders with permissions of their own")
        self._folders.setSpacing(space(1))
        self.rows.addLayout(self._folders)
        self.finish()
        self._turns.valueChanged.connect(lambda turns: self._change_limits(turns=turns))
        self._minutes.valueChanged.connect(lambda minutes: self._change_limits(seconds=minutes * 60.0))
        self._tokens.valueChanged.connect(lambda tokens: self._change_limits(tokens=tokens))
        self._seconds.valueChanged.connect(lambda seconds: self.changed.emit({"tool_seconds": float(seconds)}))

    def _make_sandbox_card(self) -> QFrame:
        space = self._theme.space
        self._sandbox.setObjectName("sandbox_card")
        self._sandbox.setProperty("role", "callout")
        again = make_button("Check again", "", self._on_again_clicked, "check_sandbox_button")
        words = QVBoxLayout()
        words.setSpacing(space(0.5))
        words.addWidget(self._sandbox_title)
        words.addWidget(self._sandbox_words)
        row = QHBoxLayout(self._sandbox)
        row.setContentsMargins(space(3), space(2.5), space(3), space(2.5))
        row.setSpacing(space(2.5))
        row.addWidget(self._shield, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(again, 0, Qt.AlignmentFlag.AlignVCenter)
        return self._sandbox

    def _heading(self, title: str, words: str = "") -> None:
        self.rows.addWidget(make_label(title, "strong"))
        if words:
            self.add_text(words, "small")

    def _number(self, least_text: str, most: int, *, least: int = 0, step: int = 1) -> IntField:
        field = IntField(self._theme)
        field.setRange(least, most)
        field.setSingleStep(step)
        field.setSpecialValueText(least_text)
        field.setGroupSeparatorShown(True)
        field.setFixedWidth(round(self._theme.space(_FIELD_STEPS) * max(1.0, self._theme.text_scale)))
        return field

    def _add_tool(self, row: int, spec: ToolSpec) -> None:
        title = spec.title or spec.name
        words = title if spec.source == "sawhorse" else f"{title}  ({source_words(spec.source)})"
        self._tools.addWidget(IconLabel(self._theme, spec.icon), row, 0)
        self._tools.addWidget(ElidedLabel(words), row, 1)
        box = PermissionBox(self._theme)
        box.setObjectName(f"default_permission_{spec.name}")
        box.setAccessibleName(f"What {title} may do in every folder")
        box.permission_chosen.connect(partial(self._choose, spec.name))
        self._boxes[spec.name] = box
        self._tools.addWidget(box, row, 2)

    # --- what is shown and chosen -----------------------------------------------------------------------

    def _show_permissions(self) -> None:
        chosen = self._settings.tool_policies.get(EVERYWHERE, {})
        for spec in self._specs:
            if spec.name in self._boxes:
                default, own = self._default_of(spec), chosen.get(spec.name)
                self._boxes[spec.name].show_permission(spec.kind, default, own, has_sandbox=self._has_sandbox)

    def _show_folders(self, folders: Mapping[str, int]) -> None:
        while item := self._folders.takeAt(0):
            if widget := item.widget():
                discard(widget)
        for number, (folder, count) in enumerate(folders.items()):
            self._folders.addWidget(self._folder_row(number, folder, count))
        if not folders:
            self._folders.addWidget(make_label("None yet.", "small"))

    def _folder_row(self, number: int, folder: str, count: int) -> QWidget:
        row = QWidget()
        forget = make_button("Forget", "", partial(self._forget, folder), f"forget_folder_{number}")
        forget.setAccessibleName(f"Forget the permissions of {folder}")
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.space(2))
        layout.addWidget(ElidedLabel(folder, Qt.TextElideMode.ElideMiddle), 1)
        layout.addWidget(make_label(tools_words(count), "small"))
        layout.addWidget(forget)
        return row

    def _choose(self, name: str, permission: str) -> None:
        policies = with_permission(self._settings.tool_policies, EVERYWHERE, name, permission)
        self.changed.emit({"tool_policies": policies})

    def _forget(self, folder: str) -> None:
        self.changed.emit({"tool_policies": forgotten(self._settings.tool_policies, folder)})

    def _change_limits(self, **fields: float) -> None:
        self.changed.emit({"run_limits": msgspec.structs.replace(self._settings.run_limits, **fields)})

    def _on_again_clicked(self) -> None:
        self.show_sandbox(None)
        self.check_requested.emit()
