"""Keeps the checks of what is on show: one at a time, the chosen variant first, and what is not wanted is dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.engine.messages import ModelInfo, Stats
from app.errors import AppError
from app.fit.values import FitPlan, Machine, ModelSource
from ui.control.model_services import Checked, FitPort

#: So much more or less free memory, as a share of all of it, is the usual unrest.
FREE_TOLERANCE = 0.02


@dataclass(frozen=True)
class Question:
    """A model, and what it is to be loaded with."""

    source: ModelSource
    wishes: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """What answers are kept by."""
        first = self.source.paths[0] if self.source.paths else self.source.files[0].url
        return first, repr(sorted(self.wishes.items()))


class FitControl(QObject):
    """Asks the fit check and keeps its answers.

    Signals:
        answered(): A check was made, or failed.
        probed(): The machine was looked at.
    """

    answered = Signal()
    probed = Signal()

    def __init__(self, fit: FitPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fit = fit
        self._answers: dict[object, Checked | AppError] = {}
        self._old_answers: dict[object, Checked | AppError] = {}
        self._wanted: list[Question] = []
        self._asked: Question | None = None
        self._request = 0
        self._seen: Machine | None = None

    @property
    def machine(self) -> Machine | None:
        """What the probe found."""
        return self._fit.machine

    def answer(self, question: Question) -> Checked | AppError | None:
        """Return the exact answer, be it of before the machine changed; None where it is not there yet."""
        return self._answers.get(question.key) or self._old_answers.get(question.key)

    def quick(self, question: Question) -> Checked | None:
        """Return an answer by arithmetic, at once; None where the headers are not known."""
        return self._fit.quick(question.source, question.wishes)

    def is_asked(self, question: Question) -> bool:
        """Whether its answer is on the way."""
        return any(wanted.key == question.key for wanted in self._wanted)

    def want(self, questions: Sequence[Question]) -> None:
        """Have these answered, in this order, and no others."""
        self._wanted = [question for question in questions if question.key not in self._answers]
        if self._asked is not None and (not self._wanted or self._wanted[0].key != self._asked.key):
            self._fit.forget(self._request)
            self._asked = None
        self._ask_next()

    def set_token(self, token: str) -> None:
        """Use another access token from now on."""
        self._fit.set_token(token)

    def look(self) -> None:
        """Look at the machine anew, and have everything checked anew if it is not as it was."""
        self._fit.probe(self._on_probed)

    def begin_load(self) -> None:
        """Give back what planning takes."""
        self.want(())
        self._fit.rest()

    def loaded(self, plan: FitPlan, model: ModelInfo) -> list[tuple[str, int, int]]:
        """Keep what a planned load took, and return (device, predicted bytes, actual bytes)."""
        return list(self._fit.loaded(plan, model))

    def replied(self, plan: FitPlan, stats: Stats) -> None:
        """Keep how fast a reply was after a planned load."""
        self._fit.replied(plan, stats)

    def retry(self, question: Question) -> None:
        """Forget that a check failed."""
        self._answers.pop(question.key, None)
        self._old_answers.pop(question.key, None)

    def stop(self) -> None:
        """Want nothing any more."""
        self.want(())

    def _on_probed(self, machine: Machine) -> None:
        before, self._seen = self._seen, machine
        if before is not None and _has_changed(before, machine):
            self._old_answers, self._answers = {**self._old_answers, **self._answers}, {}
        self.probed.emit()

    def _ask_next(self) -> None:
        if self._asked is not None or not self._wanted:
            return
        question = self._asked = self._wanted[0]
        self._request = self._fit.check(
            question.source, question.wishes, lambda answer: self._on_answer(question, answer)
        )

    def _on_answer(self, question: Question, answer: Checked | AppError) -> None:
        self._answers[question.key] = answer
        self._wanted = [wanted for wanted in self._wanted if wanted.key != question.key]
        if self._asked is question:
            self._asked = None
        self.answered.emit()
        self._ask_next()


def _has_changed(before: Machine, now: Machine) -> bool:
    """Whether another plan may come out: a device came or went, or what is free is not about what it was."""
    if [device.name for device in before.devices] != [device.name for device in now.devices]:
        return True
    pairs = zip(before.devices, now.devices, strict=True)
    return any(abs(one.free_bytes - other.free_bytes) > FREE_TOLERANCE * one.total_bytes for one, other in pairs)
