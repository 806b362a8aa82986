"""The part of the composition root that knows files: the editor, the open folder, and their ways into the chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer

from app.engine.engine import Engine
from app.engine.messages import AnyEvent
from app.files.left_over import is_anything_left
from app.ipc.transport import Transport
from app.paths import Paths
from app.settings import SettingsFile
from ui.agent_parts import AgentCore, AgentParts
from ui.chat.code_block import CodeBlock
from ui.chat.composer import ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.control.chat_control import ChatControl
from ui.control.code_actions import add_code_actions
from ui.control.editor_actions import add_editor_actions
from ui.control.files_actions import add_files_actions
from ui.control.files_control import FilesControl
from ui.control.infill_actions import add_infill_actions
from ui.control.lazy_desk import LazyDesk
from ui.control.reference_control import ReferenceControl
from ui.control.reference_reader import ReferenceReader
from ui.control.status_control import StatusControl
from ui.editor.diff_dialog import DiffDialog
from ui.file_processes import FileProcesses
from ui.main_window import MainWindow
from ui.settings.page import AddedPage, PageEntry
from ui.sidebar.sidebar_pages import SidebarPages
from ui.theme import Theme
from ui.window.lazy_panel import LazyPanel

if TYPE_CHECKING:
    from app.files.search_files import SearchProcess
    from ui.control.block_control import BlockControl
    from ui.control.editor_control import EditorControl
    from ui.control.infill_control import InfillControl
    from ui.control.run_block_control import RunBlockControl

# What few starts show is imported and made when it is first needed: the window is there so much sooner.
# ruff: noqa: PLC0415

#: Of the window's width: enough for code, and for the chat beside it.
EDITOR_SHARE = 0.44
#: A dozen lines of output.
OUTPUT_STEPS = 60


class EditorParts(QObject):
    """What opens, shows and changes files, and brings them into the conversation.

    Attributes:
        desk: The files that are open; the editor itself is made when it is first shown or needed.
        files: The open folder.
        references: What a message points at.
    """

    def __init__(
        self,
        theme: Theme,
        window: MainWindow,
        core: AgentCore,
        agent: AgentParts,
        engine: Engine,
        settings: SettingsFile,
        paths: Paths,
        sidebar: SidebarPages,
        transcript: TranscriptView,
        composer: ComposerPanel,
        chat: ChatControl,
        status: StatusControl,
        change_settings: Callable[[dict[str, Any]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._window = window
        self._core = core
        self._agent = agent
        self._engine = engine
        self._settings = settings
        self._transcript = transcript
        self._composer = composer
        self._chat = chat
        self._change_settings = change_settings
        self._unsaved = paths.data / "unsaved"
        self._followed: tuple[int | None, str] = (None, "")
        self._infill: InfillControl | None = None
        self._runs: RunBlockControl | None = None
        self._blocks: BlockControl | None = None
        self._processes = FileProcesses(self._unsaved, self)
        self._differ = DiffDialog(theme, window, agent.look)
        self._reader = ReferenceReader(self)
        self.desk = LazyDesk(self._make_editor, self)
        self.files = FilesControl(
            theme,
            window,
            sidebar,
            self.desk,
            settings,
            self._make_search,
            change_settings=change_settings,
            unsaved_texts=self._unsaved_texts,
            parent=self,
        )
        self._add_panels()
        self.references = ReferenceControl(
            theme,
            composer,
            transcript,
            chat,
            self.desk,
            self.files.make_finder(),
            engine,
            self._reader.read,
            self,
            folders=self._named_folders,
        )
        self._add_actions()
        self._connect(status)

    @property
    def pages(self) -> list[PageEntry]:
        """The pages that the editor has in the settings."""
        return [PageEntry("editor", self._make_page)]

    def refresh_settings(self) -> None:
        """Put changed settings in force."""
        if self.desk.made_control is not None:
            self.desk.made_control.options.refresh()
        if self._infill is not None:
            self._infill.settings_changed()
        self._refresh_editor()
        self._refresh_infill()

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        self.references.handle(event)
        if self._infill is not None:
            self._infill.handle(event)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Open the folder that was open, and see to what a crash has left.

        The files that were open are opened again with the editor, when that is shown.
        """
        self.files.restore(state)
        self._follow_conversation()
        if is_anything_left(self._unsaved):
            QTimer.singleShot(0, self.desk, lambda: self.desk.control)

    def state(self) -> dict[str, Any]:
        """Return which folder is open and how it stands, as values that JSON can hold."""
        return self.files.state()

    def stop(self) -> None:
        """Keep what is not saved and end what was run; before the agent's processes are closed."""
        self.references.stop()
        for made in (self._infill, self._runs, self.desk.made_control):
            if made is not None:
                made.stop()

    def close(self) -> None:
        """End the processes."""
        self.files.close()
        self._reader.close()
        self._processes.close()

    # --- what is made when it is first needed ---------------------------------------------------------------

    @property
    def runs(self) -> RunBlockControl:
        """Runs code on a click."""
        if self._runs is None:
            from ui.control.run_block_control import RunBlockControl
            from ui.editor.output_panel import OutputPanel

            self._runs = RunBlockControl(
                OutputPanel(self._theme, self._output),
                lambda: self._window.show_panel("output"),
                self.desk,
                self._core.runner,
                self._core.process,
                self._folder,
                self._settings,
                self._window.notices,
                self,
                block_folder=self._chat_folder,
            )
            self._runs.ask_requested.connect(self._on_run_asked)
        return self._runs

    @property
    def blocks(self) -> BlockControl:
        """Takes blocks of replies into files. It answers every block from the first one on."""
        if self._blocks is None:
            from ui.control.block_control import BlockControl

            self._blocks = BlockControl(
                self._transcript,
                self.desk,
                self._differ,
                self._chat_folder,
                self._processes.blocks,
                self._window.notices,
                self.runs,
                self,
            )
        return self._blocks

    def _make_editor(self) -> EditorControl:
        from ui.control.editor_control import EditorControl
        from ui.control.editor_questions import EditorQuestions
        from ui.editor.editor_tabs import EditorTabs

        questions = EditorQuestions(self._window)
        tabs = EditorTabs(self._theme, self._folder, self._tabs)
        return EditorControl(
            self._theme, tabs, self._processes.files, self._settings, self._differ, questions, self._folder, self
        )

    def _on_editor_made(self, control: EditorControl) -> None:
        from ui.control.infill_control import InfillControl
        from ui.control.tool_edits import ToolEdits

        window, files, agent = self._window, self.files, self._agent
        control.selection_asked.connect(self.references.ask_about_selection)
        control.current_changed.connect(self._on_current_changed)
        control.reveal_requested.connect(files.reveal)
        control.find_requested.connect(files.go_to_file)
        control.shown_asked.connect(lambda: window.show_panel("editor"))
        control.failed.connect(window.notices.show_error)
        control.saved.connect(lambda _path: files.note_change())
        files.renamed.connect(control.follow_rename)
        files.folder_changed.connect(control.tabs.show_faces)
        edits = ToolEdits(control, self._core.process, self)
        agent.control.step_made.connect(edits.take_step)
        agent.changes.files_written.connect(edits.take_paths)
        self._infill = InfillControl(
            self._engine,
            control,
            self._settings,
            self._change_settings,
            lambda: self._chat.is_busy,
            window.notices.show_error,
            self,
        )
        self._infill.state_changed.connect(self._refresh_infill)
        control.restore()

    # --- how it is put together -----------------------------------------------------------------------------

    def _add_panels(self) -> None:
        self._tabs = LazyPanel(lambda: self.desk.control.tabs)
        self._output = LazyPanel(lambda: self.runs.panel)
        self._window.add_panel("editor", "Editor", self._tabs, "file-code", "Ctrl+E", is_open=False, share=EDITOR_SHARE)
        self._window.add_panel(
            "output",
            "Output",
            self._output,
            "terminal",
            "Ctrl+`",
            is_open=False,
            area=Qt.DockWidgetArea.BottomDockWidgetArea,
            steps=OUTPUT_STEPS,
        )

    def _add_actions(self) -> None:
        table = self._window.action_table
        self._refresh_editor = add_editor_actions(table, self.desk, self._settings)
        add_files_actions(table, self.files)
        self.references.add_actions(table)
        add_code_actions(table, lambda: self.runs)
        self._refresh_infill = add_infill_actions(table, self._made_infill, self._settings)

    def _connect(self, status: StatusControl) -> None:
        files, references = self.files, self.references
        self.desk.made.connect(self._on_editor_made)
        status.taken_references = lambda: references.taken_references
        references.taken.connect(status.recount)
        self._composer.references_changed.connect(status.recount)
        references.folder_requested.connect(files.reveal)
        files.folder_changed.connect(self._refresh_blocks)
        files.side_requested.connect(self._on_side_requested)
        files.reference_asked.connect(self._on_reference_asked)
        files.workspace_asked.connect(self._on_workspace_asked)
        files.left.connect(self._on_files_left)
        self._window.action_table["panel.editor"].triggered.connect(self._on_editor_toggled)
        self._transcript.code_offers_asked.connect(self._on_first_offers_asked)
        self._agent.control.step_made.connect(lambda _run, _call: files.note_change())
        self._agent.changes.comments_ready.connect(self._chat.propose)
        self._chat.conversation_changed.connect(self._follow_conversation)

    def _make_search(self, transport: Transport) -> SearchProcess:
        from app.files.search_service import SearchService

        return SearchService(transport)

    def _make_page(self) -> AddedPage:
        from ui.settings.editor_page import EditorPage

        return EditorPage(self._theme)

    def _made_infill(self) -> InfillControl:
        _ = self.desk.control  # it comes with the editor
        assert self._infill is not None  # noqa: S101
        return self._infill

    # --- what one tells the other ---------------------------------------------------------------------------

    def _folder(self) -> str:
        return self.files.folder

    def _chat_folder(self) -> str:
        """Return the folder below which the chat names files: the one that tools act in, else the open one."""
        return self._core.session.workspace or self.files.folder

    def _named_folders(self) -> tuple[str, ...]:
        """Return the folders below which files of messages may be, the likeliest first."""
        return (self._chat_folder(), self.files.folder, *self._settings.settings.recent_folders)

    def _unsaved_texts(self) -> dict[str, str]:
        pages = self.desk.made_control.tabs.pages if self.desk.made_control is not None else []
        return {page.path: page.editor.text() for page in pages if page.path and page.is_dirty}

    def _follow_conversation(self) -> None:
        """Open the folder of the conversation on show, once it is on show or has another one."""
        conversation = self._core.session.conversation
        now = (conversation.id if conversation else None, self._core.session.workspace)
        if now != self._followed:
            self._followed = now
            if now[1]:
                self.files.show_folder(now[1])
            self._refresh_blocks()

    def _refresh_blocks(self) -> None:
        if self._blocks is not None:
            self._blocks.refresh()

    def _on_first_offers_asked(self, block: CodeBlock) -> None:
        self._transcript.code_offers_asked.disconnect(self._on_first_offers_asked)
        self.blocks.answer(block)

    def _on_current_changed(self) -> None:
        self.files.follow(self.desk.current_path)
        if self._infill is not None:
            self._infill.follow()
        self._refresh_blocks()

    def _on_editor_toggled(self, is_open: bool) -> None:
        if is_open:
            self.desk.control.tabs.focus()

    def _on_files_left(self) -> None:
        made = self.desk.made_control
        if made is not None and made.tabs.current is not None and made.tabs.isVisible():
            made.tabs.focus()
        else:
            self._composer.focus()

    def _on_side_requested(self, path: str, line: int, column: int) -> None:
        self.desk.control.open_to_side(path, line, column)

    def _on_reference_asked(self, path: str) -> None:
        self.references.ask_about(path, is_folder=Path(path).is_dir())

    def _on_workspace_asked(self, folder: str) -> None:
        self._agent.tools.set_folder(folder)

    def _on_run_asked(self, text: str) -> None:
        self._chat.propose(self._core.session.shown_id, text)
