"""A form for ``LoadSettings``, made from its specifications."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from app.engine.messages import LoadSettings
from ui.models.load_fields import ContextField, LoadField, make_field
from ui.models.load_specs import LOAD_SPECS
from ui.theme import Theme
from ui.widgets.labels import make_label


class LoadForm(QScrollArea):
    """Shows load settings and gives back what they were made into."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: dict[str, LoadField] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setProperty("role", "plain")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(theme.space(5), theme.space(3), theme.space(5), theme.space(5))
        layout.setSpacing(theme.space(2))
        form = QFormLayout()
        group = ""
        for spec in LOAD_SPECS:
            if spec.group != group:
                group = spec.group
                heading = make_label(group, "section")
                heading.setContentsMargins(0, theme.space(3), 0, 0)
                layout.addWidget(heading)
                form = QFormLayout()
                form.setHorizontalSpacing(theme.space(4))
                form.setVerticalSpacing(theme.space(2))
                form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
                form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
                layout.addLayout(form)
            field = make_field(theme, spec)
            tip = f"{spec.help}\n\nllama.cpp: {spec.flag}".strip()
            field.widget.setToolTip(tip)
            field.widget.setAccessibleName(spec.label)
            if not field.widget.objectName():
                field.widget.setObjectName(f"load_{spec.name}")
            label = make_label(spec.label)
            label.setMinimumWidth(theme.space(48))
            label.setToolTip(tip)
            label.setBuddy(field.widget)
            form.addRow(label, field.widget)
            self._fields[spec.name] = field
        layout.addStretch(1)
        self.setWidget(page)

    def show_settings(self, settings: LoadSettings, n_ctx_train: int | None = None) -> None:
        """Show these settings, for a model of this training context if it is known."""
        for name, field in self._fields.items():
            field.show(getattr(settings, name))
        context = self._fields["n_ctx"]
        if n_ctx_train and isinstance(context, ContextField):
            context.set_maximum(n_ctx_train)

    def settings(self) -> LoadSettings:
        """Return the settings as they stand."""
        return LoadSettings(**{name: field.value() for name, field in self._fields.items()})
