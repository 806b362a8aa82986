"""The fit pane: verdict and controls follow a plan, and what is chosen is told at every step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSlider

from tests.ui import model_examples as examples
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.models.fit_pane import FitPane, Outcome
from ui.models.wishes import Wishes, context_stops
from ui.widgets.number_field import IntField


@pytest.fixture
def pane(theme, qtbot):
    pane = FitPane(theme)
    qtbot.addWidget(pane)
    pane.resize(800, 400)
    pane.show()
    qtbot.waitExposed(pane)
    return pane


def show(pane, plan, wishes=None, **values):
    pane.show_plan(plan, replace(examples.values_of(plan), **values), wishes or Wishes())


def words(pane, name):
    return pane.findChild(QLabel, name).text()


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (examples.FITS, "Fits in memory"),
        (examples.OFFLOAD, "Fits, 31 expert layers on CPU"),
        (examples.MAPPED, "Runs mapped from disk, slowly"),
        (examples.TOO_LARGE, "Does not fit: 21.2 GB short"),
        (examples.FORMULA, "Fits in memory, by estimate"),
    ],
)
def test_the_verdict_is_said_in_words_with_the_reason_below(pane, plan, said):
    show(pane, plan)
    assert words(pane, "fit_verdict") == said
    assert words(pane, "fit_reason") == plan.reason


def test_speeds_are_ranges(pane):
    show(pane, examples.OFFLOAD)
    assert words(pane, "fit_speed") == "Writes 26\u201337 tok/s, reads 310\u2013480 tok/s"


def test_what_would_make_it_fit_is_a_button_each(pane, qtbot):
    show(pane, examples.TOO_LARGE)
    button = pane.findChild(QPushButton, "fit_change_0")
    assert button.text() == "Use 32K context"
    with qtbot.waitSignal(pane.change_requested) as asked:
        button.click()
    assert asked.args == [examples.TOO_LARGE.changes[0]]


def test_buttons_of_another_plan_are_gone(pane, qtbot):
    show(pane, examples.TOO_LARGE)
    show(pane, examples.FITS)
    visible = [button for button in pane.findChildren(QPushButton) if button.objectName().startswith("fit_change")]
    assert not [button for button in visible if button.isVisible()]


def test_the_context_slider_stops_at_powers_of_two_and_the_models_maximum():
    assert context_stops(262_144) == (1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144)
    assert context_stops(40_960)[-2:] == (32768, 40960)
    assert context_stops(512) == (1024,)


def test_a_slider_tells_every_step(pane, qtbot):
    show(pane, examples.FITS)
    heard = []
    pane.wishes_changed.connect(heard.append)
    slider = pane.findChild(QSlider, "context_slider")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert [wishes.n_ctx for wishes in heard] == [65536, 131072]
    assert heard[-1].kv_type is None


def test_an_exact_context_can_be_typed(pane, qtbot):
    show(pane, examples.FITS)
    field = pane.findChild(IntField, "context_number")
    with qtbot.waitSignal(pane.wishes_changed) as told:
        field.setValue(50_000)
    assert told.args == [Wishes(n_ctx=50_000)]


def test_showing_a_plan_tells_nothing(pane, qtbot):
    with qtbot.assertNotEmitted(pane.wishes_changed):
        show(pane, examples.FITS)
        show(pane, examples.OFFLOAD, Wishes(n_ctx=4096, kv_type="q8_0"))


def test_kv_type_is_chosen_for_k_and_v_together(pane, qtbot):
    show(pane, examples.FITS)
    box = pane.findChild(QComboBox, "kv_type_choice")
    with qtbot.waitSignal(pane.wishes_changed) as told:
        box.setCurrentIndex(box.findData("q8_0"))
        box.activated.emit(box.currentIndex())
    assert told.args[0].fields() == {"type_k": "q8_0", "type_v": "q8_0"}


def test_each_control_says_who_chose_and_can_be_given_back(pane, qtbot):
    show(pane, examples.FITS, Wishes(n_ctx=32768))
    origin = pane.findChild(QPushButton, "context_origin")
    assert origin.text() == "Yours"
    assert pane.findChild(QPushButton, "kv_type_origin").text() == "Automatic"
    with qtbot.waitSignal(pane.wishes_changed) as told:
        origin.click()
    assert told.args == [Wishes()]


def test_a_value_from_the_settings_is_said_to_be(pane):
    show(pane, examples.FITS, fixed=frozenset({"n_ctx"}))
    assert pane.findChild(QPushButton, "context_origin").text() == "Settings"


def test_everything_can_be_made_automatic_at_once(pane, qtbot):
    show(pane, examples.FITS)
    reset = pane.findChild(QPushButton, "reset_plan_button")
    assert not reset.isVisible()
    show(pane, examples.FITS, has_more=True)
    with qtbot.waitSignal(pane.reset_requested):
        reset.click()


def test_without_a_gpu_there_are_no_controls_for_one(pane):
    show(pane, examples.FITS)
    assert not pane.findChild(QSlider, "gpu_layers_slider").isVisible()
    assert not pane.findChild(QSlider, "cpu_moe_slider").isVisible()
    show(pane, examples.OFFLOAD)
    assert pane.findChild(QSlider, "gpu_layers_slider").isVisible()
    assert pane.findChild(QSlider, "cpu_moe_slider").isVisible()


def test_a_dense_model_has_no_experts_to_place(pane):
    show(pane, examples.OFFLOAD, n_expert_layer=0)
    assert not pane.findChild(QSlider, "cpu_moe_slider").isVisible()


def test_all_layers_on_the_gpu_are_shown_as_their_number(pane):
    show(pane, examples.OFFLOAD)
    assert pane.findChild(IntField, "gpu_layers_number").value() == 49


def test_a_failed_check_says_why_and_can_be_made_again(pane, qtbot):
    pane.show_problem("The header could not be read", "The server closed the connection after 2.1 MB.")
    assert words(pane, "fit_verdict") == "The header could not be read"
    with qtbot.waitSignal(pane.retry_requested):
        pane.findChild(QPushButton, "fit_retry_button").click()


def test_prediction_and_outcome_stand_side_by_side(pane):
    show(pane, examples.FITS)
    pane.show_outcome([Outcome("Memory in all", "53.2 GB", "53.1 GB", "+0.2 %")])
    said = [label.text() for label in pane.findChildren(QLabel) if label.isVisible()]
    place = said.index("Memory in all")
    assert said[place : place + 4] == ["Memory in all", "53.2 GB", "53.1 GB", "+0.2 %"]


def test_every_control_can_be_found_and_heard(pane):
    show(pane, examples.TOO_LARGE)
    assert_accessible(pane)
    assert_names_are_unique(pane)
