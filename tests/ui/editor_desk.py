"""The editor's control with its tabs in a window, over real files that are read and written at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtWidgets import QMainWindow

from app.errors import AppError
from app.files.editing import Indent
from app.files.port import KeptText
from app.files.text_file import FileChangedOutsideError, FileStamp, NotTextError, TextFile, TextFormat
from app.settings import SettingsFile
from ui.control.editor_control import EditorControl
from ui.control.editor_questions import Answer
from ui.editor.editor_page import EditorPage
from ui.editor.editor_tabs import EditorTabs
from ui.theme import Theme


class DirectFiles:
    """Reads and writes files in this process; ``is_held`` makes answers wait for ``release``.

    It knows what the tests need: UTF-8 and what else Python can decode, line feeds and CRLF.
    """

    def __init__(self, kept: dict[str, KeptText] | None = None) -> None:
        self.kept_texts: dict[str, KeptText] = {} if kept is None else kept
        self.is_held = False
        self.save_error: AppError | None = None
        self._waiting: list[Callable[[], object]] = []

    def release(self) -> None:
        """Give the answers that wait."""
        self.is_held = False
        waiting, self._waiting = self._waiting, []
        for answer in waiting:
            answer()

    def _answer(self, answer: Callable[[], object]) -> None:
        if self.is_held:
            self._waiting.append(answer)
        else:
            answer()

    def read(self, path: str, encoding: str, on_done: Callable[[TextFile | AppError], None]) -> None:
        answer = _read(path, encoding)
        self._answer(lambda: on_done(answer))

    def save(
        self,
        file: TextFile,
        text: str,
        on_done: Callable[[TextFile | AppError], None],
        *,
        path: str = "",
        new_format: TextFormat | None = None,
        force: bool = False,
    ) -> None:
        answer = self.save_error or _save(file, text, path or file.path, new_format or file.format, force)
        self._answer(lambda: on_done(answer))

    def has_changed(self, files: Sequence[TextFile], on_done: Callable[[Sequence[str]], None]) -> None:
        changed = [file.path for file in files if _digest(Path(file.path)) != file.stamp.digest]
        self._answer(lambda: on_done(changed))

    def keep(self, kept: KeptText) -> None:
        self.kept_texts[kept.key] = kept

    def forget(self, key: str) -> None:
        self.kept_texts.pop(key, None)

    def kept(self, on_done: Callable[[Sequence[KeptText]], None]) -> None:
        self._answer(lambda: on_done(tuple(self.kept_texts.values())))


def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes()).hexdigest() if path.exists() else ""


def _read(path: str, encoding: str) -> TextFile | AppError:
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        return AppError("The file could not be read", f"{path}: {error.strerror}.")
    if b"\0" in raw:
        return NotTextError("This file is not text", "It contains zero bytes.", "Open it with another program.")
    has_bom = raw.startswith(b"\xef\xbb\xbf")
    codec = encoding or "utf-8"
    try:
        text = raw.removeprefix(b"\xef\xbb\xbf").decode(codec)
    except UnicodeDecodeError:
        return AppError("The file could not be read", f"It is not written in {codec}.")
    crlf = text.count("\r\n")
    bare = text.count("\n") - crlf
    form = TextFormat(
        encoding=codec, has_bom=has_bom, line_ending="\r\n" if crlf > bare else "\n", is_mixed=bool(crlf and bare)
    )
    stat = Path(path).stat()
    stamp = FileStamp(size=len(raw), mtime_ns=stat.st_mtime_ns, inode=stat.st_ino, digest=_digest(Path(path)))
    return TextFile(
        path=path,
        text=text.replace("\r\n", "\n"),
        format=form,
        indent=Indent("\n\t" in text, 4),
        stamp=stamp,
        can_write=bool(stat.st_mode & 0o200),
    )


def _save(file: TextFile, text: str, path: str, form: TextFormat, force: bool) -> TextFile | AppError:
    where = Path(path)
    if not force and _digest(where) != file.stamp.digest:
        return FileChangedOutsideError("The file changed outside", "Somebody else wrote it since it was read")
    try:
        raw = text.replace("\n", form.line_ending).encode(form.encoding)
    except UnicodeEncodeError as error:
        return AppError("It cannot be written", f"{form.encoding} has no {error.object[error.start]}")
    where.write_bytes((b"\xef\xbb\xbf" if form.has_bom else b"") + raw)
    read = _read(path, form.encoding)
    return msgspec.structs.replace(read, format=form) if isinstance(read, TextFile) else read


class Answers:
    """Answers the editor's questions as it was told to, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.save: Answer = "cancel"
        self.path = ""
        self.paths: list[str] = []

    def ask_save(self, title: str, on_answer: Callable[[Answer], None]) -> None:
        self.asked.append(title)
        on_answer(self.save)

    def ask_path(self, proposal: str, on_path: Callable[[str], None]) -> None:
        self.asked.append(proposal)
        if self.path:
            on_path(self.path)

    def ask_files(self, _folder: str, on_paths: Callable[[list[str]], None]) -> None:
        on_paths(self.paths)


class Differ:
    """Keeps what it was asked to show; ``accept`` takes a text over."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.accept: Callable[[str], None] = lambda _text: None

    def ask(
        self, _title: str, path: str, before: str, after: str, _words: str, on_accept: Callable[[str], None]
    ) -> None:
        self.asked.append((path, before, after))
        self.accept = on_accept


class Desk:
    """All of it in a window that is on show."""

    def __init__(self, theme: Theme, folder: Path, settings: Path, kept: dict[str, KeptText] | None = None) -> None:
        self.folder = folder
        self.files = DirectFiles(kept)
        self.answers = Answers()
        self.differ = Differ()
        self.settings = SettingsFile(settings)
        self.tabs = EditorTabs(theme, lambda: str(folder))
        questions: Any = self.answers
        self.control = EditorControl(
            theme, self.tabs, self.files, self.settings, self.differ, questions, lambda: str(folder)
        )
        self.window = QMainWindow()
        self.window.setCentralWidget(self.tabs)
        self.window.resize(900, 600)
        self.window.show()

    def write(self, name: str, text: str) -> str:
        """Write a file into the folder and return its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return str(path)

    def open(self, name: str, text: str) -> EditorPage:
        """Write a file, open it, and return its page."""
        path = self.write(name, text)
        self.control.open_file(path)
        return self.page

    @property
    def page(self) -> EditorPage:
        """The page in front."""
        page = self.tabs.current
        assert page is not None
        return page

    @property
    def titles(self) -> list[str]:
        """What the tabs are called, from left to right."""
        return [page.title for page in self.tabs.pages]

    def end(self) -> None:
        """Close the window, as at the end of the program."""
        self.control.stop()
        self.window.close()
        self.control.deleteLater()
        self.window.deleteLater()
