"""What the editor asks its person: whether to save, and where. None of it blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

Answer = Literal["save", "discard", "cancel"]


class EditorQuestions:
    """Dialogs over a window."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def ask_save(self, title: str, on_answer: Callable[[Answer], None]) -> None:
        """Ask what is to become of changes when a tab is closed."""
        box = QMessageBox(self._window)
        box.setObjectName("unsaved_dialog")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Close the tab")
        box.setText(f"Save the changes to {title}?")
        box.setInformativeText("What is not saved is lost when the tab is closed.")
        save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Don't save", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        answers: dict[object, Answer] = {save: "save", discard: "discard", cancel: "cancel"}
        for button, answer in answers.items():
            button.setObjectName(f"unsaved_{answer}_button")  # type: ignore[attr-defined]
            button.setAccessibleName(button.text())  # type: ignore[attr-defined]
        box.setDefaultButton(save)
        box.setEscapeButton(cancel)
        box.finished.connect(lambda _code: on_answer(answers.get(box.clickedButton(), "cancel")))
        box.open()

    def ask_path(self, proposal: str, on_path: Callable[[str], None]) -> None:
        """Ask where a text is to be saved; a file that is there is asked about."""
        dialog = QFileDialog(self._window, "Save as", proposal)
        dialog.setObjectName("save_as_dialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(proposal)
        dialog.fileSelected.connect(on_path)
        dialog.open()

    def ask_files(self, folder: str, on_paths: Callable[[list[str]], None]) -> None:
        """Ask which files are to be opened."""
        dialog = QFileDialog(self._window, "Open files", folder)
        dialog.setObjectName("open_files_dialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(on_paths)
        dialog.open()
