"""Settings: the GPU backends that this package of Sawhorse can load, what fits this machine, and which is used."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from app.backends.values import TITLES, Offer
from app.errors import AppError
from app.settings import Settings
from ui.control.backends_control import BackendsControl
from ui.models.sizes import size_words
from ui.settings.page import AddedPage
from ui.theme import Theme
from ui.widgets.labels import discard, make_button, make_label

TITLE = "GPU"


class GpuPage(AddedPage):
    """Backends with what each needs and its size; nothing is fetched but by a click."""

    def __init__(self, theme: Theme, control: BackendsControl, parent: QWidget | None = None) -> None:
        super().__init__(theme, TITLE, parent)
        self._control = control
        self._chosen = ""
        self._problem = ""
        self._row_widgets: list[QWidget] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.space(5))
        self._status = make_label("", "small", wrap=True)
        self._choice = QComboBox()
        self.add_text(
            "Models run on the processor unless a GPU backend is installed. One is fetched only when you ask for it, "
            "checked against the hash that belongs to this version of Sawhorse, and kept in your data folder."
        )
        self.rows.addLayout(self._list)
        self.rows.addWidget(self._status)
        self.add_row(
            "Models run on", self._choice, "In force when Sawhorse is started the next time.", "backend_choice"
        )
        self.finish()
        self._choice.activated.connect(self._on_choice_activated)
        control.changed.connect(self.refresh)
        control.failed.connect(self._on_control_failed)
        control.removed.connect(self._on_control_removed)
        self.refresh()

    def show_settings(self, settings: Settings) -> None:
        """Show settings."""
        self._chosen = settings.backend
        self._fill_choice()

    def refresh(self) -> None:
        """Show what is known now."""
        found = self._control.found
        for widget in self._row_widgets:
            discard(widget)
        self._row_widgets = [self._make_row(offer) for offer in (found.offers if found else ())]
        for widget in self._row_widgets:
            self._list.addWidget(widget)
        if self._control.is_busy:
            self._problem = ""
        self._status.setText(self._problem or self._state())
        self._status.setVisible(bool(self._status.text()))
        self._fill_choice()

    def _state(self) -> str:
        found = self._control.found
        if found is None:
            return "Looking at the drivers of this machine …"
        return " ".join([*found.notes, *([] if found.offers else ["There is no GPU backend for this machine."])])

    def showEvent(self, event: QShowEvent) -> None:
        """Look anew: a driver may have been installed meanwhile."""
        super().showEvent(event)
        self._control.refresh()

    def _make_row(self, offer: Offer) -> QWidget:
        backend, theme = offer.backend, self._theme
        row = QWidget()
        words = QVBoxLayout()
        words.setSpacing(theme.space(1))
        words.addWidget(make_label(TITLES[backend.name], "strong"))
        words.addWidget(make_label(f"{size_words(backend.size)}. {offer.why}", "small", wrap=True))
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(4))
        layout.addLayout(words, 1)
        layout.addWidget(self._make_button(offer), 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _make_button(self, offer: Offer) -> QWidget:
        control, backend = self._control, offer.backend
        title = TITLES[backend.name]
        if control.fetching == backend.name:
            share = control.fetched / max(1, backend.size)
            button = make_button(f"Cancel ({share:.0%})", "", control.cancel, f"cancel_{backend.name}_button")
            button.setAccessibleName(f"Cancel fetching {title}")
        elif control.found is not None and backend.name in control.found.installed:
            button = make_button("Remove", "", partial(control.remove, backend.name), f"remove_{backend.name}_button")
            button.setAccessibleName(f"Remove {title}")
        else:
            button = make_button("Download", "", partial(control.install, backend), f"download_{backend.name}_button")
            button.setAccessibleName(f"Download {title}")
            button.setEnabled(offer.fits)
        button.setEnabled(button.isEnabled() and (not control.is_busy or control.fetching == backend.name))
        return button

    def _fill_choice(self) -> None:
        found = self._control.found
        names = ["", *(found.installed if found else ())]
        if self._chosen not in names:
            names.append(self._chosen)
        self._choice.clear()
        for name in names:
            self._choice.addItem(TITLES.get(name, name) if name else "The processor", name)
        self._choice.setCurrentIndex(names.index(self._chosen))

    def _on_choice_activated(self) -> None:
        self.changed.emit({"backend": self._choice.currentData()})

    def _on_control_failed(self, error: AppError) -> None:
        self._problem = f"{error.title}. {error.message} {error.hint}".strip()
        self.refresh()

    def _on_control_removed(self, name: str) -> None:
        if name == self._chosen:
            self.changed.emit({"backend": ""})
