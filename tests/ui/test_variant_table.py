"""The variant table: what its rows say, how they are chosen, and that long names and many rows are no trouble."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from tests.ui import model_examples as examples
from tests.ui.accessibility import assert_accessible
from ui.models.variant_model import Column, VariantModel, VariantRow, cell_hint, cell_words, spoken
from ui.models.variant_table import VariantTable


@pytest.fixture
def table(theme, qtbot):
    """A table with the six variants of a card, Q4_K_M chosen."""
    table = VariantTable(theme)
    qtbot.addWidget(table)
    table.resize(800, 260)
    table.show_rows(examples.qwen_rows(), "Q4_K_M")
    table.show()
    qtbot.waitExposed(table)
    return table


def test_a_row_says_size_bits_quality_fit_and_speed():
    row = examples.qwen_rows()[0]
    words = [cell_words(row, column) for column in Column]
    assert words == ["Q4_K_M", "48.4 GB", "4.8", "The usual choice", "Fits in memory", "14\u201321 tok/s", ""]


def test_the_verdict_is_words_and_an_icon_not_colour_alone():
    marks = {row.mark.icon: row.mark.short for row in examples.many_rows()}
    assert len(marks) >= 4
    assert all(marks.values())


@pytest.mark.parametrize(
    ("state", "share", "said"),
    [
        ("away", 0.0, ""),
        ("here", 0.0, "On disk"),
        ("running", 0.437, "Fetching 43 %"),
        ("paused", 0.999, "Paused 99 %"),
        ("verifying", 1.0, "Verifying"),
        ("incomplete", 0.0, "Incomplete"),
    ],
)
def test_the_state_is_said_in_words(state, share, said):
    row = VariantRow("a", "Q4_0", 1, state=state, share=share)
    assert cell_words(row, Column.STATE) == said


def test_shards_are_told_where_the_size_is():
    row = examples.qwen_rows()[0]
    assert "4 files (shards), one download" in cell_hint(row, Column.SIZE)


def test_a_size_from_a_card_is_said_to_be_rounded():
    row = examples.qwen_rows(is_rounded=True)[0]
    assert cell_words(row, Column.SIZE) == "\u2248 48.4 GB"
    assert "model card" in cell_hint(row, Column.SIZE)


def test_a_row_is_spoken_as_one_sentence():
    said = spoken(examples.qwen_rows()[0])
    assert said.startswith("Q4_K_M, the best that fits here, 48.4 GB, 4 files")
    assert "Fits in memory" in said


def test_the_model_keeps_the_rules_of_qt(qtbot):
    model = VariantModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(examples.qwen_rows())
    model.show([replace(row, share=0.5) for row in examples.qwen_rows()])
    model.show(examples.many_rows())
    model.show([])


def test_arrow_keys_choose_a_variant(table, qtbot):
    heard = []
    table.selected.connect(heard.append)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert heard == ["Q5_0", "Q5_K_M", "Q5_0"]


def test_enter_opens_the_chosen_variant(table, qtbot):
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == ["Q4_K_M"]


def test_showing_rows_tells_no_choice_and_keeps_it(table, qtbot):
    with qtbot.assertNotEmitted(table.selected):
        table.show_rows([replace(row, state="running", share=0.2) for row in examples.qwen_rows()], "Q4_K_M")
        table.show_rows(examples.many_rows(), "Q6_K_5")
    assert table.chosen == "Q6_K_5"


def test_progress_does_not_move_what_is_in_sight(table):
    rows = examples.many_rows()
    table.show_rows(rows, rows[20].key)
    table.scrollToBottom()
    place = table.verticalScrollBar().value()
    assert place > 0
    table.show_rows([replace(row, share=row.share / 2) for row in rows], rows[20].key)
    assert table.verticalScrollBar().value() == place


def test_columns_share_the_width_and_the_fit_is_never_left_out(table):
    table.show_rows(examples.many_rows(), "Q6_K_5")
    for width in (1400, 800, 640):
        table.resize(width, 260)
        shown = [column for column in Column if not table.isColumnHidden(column)]
        assert {Column.QUANTIZATION, Column.SIZE, Column.FIT, Column.SPEED, Column.STATE} <= set(shown)
        assert sum(table.columnWidth(column) for column in shown) <= table.viewport().width()


def test_the_state_has_a_column_only_where_there_is_one_to_tell(table):
    assert table.isColumnHidden(Column.STATE)
    table.show_rows([replace(row, state="here") for row in examples.qwen_rows()], "Q4_K_M")
    assert not table.isColumnHidden(Column.STATE)


def test_the_table_can_be_found_and_heard(table):
    assert table.objectName() == "variant_table"
    assert_accessible(table)
