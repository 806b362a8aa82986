"""Settings: completion in the editor, and how its text is shown."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QWidget

from app.settings import Settings
from ui.settings.page import AddedPage
from ui.theme import Theme
from ui.widgets.labels import make_label
from ui.widgets.number_field import IntField

#: Milliseconds.
_PAUSE = (100, 5000)
_PAUSE_STEP = 50


class EditorPage(AddedPage):
    """The switches of the editor; ``changed`` as of every page."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Editor", parent)
        self._infill = QCheckBox()
        self._pause = IntField(theme)
        self._pause.setRange(*_PAUSE)
        self._pause.setSingleStep(_PAUSE_STEP)
        self._pause.setSuffix(" ms")
        self._pause.setMinimumWidth(theme.space(28))
        self._wraps = QCheckBox()
        self._spaces = QCheckBox()
        self.rows.addWidget(make_label("Completion", "strong"))
        hint = "The loaded model proposes text at the cursor. Tab takes it, Ctrl+Right a word, Esc drops it."
        self.add_row("Propose text while typing", self._infill, hint, "setting_infill")
        self.add_row("After a pause of", self._pause, "Ctrl+Space asks at once, also when this is off.", "infill_pause")
        words = "It needs a model with fill-in-the-middle tokens, and memory of its own beside the conversation's."
        self.add_text(words, "small")
        self.rows.addWidget(make_label("Text", "strong"))
        self.add_row("Wrap long lines", self._wraps, "Alt+Z does it for one file.", "setting_editor_wraps")
        self.add_row("Mark spaces and tabs", self._spaces, "", "setting_editor_shows_spaces")
        self.finish()
        self._infill.toggled.connect(lambda on: self.changed.emit({"infill": on}))
        self._pause.valueChanged.connect(lambda ms: self.changed.emit({"infill_pause": ms / 1000}))
        self._wraps.toggled.connect(lambda on: self.changed.emit({"editor_wraps": on}))
        self._spaces.toggled.connect(lambda on: self.changed.emit({"editor_shows_spaces": on}))

    def show_settings(self, settings: Settings) -> None:
        """Show settings."""
        fields = (self._infill, self._pause, self._wraps, self._spaces)
        blockers = [QSignalBlocker(field) for field in fields]
        self._infill.setChecked(settings.infill)
        self._pause.setValue(round(settings.infill_pause * 1000))
        self._wraps.setChecked(settings.editor_wraps)
        self._spaces.setChecked(settings.editor_shows_spaces)
        for blocker in blockers:
            blocker.unblock()
