"""What holds for every source file: a docstring, a bearable length, nothing left for later, plain labels."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("app", "ui", "resources", "tests", "packaging")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
TEXTS = [*SOURCES, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml"]
LONGEST_LINES = 400
#: Long, but a plain table of values that is read by looking up.
TABLES = {ROOT / "app/engine/messages.py"}
LEFT_FOR_LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.])/(home|Users)/(?!you\b|user\b|me\b)\w+|(?<![\w.])/ro" + r"ot/")


def named(paths):
    return [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in paths]


def found_in(path, pattern):
    lines = enumerate(path.read_text("utf-8").splitlines(), 1)
    return [f"{path.relative_to(ROOT)}:{number}: {line.strip()}" for number, line in lines if pattern.search(line)]


def test_every_module_says_what_it_is_for():
    silent = [path.relative_to(ROOT) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_bytes()))]
    assert not silent


def test_no_file_of_the_product_holds_two_ideas():
    product = [path for path in SOURCES if ROOT / "tests" not in path.parents and path not in TABLES]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in product}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_LINES}


def test_nothing_is_left_for_later():
    assert not [line for path in TEXTS for line in found_in(path, LEFT_FOR_LATER)]


def test_nobodys_own_folders_are_named():
    assert not [line for path in TEXTS for line in found_in(path, SOMEBODYS_FOLDER)]


@pytest.mark.parametrize("path", named(path for path in SOURCES if ROOT / "ui" in path.parents))
def test_a_label_shows_text_from_outside_as_plain_text(path):
    """A label that is given a variable in a function must say there that its text is plain."""
    functions = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.FunctionDef)]
    guessing = [node for function in functions for node in labels_of_variables(function) if not is_plain(function)]
    assert not [f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}" for node in guessing]


def labels_of_variables(function):
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    labels = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "QLabel" and call.args]
    return [call for call in labels if not isinstance(call.args[0], ast.Constant) and not is_widget(call.args[0])]


def is_widget(argument):
    return isinstance(argument, ast.Name) and argument.id in {"self", "parent"}


def is_plain(function):
    return "TextFormat.PlainText" in ast.unparse(function)


def test_the_check_of_labels_sees_a_label_that_guesses():
    function = ast.parse("def show(name):\n    label = QLabel(name)").body[0]
    assert len(labels_of_variables(function)) == 1
    assert not is_plain(function)
