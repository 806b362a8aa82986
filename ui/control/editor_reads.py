"""Brings files into pages of the editor, and says what has to be said about them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton

from app.errors import AppError
from app.files.changed_lines import changed_lines
from app.files.errors import NotTextError
from app.files.inner_text import can_hold
from app.files.port import FilesPort
from app.files.suspects import turns_text
from app.files.text_file import LineEnding, TextFile
from app.tools.visible import hidden_characters
from ui.editor.banner import BannerVerb, Level
from ui.editor.editor_page import EditorPage
from ui.editor.editor_view import MAX_WRAPPED_CHARACTERS
from ui.editor.encodings import ENDING_WORDS
from ui.widgets.labels import make_button

_NOT_HELD = NotTextError(
    "This file cannot be shown as text",
    "It contains characters that the editor uses for itself and could not give back.",
    "Open it with another program.",
)


class EditorReads(QObject):
    """Signals: arrived(EditorPage) when a page has its text for the first time, or anew.

    save_as_asked(EditorPage): A file that cannot be written is to be saved elsewhere.
    """

    arrived = Signal(object)
    save_as_asked = Signal(object)

    def __init__(self, files: FilesPort, parent: QObject) -> None:
        super().__init__(parent)
        self._files = files

    def read(self, page: EditorPage, then: Callable[[AppError | None], None]) -> None:
        """Show a page's file from the beginning; ``then`` hears why not."""
        page.is_asleep = False

        def hear(answer: TextFile | AppError) -> None:
            if page.is_closed:
                return
            if isinstance(answer, TextFile) and can_hold(answer.text):
                self.show(page, answer)
                then(None)
                self.arrived.emit(page)
            else:
                then(answer if isinstance(answer, AppError) else _NOT_HELD)

        self._files.read(page.path, page.encoding, hear)

    def show(self, page: EditorPage, file: TextFile) -> None:
        """Show what was read, which cannot be undone."""
        page.take(file)
        page.set_indent(file.indent)
        page.show_text(file.text)
        self._note(page)

    def renew(self, page: EditorPage, file: TextFile, *, marks: bool = False) -> None:
        """Take over what is in the file now as one step to undo; the cursor stays where it was.

        Args:
            page: One without anything unsaved.
            file: What was read.
            marks: Mark the lines that are new as a tool's; else they are marked so no more.
        """
        before = page.editor.text()
        if not can_hold(file.text):
            self.show_problem(page, _NOT_HELD)
            return
        if page.has_problem:
            self.show(page, file)
            return
        if before != file.text:
            bars = (page.editor.verticalScrollBar(), page.editor.horizontalScrollBar())
            places = [bar.value() for bar in bars]
            page.editor.replace_text(file.text)
            for bar, place in zip(bars, places, strict=True):
                bar.setValue(place)
            page.scan.start(file.text)
        page.take(file)
        page.set_modified(False)
        if before != file.text:
            known, new = page.editor.marked_lines("model"), changed_lines(before, file.text)
            page.editor.mark_lines("model", known.union(new) if marks else known.difference(new))
        for kind in ("failed", "deleted", "outside"):
            page.banners.clear(kind)
        self._note(page)

    def show_problem(self, page: EditorPage, error: AppError) -> None:
        """Say in place of a text why there is none."""
        buttons: list[QPushButton] = []
        if isinstance(error, NotTextError):

            def open_outside() -> None:
                QDesktopServices.openUrl(QUrl.fromLocalFile(page.path))

            buttons.append(make_button("Open with the system", "", open_outside, "problem_open_button"))
        buttons.append(make_button("Try again", "", lambda: self._try_again(page), "problem_retry_button"))
        page.show_problem(error, buttons)

    def _try_again(self, page: EditorPage) -> None:
        self.read(page, lambda error: self.show_problem(page, error) if error else None)

    # --- what is said ---------------------------------------------------------------------------------------

    def _note(self, page: EditorPage) -> None:
        file = page.file
        if file is None:
            return
        page.set_read_only(not file.can_write)
        self._note_read_only(page, file)
        if file.format.is_mixed:
            ending: LineEnding = file.format.line_ending

            def make_equal() -> None:
                page.set_form(msgspec.structs.replace(page.form, is_mixed=False))
                page.banners.clear("mixed")

            words = "Lines of this file end in different ways. Each stays as it is, and new ones end with "
            verb = BannerVerb(f"Make all {ENDING_WORDS[ending]}", "equal", make_equal)
            page.banners.tell("mixed", "info", f"{words}{ENDING_WORDS[ending]}.", [verb])
        else:
            page.banners.clear("mixed")

    def _note_read_only(self, page: EditorPage, file: TextFile) -> None:
        if file.can_write:
            page.banners.clear("read_only")
            return

        def edit() -> None:
            page.set_read_only(False)
            page.banners.clear("read_only")

        verbs = [
            BannerVerb("Save as\u2026", "save_as", lambda: self.save_as_asked.emit(page)),
            BannerVerb("Edit all the same", "edit", edit),
        ]
        page.banners.tell("read_only", "info", "This file is read-only.", verbs)

    def note_scan(self, page: EditorPage) -> None:
        """Say what was found when the text was looked through."""
        scan = page.scan
        if scan.suspects:
            named = hidden_characters("".join(sorted(scan.suspects)))
            listed = ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
            what = (
                "Characters in this text turn its direction, so that code can do other than it seems to"
                if turns_text(scan.suspects)
                else "This text contains characters that cannot be seen"
            )
            verb = BannerVerb("Show the first", "show", lambda: _go_to(page, scan.first_line))
            level: Level = "warning" if turns_text(scan.suspects) else "info"
            page.banners.tell("hidden", level, f"{what}: {listed}.", [verb])
        else:
            page.banners.clear("hidden")
        if scan.longest > MAX_WRAPPED_CHARACTERS:
            page.banners.tell("long", "info", f"A line of {scan.longest:,} characters: lines are not wrapped here.")
        else:
            page.banners.clear("long")


def _go_to(page: EditorPage, line: int) -> None:
    page.editor.go_to(line)
    QTimer.singleShot(0, page.editor, page.editor.setFocus)
