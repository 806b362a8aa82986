"""Takes blocks of code from replies into files: says what can be done with a block now, shows the change, does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor

from app.files.block_messages import BlockEvent, BlockPlaced, CannotPlaceBlockError, PlaceBlock
from app.files.block_source import BlockSource
from app.files.block_target import BlockFile, NamedFile, OutsideError, find_named_file, place_in, without_label
from app.files.inner_text import can_hold, to_inner
from app.files.insertion import at_cursor, in_place_of
from app.ipc.job import JobFailed, JobProcess
from ui.chat.block_offers import BlockOffers, Offer
from ui.chat.code_block import CodeBlock
from ui.chat.transcript_view import TranscriptView
from ui.control.block_words import DeskState, make_offers
from ui.widgets.notice import Notice, NoticeAction
from ui.widgets.notices import Notices

if TYPE_CHECKING:
    from ui.editor.code_editor import CodeEditor
    from ui.editor.desk import DiffAsker, EditorDesk


class BlockRunner(Protocol):
    """Runs blocks; see ``RunBlockControl``."""

    def offer(self, source: BlockSource) -> Offer | None:
        """Return what running a block is; None where there is nothing to run."""
        ...

    def run_block(self, source: BlockSource) -> None:
        """Run a block."""
        ...


@dataclass(frozen=True)
class _Target:
    named: NamedFile | None
    file: BlockFile | None = None
    problem: str = ""


class BlockControl(QObject):
    """Nothing is written: a change is shown, then made in the editor, where it can be undone and is not saved.

    Args:
        folder: The open folder, absolute; empty for none.
        job: Reads files and finds a block's place in them.
        runner: Runs blocks; None where nothing can be run.
        parent: Qt's owner.
    """

    def __init__(
        self,
        transcript: TranscriptView,
        desk: EditorDesk,
        asker: DiffAsker,
        folder: Callable[[], str],
        job: JobProcess[BlockEvent],
        notices: Notices,
        runner: BlockRunner | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._transcript = transcript
        self._desk = desk
        self._asker = asker
        self._folder = folder
        self._job = job
        self._notices = notices
        self._runner = runner
        transcript.code_offers_asked.connect(self.answer)
        transcript.code_requested.connect(self.do)
        self.refresh()

    # --- what can be done -------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Have the blocks on the screen offer what can be done now: another file is open, or another folder."""
        self._transcript.ask_code_offers()

    def offers(self, source: BlockSource) -> BlockOffers:
        """Return what can be done with a block now."""
        target = self._target(source)
        editor = self._desk.current_editor
        state = DeskState(
            path=self._desk.current_path,
            has_editor=editor is not None,
            can_change=editor is not None and not editor.isReadOnly(),
            has_selection=editor is not None and editor.textCursor().hasSelection(),
        )
        name = target.named.name if target.named is not None else ""
        run = self._runner.offer(source) if self._runner is not None else None
        return make_offers(name, target.file, target.problem, state, run)

    def _target(self, source: BlockSource) -> _Target:
        named = find_named_file(source)
        if named is None:
            return _Target(None)
        folder = self._folder()
        if not folder:
            return _Target(named, problem="No folder is open that the file could be in")
        try:
            return _Target(named, place_in(folder, named.name, self._desk.open_paths))
        except OutsideError as error:
            return _Target(named, problem=str(error).rstrip("."))

    def answer(self, block: CodeBlock) -> None:
        """Tell a block what can be done with it."""
        block.show_offers(self.offers(block.source))

    # --- doing it ---------------------------------------------------------------------------------------------

    def do(self, action: str, source: BlockSource) -> None:
        """Do a ``BlockAction`` with a block; what is not possible any more is not done."""
        offers = self.offers(source)
        offer = next((one for one in (*offers.menu, offers.run) if one is not None and one.action == action), None)
        if offer is None or offer.reason:
            why = f"{offer.reason}." if offer is not None else ""
            self._notices.show_notice(Notice("warning", "That cannot be done with the block now", why))
            return
        target = self._target(source)
        code = without_label(source, target.named)
        match action:
            case "apply" if target.file is not None:
                self._apply(source, target.named, target.file)
            case "apply_here":
                path = self._desk.current_path
                self._apply(source, target.named, BlockFile(path, _name_of(path), exists=True))
            case "insert":
                self._insert(code)
            case "replace":
                self._replace(code)
            case "new":
                self._desk.open_text(_ended(code), target.file.shown if target.file is not None else "")
            case "run" if self._runner is not None:
                self._runner.run_block(source)

    def _apply(self, source: BlockSource, named: NamedFile | None, file: BlockFile) -> None:
        before = self._desk.text_of(file.path)
        if before is None and not file.exists:
            before = ""
        self._place(PlaceBlock(path=file.path, shown=file.shown, before=before, source=source, named=named), file)

    def _place(self, command: PlaceBlock, file: BlockFile) -> None:
        def hear(event: BlockPlaced | JobFailed) -> None:
            self._job.rest()
            if isinstance(event, JobFailed):
                self._tell_failure(event, command)
            elif not file.exists and command.before == "":
                self._desk.open_text(event.text, file.shown)
            else:
                self._ask(event, command)

        self._job.ask(command, hear)

    def _ask(self, placed: BlockPlaced, command: PlaceBlock) -> None:
        title = f"{placed.how}. {placed.warning}" if placed.warning else placed.how
        self._asker.ask(
            title,
            command.path,
            placed.before,
            placed.text,
            "Apply",
            lambda text: self._change(text, placed.before, command),
        )

    def _change(self, text: str, before: str, command: PlaceBlock) -> None:
        now = self._desk.text_of(command.path)
        if now is None or now == before:
            self._desk.change_text(command.path, text)
            return
        anew = NoticeAction("Look again\u2026", lambda: self._place_anew(command))
        words = f"{command.shown} was changed while the block's change was on show."
        self._notices.show_notice(Notice("warning", "The block was not applied", words, actions=(anew,)))

    def _place_anew(self, command: PlaceBlock) -> None:
        self._apply(command.source, command.named, BlockFile(command.path, command.shown, exists=True))

    def _tell_failure(self, failed: JobFailed, command: PlaceBlock) -> None:
        error = failed.error()
        if failed.code != CannotPlaceBlockError.code:
            self._notices.show_error(error)
            return
        code = without_label(command.source, command.named)
        actions = [NoticeAction("Open as a new file", lambda: self._desk.open_text(_ended(code)))]
        editor = self._desk.current_editor
        if editor is not None and not editor.isReadOnly():
            actions.insert(0, NoticeAction("Insert at the cursor", lambda: self._insert(code)))
        self._notices.show_notice(Notice("warning", error.title, error.message, error.hint, actions=tuple(actions)))

    # --- in the editor ----------------------------------------------------------------------------------------

    def _insert(self, code: str) -> None:
        editor = self._desk.current_editor
        if editor is None or not self._can_hold(code):
            return
        cursor = editor.textCursor()
        cursor.setPosition(cursor.position())
        line, column = cursor.block().text(), cursor.positionInBlock()
        commands = editor.commands
        text = at_cursor(code, line[:column], line[column:], commands.indent, is_python=commands.is_python)
        _put(editor, cursor, text)

    def _replace(self, code: str) -> None:
        editor = self._desk.current_editor
        if editor is None or not self._can_hold(code):
            return
        cursor = editor.textCursor()
        first = editor.document().findBlock(cursor.selectionStart())
        before = first.text()[: cursor.selectionStart() - first.position()]
        _put(editor, cursor, in_place_of(code, editor.selected_text(), before, editor.commands.indent))

    def _can_hold(self, code: str) -> bool:
        if not can_hold(code):
            words = "It contains characters that the editor cannot keep as they are."
            self._notices.show_notice(Notice("warning", "The block was not inserted", words))
            return False
        return True


def _put(editor: CodeEditor, cursor: QTextCursor, text: str) -> None:
    cursor.insertText(to_inner(text))  # takes the selection's place, as one step
    editor.setTextCursor(cursor)
    editor.ensureCursorVisible()
    editor.setFocus()


def _ended(code: str) -> str:
    return code.rstrip("\n") + "\n"


def _name_of(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
