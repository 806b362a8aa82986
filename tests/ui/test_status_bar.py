"""The status bar: what it says of engine, context, speed and memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton

from tests.ui.accessibility import assert_accessible
from ui.status import values as words
from ui.status.status_bar import StatusBar
from ui.status.values import StatusValues

READY = StatusValues(engine="ready", model="tiny", context_tokens=1204, context_size=8192)


@pytest.fixture
def bar(theme, qtbot):
    """A status bar on show."""
    bar = StatusBar(theme)
    qtbot.addWidget(bar)
    bar.resize(1200, 32)
    bar.show()
    return bar


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (StatusValues(), "No model"),
        (StatusValues(engine="loading", load_share=0.434), "Loading 43 %"),
        (StatusValues(engine="loading", load_share=0.999), "Loading 99 %"),
        (StatusValues(engine="loading"), "Loading"),
        (StatusValues(engine="generating"), "Generating"),
        (StatusValues(engine="silent"), "Not answering"),
        (StatusValues(engine="stopped"), "Stopped"),
    ],
)
def test_engine_state_is_said_in_words(bar, values, said):
    bar.refresh(values)
    button = bar.findChild(QPushButton, "status_engine")
    assert button.text().strip() == said
    assert button.accessibleName() == f"Engine: {said}"


def test_context_shows_use_and_size(bar):
    bar.refresh(READY)
    assert bar.findChild(QPushButton, "status_context").text() == "1,204 / 8,192"
    assert bar.findChild(QProgressBar, "status_context_bar").value() == round(1204 / 8192 * 1000)


def test_context_tells_of_reuse_in_its_tooltip(bar):
    bar.refresh(replace(READY, reused_tokens=1100, processed_tokens=104, reuse_reason="The system prompt changed"))
    hint = bar.findChild(QPushButton, "status_context").toolTip()
    assert "1,100 reused, 104 read anew" in hint
    assert "The system prompt changed" in hint


@pytest.mark.parametrize(("used", "level"), [(100, ""), (8500, "warning"), (9900, "danger"), (10_500, "danger")])
def test_nearly_full_context_is_marked(bar, used, level):
    bar.refresh(replace(READY, context_tokens=used, context_size=10_000))
    gauge = bar.findChild(QProgressBar, "status_context_bar")
    assert gauge.property("level") == level
    assert gauge.value() <= 1000


def test_without_a_model_nothing_is_said_of_the_context(bar):
    bar.refresh(StatusValues())
    assert not bar.findChild(QPushButton, "status_context").isVisible()
    assert not bar.findChild(QProgressBar, "status_context_bar").isVisible()


def test_prompt_progress_is_there_only_while_the_prompt_is_read(bar):
    bar.refresh(replace(READY, engine="reading", prompt_done=1200, prompt_total=6000, prompt_tokens_per_second=310.4))
    progress = bar.findChild(QProgressBar, "status_progress")
    assert progress.isVisible()
    assert progress.value() == 200
    assert bar.findChild(QLabel, "status_speed").text() == "310 tok/s"
    bar.refresh(READY)
    assert not progress.isVisible()


def test_speed_has_as_many_digits_as_matter():
    assert words.speed_words(replace(READY, tokens_per_second=3.44)) == "3.4 tok/s"
    assert words.speed_words(replace(READY, tokens_per_second=42.4)) == "42 tok/s"
    assert words.speed_words(READY) == ""


def test_memory_adds_both_processes_and_names_each():
    values = replace(READY, engine_bytes=3 * 1024**3, window_bytes=100 * 1024**2)
    assert words.memory_words(values) == "3.1 GiB"
    assert words.memory_hint(values) == "Engine: 3.0 GiB in memory\nWindow: 100 MiB in memory"
    assert words.memory_words(replace(values, engine_bytes=None)) == "100 MiB"


def test_clicks_are_told(bar, qtbot):
    bar.refresh(READY)
    with qtbot.waitSignal(bar.engine_clicked):
        qtbot.mouseClick(bar.findChild(QPushButton, "status_engine"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.context_clicked):
        qtbot.mouseClick(bar.findChild(QPushButton, "status_context"), Qt.MouseButton.LeftButton)


def test_long_model_name_is_cut_and_whole_for_those_who_listen(bar):
    name = "a-very-long-name-" * 20
    bar.refresh(replace(READY, model=name))
    label = bar.findChild(QLabel, "status_model")
    assert label.accessibleName() == name
    assert len(label.text()) < len(name)


def test_status_bar_can_be_used_by_keyboard_and_ear(bar):
    bar.refresh(READY)
    assert_accessible(bar)
