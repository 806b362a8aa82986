"""The editor's control with its tabs in a window, over real files that are read and written at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtWidgets import QMainWindow

from app.errors import AppError
from app.files.port import FilesPort
from app.files.recovery import LeftOver, Recovery, RecoveryRecord
from app.files.text_file import TextFile, TextFormat, has_changed, read_text_file, save_text_file
from app.settings import SettingsFile
from ui.control.editor_control import EditorControl
from ui.control.editor_questions import Answer
from ui.editor.editor_page import EditorPage
from ui.editor.editor_tabs import EditorTabs
from ui.theme import Theme


class DirectFiles:
    """Reads and writes files in this process; ``is_held`` makes answers wait for ``release``."""

    def __init__(self, folder: Path) -> None:
        self.recovery = Recovery(folder)
        self.is_held = False
        self.can_write = True
        self.save_error: AppError | None = None
        self.keep_error: AppError | None = None
        self._waiting: list[Callable[[], object]] = []

    def release(self) -> None:
        """Give the answers that wait."""
        self.is_held = False
        waiting, self._waiting = self._waiting, []
        for answer in waiting:
            answer()

    @property
    def kept_texts(self) -> list[str]:
        """What would be left after a crash."""
        return [record.text for record in self.recovery._last.values()]

    def _answer(self, answer: Callable[[], object]) -> None:
        if self.is_held:
            self._waiting.append(answer)
        else:
            answer()

    def read(self, path: str, encoding: str, on_done: Callable[[TextFile | AppError], None]) -> None:
        answer = _tried(lambda: read_text_file(path, encoding))
        if isinstance(answer, TextFile) and not self.can_write:
            answer = msgspec.structs.replace(answer, can_write=False)
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
        error = self.save_error
        answer = error or _tried(lambda: save_text_file(file, text, path=path, new_format=new_format, force=force))
        self._answer(lambda: on_done(answer))

    def find_changed(self, files: Sequence[TextFile], on_done: Callable[[tuple[str, ...] | AppError], None]) -> None:
        changed = tuple(file.path for file in files if has_changed(file))
        self._answer(lambda: on_done(changed))

    def keep(self, key: str, record: RecoveryRecord, on_done: Callable[[AppError | None], None]) -> None:
        if self.keep_error is None:
            self.recovery.keep(key, record)
        on_done(self.keep_error)

    def forget(self, key: str) -> None:
        self.recovery.forget(key)

    def find_left(self, on_done: Callable[[LeftOver | AppError], None]) -> None:
        left = self.recovery.left()
        self._answer(lambda: on_done(left))


def _tried(act: Callable[[], TextFile]) -> TextFile | AppError:
    try:
        return act()
    except AppError as error:
        return error


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

    def __init__(self, theme: Theme, folder: Path, settings: Path, service: FilesPort | None = None) -> None:
        self.folder = folder
        self.is_ended = False
        self.files = DirectFiles(settings.parent / "unsaved-here")
        self.answers = Answers()
        self.differ = Differ()
        self.settings = SettingsFile(settings)
        self.tabs = EditorTabs(theme, lambda: str(folder))
        questions: Any = self.answers
        self.control = EditorControl(
            theme, self.tabs, service or self.files, self.settings, self.differ, questions, lambda: str(folder)
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
        """Close the window, as at the end of the program; safe to call twice."""
        if self.is_ended:
            return
        self.is_ended = True
        self.control.stop()
        self.files.recovery.close()
        self.window.close()
        self.control.deleteLater()
        self.window.deleteLater()
