"""Sends what was written, once it is known what that points at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.chat.session import ChatSession
from app.conversations.parts import ReferencePart
from app.errors import AppError
from ui.chat.composer import ComposerPanel
from ui.control.agent_control import AgentControl
from ui.control.reference_taking import OnTaken
from ui.widgets.notices import Notices

_NO_READER = AppError("Files cannot be read here", "This window has no editor.", "Take them out of the message.")


class MessageSender(QObject):
    """One message at a time; what cannot be sent stays where it was written.

    Attributes:
        take_references: Takes the texts of what a message points at; answered once, now or later.

    Signals:
        sent(bool): The message on show was sent; whether it began a conversation.
    """

    sent = Signal(bool)

    def __init__(
        self,
        session: ChatSession,
        composer: ComposerPanel,
        notices: Notices,
        new_conversation: Callable[[], dict[str, Any]],
        agent: AgentControl | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.take_references: Callable[[Sequence[ReferencePart], OnTaken], None] = _take_none
        self._session = session
        self._composer = composer
        self._notices = notices
        self._new_conversation = new_conversation
        self._agent = agent
        self._ticket: object | None = None  # of the message whose files are being read

    def send(self, text: str) -> None:
        """Send the message on show, ``text`` with what it points at."""
        if self._ticket is not None:
            return
        ticket, references = object(), self._composer.references

        def hear(answer: tuple[ReferencePart, ...] | AppError) -> None:
            if self._ticket is not ticket:
                return
            self.forget()
            if isinstance(answer, AppError):
                self._notices.show_error(answer)
            else:
                self._deliver(text, references, answer)

        self._ticket = ticket
        self._composer.set_waiting(True)
        self.take_references(references, hear)

    def forget(self) -> None:
        """Send nothing whose files are still being read: it stays a draft of its conversation."""
        self._ticket = None
        self._composer.set_waiting(False)

    def edit(
        self, turn_id: int, text: str, references: Sequence[ReferencePart], known: Sequence[ReferencePart]
    ) -> None:
        """Give a turn another version; of ``references`` those ``known`` to the old one keep their texts."""
        added = [reference for reference in references if reference not in known]
        shown = self._session.shown_id

        def hear(answer: tuple[ReferencePart, ...] | AppError) -> None:
            if isinstance(answer, AppError):
                self._notices.show_error(answer)
                is_done = False
            else:
                taken = dict(zip(added, answer, strict=True))
                parts = [taken.get(reference, reference) for reference in references]
                is_done = self._try(lambda: self._session.edit(turn_id, text, parts))
            if not is_done and self._session.shown_id == shown:
                self._composer.begin_edit(turn_id, text, references)

        self.take_references(added, hear)

    # --- inside -----------------------------------------------------------------------------------------

    def _deliver(self, text: str, pointed: tuple[ReferencePart, ...], references: tuple[ReferencePart, ...]) -> None:
        agent, is_new = self._agent, self._session.conversation is None
        if agent is not None and agent.can_steer:
            agent.inject(text, references)
            is_new = False
        elif not self._try(lambda: self._session.send(text, references=references, **self._new_conversation())):
            return
        self._keep_rest(text, pointed)
        self.sent.emit(is_new)

    def _keep_rest(self, text: str, pointed: tuple[ReferencePart, ...]) -> None:
        """Leave in the composer only what was written while the files were read."""
        now = self._composer.text()
        rest = now.removeprefix(text)
        self._composer.set_draft(rest, [one for one in self._composer.references if one not in pointed])

    def _try(self, verb: Callable[[], object]) -> bool:
        try:
            verb()
        except AppError as error:
            self._notices.show_error(error)
            return False
        return True


def _take_none(references: Sequence[ReferencePart], on_done: OnTaken) -> None:
    """There is nobody to read files: only what points at none is sent."""
    on_done(_NO_READER if references else ())
