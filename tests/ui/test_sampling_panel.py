"""The sampling panel: every field shows its value and who set it, takes another, and gives it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QSlider,
    QToolButton,
    QWidget,
)

from app.engine.sampling import DEFAULT_SAMPLERS, SPEC_BY_NAME, SPECS, Sampling
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.sampling.editors import lines_of, parse_lines
from ui.sampling.sampling_panel import SamplingPanel

SLIDERS = [spec for spec in SPECS if spec.kind in {"float", "int"} and spec.name != "seed"]
BY_KIND = {
    "choice": 2,
    "bool": True,
    "strings": ("a\nb", "\\n", "</s>"),
    "bias": ((5, -1.0), ("foo", 2.5)),
    "text": '{"type": "object"}',
    "order": ("top_k", "temperature"),
}


def another_value(spec):
    """Return a value of a field that is not its default."""
    if spec.kind == "float":
        return round(spec.minimum + 3 * spec.step, 6)
    return int(spec.minimum) + 7 if spec.kind == "int" else BY_KIND[spec.kind]


ANOTHER = [pytest.param(spec.name, another_value(spec), id=spec.name) for spec in SPECS]


@pytest.fixture
def panel(theme, qtbot):
    panel = SamplingPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(320, 700)
    panel.set_show_all(True)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def field(panel, name) -> QWidget:
    return panel.findChild(QWidget, f"field_{name}")


def shown(panel, name):
    """Return the value that a field shows."""
    widget, kind = field(panel, name), SPEC_BY_NAME[name].kind
    match widget:
        case QPlainTextEdit():
            return widget.toPlainText() if kind == "text" else parse_lines(kind, widget.toPlainText())
        case QComboBox():
            return widget.currentData()
        case QCheckBox():
            return widget.isChecked()
        case QListWidget():
            items = [widget.item(row) for row in range(widget.count())]
            return tuple(
                item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked
            )
    return round(widget.value(), 6)


def put(panel, name, value):
    """Do what a person does to give a field a value."""
    widget, kind = field(panel, name), SPEC_BY_NAME[name].kind
    match widget:
        case QPlainTextEdit():
            widget.setPlainText(value if kind == "text" else lines_of(kind, value))
        case QComboBox():
            widget.setCurrentIndex(widget.findData(value))
        case QCheckBox():
            widget.click()
        case QListWidget():
            for row in range(widget.count()):
                if widget.item(row).data(Qt.ItemDataRole.UserRole) not in value:
                    widget.item(row).setCheckState(Qt.CheckState.Unchecked)
        case _:
            widget.setValue(value)


def listened(signal):
    """Return a list that takes what a signal says: its value, or its values as a tuple."""
    heard = []
    signal.connect(lambda *values: heard.append(values[0] if len(values) == 1 else values))
    return heard


def origin(panel, name):
    return panel.findChild(QLabel, f"origin_{name}").text()


def reset(panel, name) -> QToolButton:
    return panel.findChild(QToolButton, f"reset_{name}")


def problem(panel, name):
    """Return what is said below a field; empty if nothing is."""
    labels = field(panel, name).parentWidget().findChildren(QLabel)
    return "".join(label.text() for label in labels if label.isVisible())


# --- values and where they come from --------------------------------------------------------------------------


def test_every_field_of_the_engine_has_a_row_with_its_default(panel):
    for name in Sampling.__struct_fields__:
        assert shown(panel, name) == getattr(Sampling(), name), name
        assert origin(panel, name) == "engine"
        assert not reset(panel, name).isVisible()


@pytest.mark.parametrize(("name", "value"), ANOTHER)
def test_a_field_shows_what_the_model_recommends_and_what_the_user_set_above_it(panel, name, value):
    default = getattr(Sampling(), name)
    assert value != default
    panel.show_sampling({name: value}, {})
    assert (shown(panel, name), origin(panel, name)) == (value, "card")
    assert not reset(panel, name).isVisible()
    panel.show_sampling({name: value}, {name: default})
    assert (shown(panel, name), origin(panel, name)) == (default, "you")
    assert reset(panel, name).isVisible()
    panel.show_sampling({}, {})
    assert (shown(panel, name), origin(panel, name)) == (default, "engine")


@pytest.mark.parametrize(("name", "value"), ANOTHER)
def test_showing_a_value_is_no_edit(panel, name, value):
    edits = listened(panel.value_changed)
    panel.show_sampling({}, {name: value})
    panel.show_sampling({}, {})
    panel.flush()
    assert edits == []


@pytest.mark.parametrize(("name", "value"), ANOTHER)
def test_an_edit_says_the_field_and_its_value(panel, name, value):
    edits = listened(panel.value_changed)
    put(panel, name, value)
    assert edits[-1] == (name, value)
    assert type(edits[-1][1]) is type(value)
    if SPEC_BY_NAME[name].kind != "order":  # one check mark after the other
        assert len(edits) == 1


@pytest.mark.parametrize(("name", "value"), ANOTHER)
def test_reset_gives_back_the_field_and_shows_what_was_inherited(panel, qtbot, name, value):
    panel.show_sampling({}, {name: value})
    resets = listened(panel.value_reset)
    panel.ensureWidgetVisible(reset(panel, name))
    qtbot.mouseClick(reset(panel, name), Qt.MouseButton.LeftButton)
    assert resets == [name]
    assert "Reset" in reset(panel, name).accessibleName()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("top_k", 500),  # beyond the slider
        ("temperature", 3.5),
        ("seed", 4294967294),
        ("seed", 2**31),
        ("min_p", 0.005),  # finer than the step
        ("top_p", 0.9375),
        ("presence_penalty", -2.5),
    ],
)
def test_a_value_beyond_the_usual_is_shown_as_it_is(panel, name, value):
    panel.show_sampling({name: value}, {})
    assert shown(panel, name) == value


def test_decimals_are_as_many_as_a_value_needs_and_two_at_least(panel):
    panel.show_sampling({}, {"temperature": 0.7, "min_p": 0.005})
    assert (field(panel, "temperature").text(), field(panel, "min_p").text()) == ("0.70", "0.005")


def test_a_field_that_is_off_says_so(panel):
    off = field(panel, "top_k").parentWidget().parentWidget().findChildren(QLabel)
    panel.show_sampling({}, {"top_k": 0})
    assert "off" in [label.text() for label in off if label.isVisible()]
    panel.show_sampling({}, {"top_k": 40})
    assert "off" not in [label.text() for label in off if label.isVisible()]


@pytest.mark.parametrize("spec", SLIDERS, ids=lambda spec: spec.name)
def test_a_slider_reaches_both_ends_and_follows_the_field(panel, spec):
    edits = listened(panel.value_changed)
    slider = panel.findChild(QSlider, f"slider_{spec.name}")
    for value in (spec.minimum, spec.maximum, spec.minimum):
        slider.setValue(slider.maximum() if value == spec.maximum else slider.minimum())
        assert shown(panel, spec.name) == pytest.approx(value)
    assert edits[-1] == (spec.name, pytest.approx(spec.minimum))
    field(panel, spec.name).setValue(spec.maximum)
    assert slider.value() == slider.maximum()


# --- the order of samplers ------------------------------------------------------------------------------------


def test_a_sampler_is_moved_by_keyboard(panel, qtbot):
    edits = listened(panel.value_changed)
    order = field(panel, "samplers")
    order.setCurrentRow(1)
    qtbot.keyClick(order, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert edits == [("samplers", ("dry", "penalties", *DEFAULT_SAMPLERS[2:]))]
    assert order.currentRow() == 0
    qtbot.keyClick(order, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)  # it is the first already
    assert len(edits) == 1


def test_a_sampler_is_moved_by_dragging(panel):
    edits = listened(panel.value_changed)
    field(panel, "samplers").model().moveRow(QModelIndex(), 0, QModelIndex(), 3)
    assert edits == [("samplers", ("dry", "top_n_sigma", "penalties", *DEFAULT_SAMPLERS[3:]))]


def test_a_sampler_that_is_left_out_stays_in_the_list_without_its_mark(panel):
    panel.show_sampling({}, {"samplers": ("temperature",)})
    order = field(panel, "samplers")
    assert order.count() == len(DEFAULT_SAMPLERS) + 1
    assert shown(panel, "samplers") == ("temperature",)
    order.item(1).setCheckState(Qt.CheckState.Checked)
    assert shown(panel, "samplers") == ("temperature", order.item(1).data(Qt.ItemDataRole.UserRole))


# --- texts, biases and constraints ----------------------------------------------------------------------------


@given(st.lists(st.text(min_size=1).filter(str.strip), max_size=4).map(tuple))
def test_texts_are_lines_and_back(texts):
    assert parse_lines("strings", lines_of("strings", texts)) == texts


@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(0, 10**6), st.text(min_size=1).filter(lambda text: not text.strip().isdecimal())),
            st.sampled_from([-100.0, -1e9, 0.5, 1e9]),
        ),
        max_size=4,
    ).map(tuple)
)
def test_biases_are_lines_and_back(biases):
    assert parse_lines("bias", lines_of("bias", biases)) == biases


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("logit_bias", "5 = 1\nhello", "Not understood: hello"),
        ("logit_bias", "5 = nan", "Not understood: 5 = nan"),
        ("logit_bias", "= 1", "Not understood: = 1"),
        ("json_schema", '{"type": ', "Not JSON"),
        ("json_schema", "5", "A schema is a JSON object"),
    ],
)
def test_what_is_not_understood_is_said_below_the_field_and_not_taken(panel, qtbot, name, text, words):
    edits = listened(panel.value_changed)
    field(panel, name).setPlainText(text)
    assert words in problem(panel, name)
    assert edits == []
    field(panel, name).setPlainText("")
    qtbot.waitUntil(lambda: problem(panel, name) == "")


def test_a_token_is_forbidden_with_minus_infinity(panel):
    edits = listened(panel.value_changed)
    field(panel, "logit_bias").setPlainText("12 = -inf\n the = 2")
    assert edits == [("logit_bias", ((12, -1e9), (" the", 2.0)))]
    panel.show_sampling({}, {"logit_bias": edits[0][1]})
    assert "12 = -inf" in field(panel, "logit_bias").toPlainText()


def test_stop_strings_can_hold_line_breaks(panel):
    edits = listened(panel.value_changed)
    field(panel, "stop").setPlainText("\\n\\n\n\nUser:")
    assert edits == [("stop", ("\n\n", "User:"))]


def test_text_that_is_being_typed_is_not_rewritten_by_its_own_echo(panel, qtbot):
    panel.value_changed.connect(lambda name, value: panel.show_sampling({}, {name: value}))
    edit = field(panel, "logit_bias")
    edit.setFocus()
    qtbot.keyClicks(edit, "5=1")
    panel.flush()
    assert edit.toPlainText() == "5=1"


@pytest.mark.parametrize("is_told", [True, False])
def test_a_reset_empties_the_field_in_which_the_cursor_is(panel, qtbot, is_told):
    panel.show_sampling({}, {"stop": ("a",)})
    edit = field(panel, "stop")
    edit.setFocus()
    qtbot.keyClicks(edit, "bcd")  # all but the first letter wait for their interval
    if is_told:
        panel.flush()
    edits = listened(panel.value_changed)
    panel.show_sampling({}, {})
    panel.flush()
    assert edit.toPlainText() == ""
    assert edits == []


def test_what_was_typed_last_is_told_when_the_cursor_goes_elsewhere(panel, qtbot):
    edits = listened(panel.value_changed)
    edit = field(panel, "stop")
    edit.setFocus()
    qtbot.keyClicks(edit, "abc")
    assert edits == [("stop", ("a",))]
    edit.clearFocus()
    assert edits == [("stop", ("a",)), ("stop", ("abc",))]


# --- what is shown of the panel -------------------------------------------------------------------------------


def visible(panel):
    return {spec.name for spec in SPECS if field(panel, spec.name).isVisible()}


def test_only_the_usual_fields_are_shown_and_those_the_user_set(panel, qtbot):
    usual = {spec.name for spec in SPECS if not spec.advanced}
    assert visible(panel) == {spec.name for spec in SPECS}
    with qtbot.waitSignal(panel.show_all_changed):
        panel.findChild(QCheckBox, "show_all_samplers").click()
    assert visible(panel) == usual
    panel.show_sampling({"typical_p": 0.9}, {"xtc_probability": 0.5})
    assert visible(panel) == {*usual, "xtc_probability"}
    headings = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "XTC" in headings
    assert "DRY" not in headings


def test_a_search_finds_a_field_by_label_name_and_group(panel):
    panel.set_show_all(False)
    panel.findChild(QLineEdit, "sampling_search").setText("dry base")
    assert visible(panel) == {"dry_base"}
    panel.findChild(QLineEdit, "sampling_search").setText("mirostat_tau")
    assert visible(panel) == {"mirostat_tau"}


def test_everything_can_be_found_and_heard(panel):
    panel.show_sampling({}, {spec.name: another_value(spec) for spec in SPECS})
    assert_accessible(panel)
    assert_names_are_unique(panel)
