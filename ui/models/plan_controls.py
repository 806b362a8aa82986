"""The controls of a plan: context, KV cache type, experts on the CPU, layers on the GPU."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.models.plan_row import ChoiceRow, SliderRow
from ui.models.wishes import PlanValues, Wishes, context_stops
from ui.theme import Theme
from ui.widgets.labels import make_button

_LABEL_STEPS = 35
#: The types people use, with what they mean; others come from the load settings.
_KV_CHOICES = (
    ("f16", "f16, exact"),
    ("q8_0", "q8_0, half the memory"),
    ("q5_1", "q5_1"),
    ("q4_0", "q4_0, a quarter, costs quality"),
    ("bf16", "bf16"),
    ("f32", "f32, twice the memory"),
)


class PlanControls(QWidget):
    """Signals.

    changed(object): The Wishes as they are now, at every step of a slider.
    reset_requested(): Nothing is to be by hand any more.
    """

    changed = Signal(object)
    reset_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._wishes = Wishes()
        self.setObjectName("plan_controls")
        self._context = SliderRow(
            theme,
            "context",
            "Context size",
            "--ctx-size",
            "How many tokens of conversation fit. More takes more memory.",
            self,
        )
        self._kv = ChoiceRow(
            theme, "kv_type", "KV cache type", "--cache-type-k, --cache-type-v",
            "Smaller types take less memory per token; q8_0 is hardly worse, q4_0 is.", _KV_CHOICES, self,
        )  # fmt: skip
        self._experts = SliderRow(
            theme, "cpu_moe", "Expert layers on CPU", "--n-cpu-moe",
            "MoE expert layers kept in main memory, so that the rest fits the GPU. Fewer is faster.", self,
        )  # fmt: skip
        self._layers = SliderRow(
            theme, "gpu_layers", "GPU layers", "--n-gpu-layers",
            "Layers kept in graphics memory. More is faster.", self,
        )  # fmt: skip
        self._reset = make_button("Make everything automatic", "ghost", self.reset_requested.emit, "reset_plan_button")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.space(2))
        grid.setVerticalSpacing(theme.space(1.5))
        grid.setColumnMinimumWidth(0, theme.space(_LABEL_STEPS))
        grid.setColumnStretch(1, 1)
        rows: tuple[SliderRow | ChoiceRow, ...] = (self._context, self._kv, self._layers, self._experts)
        for row, control in enumerate(rows):
            control.put_into(grid, row)
        grid.addWidget(self._reset, 4, 1, 1, 3, Qt.AlignmentFlag.AlignRight)
        grid.setRowStretch(5, 1)
        grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._context.chosen.connect(lambda value: self._choose(n_ctx=value))
        self._kv.chosen.connect(lambda value: self._choose(kv_type=value))
        self._experts.chosen.connect(lambda value: self._choose(n_cpu_moe=value))
        self._layers.chosen.connect(lambda value: self._choose(n_gpu_layers=value))

    def show_values(self, values: PlanValues, wishes: Wishes) -> None:
        """Show the settings in force, and which of them were chosen by hand."""
        self._wishes = wishes
        self._reset.setVisible(values.has_more or not wishes.is_automatic)
        self._context.show_value(
            values.n_ctx,
            context_stops(values.n_ctx_train),
            least=256,
            most=max(values.n_ctx_train, 1024),
            is_automatic=wishes.n_ctx is None,
            is_fixed="n_ctx" in values.fixed,
        )
        self._kv.show_value(values.kv_type, is_automatic=wishes.kv_type is None, is_fixed="kv_type" in values.fixed)
        has_layers = values.has_gpu and values.n_layer > 0
        self._layers.set_shown(has_layers)
        if has_layers:
            most = values.n_layer + 1  # llama.cpp counts the output layer as one more
            shown = most if values.n_gpu_layers < 0 else min(values.n_gpu_layers, most)
            self._layers.show_value(
                shown,
                range(most + 1),
                least=0,
                most=most,
                is_automatic=wishes.n_gpu_layers is None,
                is_fixed="n_gpu_layers" in values.fixed,
            )
        # Without a GPU every expert is on the CPU anyway; there is nothing to choose.
        has_experts = values.has_gpu and values.n_expert_layer > 0
        self._experts.set_shown(has_experts)
        if has_experts:
            self._experts.show_value(
                min(values.n_cpu_moe, values.n_expert_layer),
                range(values.n_expert_layer + 1),
                least=0,
                most=values.n_expert_layer,
                is_automatic=wishes.n_cpu_moe is None,
                is_fixed="n_cpu_moe" in values.fixed,
            )

    @property
    def wishes(self) -> Wishes:
        """What was chosen by hand."""
        return self._wishes

    def _choose(self, **fields: Any) -> None:
        self._wishes = replace(self._wishes, **fields)
        self.changed.emit(self._wishes)
