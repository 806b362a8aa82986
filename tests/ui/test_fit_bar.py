"""The fit bar: where its pieces lie, what it says of them, and that its colours can be told apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import QPointF

from app.fit.values import PARTS, DevicePlan
from tests.ui import model_examples as examples
from tests.ui.test_theme_tokens import contrast
from ui.models.fit_bar import FitBar
from ui.models.fit_legend import FitLegend
from ui.models.fit_segments import MOST_BEYOND, lay_out
from ui.theme.tokens import COLOR_THEMES, load_colors

GB = 1_000_000_000
WIDTH = 400.0


def device(free=60, total=64, mapped=0, **parts) -> DevicePlan:
    """Return a device; sizes in GB."""
    return DevicePlan(
        name="CPU",
        description="",
        kind="cpu",
        total_bytes=total * GB,
        free_bytes=free * GB,
        parts={name: size * GB for name, size in parts.items()},
        mapped_bytes=mapped * GB,
    )


def kinds(layout):
    return [(segment.kind, segment.part) for segment in layout.segments]


# --- where the pieces lie -----------------------------------------------------------------------------------


def test_pieces_stand_in_order_others_first_and_what_is_free_last():
    layout = lay_out(device(kv_cache=4, weights=20), WIDTH)
    assert kinds(layout) == [("others", None), ("part", "weights"), ("part", "kv_cache"), ("free", None)]


def test_lengths_are_in_proportion_to_bytes():
    layout = lay_out(device(free=64, weights=16), WIDTH)
    weights = layout.segments[0]
    assert weights.end - weights.start == pytest.approx(100)


def test_what_fits_ends_before_the_edge():
    layout = lay_out(device(weights=60), WIDTH)
    assert layout.edge == WIDTH
    assert not layout.is_cut
    assert layout.segments[-1].end <= layout.edge + 2


def test_what_does_not_fit_is_drawn_beyond_the_edge():
    layout = lay_out(device(weights=70), WIDTH)
    assert layout.edge == pytest.approx(WIDTH * 64 / 74)
    assert layout.segments[-1].end == pytest.approx(WIDTH)
    assert not layout.is_cut


def test_far_too_much_is_cut_off_and_leaves_the_device_its_length():
    layout = lay_out(device(weights=600), WIDTH)
    assert layout.edge == pytest.approx(WIDTH * (1 - MOST_BEYOND))
    assert layout.segments[-1].end == WIDTH
    assert layout.is_cut


def test_mapped_weights_come_last_for_the_rest_of_them_stays_on_disk():
    layout = lay_out(device(weights=90, mapped=90, kv_cache=4), WIDTH)
    assert kinds(layout) == [("others", None), ("part", "kv_cache"), ("mapped", "weights")]


def test_mapped_weights_are_told_from_others_only_where_it_matters():
    planned = device(weights=20, mapped=15)
    assert ("mapped", "weights") in kinds(lay_out(planned, WIDTH))
    assert ("mapped", "weights") not in kinds(lay_out(planned, WIDTH, shows_mapped=False))


def test_a_tiny_part_can_be_seen_and_pointed_at():
    layout = lay_out(replace(device(weights=20), parts={"weights": 20 * GB, "output": 1000}), WIDTH)
    output = next(segment for segment in layout.segments if segment.part == "output")
    assert output.end - output.start >= 2
    assert layout.at(output.start + 1).part == "output"


sizes = st.integers(0, 2**41)


@given(
    st.integers(1, 2**41), st.floats(0, 1), st.dictionaries(st.sampled_from(PARTS), sizes), sizes, st.floats(20, 4000)
)
def test_pieces_join_and_stay_inside_whatever_the_sizes(total, share, parts, mapped, width):
    planned = DevicePlan(
        name="CPU", description="", kind="cpu", total_bytes=total, free_bytes=int(total * share), parts=parts,
        mapped_bytes=mapped,
    )  # fmt: skip
    layout = lay_out(planned, width)
    assert all(one.end == other.start for one, other in pairwise(layout.segments))
    assert all(0 <= segment.start <= segment.end <= width + 0.001 for segment in layout.segments)
    assert 0 < layout.edge <= width + 0.001


# --- what it says -------------------------------------------------------------------------------------------


@pytest.fixture
def bar(theme, qtbot):
    bar = FitBar(theme)
    qtbot.addWidget(bar)
    bar.resize(600, 200)
    bar.show()
    return bar


def test_the_bar_has_a_name_and_tells_everything_it_shows(bar):
    bar.show_plan(examples.OFFLOAD)
    assert bar.objectName() == "fit_bar"
    said = bar.accessibleDescription()
    assert "Memory: 68.7 GB, of which others use 14.0 GB" in said
    assert "CUDA0, NVIDIA GeForce RTX 4090" in said
    assert "Weights 18.3 GB" in said


def test_pointing_at_a_piece_says_what_it_is(bar):
    bar.show_plan(examples.FITS)
    rect = bar.bar_rect(0)
    weights = next(piece for piece in bar.layout_of(0).segments if piece.part == "weights")
    tip = bar.tip_at(QPointF(weights.start + 20, rect.center().y()))
    assert tip.startswith("Weights: 48.4 GB, 91% of what is needed here.")
    assert bar.tip_at(QPointF(3, rect.center().y())) == "Used by other programs: 14.0 GB"
    assert bar.tip_at(QPointF(3, rect.bottom() + 20)) == ""


def test_every_device_has_a_bar_below_the_other(bar):
    bar.show_plan(examples.TWO_GPUS)
    tops = [bar.bar_rect(index).top() for index in range(3)]
    assert tops == sorted(tops)
    assert bar.bar_rect(2).bottom() <= bar.sizeHint().height()


@pytest.mark.parametrize("plan", [examples.FITS, examples.MAPPED, examples.TOO_LARGE, examples.TWO_GPUS])
@pytest.mark.parametrize("width", [1, 30, 3000])
def test_the_bar_is_painted_at_any_width(bar, plan, width):
    bar.resize(width, 200)
    bar.show_plan(plan)
    assert not bar.grab().isNull()


def test_an_empty_bar_is_painted(bar):
    bar.show_plan(None)
    assert not bar.grab().isNull()
    assert bar.accessibleDescription() == ""


def test_the_legend_gives_sums_over_all_devices(theme, qtbot):
    legend = FitLegend(theme)
    qtbot.addWidget(legend)
    legend.show_plan(examples.OFFLOAD)
    entries = dict(legend.entries())
    assert entries["Weights"] == "52.6 GB"
    assert entries["Other programs"] == "16.1 GB"
    assert list(entries)[-1] == "Free"


def test_the_legend_takes_more_lines_where_it_is_narrow(theme, qtbot):
    legend = FitLegend(theme)
    qtbot.addWidget(legend)
    legend.show_plan(examples.FITS)
    assert legend.heightForWidth(300) > legend.heightForWidth(1500)


# --- its colours --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COLOR_THEMES)
def test_every_part_can_be_seen_on_its_ground(name):
    colors = load_colors(name).colors
    least = 4.5 if name.startswith("high-contrast") else 3.0
    grounds = ("surface.raised", "background")
    faint = [part for part in PARTS for ground in grounds if contrast(colors[f"fit.{part}"], colors[ground]) < least]
    assert not faint


@pytest.mark.parametrize("name", COLOR_THEMES)
def test_neighbours_differ_in_lightness_so_that_they_are_told_apart_without_colour(name):
    colors = load_colors(name).colors
    alike = [pair for pair in pairwise(PARTS) if contrast(colors[f"fit.{pair[0]}"], colors[f"fit.{pair[1]}"]) < 1.5]
    assert not alike
