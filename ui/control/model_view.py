"""Shows a ModelState in the parts of the dialog: which words when, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from ui.control.listing_control import Listing, wants_token
from ui.control.model_state import ModelState
from ui.models.fit_pane import FitPane, Outcome
from ui.models.listing_view import ListingView
from ui.models.wishes import Wishes


def show_listing(view: ListingView, state: ModelState, listing: Listing | None, *, has_token: bool) -> None:
    """Show the variants, and what is wrong with their listing."""
    error = listing.error if listing else None
    if state.choices:
        choice = state.choice
        view.show_rows(state.rows(), choice.key if choice else "")
    elif listing is not None and listing.is_loading:
        view.show_loading("Reading the list of files \u2026")
    elif error is not None:
        view.show_nothing("No variants are known", "They appear here once the list of files has been read.")
    else:
        view.show_nothing("No variants to choose", "There is nothing here that llama.cpp could load.")
    if error is None:
        view.hide_problem()
        return
    is_rounded = any(choice.is_rounded for choice in state.choices)
    rounded = " The sizes below are those of the model card." if is_rounded else ""
    words = " ".join(part for part in (error.message, error.hint) if part) + rounded
    view.show_problem(error.title, words, wants_token=wants_token(error, has_token=has_token))


def show_fit(pane: FitPane, state: ModelState, outcome: Sequence[Outcome]) -> None:
    """Show what the chosen variant needs, or why that is not known."""
    checked, values, choice = state.checked, state.values(), state.choice
    pane.setVisible(choice is not None)
    if choice is None:
        return
    if checked is not None and values is not None:
        pane.show_plan(checked.plan, values, Wishes.of(state.hand), is_stale=not state.is_exact)
        if state.problem is not None:
            pane.show_doubt(f"Estimated, for the exact check failed: {state.problem.title}. {state.problem.message}")
    elif state.problem is not None:
        pane.show_problem(state.problem.title, f"{state.problem.message} {state.problem.hint}".strip())
    elif choice.local is not None and choice.local.missing:
        pane.show_waiting("Some of its files are missing, so it cannot be checked or loaded.")
    elif choice.source is None:
        pane.show_waiting("It is checked exactly once its files have been listed.")
    else:
        pane.show_checking("Reading the header, then llama.cpp plans the load \u2026")
    pane.show_outcome(outcome)
