"""Keeps the checks of what is on show: one at a time, the chosen variant first, and what is not wanted is dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.fit.values import Machine, ModelSource
from ui.control.model_services import Checked, FitPort


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
    """

    answered = Signal()

    def __init__(self, fit: FitPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fit = fit
        self._answers: dict[object, Checked | AppError] = {}
        self._wanted: list[Question] = []
        self._asked: Question | None = None
        self._request = 0

    @property
    def machine(self) -> Machine | None:
        """What the probe found."""
        return self._fit.machine

    def answer(self, question: Question) -> Checked | AppError | None:
        """Return the exact answer; None where it is not there yet."""
        return self._answers.get(question.key)

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

    def forget_answers(self) -> None:
        """Have everything checked anew: the machine is not as it was."""
        self._answers.clear()

    def retry(self, question: Question) -> None:
        """Forget that a check failed."""
        self._answers.pop(question.key, None)

    def stop(self) -> None:
        """Want nothing any more."""
        self.want(())

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
