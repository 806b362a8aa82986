"""Asked before something in the file tree is deleted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.icon_label import IconLabel
from ui.widgets.labels import make_button, make_label

_WIDTH_STEPS = 105


class DeleteDialog(QDialog):
    """Says what goes and whether it can come back; ``on_yes`` is called when that is what is meant."""

    def __init__(
        self, theme: Theme, name: str, *, is_folder: bool, for_good: bool, why: str, on_yes: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """Build it.

        Args:
            theme: Draws it.
            name: What is to be deleted.
            is_folder: It is a folder, with all that is in it.
            for_good: It does not go to the bin; the dangerous answer is then not the one that Enter gives.
            why: Why there is no bin for it; shown when ``for_good``.
            on_yes: Deletes it.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setObjectName("delete_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Delete for good?" if for_good else "Move to the bin?")
        kind = f"the folder “{name}” and all that is in it" if is_folder else f"“{name}”"
        title = f"Delete {kind} for good?" if for_good else f"Move {kind} to the bin?"
        more = f"{why} This cannot be undone." if for_good else "It can be taken back from there."
        words = QVBoxLayout()
        words.setSpacing(theme.space(1))
        words.addWidget(make_label(title, "strong", wrap=True))
        words.addWidget(make_label(more.strip(), "muted", wrap=True))
        head = QHBoxLayout()
        head.setSpacing(theme.space(3))
        color = "danger" if for_good else "text.muted"
        head.addWidget(IconLabel(theme, "delete", color, theme.space(6)), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        keep = make_button("Cancel", "", self.reject, "delete_keep_button")
        yes = make_button(
            "Delete for good" if for_good else "Move to the bin",
            "danger" if for_good else "primary",
            self.accept,
            "delete_yes_button",
        )
        (keep if for_good else yes).setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(2))
        buttons.addStretch(1)
        buttons.addWidget(keep)
        buttons.addWidget(yes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.space(5),) * 4)
        layout.setSpacing(theme.space(5))
        layout.addLayout(head)
        layout.addLayout(buttons)
        self.setFixedWidth(round(theme.space(_WIDTH_STEPS) * max(1.0, theme.text_scale)))
        self.accepted.connect(on_yes)
