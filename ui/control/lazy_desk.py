"""The editor as the rest of the window knows it, before there is one: it is made when somebody needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from ui.control.editor_control import EditorControl
    from ui.editor.code_editor import CodeEditor


class LazyDesk(QObject):
    """An ``EditorDesk``: nothing is open in it until something is opened, and that makes the editor.

    Args:
        make: Makes the editor. It is not asked for the desk's ``control`` before it has returned.
        parent: Qt's owner.

    Signals:
        made(EditorControl): The editor is there from now on.
    """

    made = Signal(object)

    def __init__(self, make: Callable[[], EditorControl], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._control: EditorControl | None = None

    @property
    def control(self) -> EditorControl:
        """The editor, made now if it is not yet."""
        if self._control is None:
            self._control = self._make()
            self.made.emit(self._control)
        return self._control

    @property
    def made_control(self) -> EditorControl | None:
        """The editor, None if it is not made yet."""
        return self._control

    # --- what is open ---------------------------------------------------------------------------------------

    @property
    def current_editor(self) -> CodeEditor | None:
        """The editor that has, or last had, the keyboard; None while nothing is open."""
        return self._control.current_editor if self._control is not None else None

    @property
    def current_path(self) -> str:
        """Its file."""
        return self._control.current_path if self._control is not None else ""

    @property
    def open_paths(self) -> tuple[str, ...]:
        """The files that are open, the one used last first."""
        return self._control.open_paths if self._control is not None else ()

    def text_of(self, path: str) -> str | None:
        """Return the text of an open file with what is not saved yet; None if it is not open."""
        return self._control.text_of(path) if self._control is not None else None

    def tool_changed(self, path: str) -> None:
        """Show at once, and mark, what a tool just wrote into a file, if it is open."""
        if self._control is not None:
            self._control.tool_changed(path)

    def taken_back(self, path: str) -> None:
        """Show at once what a person took back, or again, of a tool's changes: marked as the tool's no more."""
        if self._control is not None:
            self._control.taken_back(path)

    # --- what opens something -------------------------------------------------------------------------------

    def open_file(self, path: str, line: int = 0, column: int = 1) -> None:
        """Open a file, or bring it to the front; see ``EditorDesk``."""
        self.control.open_file(path, line, column)

    def open_text(self, text: str, name: str = "") -> None:
        """Open a new text that is no file yet."""
        self.control.open_text(text, name)

    def change_text(self, path: str, text: str) -> None:
        """Open a file and give it another text."""
        self.control.change_text(path, text)
