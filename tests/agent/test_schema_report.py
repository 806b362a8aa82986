"""What a schema says of a call's arguments, and that no schema can do harm by being looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agent.loose_json import json_type
from app.agent.schema_report import report_on, type_words
from tests.ui.run_examples import TOOLS

READ_FILE = TOOLS[1].parameters


def states(report):
    return {field.name: field.state for field in report.fields}


def test_every_parameter_is_told_with_what_it_got():
    report = report_on(READ_FILE, {"path": "a.py", "lines": "forty", "colour": "red"})
    assert states(report) == {"path": "ok", "first_line": "absent", "lines": "wrong", "colour": "unknown"}
    lines = next(field for field in report.fields if field.name == "lines")
    assert (lines.wanted, lines.read_as, lines.is_required) == ("integer", "string", False)
    assert "forty" in lines.message
    assert not report.fits


def test_what_is_required_and_not_given_is_missing():
    report = report_on(READ_FILE, {})
    assert states(report)["path"] == "missing"
    assert not report.fits
    assert report_on(READ_FILE, {"path": "a"}).fits


def test_a_required_parameter_that_the_schema_does_not_describe_is_missing_too():
    assert states(report_on({"required": ["x"]}, {})) == {"x": "missing"}


def test_an_error_deep_in_an_argument_says_where():
    schema = {"properties": {"items": {"type": "array", "items": {"type": "object", "required": ["id"]}}}}
    report = report_on(schema, {"items": [{"id": 1}, {}]})
    assert "[1]" in report.fields[0].message
    assert report.fields[0].wanted == "array of object"


def test_parameters_that_a_schema_asks_for_without_naming_them_are_welcome():
    schema = {"additionalProperties": {"type": "integer"}}
    report = report_on(schema, {"a": 1, "b": "two"})
    assert states(report) == {"a": "ok", "b": "wrong"}


def test_rules_about_the_whole_are_told_apart():
    report = report_on({"minProperties": 2, "properties": {"a": {}}}, {"a": 1})
    assert len(report.remarks) == 1
    assert not report.fits


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"enum": ["a", 1]}, 'one of "a", 1'),
        ({"const": 3}, "3"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "string or integer"),
        ({"type": "array", "items": {"type": "number"}}, "array of number"),
        ({}, "any"),
        (True, "any"),
    ],
)
def test_types_are_told_in_words(schema, words):
    assert type_words(schema) == words


def test_values_have_the_types_that_json_gives_them():
    assert [json_type(value) for value in (True, 1, 1.5, "a", [], {}, None)] == [
        "boolean",
        "integer",
        "number",
        "string",
        "array",
        "object",
        "null",
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://evil.example/schema.json"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#"},
        {"properties": {"a": {"$ref": "#/properties/a"}}},
        {"properties": "none", "required": 3},
        {"type": "no such type"},
        {"properties": {"a": {"type": 7}}},
    ],
)
def test_a_schema_that_cannot_be_checked_is_said_to_be_so(schema):
    report = report_on(schema, {"a": "x"})
    assert report.remarks or not report.fits


def test_a_hostile_pattern_is_not_tried():
    schema = {"properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}
    assert report_on(schema, {"a": "a" * 100 + "!"}).fits


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)))
def test_every_argument_is_told_of_once_whatever_it_is(arguments):
    report = report_on(READ_FILE, arguments)
    names = [field.name for field in report.fields]
    assert sorted(names) == sorted(set(READ_FILE["properties"]) | arguments.keys())
