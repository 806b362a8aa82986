"""Connects the sampling panel: to the conversation on show, and to what new ones begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject

from app.chat.session import ChatSession
from app.conversations.store import ConversationStore
from app.errors import AppError
from app.presets import Presets
from app.settings import SettingsFile
from ui.sampling.sampling_panel import SamplingPanel
from ui.widgets.notices import Notices


class SamplingControl(QObject):
    """A change counts for the conversation on show and for new ones; earlier conversations keep theirs."""

    def __init__(
        self,
        panel: SamplingPanel,
        session: ChatSession,
        store: ConversationStore,
        settings: SettingsFile,
        presets: Presets,
        card: Callable[[], Mapping[str, Any]],
        notices: Notices,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._session = session
        self._store = store
        self._settings = settings
        self._presets = presets
        self._card = card
        self._notices = notices
        panel.value_changed.connect(lambda name, value: self._set({**self.values, name: value}))
        panel.value_reset.connect(self._on_panel_value_reset)
        panel.preset_chosen.connect(self._on_panel_preset_chosen)
        panel.preset_saved.connect(self._on_panel_preset_saved)
        panel.preset_deleted.connect(self._on_panel_preset_deleted)
        panel.system_prompt_changed.connect(self._on_panel_system_prompt_changed)
        panel.overflow_changed.connect(self._on_panel_overflow_changed)
        panel.show_all_changed.connect(self._on_panel_show_all_changed)
        panel.set_show_all(settings.settings.show_all_samplers)

    @property
    def values(self) -> dict[str, Any]:
        """The user's own values in force."""
        conversation = self._session.conversation
        return dict(conversation.sampling if conversation else self._settings.settings.sampling)

    def new_conversation(self) -> dict[str, Any]:
        """Return what a new conversation begins with."""
        settings = self._settings.settings
        return {
            "system_prompt": settings.system_prompt,
            "sampling": settings.sampling,
            "overflow": settings.overflow,
        }

    def refresh(self) -> None:
        """Show what is in force."""
        conversation = self._session.conversation
        settings = self._settings.settings
        self._panel.show_sampling(self._card(), self.values)
        self._panel.show_system_prompt(conversation.system_prompt if conversation else settings.system_prompt)
        self._panel.show_overflow(conversation.overflow if conversation else settings.overflow)
        current = self._presets.name_of(self.values)
        can_delete = bool(current) and not self._presets.is_built_in(current)
        self._panel.show_presets(self._presets.names, current, can_delete=can_delete)

    def _set(self, values: Mapping[str, Any]) -> None:
        conversation = self._session.conversation
        if conversation:
            self._try(lambda: self._store.update(conversation.id, sampling=dict(values)))
        self._try(lambda: self._settings.change(sampling=dict(values)))
        self.refresh()

    def _on_panel_value_reset(self, name: str) -> None:
        self._set({key: value for key, value in self.values.items() if key != name})

    def _on_panel_preset_chosen(self, name: str) -> None:
        if name:
            self._set(self._presets.values(name))

    def _on_panel_preset_saved(self, name: str) -> None:
        self._change_presets(lambda: self._presets.save(name, self.values))

    def _on_panel_preset_deleted(self, name: str) -> None:
        if name and not self._presets.is_built_in(name):
            values = self._presets.values(name)
            self._change_presets(lambda: self._presets.delete(name))
            undo = lambda: self._change_presets(lambda: self._presets.save(name, values))  # noqa: E731 - an undo
            self._notices.show_undo(f"Preset “{name}” deleted", undo)

    def _change_presets(self, verb: Callable[[], None]) -> None:
        self._try(verb)
        self.refresh()

    def _try(self, verb: Callable[[], object]) -> None:
        """Run a verb; show what keeps it from working."""
        try:
            verb()
        except AppError as error:
            self._notices.show_error(error)

    def _on_panel_system_prompt_changed(self, text: str) -> None:
        conversation = self._session.conversation
        if conversation:
            self._try(lambda: self._store.update(conversation.id, system_prompt=text))
        else:
            self._try(lambda: self._settings.change(system_prompt=text))

    def _on_panel_overflow_changed(self, policy: str) -> None:
        conversation = self._session.conversation
        if conversation:
            self._try(lambda: self._store.update(conversation.id, overflow=policy))
        self._try(lambda: self._settings.change(overflow=policy))

    def _on_panel_show_all_changed(self, shown: bool) -> None:
        self._try(lambda: self._settings.change(show_all_samplers=shown))
