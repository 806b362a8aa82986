"""The list of conversations: new, search, choose, rename, delete, export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView, QMenu, QVBoxLayout, QWidget

from app.conversations.parts import Conversation
from ui.sidebar.conversation_delegate import ConversationDelegate
from ui.sidebar.conversation_model import ConversationModel, rows_of
from ui.theme import Theme
from ui.widgets.labels import make_button, make_label
from ui.widgets.throttle import Throttle

SEARCH_INTERVAL_MS = 150


class _List(QListView):
    """Signals: delete_pressed() on the Delete key."""

    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


class ConversationSidebar(QWidget):
    """Signals as their names say; numbers are conversations' ids.

    ``export_requested`` carries "markdown" or "json".
    """

    new_requested = Signal()
    selected = Signal(int)
    rename_requested = Signal(int, str)
    delete_requested = Signal(int)
    export_requested = Signal(int, str)
    search_changed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_showing = False
        self._new = make_button(" New conversation", "row", self.new_requested.emit, "new_conversation_button")
        self._search = QLineEdit()
        self._search.setObjectName("conversation_search")
        self._search.setPlaceholderText("Search conversations")
        self._search.setAccessibleName("Search conversations")
        self._search.setClearButtonEnabled(True)
        self._throttle = Throttle[str](SEARCH_INTERVAL_MS, self.search_changed.emit, self)
        self._model = ConversationModel()
        self._list = _List()
        self._empty = make_label("", "muted", wrap=True)
        self._build()
        self._connect()
        self._draw_icons()

    def _build(self) -> None:
        space = self._theme.space
        view = self._list
        view.setObjectName("conversation_list")
        view.setAccessibleName("Conversations")
        view.setModel(self._model)
        view.setItemDelegate(ConversationDelegate(self._theme, view))
        view.setProperty("role", "plain")
        view.setFrameShape(QListView.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._empty.setContentsMargins(space(2), space(2), space(2), 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(space(2), 0, space(2), 0)
        layout.setSpacing(space(1.5))
        layout.addWidget(self._new)
        layout.addWidget(self._search)
        layout.addWidget(self._empty)
        layout.addWidget(view, 1)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._throttle.call)
        self._list.selectionModel().currentChanged.connect(self._on_list_current_changed)
        self._list.customContextMenuRequested.connect(self._on_list_context_menu_requested)
        self._list.delete_pressed.connect(self._on_list_delete_pressed)
        self._model.renamed.connect(self.rename_requested)
        self._theme.changed.connect(self._draw_icons)

    def show_conversations(
        self, conversations: Sequence[Conversation], current_id: int | None, running_id: int | None
    ) -> None:
        """Show the conversations, latest first."""
        self._is_showing = True
        self._model.show(rows_of(conversations, datetime.now().astimezone()), running_id)
        row = self._model.row_of(current_id)
        if row >= 0 and self._list.currentIndex().row() != row:
            self._list.setCurrentIndex(self._model.index(row))
        elif row < 0:
            self._list.clearSelection()
            self._list.setCurrentIndex(QModelIndex())
        self._is_showing = False
        searching = bool(self._search.text())
        words = "Nothing found." if searching else "Conversations appear here and are kept on this machine."
        self._empty.setText(words)
        self._empty.setVisible(not conversations)
        self._list.setVisible(bool(conversations))

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def rename_current(self) -> None:
        """Edit the current title in place."""
        if self._list.currentIndex().isValid():
            self._list.edit(self._list.currentIndex())

    def _rename(self, conversation_id: int) -> None:
        """Edit a title in place, wherever its row is by now."""
        row = self._model.row_of(conversation_id)
        if row >= 0:
            self._list.edit(self._model.index(row))

    def _draw_icons(self) -> None:
        self._new.setIcon(self._theme.icon("new_chat"))

    def _on_list_current_changed(self, current: QModelIndex) -> None:
        conversation = self._model.conversation_at(current)
        if conversation is not None and not self._is_showing:
            self.selected.emit(conversation.id)

    def _on_list_delete_pressed(self) -> None:
        conversation = self._model.conversation_at(self._list.currentIndex())
        if conversation is not None:
            self.delete_requested.emit(conversation.id)

    def _on_list_context_menu_requested(self, place: QPoint) -> None:
        conversation = self._model.conversation_at(self._list.indexAt(place))
        if conversation is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._theme.icon("rename"), "Rename", partial(self._rename, conversation.id))
        for form, words in (("markdown", "Export as Markdown …"), ("json", "Export as JSON …")):
            export = partial(self.export_requested.emit, conversation.id, form)
            menu.addAction(self._theme.icon("export"), words, export)
        menu.addSeparator()
        menu.addAction(self._theme.icon("delete"), "Delete", partial(self.delete_requested.emit, conversation.id))
        menu.popup(self._list.viewport().mapToGlobal(place))
