"""What is chosen in the line below a text: indentation, encoding, line ending, language."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import QObject

from app.errors import AppError
from app.files.editing import Indent
from app.files.text_file import LineEnding
from ui.control.editor_questions import Answer, EditorQuestions
from ui.control.editor_reads import EditorReads
from ui.control.editor_saves import EditorSaves
from ui.editor.editor_page import EditorPage
from ui.editor.editor_tabs import EditorTabs
from ui.editor.tab_group import TabGroup


class EditorForms(QObject):
    """Does what the lines below both sides ask for."""

    def __init__(
        self, tabs: EditorTabs, reads: EditorReads, saves: EditorSaves, questions: EditorQuestions, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._reads = reads
        self._saves = saves
        self._questions = questions
        for group in tabs.groups:
            line = group.info_line
            line.position_clicked.connect(partial(self._on_position_clicked, group))
            line.indent_chosen.connect(partial(self._on_indent_chosen, group))
            line.reopen_chosen.connect(partial(self._on_reopen_chosen, group))
            line.encoding_chosen.connect(partial(self._on_encoding_chosen, group))
            line.ending_chosen.connect(partial(self._on_ending_chosen, group))
            line.language_chosen.connect(partial(self._on_language_chosen, group))

    def _on_position_clicked(self, group: TabGroup) -> None:
        if group.current is not None:
            group.current.editor.open_go_to_line()

    def _on_indent_chosen(self, group: TabGroup, indent: Indent) -> None:
        if group.current is not None:
            group.current.set_indent(indent)

    def _on_language_chosen(self, group: TabGroup, alias: str) -> None:
        if group.current is not None:
            group.current.set_language(alias)

    def _on_ending_chosen(self, group: TabGroup, ending: LineEnding) -> None:
        page = group.current
        if page is not None:
            page.set_form(msgspec.structs.replace(page.form, line_ending=ending, is_mixed=False))
            page.banners.clear("mixed")

    def _on_encoding_chosen(self, group: TabGroup, encoding: str, has_bom: bool) -> None:
        """Write it so at once; a text without a file, when it gets one."""
        page = group.current
        if page is not None:
            page.set_form(msgspec.structs.replace(page.form, encoding=encoding, has_bom=has_bom))
            page.encoding = ""
            if page.path:
                self._saves.save(page)

    def _on_reopen_chosen(self, group: TabGroup, encoding: str) -> None:
        page = group.current
        if page is None:
            return
        if page.is_dirty:
            self._questions.ask_save(page.title, partial(self._reopen, page, encoding))
        else:
            self._reopen(page, encoding, "discard")

    def _reopen(self, page: EditorPage, encoding: str, answer: Answer) -> None:
        def show(error: AppError | None) -> None:
            if error is not None:
                self._reads.show_problem(page, error)

        def read() -> None:
            page.encoding = encoding
            self._reads.read(page, show)

        if answer == "discard":
            read()
        elif answer == "save":
            self._saves.save(page, lambda is_saved: read() if is_saved else None)
