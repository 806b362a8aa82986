"""The form of an MCP server: a program with its command, or an address."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from app.tools.mcp.config import McpServer
from ui.mcp.words import Fields, fields_of, server_of
from ui.theme import Theme
from ui.widgets.labels import make_button, make_label

_WIDTH_STEPS = 140
_TEXT_STEPS = 20
_PROGRAM, _ADDRESS = "Program on this machine", "Address of a streamable HTTP server"


class EditDialog(QDialog):
    """Signals: saved(object, str) with the McpServer and the name it had before, "" for a new one."""

    saved = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._server: McpServer | None = None
        self.setObjectName("mcp_edit_dialog")
        self.resize(theme.space(_WIDTH_STEPS), theme.space(_WIDTH_STEPS * 0.8))
        self._kind = QComboBox()
        self._kind.addItems([_PROGRAM, _ADDRESS])
        self._name, self._command, self._folder, self._url = (QLineEdit() for _ in range(4))
        self._variables, self._headers = QPlainTextEdit(), QPlainTextEdit()
        self._error = make_label("", "danger", wrap=True)
        self._form = QFormLayout()
        self._build()
        self._kind.currentIndexChanged.connect(self._show_kind)

    def show_server(self, server: McpServer | None) -> None:
        """Show a server, or empty fields for a new one."""
        self._server = server
        self.setWindowTitle(f"Change “{server.name}”" if server else "Add a server")
        fields = fields_of(server) if server else Fields()
        self._kind.setCurrentIndex(0 if fields.is_program else 1)
        self._name.setText(fields.name)
        self._command.setText(fields.command)
        self._folder.setText(fields.folder)
        self._url.setText(fields.url)
        self._variables.setPlainText(fields.variables)
        self._headers.setPlainText(fields.headers)
        self._error.hide()
        self._show_kind()
        self._name.setFocus()
        self.open()

    def _save(self) -> None:
        old = self._server
        fields = Fields(
            name=self._name.text(),
            is_program=self._kind.currentIndex() == 0,
            command=self._command.text(),
            folder=self._folder.text(),
            url=self._url.text(),
            variables=self._variables.toPlainText(),
            headers=self._headers.toPlainText(),
        )
        try:
            server = server_of(fields, is_enabled=old.is_enabled if old else True, source=old.source if old else "")
        except AppError as error:
            self._error.setText(str(error))
            self._error.show()
            return
        self.accept()
        self.saved.emit(server, old.name if old else "")

    def _show_kind(self) -> None:
        is_program = self._kind.currentIndex() == 0
        for field, shown in (
            (self._command, is_program),
            (self._folder, is_program),
            (self._url, not is_program),
            (self._headers, not is_program),
        ):
            self._form.setRowVisible(field, shown)

    def _build(self) -> None:
        space = self._theme.space
        rows: tuple[tuple[str, QWidget, str, str], ...] = (
            ("Kind", self._kind, "mcp_kind_field", ""),
            ("Name", self._name, "mcp_name_field", "What you call it, such as files"),
            ("Command", self._command, "mcp_command_field", "npx -y @modelcontextprotocol/server-everything"),
            ("Folder", self._folder, "mcp_folder_field", "Left empty: an empty folder of its own"),
            ("Address", self._url, "mcp_url_field", "https://example.org/mcp"),
            ("Headers", self._headers, "mcp_headers_field", "Authorization: Bearer ${TOKEN}"),
            ("Variables", self._variables, "mcp_variables_field", "TOKEN=${TOKEN}"),
        )
        self._form.setHorizontalSpacing(space(4))
        self._form.setVerticalSpacing(space(3))
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, field, name, placeholder in rows:
            field.setObjectName(name)
            field.setAccessibleName(label)
            if isinstance(field, QLineEdit | QPlainTextEdit):
                field.setPlaceholderText(placeholder)
            if isinstance(field, QPlainTextEdit):
                field.setProperty("role", "code")
                field.setTabChangesFocus(True)
                field.setFixedHeight(space(_TEXT_STEPS))
            self._form.addRow(label, field)
        note = make_label(
            "Values of variables and headers are kept in a file that only you can read. ${NAME} takes the value of "
            "that variable from the environment Sawhorse was started in.",
            "small",
            wrap=True,
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(space(2))
        buttons.addStretch(1)
        buttons.addWidget(make_button("Cancel", "", self.reject, "mcp_edit_cancel_button"))
        save = make_button("Save and review", "primary", self._save, "mcp_edit_save_button")
        save.setDefault(True)
        buttons.addWidget(save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(space(5),) * 4)
        layout.setSpacing(space(4))
        layout.addLayout(self._form)
        layout.addWidget(note)
        layout.addWidget(self._error)
        layout.addStretch(1)
        layout.addLayout(buttons)
