"""The foot of the model dialog: fetch the chosen variant, watch it come, load it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from ui.models.action_state import ActionState
from ui.theme import Theme
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.icon_button import IconButton
from ui.widgets.labels import make_button, make_label, set_property

_UNDER_WAY = {"queued", "running", "paused", "waiting", "verifying", "failed"}


class ActionBar(QFrame):
    """Signals as their names say; ``cancel_requested`` carries whether what was fetched is kept."""

    download_requested = Signal()
    load_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    cancel_requested = Signal(bool)
    verify_requested = Signal()
    show_folder_requested = Signal()
    copy_command_requested = Signal()
    remove_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = ActionState("none")
        self._asks = ""  # what is being asked: "cancel", "remove" or nothing
        self.setObjectName("action_bar")
        self._words = make_label("", "strong")
        self._words.setObjectName("action_words")
        self._detail = ElidedLabel()
        self._detail.setObjectName("action_detail")
        self._bar = QProgressBar()
        self._more = IconButton(theme, "more", "More for this variant")
        self._menu = QMenu(self)
        self._download = make_button("Download", "primary", self.download_requested.emit, "download_button")
        self._load = make_button("Load", "primary", self.load_requested.emit, "load_button")
        self._pause = make_button("Pause", "", self.pause_requested.emit, "pause_button")
        self._resume = make_button("Resume", "primary", self.resume_requested.emit, "resume_button")
        self._cancel = make_button("Cancel", "", self._on_cancel_clicked, "cancel_download_button")
        self._question = make_label("", "strong")
        self._question.setObjectName("action_question")
        self._keep = make_button("Keep", "primary", self._on_keep_clicked, "keep_partial_button")
        self._delete = make_button("Delete", "danger", self._on_delete_clicked, "delete_button")
        self._back = make_button("Back", "ghost", self._stop_asking, "action_back_button")
        self._pages = QStackedWidget()
        self._build()
        theme.changed.connect(self._draw_icons)
        self.show_state(self._state)

    def show_state(self, state: ActionState) -> None:
        """Show what can be done."""
        if (state.key, state.kind) != (self._state.key, self._state.kind):
            self._stop_asking()
        self._state = state
        self._words.setText(state.words)
        self._words.setVisible(bool(state.words))
        self._detail.set_text(state.detail)
        self._detail.setVisible(bool(state.detail))
        set_property(self._detail, "role", state.level or "muted")
        self._bar.setVisible(state.share is not None)
        self._bar.setValue(round((state.share or 0.0) * 1000))
        kind = state.kind
        self.setVisible(kind != "none")
        self._download.setText(state.download_words)
        self._download.setAccessibleName(state.download_words)
        self._download.setVisible(kind in {"away", "incomplete"})
        self._download.setEnabled(state.can_download)
        self._load.setText(state.load_words)
        self._load.setAccessibleName(state.load_words)
        self._load.setVisible(kind == "here")
        self._load.setEnabled(state.can_load)
        self._pause.setVisible(kind in {"queued", "running", "waiting"})
        self._resume.setVisible(kind in {"paused", "failed"})
        self._resume.setText("Try again" if kind == "failed" else "Resume")
        self._resume.setAccessibleName(self._resume.text())
        self._cancel.setVisible(kind in _UNDER_WAY)
        self._fill_menu()

    @property
    def state(self) -> ActionState:
        """What is on show."""
        return self._state

    # --- how ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme, space = self._theme, self._theme.space
        self.setProperty("role", "surface")
        self._bar.setProperty("role", "thin")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Download")
        self._more.setObjectName("variant_more_button")
        self._more.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self._menu)
        words = QVBoxLayout()
        words.setSpacing(space(1))
        words.addStretch(1)
        for widget in (self._words, self._bar, self._detail):
            words.addWidget(widget)
        words.addStretch(1)
        usual = QWidget()
        row = QHBoxLayout(usual)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(2))
        row.addLayout(words, 1)
        row.addSpacing(space(2))
        for button in (self._more, self._cancel, self._pause, self._resume, self._download, self._load):
            row.addWidget(button)
        asking = QWidget()
        line = QHBoxLayout(asking)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(space(2))
        line.addWidget(self._question, 1)
        for button in (self._back, self._delete, self._keep):
            line.addWidget(button)
        self._pages.addWidget(usual)
        self._pages.addWidget(asking)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(space(6), space(2.5), space(6), space(2.5))
        layout.addWidget(self._pages)
        self.setFixedHeight(round(space(16) * max(1.0, theme.text_scale)))
        self._draw_icons()

    def _fill_menu(self) -> None:
        state, theme = self._state, self._theme
        self._menu.clear()
        if state.can_verify:
            self._menu.addAction(theme.icon("shield"), "Verify the files", self.verify_requested.emit)
        if state.has_folder:
            self._menu.addAction(theme.icon("folder-open"), "Show in folder", self.show_folder_requested.emit)
        if state.can_copy:
            self._menu.addAction(
                theme.icon("terminal"), "Copy as llama-server command", self.copy_command_requested.emit
            )
        if state.remove_words:
            self._menu.addSeparator()
            self._menu.addAction(theme.icon("delete"), "Remove from disk\u2026", self._on_remove_chosen)
        self._more.setVisible(not self._menu.isEmpty())

    def _on_cancel_clicked(self) -> None:
        if not self._state.partial_words:
            self.cancel_requested.emit(False)
            return
        self._ask(
            "cancel", f"Stop the download. Keep the {self._state.partial_words} fetched so far?", "Delete", "Keep"
        )

    def _on_remove_chosen(self) -> None:
        self._ask("remove", f"Delete {self._state.remove_words} from disk?", f"Delete {self._state.remove_words}", "")

    def _ask(self, what: str, question: str, delete: str, keep: str) -> None:
        self._asks = what
        self._question.setText(question)
        self._delete.setText(delete)
        self._delete.setAccessibleName(delete)
        self._keep.setVisible(bool(keep))
        self._pages.setCurrentIndex(1)
        (self._keep if keep else self._back).setFocus()

    def _stop_asking(self) -> None:
        self._asks = ""
        self._pages.setCurrentIndex(0)

    def _on_keep_clicked(self) -> None:
        self._stop_asking()
        self.cancel_requested.emit(True)

    def _on_delete_clicked(self) -> None:
        asked = self._asks
        self._stop_asking()
        if asked == "cancel":
            self.cancel_requested.emit(False)
        elif asked == "remove":
            self.remove_requested.emit()

    def _draw_icons(self) -> None:
        self._download.setIcon(self._theme.icon("download", "text.on_accent"))
        self._fill_menu()
