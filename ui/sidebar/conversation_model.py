"""The conversations as rows of a list, with headings by age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from app.conversations.parts import Conversation

IdRole = Qt.ItemDataRole.UserRole
HeadingRole = Qt.ItemDataRole.UserRole + 1
RunningRole = Qt.ItemDataRole.UserRole + 2
AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Row:
    """A heading (``conversation`` is None) or a conversation."""

    text: str
    conversation: Conversation | None = None


def rows_of(conversations: Sequence[Conversation], now: datetime) -> list[Row]:
    """Return the rows, latest first, each group under its heading. Pure."""
    rows: list[Row] = []
    heading = ""
    for conversation in conversations:
        group = age_of(datetime.fromtimestamp(conversation.updated_at).astimezone(), now)
        if group != heading:
            heading = group
            rows.append(Row(heading))
        rows.append(Row(conversation.title, conversation))
    return rows


def age_of(then: datetime, now: datetime) -> str:
    """Return the heading for a time. Pure."""
    days = (now.date() - then.date()) // timedelta(days=1)
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    if days <= 7:
        return "Previous 7 days"
    if days <= 30:
        return "Previous 30 days"
    return f"{then:%B %Y}"


class ConversationModel(QAbstractListModel):
    """Signals: renamed(int, str) when a title was edited in place."""

    renamed = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._running: int | None = None

    def show(self, rows: Sequence[Row], running_id: int | None) -> None:
        """Show these rows; does as little as the difference asks for."""
        old = [row.conversation.id if row.conversation else row.text for row in self._rows]
        new = [row.conversation.id if row.conversation else row.text for row in rows]
        is_running_changed, self._running = running_id != self._running, running_id
        if old != new and set(old) == set(new):
            self._reorder(rows, old, new)
            return
        if old != new:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        changed = [index for index, (a, b) in enumerate(zip(self._rows, rows, strict=True)) if a.text != b.text]
        self._rows = list(rows)
        if is_running_changed and self._rows:
            changed = [0, len(self._rows) - 1]
        if changed:
            self.dataChanged.emit(self.index(min(changed)), self.index(max(changed)))

    def _reorder(self, rows: Sequence[Row], old: Sequence[int | str], new: Sequence[int | str]) -> None:
        """Show the same rows in another order; what is chosen or being renamed moves along."""
        self.layoutAboutToBeChanged.emit()
        self._rows = list(rows)
        row_by_key = {key: row for row, key in enumerate(new)}
        moved = self.persistentIndexList()
        self.changePersistentIndexList(moved, [self.index(row_by_key[old[index.row()]]) for index in moved])
        self.layoutChanged.emit()

    def row_of(self, conversation_id: int | None) -> int:
        """Return a conversation's row, -1 for none."""
        for index, row in enumerate(self._rows):
            if row.conversation and row.conversation.id == conversation_id:
                return index
        return -1

    def conversation_at(self, index: AnyIndex) -> Conversation | None:
        """Return the conversation of a row, None for a heading."""
        return self._rows[index.row()].conversation if 0 <= index.row() < len(self._rows) else None

    # --- Qt ---------------------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return row.text
            case Qt.ItemDataRole.ToolTipRole if row.conversation:
                then = datetime.fromtimestamp(row.conversation.updated_at).astimezone()
                return f"{row.text}\n{then:%d %B %Y, %H:%M}"
            case Qt.ItemDataRole.AccessibleTextRole:
                if row.conversation is None:
                    return f"Heading: {row.text}"
                is_running = row.conversation.id == self._running
                return f"{row.text}, a reply is being made" if is_running else row.text
        if role == IdRole:
            return row.conversation.id if row.conversation else None
        if role == HeadingRole:
            return row.conversation is None
        if role == RunningRole:
            return row.conversation is not None and row.conversation.id == self._running
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if self.conversation_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        conversation = self.conversation_at(index)
        title = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or conversation is None or not title or title == conversation.title:
            return False
        self.renamed.emit(conversation.id, title)
        return True
