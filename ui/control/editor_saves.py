"""Writes what is in pages of the editor; what could not be written stays where it is, with a way out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.files.errors import CannotEncodeError, FileChangedOutsideError
from app.files.port import FilesPort
from app.files.text_file import FileStamp, TextFile, TextFormat
from ui.control.editor_questions import EditorQuestions
from ui.editor.banner import BannerVerb
from ui.editor.editor_page import EditorPage

Then = Callable[[bool], None]
_NO_STAMP = FileStamp(size=0, mtime_ns=0, inode=0, digest="")


def _ignore(_is_saved: bool) -> None: ...


class EditorSaves(QObject):
    """Signals: saved(EditorPage); moved(EditorPage) when it went into another file than before.

    compare_asked(EditorPage), reload_asked(EditorPage): What to do about a file that changed outside.
    """

    saved = Signal(object)
    moved = Signal(object)
    compare_asked = Signal(object)
    reload_asked = Signal(object)

    def __init__(
        self,
        files: FilesPort,
        questions: EditorQuestions,
        folder_of: Callable[[], str],
        page_of: Callable[[str], EditorPage | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._files = files
        self._questions = questions
        self._folder_of = folder_of
        self._page_of = page_of
        self._waiting: dict[str, list[Then]] = {}

    def save(self, page: EditorPage, then: Then = _ignore) -> None:
        """Save a page into its file, or ask for one; ``then`` hears whether it is saved, if it comes to that."""
        if page.has_problem or page.is_asleep:
            return
        if not page.path:
            self.save_as(page, then)
        elif page.is_saving:  # what was typed since goes out when the write under way is done
            self._waiting.setdefault(page.key, []).append(partial(self._save_again, page, then))
        else:
            self._write(page, then, force=page.is_gone)

    def save_as(self, page: EditorPage, then: Then = _ignore) -> None:
        """Ask for a file and save a page there."""
        if page.has_problem or page.is_asleep:
            return
        folder = self._folder_of() or str(Path.home())
        proposal = page.path or str(Path(folder) / page.title)
        self._questions.ask_path(proposal, lambda path: self._save_to(page, path, then))

    def when_done(self, page: EditorPage, act: Callable[[], None]) -> None:
        """Call ``act`` once no save of a page is under way, whatever became of it."""
        if page.is_saving:
            self._waiting.setdefault(page.key, []).append(lambda _is_saved: act())
        else:
            act()

    def _save_again(self, page: EditorPage, then: Then, is_saved: bool) -> None:
        if is_saved and page.is_dirty:
            self.save(page, then)
        else:
            then(is_saved)

    def _save_to(self, page: EditorPage, path: str, then: Then) -> None:
        other = self._page_of(path)
        if other is not None and other is not page and other.is_dirty:
            title = f"{other.title} is open in another tab, with changes that are not saved"
            self._tell(page, AppError(title, "", "Save or close that tab first."))
            then(False)
        else:
            self._write(page, then, path=path, force=True)

    def _write(
        self, page: EditorPage, then: Then, *, path: str = "", form: TextFormat | None = None, force: bool = False
    ) -> None:
        file = page.file or TextFile(
            path=page.path, text="", format=page.form, indent=page.indent, stamp=_NO_STAMP, can_write=True
        )
        form = form or page.form
        revision = page.editor.document().revision()
        page.is_saving = True

        def hear(answer: TextFile | AppError) -> None:
            page.is_saving = False
            waiting = [then, *self._waiting.pop(page.key, ())]
            if page.is_closed:
                return
            if isinstance(answer, AppError):
                self._tell(page, answer)
            else:
                self._take(page, answer, is_latest=page.editor.document().revision() == revision, is_moved=bool(path))
            for one in waiting:
                one(not isinstance(answer, AppError))

        where = path if path != file.path else ""
        self._files.save(
            file,
            page.editor.text(),
            hear,
            path=where or (path if not page.file else ""),
            new_format=form if form != file.format else None,
            force=force,
        )

    def _take(self, page: EditorPage, file: TextFile, *, is_latest: bool, is_moved: bool) -> None:
        page.take(file, path=file.path if is_moved else "")
        if is_latest:
            page.set_modified(False)
        if is_moved:
            page.set_language()
            self.moved.emit(page)
        if file.can_write:
            page.banners.clear("read_only")
            page.set_read_only(False)
        for kind in ("failed", "outside", "deleted", "recovered"):
            page.banners.clear(kind)
        self.saved.emit(page)

    def _tell(self, page: EditorPage, error: AppError) -> None:
        words = f"Not saved. {error}."
        if isinstance(error, FileChangedOutsideError):
            verbs = [
                BannerVerb("Compare", "compare", lambda: self.compare_asked.emit(page)),
                BannerVerb("Overwrite", "overwrite", lambda: self._write(page, _ignore, force=True)),
                BannerVerb("Reload", "reload", lambda: self.reload_asked.emit(page)),
            ]
            page.banners.clear("outside")
            page.banners.tell("failed", "warning", words, verbs)
            return
        verbs = [
            BannerVerb("Try again", "retry", lambda: self.save(page)),
            BannerVerb("Save as\u2026", "save_as", lambda: self.save_as(page)),
        ]
        if isinstance(error, CannotEncodeError):
            utf8 = msgspec.structs.replace(page.form, encoding="utf-8", has_bom=False)
            verbs.append(BannerVerb("Save as UTF-8", "utf8", lambda: self._write(page, _ignore, form=utf8)))
        page.banners.tell("failed", "error", words, verbs)
