"""What can be chosen of a model, which is best, and what another quantization is likely to need."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.catalog.cards import load_cards
from tests.ui import model_examples as examples
from tests.ui import model_fakes as fakes
from ui.control.action_states import action_of
from ui.control.picker_entries import make_entries
from ui.control.rough_fit import sorted_cards
from ui.control.variant_choices import best_choice, choices_of, first_choice, scaled

GB = 1_000_000_000
Q4, Q6, Q8, F16 = (
    fakes.variant(name, size) for name, size in (("Q4_K_M", 48), ("Q6_K", 65), ("Q8_0", 85), ("F16", 159))
)
BITS = {"Q4_K_M": 4.8, "Q6_K": 6.6, "Q8_0": 8.5, "F16": 16.0}
CODER = next(card for card in load_cards() if card.id == "qwen3-coder-next")


def plans(**verdicts):
    return {name: replace(examples.FITS, verdict=verdict) for name, verdict in verdicts.items()}


def test_variants_are_joined_with_what_is_on_disk_and_coming():
    here, coming = fakes.on_disk("Q4_K_M", 48), fakes.download(Q8)
    choices = choices_of(fakes.repository(Q4, Q8), [here], [coming])
    assert [(choice.key, choice.state) for choice in choices] == [("Q4_K_M", "here"), ("Q8_0", "running")]
    assert choices[0].source.paths == here.files
    assert choices[1].source.files == Q8.files


def test_what_a_repository_offers_no_more_is_a_choice_of_its_own():
    old = fakes.on_disk("Q5_0", 55)
    choices = choices_of(fakes.repository(Q4), [old], [])
    assert [choice.key for choice in choices] == ["Q4_K_M", old.path]


def test_another_file_of_the_same_name_is_not_the_same_variant():
    choices = choices_of(fakes.repository(Q4), [fakes.on_disk("Q4_K_M", 47)], [])
    assert [choice.state for choice in choices] == ["here", "away"]


def test_a_model_without_all_its_shards_is_incomplete():
    choices = choices_of(fakes.repository(Q4), [fakes.on_disk("Q4_K_M", 12, missing=("2.gguf",))], [])
    assert [(choice.key, choice.state) for choice in choices] == [("Q4_K_M", "incomplete")]


def test_without_a_listing_the_card_gives_rounded_sizes():
    choices = choices_of(None, [], [], CODER)
    assert [choice.quantization for choice in choices] == ["Q4_K_M", "Q5_0", "Q5_K_M", "Q6_K", "Q8_0", "F16"]
    assert all(choice.is_rounded and choice.source is None for choice in choices)


def test_the_best_is_the_closest_to_the_original_that_fits_in_fast_memory():
    choices = choices_of(fakes.repository(Q4, Q6, Q8, F16), [], [])
    fits = plans(Q4_K_M="fits", Q6_K="fits", Q8_0="fits_with_offload", F16="too_large")
    assert best_choice(choices, fits, BITS) == "Q6_K"


def test_more_bits_than_can_be_noticed_are_not_better():
    choices = choices_of(fakes.repository(Q4, Q8, F16), [], [])
    assert best_choice(choices, plans(Q4_K_M="fits", Q8_0="fits", F16="fits"), BITS) == "Q8_0"


def test_where_nothing_fits_the_smallest_is_best():
    choices = choices_of(fakes.repository(Q4, Q6, Q8), [], [])
    assert best_choice(choices, plans(Q4_K_M="mapped", Q6_K="mapped", Q8_0="too_large"), BITS) == "Q4_K_M"


def test_before_anything_is_known_the_usual_one_is_chosen():
    assert best_choice(choices_of(fakes.repository(Q4, Q8), [], []), {}, BITS) == "Q4_K_M"
    assert best_choice([], {}, {}) == ""


def test_what_is_on_disk_and_fits_is_where_one_begins():
    choices = choices_of(fakes.repository(Q4, Q6, Q8), [fakes.on_disk("Q4_K_M", 48)], [])
    assert first_choice(choices, plans(Q4_K_M="fits", Q6_K="fits"), BITS) == "Q4_K_M"
    assert first_choice(choices, plans(Q4_K_M="too_large", Q6_K="fits"), BITS) == "Q6_K"


# --- estimates ----------------------------------------------------------------------------------------------


def test_an_estimate_differs_by_the_weights_alone():
    plan = scaled(examples.FITS, 24 * GB, 48 * GB)
    before, after = examples.FITS.devices[0].parts, plan.devices[0].parts
    assert after["weights"] == before["weights"] // 2
    assert {**after, "weights": 0} == {**before, "weights": 0}
    assert plan.method == "formula"


@pytest.mark.parametrize(
    ("plan", "size", "verdict"),
    [
        (examples.FITS, 20, "fits"),
        (examples.FITS, 85, "too_large"),
        (examples.MAPPED, 90, "mapped"),
        (examples.OFFLOAD, 60, "fits_with_offload"),
    ],
)
def test_an_estimate_has_a_verdict_of_its_own(plan, size, verdict):
    assert scaled(plan, size * GB, 50 * GB).verdict == verdict


def test_an_estimate_is_slower_for_what_is_larger():
    plan = scaled(examples.FITS, 49 * GB, 48 * GB)
    assert plan.generation_speed.estimate == pytest.approx(17 * 48 / 49)


# --- the list on the left -----------------------------------------------------------------------------------


def test_fast_enough_comes_before_large_and_what_fits_before_what_does_not():
    small = replace(
        fakes.MACHINE, devices=(replace(fakes.MACHINE.devices[0], total_bytes=32 * GB, free_bytes=26 * GB),)
    )
    names = [card.name for card in sorted_cards(load_cards(), small, {})]
    assert names.index("Qwen3-Coder-30B-A3B-Instruct") < names.index("Qwen2.5-Coder-32B-Instruct")
    assert names[-1] == "Qwen3-Coder-Next"


def test_a_card_says_whether_it_fits_as_its_best_variant_was_checked():
    entries = make_entries([CODER], fakes.MACHINE, {CODER.id: examples.MAPPED}, [], [], [], None)
    assert entries[1].mark.word == "Slow"
    assert entries[1].detail == "Qwen, 80B, 3B active"


def test_empty_places_say_what_belongs_there():
    titles = [entry.title for entry in make_entries([], None, {}, [], [], [], None)]
    assert titles == ["For this machine", "On disk", "Nothing yet. Downloads appear here."]


# --- the foot -----------------------------------------------------------------------------------------------


def action(choice, plan=examples.FITS, free=300 * GB, **how):
    return action_of(choice, plan, folder="/models", disk_free=free, **how)


def test_nothing_chosen_offers_nothing():
    assert action(None).kind == "none"


def test_what_will_not_fit_can_be_downloaded_all_the_same_and_says_so():
    (choice,) = choices_of(fakes.repository(Q4), [], [])
    state = action(choice, examples.TOO_LARGE)
    assert (state.can_download, state.level) == (True, "warning")
    assert state.detail.startswith("It will not fit into memory")


def test_what_will_not_fit_can_be_loaded_anyway():
    (choice,) = choices_of(fakes.repository(Q4), [fakes.on_disk("Q4_K_M", 48)], [])
    assert action(choice, examples.TOO_LARGE).load_words == "Load anyway"
    assert action(choice, is_loaded=True).load_words == "Load again"


@pytest.mark.parametrize("state", ["queued", "checking", "running", "paused", "waiting", "verifying", "failed"])
def test_every_state_of_a_download_has_words_and_a_way_on(state):
    (choice,) = choices_of(fakes.repository(Q4), [], [fakes.download(Q4, state, problem="The line is cut.")])
    shown = action(choice)
    assert shown.words
    assert shown.kind in {"queued", "running", "paused", "waiting", "verifying", "failed"}
