"""A form for ``LoadSettings``, made from its specifications."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.engine.messages import LoadSettings
from ui.models.load_fields import CONTEXT_STOPS, ContextField, LoadField, TextLoadField, make_field
from ui.models.load_specs import LOAD_SPECS
from ui.theme import Theme
from ui.widgets.labels import make_label


class LoadForm(QScrollArea):
    """Shows load settings and gives back what they were made into.

    Signals:
        checked(bool): A text was changed; whether all of them are understood.
    """

    checked = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: dict[str, LoadField] = {}
        self._problems: dict[str, QLabel] = {}
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
            if isinstance(field, TextLoadField):
                problem = make_label("", "danger", wrap=True)
                problem.setObjectName(f"problem_{spec.name}")
                form.addRow("", problem)
                form.setRowVisible(problem, False)
                self._problems[spec.name] = problem
                field.watch(partial(self._check, field, problem, form))
        layout.addStretch(1)
        self.setWidget(page)

    def show_settings(self, settings: LoadSettings, n_ctx_train: int | None = None) -> None:
        """Show these settings, for a model of this training context if it is known."""
        for name, field in self._fields.items():
            field.show(getattr(settings, name))
        context = self._fields["n_ctx"]
        if isinstance(context, ContextField):
            context.set_maximum(n_ctx_train or CONTEXT_STOPS[-1])

    def settings(self) -> LoadSettings:
        """Return the settings as they stand."""
        return LoadSettings(**{name: field.value() for name, field in self._fields.items()})

    def _check(self, field: TextLoadField, problem: QLabel, form: QFormLayout) -> None:
        words = field.problem()
        problem.setText(words)
        form.setRowVisible(problem, bool(words))
        self.checked.emit(not any(label.text() for label in self._problems.values()))
