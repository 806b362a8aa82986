"""Writes a conversation to a file of the user's choice."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.conversations.export import conversation_to_json, conversation_to_markdown
from app.conversations.store import ConversationStore
from app.errors import AppError
from app.settings import write_atomically
from ui.widgets.notices import Notices


def ask_and_export(
    window: QWidget, store: ConversationStore, notices: Notices, conversation_id: int, form: str
) -> None:
    """Ask where to, and write the branch on show there as "markdown" or "json"; say what came of it."""
    conversation = store.conversation(conversation_id)
    dialog = QFileDialog(window, "Export conversation")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("md" if form == "markdown" else "json")
    dialog.selectFile(re.sub(r"[^\w\- ]+", "", conversation.title).strip() or "conversation")
    dialog.fileSelected.connect(lambda path: _export(store, notices, conversation_id, form, Path(path)))
    dialog.open()


def _export(store: ConversationStore, notices: Notices, conversation_id: int, form: str, path: Path) -> None:
    conversation, turns = store.conversation(conversation_id), store.branch(conversation_id)
    if form == "markdown":
        data = conversation_to_markdown(conversation, turns).encode()
    else:
        data = conversation_to_json(conversation, turns)
    try:
        write_atomically(path, data)
    except OSError as error:
        notices.show_error(AppError("The conversation could not be exported", f"{path}: {error.strerror}."))
        return
    notices.show_info("Conversation exported", str(path))
