"""Load settings: what the form is given it gives back, and what it cannot read it says."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QSlider, QSpinBox, QWidget

from app.engine.messages import FlashAttention, KvType, LoadSettings, RopeScaling, SplitMode
from tests.ui.accessibility import assert_accessible, assert_names_are_unique
from ui.models.load_dialog import LoadDialog
from ui.models.load_fields import CONTEXT_STOPS
from ui.models.load_form import LoadForm
from ui.models.load_specs import LOAD_SPECS

GIB = 1024**3


@pytest.fixture
def form(theme, qtbot):
    form = LoadForm(theme)
    qtbot.addWidget(form)
    form.resize(620, 700)
    form.show_settings(LoadSettings())
    form.show()
    qtbot.waitExposed(form)
    return form


@pytest.fixture
def dialog(theme, qtbot):
    dialog = LoadDialog(theme)
    qtbot.addWidget(dialog)
    return dialog


def problem(form, name):
    """Return what is said below a field; empty if nothing is."""
    label = form.findChild(QLabel, f"problem_{name}")
    return label.text() if label.isVisible() else ""


def listened(signal):
    heard = []
    signal.connect(lambda *values: heard.append(values))
    return heard


# --- there and back -------------------------------------------------------------------------------------------

word = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=6)
number = st.floats(0, 1000, allow_nan=False)
yarn = st.one_of(st.just(-1.0), number)
any_settings = st.builds(
    LoadSettings,
    n_ctx=st.integers(0, 4_000_000),
    n_batch=st.integers(1, 65536),
    n_ubatch=st.integers(1, 65536),
    n_threads=st.none() | st.integers(1, 1024),
    n_threads_batch=st.none() | st.integers(1, 1024),
    n_gpu_layers=st.integers(-1, 2000),
    n_cpu_moe=st.integers(0, 2000),
    tensor_overrides=st.lists(st.tuples(st.sampled_from(["blk\\.3", "a=b", "ffn_(up|gate)"]), word)).map(tuple),
    type_k=st.sampled_from(get_args(KvType)),
    type_v=st.sampled_from(get_args(KvType)),
    flash_attn=st.sampled_from(get_args(FlashAttention)),
    use_mmap=st.booleans(),
    use_mlock=st.booleans(),
    use_extra_bufts=st.none() | st.booleans(),
    devices=st.none() | st.lists(word).map(tuple).filter(lambda names: names != ("none",)),
    main_gpu=st.integers(0, 63),
    split_mode=st.sampled_from(get_args(SplitMode)),
    tensor_split=st.lists(number, max_size=3).map(tuple),
    offload_kqv=st.booleans(),
    op_offload=st.booleans(),
    rope_scaling=st.sampled_from(get_args(RopeScaling)),
    rope_freq_base=st.floats(0, 1e10),
    rope_freq_scale=number,
    yarn_ext_factor=yarn,
    yarn_attn_factor=yarn,
    yarn_beta_fast=yarn,
    yarn_beta_slow=yarn,
    yarn_orig_ctx=st.integers(0, 2**21),
    checkpoint_bytes=st.integers(0, 2**42),
    prompt_cache_bytes=st.integers(0, 2**42),
)


@given(any_settings)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_the_form_gives_back_the_settings_it_shows(form, wanted):
    form.show_settings(wanted)
    assert form.settings() == wanted


def test_every_load_setting_has_one_field():
    assert sorted(spec.name for spec in LOAD_SPECS) == sorted(LoadSettings.__struct_fields__)


def test_the_defaults_come_back_as_they_are(form):
    assert form.settings() == LoadSettings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("rope_freq_scale", "0.125", 0.125),
        ("rope_freq_base", "500000", 500000.0),
        ("checkpoint_bytes", "1.5 GiB", 3 * GIB // 2),
        ("n_gpu_layers", "12", 12),
        ("n_threads", "6", 6),
    ],
)
def test_a_number_that_is_typed_is_the_number_that_is_loaded_with(form, qtbot, name, text, value):
    field = form.findChild(QWidget, f"load_{name}")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.settings() == structs.replace(LoadSettings(), **{name: value})


@pytest.mark.parametrize(
    ("name", "words"),
    [("n_gpu_layers", "All"), ("n_threads", "Physical cores"), ("rope_freq_base", "Model's own")],
)
def test_a_value_that_stands_for_something_is_shown_in_words(form, name, words):
    assert form.findChild(QWidget, f"load_{name}").text() == words


def test_threads_that_were_set_can_be_given_back_to_the_engine(form):
    form.show_settings(LoadSettings(n_threads=4))
    form.findChild(QSpinBox, "load_n_threads").setValue(0)
    assert form.settings().n_threads is None


@pytest.mark.parametrize(
    ("text", "devices"),
    [("", None), ("none", ()), ("CUDA0", ("CUDA0",)), (" CUDA0 ,, Vulkan1 ", ("CUDA0", "Vulkan1"))],
)
def test_devices_are_names_parted_by_commas(form, text, devices):
    form.findChild(QLineEdit, "load_devices").setText(text)
    assert form.settings().devices == devices


# --- the context ----------------------------------------------------------------------------------------------


def slider(form) -> QSlider:
    return form.findChild(QSlider, "load_context_slider")


def test_the_context_slider_snaps_to_powers_of_two_and_ends_at_what_the_model_was_trained_for(form):
    form.show_settings(LoadSettings(n_ctx=8192), 40_960)
    slider(form).setValue(slider(form).maximum())
    assert form.settings().n_ctx == 32_768
    slider(form).setValue(0)
    assert form.settings().n_ctx == CONTEXT_STOPS[0]


def test_the_context_slider_follows_the_exact_field_and_leaves_it_alone(form):
    field = form.findChild(QSpinBox, "context_field")
    field.setValue(16_000)
    assert CONTEXT_STOPS[slider(form).value()] == 16_384
    assert form.settings().n_ctx == 16_000


def test_a_context_beyond_training_can_be_set_exactly(form):
    form.show_settings(LoadSettings(n_ctx=100_000), 8192)
    assert form.settings().n_ctx == 100_000
    assert slider(form).value() == slider(form).maximum()


def test_a_model_of_unknown_training_does_not_get_the_limit_of_the_one_before(form):
    form.show_settings(LoadSettings(), 8192)
    form.show_settings(LoadSettings(), None)
    slider(form).setValue(slider(form).maximum())
    assert form.settings().n_ctx == CONTEXT_STOPS[-1]


# --- what cannot be read --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("blk.3=CPU\nffn_up", "ffn_up"),
        ("=CPU", "=CPU"),
        ("blk.3=", "Not understood: blk.3"),
        ("blk.(3=CPU", "blk.(3"),
    ],
)
def test_a_tensor_override_that_is_not_understood_is_said(form, text, words):
    edit = form.findChild(QPlainTextEdit, "load_tensor_overrides")
    edit.setPlainText(text)
    assert words in problem(form, "tensor_overrides")
    edit.setPlainText("blk.3=CPU\n\n ffn_up = CUDA0 ")
    assert problem(form, "tensor_overrides") == ""
    assert form.settings().tensor_overrides == (("blk.3", "CPU"), ("ffn_up", "CUDA0"))


@pytest.mark.parametrize("share", ["x", "nan", "inf", "-1", "3;1"])
def test_a_share_that_is_no_number_is_said(form, share):
    line = form.findChild(QLineEdit, "load_tensor_split")
    line.setText(f"3, {share}")
    assert share in problem(form, "tensor_split")
    line.setText("3, 1")
    assert problem(form, "tensor_split") == ""
    assert form.settings().tensor_split == (3.0, 1.0)


def test_showing_other_settings_takes_a_problem_away(form):
    form.findChild(QPlainTextEdit, "load_tensor_overrides").setPlainText("nonsense")
    form.show_settings(LoadSettings())
    assert problem(form, "tensor_overrides") == ""


# --- the dialog -----------------------------------------------------------------------------------------------


def press(dialog, name, qtbot):
    qtbot.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_load_says_which_model_and_with_what(dialog, qtbot):
    asked = listened(dialog.load_requested)
    dialog.show_model("/models/tiny.gguf", LoadSettings(n_threads=3), 8192)
    assert dialog.isVisible()
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "tiny" in texts
    dialog.findChild(QSpinBox, "load_n_batch").setValue(256)
    press(dialog, "load_with_settings_button", qtbot)
    assert asked == [("/models/tiny.gguf", LoadSettings(n_threads=3, n_batch=256))]
    assert not dialog.isVisible()


def test_cancel_loads_nothing(dialog, qtbot):
    asked = listened(dialog.load_requested)
    dialog.show_model("/models/tiny.gguf", LoadSettings(), None)
    press(dialog, "cancel_load_settings_button", qtbot)
    assert asked == []
    assert not dialog.isVisible()


def test_reset_brings_back_the_defaults_and_keeps_the_models_limit(dialog, qtbot):
    asked = listened(dialog.load_requested)
    dialog.show_model("/models/tiny.gguf", LoadSettings(n_ctx=512, type_k="q8_0", n_threads=3), 8192)
    press(dialog, "reset_load_button", qtbot)
    assert CONTEXT_STOPS[slider(dialog).maximum()] == 8192
    press(dialog, "load_with_settings_button", qtbot)
    assert asked[0][1] == LoadSettings()


def test_nothing_is_loaded_while_something_is_not_understood(dialog, qtbot):
    dialog.show_model("/models/tiny.gguf", LoadSettings(), None)
    load = dialog.findChild(QPushButton, "load_with_settings_button")
    dialog.findChild(QPlainTextEdit, "load_tensor_overrides").setPlainText("nonsense")
    dialog.findChild(QLineEdit, "load_tensor_split").setText("x")
    assert not load.isEnabled()
    dialog.findChild(QLineEdit, "load_tensor_split").setText("1")
    assert not load.isEnabled()
    dialog.findChild(QPlainTextEdit, "load_tensor_overrides").setPlainText("")
    assert load.isEnabled()


def test_a_number_that_is_still_being_typed_counts(dialog, qtbot):
    asked = listened(dialog.load_requested)
    dialog.show_model("/models/tiny.gguf", LoadSettings(), None)
    field = dialog.findChild(QDoubleSpinBox, "load_rope_freq_scale")
    field.selectAll()
    qtbot.keyClicks(field, "0.0625")
    press(dialog, "load_with_settings_button", qtbot)
    assert asked[0][1].rope_freq_scale == 0.0625


def test_everything_can_be_found_and_heard(dialog):
    dialog.show_model("/models/tiny.gguf", LoadSettings(), None)
    assert_accessible(dialog)
    assert_names_are_unique(dialog)
