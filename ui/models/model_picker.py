"""The left side of the model dialog: a field to type into, and everything that can be chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QLineEdit, QTreeView, QVBoxLayout, QWidget

from ui.models.picker_delegate import PickerDelegate
from ui.models.picker_model import Entry, PickerModel, filtered
from ui.theme import Theme
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_button

SEARCH_KEY = "search"


class ModelPicker(QFrame):
    """Signals.

    selected(str): The entry with this key was chosen.
    submitted(str): Enter was pressed on what was typed, or its entry clicked: words to search for, or a repository.
    folders_requested(), file_requested(): The buttons at the foot.
    refresh_requested(): Look again at what is on disk.
    """

    selected = Signal(str)
    submitted = Signal(str)
    folders_requested = Signal()
    file_requested = Signal()
    refresh_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries: Sequence[Entry] = ()
        self._chosen = ""
        self._is_showing = False
        self._model = PickerModel()
        self._field = QLineEdit()
        self._list = QTreeView()
        self.setObjectName("model_picker")
        self.setProperty("role", "sidebar")
        self._build()
        self._field.textChanged.connect(self._show)
        self._field.returnPressed.connect(self._submit)
        self._field.installEventFilter(self)
        self._list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._list.clicked.connect(self._on_clicked)
        theme.changed.connect(self._on_theme_changed)

    def show_entries(self, entries: Sequence[Entry], chosen: str) -> None:
        """Show entries, with one of them chosen; what is typed filters them."""
        self._entries, self._chosen = entries, chosen
        self._show()

    def focus_field(self) -> None:
        """Put the cursor into the field."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def clear_field(self) -> None:
        """Show everything again."""
        self._field.clear()

    @property
    def entries(self) -> list[Entry]:
        """The entries on show."""
        return self._model.entries

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme, space = self._theme, self._theme.space
        self._field.setObjectName("model_search")
        self._field.setAccessibleName("Search models, or paste a Hugging Face repository")
        self._field.setPlaceholderText("Search, or paste owner/name")
        self._field.setToolTip("Words to search for, owner/name, or the address of a Hugging Face repository")
        self._field.setClearButtonEnabled(True)
        self._field.setMaxLength(500)
        view = self._list
        view.setObjectName("model_list")
        view.setAccessibleName("Models")
        view.setModel(self._model)
        view.setItemDelegate(PickerDelegate(theme, view))
        view.setHeaderHidden(True)
        view.setRootIsDecorated(False)
        view.setIndentation(0)
        view.setMouseTracking(True)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._folders = make_button(" Model folders\u2026", "row", self.folders_requested.emit, "model_folders_button")
        self._open = IconButton(theme, "file", "Open a GGUF file\u2026")
        self._open.setObjectName("open_gguf_button")
        self._open.clicked.connect(self.file_requested)
        self._again = IconButton(theme, "refresh-cw", "Look again at what is on disk")
        self._again.setObjectName("rescan_button")
        self._again.clicked.connect(self.refresh_requested)
        foot = QFrame()
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(1))
        row.addWidget(self._folders, 1)
        row.addWidget(self._open)
        row.addWidget(self._again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(space(2), space(3), space(2), space(2))
        layout.setSpacing(space(1.5))
        layout.addWidget(self._field)
        layout.addWidget(view, 1)
        layout.addWidget(foot)
        self._draw_icons()

    def _show(self) -> None:
        query = self._field.text().strip()
        entries = filtered(self._entries, query) if query else list(self._entries)
        if query:
            entries.insert(0, _search_entry(query))
        self._is_showing = True
        self._model.show(entries)
        place = self._model.place_of(self._chosen)
        if place >= 0:
            self._list.setCurrentIndex(self._model.index(place))
        else:
            self._list.clearSelection()
            self._list.setCurrentIndex(QModelIndex())
        self._is_showing = False

    def _submit(self) -> None:
        if query := self._field.text().strip():
            self.submitted.emit(query)

    def _on_current_changed(self, current: QModelIndex) -> None:
        entry = self._model.entry_at(current)
        if entry is not None and not self._is_showing and entry.kind != "search":
            self._chosen = entry.key
            self.selected.emit(entry.key)

    def _on_clicked(self, index: QModelIndex) -> None:
        entry = self._model.entry_at(index)
        if entry is not None and entry.kind == "search":
            self._submit()

    def _on_theme_changed(self) -> None:
        self._draw_icons()
        self._list.doItemsLayout()

    def _draw_icons(self) -> None:
        self._folders.setIcon(self._theme.icon("folder"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go from the field into the list with Down."""
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                first = self._model.first()
                self._list.setFocus(Qt.FocusReason.ShortcutFocusReason)
                if first >= 0 and not self._list.currentIndex().isValid():
                    self._list.setCurrentIndex(self._model.index(first))
                return True
            if event.key() == Qt.Key.Key_Escape and self._field.text():
                self._field.clear()
                return True
        return super().eventFilter(watched, event)


def _search_entry(query: str) -> Entry:
    is_repository = "/" in query and " " not in query
    title = f"Open {query}" if is_repository else f"Search Hugging Face for \u201c{query}\u201d"
    return Entry("search", SEARCH_KEY, title, "Press Enter", hint=title)
