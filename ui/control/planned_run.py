"""How a load that was planned turned out: what it took and how fast it is, kept beside the prediction."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.engine.messages import AnyEvent, Died, Finished, Loaded, Unloaded
from app.fit.values import FitPlan
from ui.control.fit_control import FitControl
from ui.control.outcome import outcome_of
from ui.models.fit_pane import Outcome

#: A reply of fewer tokens says nothing of speed.
LEAST_TOKENS = 32


class PlannedRun(QObject):
    """Follows the latest planned load.

    Signals:
        changed(): More is known of it.
    """

    changed = Signal()

    def __init__(self, fit: FitControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fit = fit
        self._path = ""
        self._plan: FitPlan | None = None
        self._taken: Sequence[tuple[str, int, int]] = ()
        self._tokens_per_second: float | None = None

    def begin(self, path: str, plan: FitPlan) -> None:
        """A model is about to be loaded as planned."""
        self._path, self._plan, self._taken, self._tokens_per_second = path, plan, (), None
        self._fit.begin_load()

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        if self._plan is None:
            return
        match event:
            case Loaded(model=model) if model.path == self._path:
                self._taken = self._fit.loaded(self._plan, model)
                self.changed.emit()
            case Finished(stats=stats) if self._taken:
                self._fit.replied(self._plan, stats)
                if stats.generate_seconds > 0 and stats.generated_tokens >= LEAST_TOKENS:
                    self._tokens_per_second = stats.generated_tokens / stats.generate_seconds
                    self.changed.emit()
            case Loaded() | Unloaded() | Died() if self._taken:  # before, they are of the model that has to go
                self._plan, self._taken = None, ()
                self.changed.emit()
            case _:
                pass

    def outcome(self, path: str) -> list[Outcome]:
        """Return predicted beside actual for a model; nothing unless it is the one that is loaded as planned."""
        if self._plan is None or path != self._path or not self._taken:
            return []
        return outcome_of(self._plan, self._taken, self._tokens_per_second)
