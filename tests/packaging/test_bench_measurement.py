"""What the benches say of a figure and its budget."""

from tests.bench.measurement import Measurement, percentile, row


def test_a_budget_is_a_ceiling_or_a_floor():
    assert Measurement("stop", 200, "ms", 200).is_ok
    assert not Measurement("stop", 201, "ms", 200).is_ok
    assert Measurement("ratio", 0.97, "", 0.97, "at least").is_ok
    assert not Measurement("ratio", 0.96, "", 0.97, "at least").is_ok
    assert Measurement("told only", 5).is_ok


def test_a_missed_budget_stands_out_in_the_table():
    assert "MISSED" in row(Measurement("stop", 201, "ms", 200))
    assert row(Measurement("stop", 12.345, "ms", 200)).split() == ["stop", "12.3", "ms", "<=", "200", "ms", "ok"]


def test_a_ratio_that_rounds_to_its_budget_is_not_shown_as_equal_to_it():
    assert "0.966" in row(Measurement("ratio", 0.966, "", 0.97, "at least"))


def test_a_percentile_is_a_value_that_was_measured():
    values = [float(number) for number in range(1, 101)]
    assert percentile(values, 99) == 99
    assert percentile(values, 100) == 100
    assert percentile([7.0], 99) == 7
