"""Settings: MCP servers, their tools and what these cost, and what waits for approval."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from app.settings import Settings
from app.tools.mcp.config import McpServer
from app.tools.mcp.servers import ServerView
from app.tools.tool import ToolSpec
from ui.control.mcp_control import McpControl
from ui.mcp.edit_dialog import EditDialog
from ui.mcp.import_dialog import ImportDialog
from ui.mcp.log_dialog import LogDialog
from ui.mcp.review_dialog import ReviewDialog
from ui.mcp.server_row import ServerRow
from ui.mcp.words import free_name
from ui.settings.page import AddedPage
from ui.theme import Theme
from ui.widgets.labels import discard, make_button, make_label

TITLE = "MCP servers"


class McpPage(AddedPage):
    """A list of servers that is always as they are; dialogs for all that needs more room."""

    def __init__(self, theme: Theme, control: McpControl, parent: QWidget | None = None) -> None:
        super().__init__(theme, TITLE, parent)
        self._control = control
        self._rows: dict[str, ServerRow] = {}
        self._counted: dict[str, tuple[ToolSpec, ...]] = {}  # what the counts on show are of
        self._list = QVBoxLayout()
        self._empty = make_label("No servers yet.", "small")
        self._review = ReviewDialog(theme, self)
        self._edit = EditDialog(theme, self)
        self._import = ImportDialog(theme, control.read_file, self)
        self._log = LogDialog(theme, self)
        self._build()
        self._review.approved.connect(control.approve)
        self._edit.saved.connect(control.save)
        self._import.chosen.connect(self._on_import_chosen)
        control.changed.connect(self._on_control_changed)
        self.refresh()

    def show_settings(self, settings: Settings) -> None:
        """Servers have a file of their own, and are shown as they change."""

    def refresh(self) -> None:
        """Show every server as it is now."""
        views = self._control.views
        names = [view.server.name for view in views]
        for name in [name for name in self._rows if name not in names]:
            discard(self._rows.pop(name))
            self._counted.pop(name, None)
        for place, view in enumerate(views):
            row = self._rows.get(view.server.name) or self._make_row(view.server.name)
            if self._list.indexOf(row) != place:
                self._list.insertWidget(place, row)
            row.show_view(view)
        self._empty.setVisible(not views)
        self._keep_review_true(views)

    def showEvent(self, event: QShowEvent) -> None:
        """Count anew: another model may be in memory by now."""
        super().showEvent(event)
        self._counted.clear()
        self.refresh()
        self._count_all()

    def _on_control_changed(self) -> None:
        self.refresh()
        self._count_all()

    def _keep_review_true(self, views: Sequence[ServerView]) -> None:
        """A review on show that is not what waits any more is replaced, or closed."""
        shown = self._review.review
        if shown is None or not self._review.isVisible():
            return
        waiting = next((view.review for view in views if view.server.name == shown.server), None)
        if waiting is None:
            self._review.reject()
        elif waiting.key != shown.key:
            self._review.show_review(waiting)

    def _count_all(self) -> None:
        count = self._control.count_tokens
        if count is None or not self.isVisible():
            return
        for view in self._control.views:
            name = view.server.name
            if view.specs and self._counted.get(name) != view.specs:
                self._counted[name] = view.specs
                count(view.specs, partial(self._on_counted, name, view.specs))

    def _on_counted(self, name: str, specs: tuple[ToolSpec, ...], counts: tuple[int, ...] | None) -> None:
        row = self._rows.get(name)
        if row is not None and self._counted.get(name) == specs:
            row.show_counts(counts)

    def _make_row(self, name: str) -> ServerRow:
        row = ServerRow(self._theme, name)
        row.asked.connect(self._on_row_asked)
        row.switched.connect(self._control.set_enabled)
        self._rows[name] = row
        return row

    def _on_row_asked(self, verb: str, name: str) -> None:
        view = next((view for view in self._control.views if view.server.name == name), None)
        if view is None:
            return
        if verb == "review" and view.review is not None:
            self._review.show_review(view.review)
        elif verb == "restart":
            self._control.restart(name)
        elif verb == "log":
            about = "\n".join(part for part in (view.about, view.instructions) if part)
            self._log.show_log(name, about, lambda: self._control.servers.log(name))
        elif verb == "edit":
            self._edit.show_server(view.server)
        elif verb == "remove":
            self._ask_to_remove(name)

    def _ask_to_remove(self, name: str) -> None:
        box = QMessageBox(self)
        box.setObjectName("mcp_remove_dialog")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Remove the server")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Remove “{name}”?")
        box.setInformativeText("Its settings, values of variables included, and your approval of it are forgotten.")
        remove = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        remove.clicked.connect(lambda: self._control.remove(name))
        box.open()

    def _on_import_clicked(self) -> None:
        self._import.show_files(self._control.find_files())

    def _on_import_chosen(self, servers: tuple[McpServer, ...]) -> None:
        for server in servers:
            taken = [view.server.name for view in self._control.views]
            self._control.save(msgspec.structs.replace(server, name=free_name(server.name, taken)))

    def _build(self) -> None:
        theme = self._theme
        self.add_text(
            "Programs that bring tools of their own. None is started, and none of its tools is shown to a model, "
            "before you have approved it; whatever changes is locked until you approve it again."
        )
        self._list.setSpacing(theme.space(2))
        self.rows.addLayout(self._list)
        self.rows.addWidget(self._empty)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(2))
        buttons.addWidget(make_button("Add a server…", "", lambda: self._edit.show_server(None), "mcp_add_button"))
        buttons.addWidget(make_button("Import…", "", self._on_import_clicked, "mcp_open_import_button"))
        buttons.addStretch(1)
        self.rows.addLayout(buttons)
        self.finish()
