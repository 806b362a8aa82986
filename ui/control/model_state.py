"""The right side of the model dialog as a value that follows what is known: choices, checks, and the chosen one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.catalog.variants import LocalModel, Repository
from app.download.values import Download
from app.engine.messages import LoadSettings
from app.errors import AppError
from app.fit.values import Change, FitPlan, Machine, ModelOutline
from ui.control.fit_control import FitControl, Question
from ui.control.model_services import Checked, Describe
from ui.control.rough_fit import size_mark
from ui.control.shown_model import ShownModel
from ui.control.variant_choices import Choice, best_choice, choices_of, first_choice, row_of, scaled
from ui.models.fit_words import CHECKING, UNKNOWN, mark_of
from ui.models.variant_model import VariantRow
from ui.models.wishes import PlanValues, Wishes

#: So many variants are checked exactly by themselves; headers are fetched for each. More when they are chosen.
MOST_CHECKED = 8
_SHOWN_FIELDS = {"n_ctx", "type_k", "type_v", "n_cpu_moe", "n_gpu_layers"}


class ModelState:
    """What is known of one model, and what was chosen of it.

    Attributes:
        hand: Fields of LoadSettings that were chosen by hand.
        choices: What can be chosen, smallest first.
        repository: As it was listed; None where it was not.
    """

    def __init__(
        self, shown: ShownModel, fit: FitControl, describe: Describe, defaults: LoadSettings, hand: Mapping[str, Any]
    ) -> None:
        self.shown = shown
        self.hand: dict[str, Any] = dict(hand)
        self.choices: list[Choice] = []
        self.repository: Repository | None = None
        self._machine: Machine | None = None
        self._quick: tuple[tuple[str, str], Checked | None] | None = None
        self._fit = fit
        self._describe = describe
        self._defaults = changed_fields(defaults)
        self._chosen = ""
        self._is_by_hand = False

    # --- what is told to it -----------------------------------------------------------------------------

    def update(
        self,
        repository: Repository | None,
        models: Sequence[LocalModel],
        downloads: Sequence[Download],
        machine: Machine | None = None,
    ) -> None:
        """Take what is listed, on disk and coming by now."""
        self.repository = repository
        self._quick = None
        self._machine = machine
        card = self.shown.card if self.shown.local is None else None
        self.choices = choices_of(repository, models, downloads, card)
        if not self._is_by_hand or self.choice is None:
            self._chosen = first_choice(self.choices, self._plans(), self._bits())

    def choose(self, key: str) -> None:
        """Choose a variant by hand."""
        self._chosen, self._is_by_hand = key, True

    def hold(self) -> None:
        """Keep the choice whatever comes to be known: something is being done with it."""
        self._is_by_hand = self.choice is not None

    def wish(self, wishes: Wishes) -> None:
        """Take what the controls say."""
        self.hold()
        others = {name: value for name, value in self.hand.items() if name not in _SHOWN_FIELDS}
        self.hand = {**others, **wishes.fields()}

    def change(self, change: Change) -> None:
        """Make a change that would make it fit."""
        self.hold()
        plan = self.plan
        before = plan.settings if plan else LoadSettings()
        for name in LoadSettings.__struct_fields__:
            value = getattr(change.settings, name)
            if value is not None and value != getattr(before, name):
                self.hand[name] = value

    def forget_quick(self) -> None:
        """Plan anew at the next question, for something else is wished."""
        self._quick = None

    def reset(self) -> None:
        """Have everything automatic."""
        self.hand = {}

    # --- what it tells ----------------------------------------------------------------------------------

    @property
    def choice(self) -> Choice | None:
        """The chosen variant."""
        return next((choice for choice in self.choices if choice.key == self._chosen), None)

    @property
    def wishes(self) -> Mapping[str, Any]:
        """Fields of LoadSettings that are not automatic."""
        return {**self._defaults, **self.hand}

    def question(self, choice: Choice) -> Question | None:
        """Return what is asked of a variant; None where nothing can be."""
        return Question(choice.source, self.wishes) if choice.source else None

    @property
    def checked(self) -> Checked | None:
        """The answer for the chosen variant: the exact one, or one by arithmetic until it is there."""
        answer = self._answer(self.choice)
        if isinstance(answer, Checked):
            return answer
        question = self.question(self.choice) if self.choice else None
        if question is None:
            return None
        if self._quick is None or self._quick[0] != question.key:  # asked for many times while it is shown once
            self._quick = question.key, self._fit.quick(question)
        return self._quick[1]

    @property
    def plan(self) -> FitPlan | None:
        """The plan of the chosen variant."""
        checked = self.checked
        return checked.plan if checked else None

    @property
    def is_exact(self) -> bool:
        """Whether the plan of the chosen variant is the exact one."""
        return isinstance(self._answer(self.choice), Checked)

    @property
    def is_being_checked(self) -> bool:
        """Whether nothing is known of the chosen variant yet, and an answer is on its way."""
        question = self.question(self.choice) if self.choice else None
        return question is not None and self.plan is None and self._fit.is_asked(question)

    @property
    def problem(self) -> AppError | None:
        """Why the chosen variant could not be checked."""
        answer = self._answer(self.choice)
        return answer if isinstance(answer, AppError) else None

    @property
    def outline(self) -> ModelOutline | None:
        """What the headers of the chosen variant, or of another, say."""
        for choice in (self.choice, *self.choices):
            answer = self._answer(choice)
            if isinstance(answer, Checked):
                return answer.outline
        return None

    def questions(self) -> list[Question]:
        """Return what is to be checked: the chosen variant first, then its neighbours in size."""
        chosen = self.choice
        if chosen is None:
            return []
        place = self.choices.index(chosen)
        near = sorted(self.choices, key=lambda choice: abs(self.choices.index(choice) - place))
        local = [choice for choice in near if choice.local is not None]
        order = [chosen, *local, *near]
        found: list[Question] = []
        for choice in order:
            question = self.question(choice)
            if question is not None and all(question.key != other.key for other in found):
                found.append(question)
        return found[:MOST_CHECKED]

    def rows(self) -> list[VariantRow]:
        """Return the choices as the table shows them."""
        plans, bits = self._plans(), self._bits()
        best = best_choice(self.choices, plans, bits) if plans else ""
        n_params = self._n_params()
        rows = []
        for choice in self.choices:
            question = self.question(choice)
            is_checking = question is not None and self._fit.is_asked(question) and choice.key not in plans
            plan = plans.get(choice.key)
            described = self._describe(choice.quantization, choice.size_bytes, n_params)
            is_best = choice.key == best and plan is not None and plan.verdict in {"fits", "fits_with_offload"}
            mark = mark_of(plan) if plan else CHECKING if is_checking else size_mark(choice.size_bytes, self._machine)
            rows.append(row_of(choice, plan, mark or UNKNOWN, described, n_params, is_best=is_best))
        return rows

    def values(self) -> PlanValues | None:
        """Return what the controls show; None without a plan."""
        checked = self.checked
        if checked is None:
            return None
        plan, outline = checked.plan, checked.outline
        names = {"n_ctx": "n_ctx", "type_k": "kv_type", "n_cpu_moe": "n_cpu_moe", "n_gpu_layers": "n_gpu_layers"}
        return PlanValues(
            n_ctx=plan.n_ctx,
            kv_type=plan.settings.type_k,
            n_cpu_moe=plan.settings.n_cpu_moe,
            n_gpu_layers=plan.settings.n_gpu_layers,
            n_ctx_train=outline.n_ctx_train,
            n_layer=outline.n_layer,
            n_expert_layer=outline.n_expert_layer,
            has_gpu=any(device.kind != "cpu" for device in plan.devices),
            fixed=frozenset(shown for name, shown in names.items() if name in self._defaults),
            has_more=bool(self.hand.keys() - _SHOWN_FIELDS),
        )

    # --- inside -----------------------------------------------------------------------------------------

    def _answer(self, choice: Choice | None) -> Checked | AppError | None:
        question = self.question(choice) if choice else None
        return self._fit.answer(question) if question else None

    def _plans(self) -> dict[str, FitPlan]:
        """Return a plan of every variant: exact where it was checked, else scaled from one that was."""
        plans: dict[str, FitPlan] = {}
        known: tuple[FitPlan, int] | None = None
        for choice in (self.choice, *self.choices):
            if choice is None:
                continue
            answer = self._answer(choice)
            plan = answer.plan if isinstance(answer, Checked) else None
            if plan is None and choice is self.choice and not isinstance(answer, AppError):
                checked = self.checked
                plan = checked.plan if checked else None
            if plan is not None:
                plans[choice.key] = plan
                known = known or (plan, choice.size_bytes)
        if known is not None:
            for choice in self.choices:
                if choice.key not in plans and not isinstance(self._answer(choice), AppError):
                    plans[choice.key] = scaled(known[0], choice.size_bytes, known[1])
        return plans

    def _bits(self) -> dict[str, float]:
        n_params = self._n_params()
        if n_params:
            return {choice.key: 8 * choice.size_bytes / n_params for choice in self.choices}
        return {choice.key: self._describe(choice.quantization).bits or 0.0 for choice in self.choices}

    def _n_params(self) -> int:
        """Return the number of weights, as the headers, the listing or the card says it."""
        if outline := self.outline:
            return outline.n_params
        listed = getattr(self.repository, "n_params", 0)
        return listed or (self.shown.card.parameters.total if self.shown.card else 0)


def changed_fields(settings: LoadSettings) -> dict[str, Any]:
    """Return the fields that are not the program's own defaults."""
    own = LoadSettings()
    names = LoadSettings.__struct_fields__
    return {name: getattr(settings, name) for name in names if getattr(settings, name) != getattr(own, name)}
