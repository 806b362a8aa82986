"""Connects the folder that tools act in, the list of tools and their permissions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog

from app.errors import AppError
from app.settings import Permission, SettingsFile
from app.tools.tool import SandboxState, ToolRunner, ToolSpec
from ui.control.tool_costs import ToolCosts
from ui.main_window import MainWindow
from ui.theme import Theme
from ui.tools.policies import EVERYWHERE, forgotten, with_permission
from ui.tools.tools_popup import ToolsPopup
from ui.tools.tools_state import ToolRow, ToolsState
from ui.tools.workspace_button import WorkspaceBar
from ui.tools.workspace_state import WorkspaceState
from ui.widgets.notice import Notice, NoticeAction

if TYPE_CHECKING:
    from ui.settings.tools_page import ToolsPage

#: Looks for the sandbox; one of its callbacks comes, once.
Probe = Callable[[Callable[[SandboxState], None], Callable[[AppError], None]], None]


class Workspaces(Protocol):
    """The session, as far as it knows folders."""

    @property
    def workspace(self) -> str:
        """The folder of the conversation on show or of the next new one; empty for none."""
        ...

    def set_workspace(self, folder: str) -> None:
        """Let tools act in a folder; empty for no tools.

        Raises:
            AppError: There is no such folder, or a run is under way in this conversation.
        """
        ...


class ToolsControl(QObject):
    """A folder belongs to its conversation. Choosing one runs nothing in it.

    Signals:
        workspace_changed(): Another folder, or other tools, are offered.
    """

    workspace_changed = Signal()

    def __init__(
        self,
        theme: Theme,
        bar: WorkspaceBar,
        window: MainWindow,
        session: Workspaces,
        settings: SettingsFile,
        runner: ToolRunner,
        costs: ToolCosts,
        *,
        probe: Probe,
        change_settings: Callable[[dict[str, Any]], None],
        open_settings: Callable[[str], None],
        permission_of: Callable[[str, ToolSpec], Permission],
        default_of: Callable[[ToolSpec], Permission],
        check_folder: Callable[[str], AppError | None],
        warning_of: Callable[[str], str],
        is_running: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """Connect them.

        Args:
            theme, bar, window, session, settings, runner, costs: The parts.
            probe: Looks for the sandbox, which ``runner`` knows from then on.
            change_settings: Puts fields of the settings in force and writes them.
            open_settings: Opens the settings at a page.
            permission_of: What a tool may do in a folder ("": in one with nothing chosen for it).
            default_of: What a tool may do where nothing was chosen at all.
            check_folder: What stands against a folder; None for nothing.
            warning_of: What should be known before a folder is taken; empty for nothing.
            is_running: A run of the conversation on show goes on or waits.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._theme = theme
        self._bar = bar
        self._window = window
        self._session = session
        self._settings = settings
        self._runner = runner
        self._costs = costs
        self._change_settings = change_settings
        self._permission_of = permission_of
        self._default_of = default_of
        self._probe = probe
        self._check_folder = check_folder
        self._warning_of = warning_of
        self._is_running = is_running
        self._has_probed = False
        self._page: ToolsPage | None = None
        self._popup = ToolsPopup(theme, window)
        bar.choose_requested.connect(self.choose_folder)
        bar.folder_chosen.connect(self.set_folder)
        bar.tools_requested.connect(self.open_tools)
        bar.sandbox_requested.connect(lambda: open_settings("Tools"))
        window.folder_dropped.connect(self.set_folder)
        self._popup.switched.connect(self._on_popup_switched)
        self._popup.permission_chosen.connect(self._on_popup_permission_chosen)
        self._popup.reset_requested.connect(self._on_popup_reset_requested)
        self._popup.settings_requested.connect(lambda: open_settings("Tools"))
        self._popup.closed.connect(lambda: costs.want((), ()))
        costs.changed.connect(self._show_popup)
        self.refresh()

    # --- what is ----------------------------------------------------------------------------------------

    @property
    def folder(self) -> str:
        """The folder in force; empty for none."""
        return self._session.workspace

    # --- verbs ------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what is in force."""
        folder = self.folder
        is_missing = bool(folder) and not Path(folder).is_dir()
        if folder and not is_missing and not self._has_probed:
            self.look_for_sandbox()
        self._bar.show_workspace(
            WorkspaceState(
                folder=folder,
                is_missing=is_missing,
                recent=self._settings.settings.recent_workspaces,
                tools_on=len(self._specs_on()),
                sandbox=self._runner.sandbox,
                can_change=not self._is_running(),
            )
        )
        self._show_popup()
        if self._page is not None:
            self._page.show_specs(self._runner.specs)
            self._page.show_sandbox(self._runner.sandbox)

    def look_for_sandbox(self) -> None:
        """Find out, by running it, what holds commands; done by itself as soon as there is a folder."""
        self._has_probed = True
        self._probe(lambda _sandbox: self.refresh(), self._on_probe_failed)

    def choose_folder(self) -> None:
        """Ask for a folder."""
        dialog = QFileDialog(self._window, "Folder for tools", self.folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.set_folder)
        dialog.open()

    def set_folder(self, folder: str, *, is_sure: bool = False) -> None:
        """Let tools act in a folder, after a warning unless the person ``is_sure``; "" takes all tools away."""
        problem = self._check_folder(folder) if folder else None
        if problem is not None:
            self._window.notices.show_error(problem)
            return
        warning = self._warning_of(folder) if folder and not is_sure else ""
        if warning:
            anyway = NoticeAction("Use it anyway", lambda: self.set_folder(folder, is_sure=True))
            self._window.notices.show_notice(
                Notice("warning", "This folder holds more than a project", warning, actions=(anyway,))
            )
            return
        try:
            self._session.set_workspace(folder)
        except AppError as error:
            self._window.notices.show_error(error)
            return
        if self.folder:
            recent = self._settings.settings.with_workspace(self.folder).recent_workspaces
            self._change_settings({"recent_workspaces": recent})
        self.refresh()
        self.workspace_changed.emit()

    def open_tools(self) -> None:
        """Open the list of tools above its button; without a folder there are none, so one is asked for."""
        if not self.folder:
            self._bar.open_menu()
            return
        self._popup.show_tools(self._state())
        self._popup.open_at(self._bar.tools)
        self._costs.want(self._runner.specs, self._specs_on())

    def make_page(self) -> ToolsPage:
        """Make the page of the settings."""
        from ui.settings.tools_page import ToolsPage  # noqa: PLC0415 - a start has no use for it

        self._page = ToolsPage(self._theme, self._default_of)
        self._page.check_requested.connect(self.look_for_sandbox)
        self._page.show_specs(self._runner.specs)
        self._page.show_sandbox(self._runner.sandbox)
        return self._page

    # --- how --------------------------------------------------------------------------------------------

    def _on_probe_failed(self, error: AppError) -> None:
        self._window.notices.show_error(error)
        self.refresh()

    def _specs_on(self) -> tuple[ToolSpec, ...]:
        off = self._settings.settings.tools_off
        return tuple(spec for spec in self._runner.specs if spec.name not in off)

    def _state(self) -> ToolsState:
        settings, folder = self._settings.settings, self.folder
        chosen = settings.tool_policies.get(folder, {})
        rows = tuple(
            ToolRow(
                spec,
                is_on=spec.name not in settings.tools_off,
                default=self._permission_of(EVERYWHERE, spec),
                chosen=chosen.get(spec.name),
                tokens=self._costs.cost(spec),
            )
            for spec in self._runner.specs
        )
        sandbox = self._runner.sandbox
        has_sandbox = sandbox is None or sandbox.kind != "none"
        return ToolsState(folder, rows, self._costs.total(self._specs_on()), has_sandbox)

    def _show_popup(self) -> None:
        if self._popup.isVisible():
            self._popup.show_tools(self._state())

    def _change(self, fields: dict[str, Any]) -> None:
        self._change_settings(fields)
        self.refresh()
        self.workspace_changed.emit()
        self._costs.want(self._runner.specs, self._specs_on())

    def _on_popup_switched(self, name: str, on: bool) -> None:
        others = [other for other in self._settings.settings.tools_off if other != name]
        self._change({"tools_off": tuple(others if on else [*others, name])})

    def _on_popup_permission_chosen(self, name: str, permission: str) -> None:
        policies = with_permission(self._settings.settings.tool_policies, self.folder, name, permission)
        self._change({"tool_policies": policies})

    def _on_popup_reset_requested(self) -> None:
        policies = forgotten(self._settings.settings.tool_policies, self.folder)
        self._change({"tools_off": (), "tool_policies": policies})
