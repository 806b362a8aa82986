"""What messages point at: how it gets into the composer, what it costs, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.conversations.parts import ReferencePart
from app.engine.engine import Engine
from app.engine.messages import AnyEvent
from app.errors import AppError
from app.files.finding import PathFinder
from app.files.reference_reading import absolute_path, path_from_text
from app.tools.text import size_words
from ui.chat.composer import ComposerPanel
from ui.chat.mention_rows import reference_to, token_words
from ui.chat.transcript_view import TranscriptView
from ui.control.chat_control import ChatControl
from ui.control.mention_control import MentionControl
from ui.control.reference_costs import ReferenceCosts
from ui.control.reference_taking import ReadReference, ReferenceTaking
from ui.control.selected_reference import selected_reference, unsaved_reference
from ui.theme import Theme
from ui.widgets.actions import Action, ActionTable
from ui.widgets.icon_button import IconButton

if TYPE_CHECKING:
    from ui.editor.desk import EditorDesk

#: Costs are found out this long after the last change of what is pointed at.
COST_DELAY_MS = 150


class ReferenceControl(QObject):
    """Connects composer and transcript with the editor and the files of the open folder.

    Signals:
        taken(): ``taken_references`` are others: the prompt would be as well.
        folder_requested(str): The absolute path of a folder that is to be shown among the files.
    """

    taken = Signal()
    folder_requested = Signal(str)

    def __init__(
        self,
        theme: Theme,
        composer: ComposerPanel,
        transcript: TranscriptView,
        chat: ChatControl,
        desk: EditorDesk,
        finder: PathFinder,
        engine: Engine,
        read: ReadReference,
        parent: QObject | None = None,
        *,
        folders: Callable[[], Sequence[str]] | None = None,
    ) -> None:
        """Connect them.

        Args:
            theme, composer, transcript, chat, desk, finder, engine, read: The parts.
            folders: Folders below which messages name files: what is sent now the first, earlier ones perhaps
                another. Without it that is the finder's.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._composer = composer
        self._desk = desk
        self._folders = folders or (lambda: (finder.folder,))
        taking = ReferenceTaking(desk.text_of, lambda: self._folders()[0], read)
        chat.outbox.take_references = taking.take_all
        self._costs = ReferenceCosts(engine, taking.take, self)
        self._mentions = MentionControl(theme, composer, desk, finder, self)
        self._cost_timer = QTimer(self)
        self._cost_timer.setSingleShot(True)
        self._cost_timer.setInterval(COST_DELAY_MS)
        self._cost_timer.timeout.connect(self._find_costs)
        self._button = IconButton(theme, "mention", "Point at a file, a folder or the selection")
        self._button.setObjectName("mention_button")
        self._button.set_tooltip("Point at a file, a folder or the selection", "@")
        self._button.clicked.connect(self._mentions.begin)
        composer.add_control(self._button)
        composer.references_changed.connect(self._on_references_changed)
        composer.edit.focus_gained.connect(self._cost_timer.start)
        composer.edit.files_given.connect(self._on_files_given)
        composer.reference_opened.connect(self.open)
        transcript.reference_opened.connect(self.open)
        self._costs.taken.connect(self._show_costs)
        self._costs.taken.connect(self.taken)
        self._costs.counted.connect(self._show_costs)
        self._on_references_changed()

    def add_actions(self, table: ActionTable) -> None:
        """Add what can be done to the window's table."""
        table.add(
            Action(
                "ask.selection", "Ask about the selection", "text-select", "Ctrl+L", self.ask_about_selection, "Edit"
            ),
            Action("ask.mention", "Point at a file or folder\u2026", "mention", "", self._mentions.begin, "Edit"),
        )

    @property
    def taken_references(self) -> tuple[ReferencePart, ...]:
        """What the composer's text points at, as far as its texts are known: for counting the prompt."""
        answers = (self._costs.text_of(reference) for reference in self._composer.references)
        return tuple(answer for answer in answers if isinstance(answer, ReferencePart))

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        self._costs.handle(event)

    def stop(self) -> None:
        """Find out nothing any more."""
        self._cost_timer.stop()

    # --- verbs ------------------------------------------------------------------------------------------

    def ask_about_selection(self) -> None:
        """Let the message point at what is selected, or else at the file; without one let something be named."""
        editor = self._desk.current_editor
        if editor is None:
            self._mentions.begin()
            return
        path, selected = self._desk.current_path, selected_reference(self._desk)
        if selected is not None:
            self._add(selected)
        elif path:
            self._add(reference_to(path, is_folder=False))
        elif whole := editor.text():
            self._add(unsaved_reference(ReferencePart(path=""), whole))
        self._composer.focus()

    def ask_about(self, path: str, *, is_folder: bool = False) -> None:
        """Let the message point at a file or folder, by its absolute path."""
        self._add(reference_to(path, is_folder=is_folder))
        self._composer.focus()

    def open(self, reference: ReferencePart) -> None:
        """Show where something that is pointed at comes from."""
        found = [path_from_text(absolute_path(reference.path, folder)) for folder in self._folders()]
        path = next((one for one in found if one and Path(one).exists()), found[0])
        if not path:
            return
        if reference.target == "folder":
            self.folder_requested.emit(path)
        else:
            self._desk.open_file(path, reference.first_line)

    # --- inside -----------------------------------------------------------------------------------------

    def _add(self, reference: ReferencePart) -> None:
        self._composer.add_reference(reference)

    def _on_files_given(self, paths: list[str]) -> None:
        for path in paths:
            self._add(reference_to(path, is_folder=Path(path).is_dir()))
        self._composer.focus()

    def _on_references_changed(self) -> None:
        self._cost_timer.start()
        self._show_costs()

    def _find_costs(self) -> None:
        self._costs.want(self._composer.references, self._composer.edited_references)
        self._show_costs()

    def _show_costs(self) -> None:
        for reference in self._composer.references:
            answer, tokens = self._costs.text_of(reference), self._costs.cost(reference)
            if isinstance(answer, AppError):
                self._composer.chips.show_cost(reference, "cannot be read", f"{answer.title}. {answer.message}")
            elif answer is not None:
                size = size_words(len(answer.text.encode()))
                words = size if tokens is None else f"{token_words(tokens)} tokens"
                self._composer.chips.show_cost(reference, f"{words}, cut" if answer.is_cut else words)
