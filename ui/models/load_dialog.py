"""The load settings of one model, with a button that loads it with them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.engine.messages import LoadSettings
from ui.models.load_form import LoadForm
from ui.theme import Theme
from ui.widgets.labels import make_button, make_label


class LoadDialog(QDialog):
    """Not modal: the conversation can be read meanwhile.

    Signals:
        load_requested(str, object): Path and LoadSettings.
    """

    load_requested = Signal(str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("load_dialog")
        self.setWindowTitle("Load settings")
        self.resize(theme.space(150), theme.space(160))
        self._path = ""
        self._n_ctx_train: int | None = None
        self._title = make_label("", "heading")
        self._folder = make_label("", "small", wrap=True)
        self._form = LoadForm(theme)
        head = QVBoxLayout()
        head.setContentsMargins(theme.space(5), theme.space(4), theme.space(5), theme.space(1))
        head.setSpacing(theme.space(0.5))
        head.addWidget(self._title)
        head.addWidget(self._folder)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(theme.space(5), theme.space(3), theme.space(5), theme.space(4))
        buttons.setSpacing(theme.space(2))
        reset = make_button("Reset all", "ghost", self._on_reset_clicked, "reset_load_button")
        buttons.addWidget(reset)
        buttons.addStretch(1)
        buttons.addWidget(make_button("Cancel", "", self.reject, "cancel_load_settings_button"))
        load = make_button("Load", "primary", self._on_load_clicked, "load_with_settings_button")
        load.setDefault(True)
        self._form.checked.connect(load.setEnabled)
        buttons.addWidget(load)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._form, 1)
        layout.addLayout(buttons)

    def show_model(self, path: str, settings: LoadSettings, n_ctx_train: int | None) -> None:
        """Show a model's settings and come to the front."""
        self._path, self._n_ctx_train = path, n_ctx_train
        self._title.setText(Path(path).stem)
        self._folder.setText(str(Path(path).parent))
        self._form.show_settings(settings, n_ctx_train)
        self.show()
        self.raise_()
        self.activateWindow()

    def _on_reset_clicked(self) -> None:
        self._form.show_settings(LoadSettings(), self._n_ctx_train)

    def _on_load_clicked(self) -> None:
        self.load_requested.emit(self._path, self._form.settings())
        self.accept()
