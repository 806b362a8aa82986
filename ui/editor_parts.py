"""The part of the composition root that knows files: the editor, the open folder, and their ways into the chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from app.engine.engine import Engine
from app.engine.messages import AnyEvent
from app.files import block_job
from app.files.search_service import SearchService
from app.files.service import FileService
from app.ipc.job import JobProcess
from app.ipc.launch import clean_environment
from app.paths import Paths
from app.settings import SettingsFile
from ui.agent_parts import AgentCore, AgentParts
from ui.chat.composer import ComposerPanel
from ui.chat.transcript_view import TranscriptView
from ui.control.block_control import BlockControl
from ui.control.chat_control import ChatControl
from ui.control.code_actions import add_code_actions
from ui.control.drain import drain
from ui.control.editor_actions import add_editor_actions
from ui.control.editor_control import EditorControl
from ui.control.editor_questions import EditorQuestions
from ui.control.files_actions import add_files_actions
from ui.control.files_control import FilesControl
from ui.control.infill_actions import add_infill_actions
from ui.control.infill_control import InfillControl
from ui.control.reference_control import ReferenceControl
from ui.control.reference_reader import ReferenceReader
from ui.control.run_block_control import RunBlockControl
from ui.control.status_control import StatusControl
from ui.control.tool_edits import ToolEdits
from ui.editor.diff_dialog import DiffDialog
from ui.editor.editor_tabs import EditorTabs
from ui.editor.output_panel import OutputPanel
from ui.main_window import MainWindow
from ui.process_transport import QtProcessTransport
from ui.settings.page import AddedPage, PageEntry
from ui.sidebar.sidebar_pages import SidebarPages
from ui.theme import Theme

TICK_MS = 1000
#: Of the window's width: enough for code, and for the chat beside it.
EDITOR_SHARE = 0.44
#: A dozen lines of output.
OUTPUT_STEPS = 60
#: So long a closing window waits until what was being saved is saved.
SAVE_WAIT_MS = 15_000


class FileProcesses(QObject):
    """The processes that read, save and place for the editor; each starts when it is first needed."""

    def __init__(self, paths: Paths, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._saving = QtProcessTransport(clean_environment(), self)
        self._placing = QtProcessTransport(clean_environment(), self)
        self.files = FileService(self._saving, str(paths.data / "unsaved"))
        self.blocks: JobProcess[block_job.BlockEvent] = JobProcess(
            self._placing, block_job.MODULE, block_job.BlockEvent, "Placing the block"
        )
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._on_tick_timeout)
        self._tick.start()

    def close(self) -> None:
        """End the processes; what was being saved is saved before."""
        self._tick.stop()
        drain(lambda: self.files.is_busy, SAVE_WAIT_MS)
        self.files.close()
        self._saving.close()
        self.blocks.close()
        self._placing.close()

    def _on_tick_timeout(self) -> None:
        self.files.tick()
        self.blocks.tick()


class EditorParts(QObject):
    """What opens, shows and changes files, and brings them into the conversation.

    Attributes:
        control: The files that are open.
        files: The open folder.
        references: What a message points at.
        infill: Completion at the cursor.
        runs: Code that was run on a click.
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
        self._agent = agent
        self._chat = chat
        self._composer = composer
        self._core = core
        self._followed: tuple[int | None, str] = (None, "")
        self._processes = FileProcesses(paths, self)
        self._differ = DiffDialog(theme, window, agent.look)
        self._questions = EditorQuestions(window)
        self._reader = ReferenceReader(self)
        tabs = EditorTabs(theme, self._folder)
        self.control = EditorControl(
            theme, tabs, self._processes.files, settings, self._differ, self._questions, self._folder, self
        )
        self.files = FilesControl(
            theme,
            window,
            sidebar,
            self.control,
            settings,
            SearchService,
            change_settings=change_settings,
            unsaved_texts=self._unsaved_texts,
            parent=self,
        )
        panel = OutputPanel(theme)
        window.add_panel("editor", "Editor", tabs, "file-code", "Ctrl+E", is_open=False, share=EDITOR_SHARE)
        window.add_panel(
            "output",
            "Output",
            panel,
            "terminal",
            "Ctrl+`",
            is_open=False,
            area=Qt.DockWidgetArea.BottomDockWidgetArea,
            steps=OUTPUT_STEPS,
        )
        self.runs = RunBlockControl(
            panel,
            lambda: window.show_panel("output"),
            self.control,
            core.runner,
            core.process,
            self._folder,
            settings,
            window.notices,
            self,
        )
        self.blocks = BlockControl(
            transcript,
            self.control,
            self._differ,
            self._folder,
            self._processes.blocks,
            window.notices,
            self.runs,
            self,
        )
        self.references = ReferenceControl(
            theme,
            composer,
            transcript,
            chat,
            self.control,
            self.files.make_finder(),
            engine,
            self._reader.read,
            self,
        )
        self.edits = ToolEdits(self.control, core.process, self)
        self.infill = InfillControl(
            engine, self.control, settings, change_settings, lambda: chat.is_busy, window.notices.show_error, self
        )
        self._add_actions()
        self._connect(status)

    @property
    def pages(self) -> list[PageEntry]:
        """The pages that the editor has in the settings."""
        return [PageEntry("editor", self._make_page)]

    def refresh_settings(self) -> None:
        """Put changed settings in force."""
        self.control.options.refresh()
        self.infill.settings_changed()

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        self.references.handle(event)
        self.infill.handle(event)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Open what was open: the folder and the files, with what was not saved."""
        self.files.restore(state)
        self.control.restore()
        self._follow_conversation()

    def state(self) -> dict[str, Any]:
        """Return which folder is open and how it stands, as values that JSON can hold."""
        return self.files.state()

    def stop(self) -> None:
        """Keep what is not saved and end what was run; before the agent's processes are closed."""
        self.infill.stop()
        self.references.stop()
        self.runs.stop()
        self.control.stop()

    def close(self) -> None:
        """End the processes."""
        self.files.close()
        self._reader.close()
        self._processes.close()

    # --- how it is put together -------------------------------------------------------------------------

    def _add_actions(self) -> None:
        table = self._window.action_table
        add_editor_actions(table, self.control)
        add_files_actions(table, self.files)
        self.references.add_actions(table)
        add_code_actions(table, self.runs)
        add_infill_actions(table, self.infill)

    def _connect(self, status: StatusControl) -> None:
        control, files, references = self.control, self.files, self.references
        status.taken_references = lambda: references.taken_references
        references.taken.connect(status.recount)
        self._composer.references_changed.connect(status.recount)
        references.folder_requested.connect(files.reveal)
        control.selection_asked.connect(references.ask_about_selection)
        control.current_changed.connect(self._on_current_changed)
        control.reveal_requested.connect(files.reveal)
        control.find_requested.connect(files.go_to_file)
        control.shown_asked.connect(lambda: self._window.show_panel("editor"))
        control.failed.connect(self._window.notices.show_error)
        control.saved.connect(lambda _path: files.note_change())
        files.folder_changed.connect(self._on_folder_changed)
        files.side_requested.connect(control.open_to_side)
        files.reference_asked.connect(self._on_reference_asked)
        files.workspace_asked.connect(self._on_workspace_asked)
        files.renamed.connect(control.follow_rename)
        files.left.connect(self._on_files_left)
        self._window.action_table["panel.editor"].triggered.connect(self._on_editor_toggled)
        self.runs.ask_requested.connect(self._on_run_asked)
        self._agent.control.step_made.connect(self.edits.take_step)
        self._agent.control.step_made.connect(lambda _run, _call: files.note_change())
        self._agent.changes.files_written.connect(self.edits.take_paths)
        self._agent.changes.comments_ready.connect(self._chat.propose)
        self._chat.conversation_changed.connect(self._follow_conversation)

    def _make_page(self) -> AddedPage:
        from ui.settings.editor_page import EditorPage  # noqa: PLC0415 - few starts open it

        return EditorPage(self._theme)

    # --- what one tells the other -----------------------------------------------------------------------

    def _folder(self) -> str:
        return self.files.folder

    def _unsaved_texts(self) -> dict[str, str]:
        return {page.path: page.editor.text() for page in self.control.tabs.pages if page.path and page.is_dirty}

    def _follow_conversation(self) -> None:
        """Open the folder of the conversation on show, once it is on show or has another one."""
        conversation = self._core.session.conversation
        now = (conversation.id if conversation else None, self._core.session.workspace)
        if now != self._followed:
            self._followed = now
            if now[1]:
                self.files.show_folder(now[1])

    def _on_current_changed(self) -> None:
        self.files.follow(self.control.current_path)
        self.infill.follow()
        self.blocks.refresh()

    def _on_editor_toggled(self, is_open: bool) -> None:
        if is_open:
            self.control.tabs.focus()

    def _on_files_left(self) -> None:
        if self.control.tabs.current is not None and self.control.tabs.isVisible():
            self.control.tabs.focus()
        else:
            self._composer.focus()

    def _on_folder_changed(self, _folder: str) -> None:
        self.control.tabs.show_faces()
        self.blocks.refresh()

    def _on_reference_asked(self, path: str) -> None:
        self.references.ask_about(path, is_folder=Path(path).is_dir())

    def _on_workspace_asked(self, folder: str) -> None:
        self._agent.tools.set_folder(folder)

    def _on_run_asked(self, text: str) -> None:
        self._chat.propose(self._core.session.shown_id, text)
