"""Blocks as models write them, put into a file: whole, in part, as a diff, as edits; what is not clear is refused."""

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.apply_block import apply_block
from app.files.placing import CannotPlaceError

FILE = '''import os
import re

TIMEOUT = 10


def greet(name):
    """Say hello."""
    return "Hi " + name


class Store:
    def __init__(self, path):
        self.path = path

    def load(self):
        with open(self.path) as file:
            return file.read()

    def save(self, text):
        with open(self.path, "w") as file:
            file.write(text)


if __name__ == "__main__":
    print(greet("you"))
'''
SCRIPT = """import fs from "fs";

export function load(path) {
  // reads "}"
  return fs.readFileSync(path);
}

const save = async (path, text) => {
  await fs.promises.writeFile(path, text);
};

class Timer {
  run() {
    return 1;
  }
}
"""


def applied(code, before=FILE, language="python", path="a.py"):
    return apply_block(before, code, language, path)


def expect(code, *changes, before=FILE, language="python", path="a.py", is_sure=True):
    """Apply a block and expect a file in which each (old, new) of ``changes`` was replaced."""
    wanted = before
    for old, new in changes:
        assert wanted.count(old) == 1
        wanted = wanted.replace(old, new)
    placed = applied(code, before, language, path)
    assert placed.text == wanted
    assert bool(placed.warning) is not is_sure
    return placed


# --- whole files --------------------------------------------------------------------------------------------------


def test_a_new_file_is_the_block_with_a_line_end():
    placed = applied("print('hello')", before="")
    assert (placed.text, placed.warning) == ("print('hello')\n", "")


def test_a_block_with_most_of_a_files_lines_is_the_file():
    code = FILE.replace("TIMEOUT = 10", "TIMEOUT = 30")
    placed = applied(code.rstrip("\n"))
    assert (placed.text, placed.how, placed.warning) == (code, "Replaces the whole file", "")


def test_the_largest_function_of_a_file_is_not_taken_for_the_file():
    body = "\n".join(f"    step_{number}()" for number in range(12))
    before = f"import os\nimport re\n\n\ndef main():\n{body}\n"
    placed = applied(f"def main():\n{body}\n    more()", before)
    assert placed.text == before + "    more()\n"
    with pytest.raises(CannotPlaceError, match="already"):
        applied(f"def main():\n{body}", before)
    text = before.replace("def main():", "begin:")
    assert "not sure" in applied(f"begin:\n{body}\n    more()", text, "text", "a.txt").warning


def test_a_file_with_a_new_import_and_a_new_function_is_the_file():
    code = FILE.replace("import re\n", "import re\nimport sys\n") + "\n\ndef more():\n    pass\n"
    placed = applied(code)
    assert (placed.text, placed.warning) == (code, "")


def test_a_rewritten_file_is_replaced_with_a_warning():
    code = "\n".join(f"line_{number} = {number}" for number in range(30))
    placed = applied(code)
    assert placed.text == code + "\n"
    assert "not sure" in placed.warning


def test_a_block_that_says_what_the_file_says_is_refused():
    with pytest.raises(CannotPlaceError, match="already"):
        applied(FILE)


@pytest.mark.parametrize("code", ["", "  \n", "x = compute()\nprint(x)", "total += price * count"])
def test_what_has_no_clear_place_is_refused(code):
    with pytest.raises(CannotPlaceError, match=r"\w+"):
        applied(code)


# --- functions and classes ----------------------------------------------------------------------------------------


def test_a_function_takes_the_place_of_the_one_with_its_name():
    placed = expect(
        'def greet(name):\n    return f"Hello {name}"',
        ('    """Say hello."""\n    return "Hi " + name\n', '    return f"Hello {name}"\n'),
    )
    assert placed.how == "Replaces greet"


@pytest.mark.parametrize("indent", ["", "    "])
def test_a_method_is_indented_as_its_class_asks(indent):
    code = f"{indent}def load(self):\n{indent}    return Path(self.path).read_text()"
    old = "        with open(self.path) as file:\n            return file.read()\n"
    expect(code, (old, "        return Path(self.path).read_text()\n"))


def test_decorators_go_and_come_with_a_function():
    before = "@cache\n@other\ndef one():\n    pass\n\n\ndef two():\n    pass\n"
    placed = applied("@cache\ndef one():\n    return 1", before)
    assert placed.text == "@cache\ndef one():\n    return 1\n\n\ndef two():\n    pass\n"


def test_several_functions_are_replaced_each():
    before = "def one():\n    pass\n\n\ndef two():\n    pass\n\n\ndef three():\n    pass\n" + "# more\n" * 20
    placed = applied("def one():\n    return 1\n\n\ndef three():\n    return 3", before)
    assert placed.text == before.replace("one():\n    pass", "one():\n    return 1").replace(
        "three():\n    pass", "three():\n    return 3"
    )


def test_of_two_methods_of_one_name_none_is_replaced():
    before = (
        "class A:\n    def run(self):\n        pass\n\n\nclass B:\n    def run(self):\n        pass\n" + "x = 1\n" * 20
    )
    with pytest.raises(CannotPlaceError):
        applied("def run(self):\n    return 1", before)


def test_a_file_that_no_parser_understands_is_read_by_its_indentation():
    before = "def one():\n    pass\n\n\ndef two(:\n    pass\n" + "x = 1\n" * 20
    assert "return 1" in applied("def one():\n    return 1", before).text.split("def two")[0]


def test_a_result_that_is_no_python_says_so():
    assert "not valid Python" in applied('def greet(name):\n    return "x').warning


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        (
            "export function load(path) {\n  return null;\n}",
            '  // reads "}"\n  return fs.readFileSync(path);',
            "  return null;",
        ),
        ("const save = async (path) => {\n  return 1;\n};", None, None),
        ("run() {\n  return 2;\n}", "    return 1;", "    return 2;"),
    ],
)
def test_functions_in_braces_are_found_by_the_brace_that_ends_them(code, old, new):
    placed = applied(code, SCRIPT, "js", "a.js")
    if old is not None:
        assert placed.text == SCRIPT.replace(old, new)
    else:
        assert placed.text.split("const save")[1].startswith(" = async (path) => {\n  return 1;\n};\n\nclass Timer")


# --- parts with elisions ------------------------------------------------------------------------------------------


def test_what_a_block_leaves_out_stays():
    expect(
        "# ... existing imports ...\n\ndef greet(name):\n    if not name:\n        raise ValueError\n"
        '    return "Hi"\n\n# ... rest of the file unchanged',
        (
            '    """Say hello."""\n    return "Hi " + name\n',
            '    if not name:\n        raise ValueError\n    return "Hi"\n',
        ),
    )


def test_a_changed_value_and_a_changed_signature_are_found_by_their_names():
    expect(
        "import os\nimport re\nimport sys\n\nTIMEOUT = 30\n\n# ... existing code ...",
        ("import re\n\nTIMEOUT = 10", "import re\nimport sys\n\nTIMEOUT = 30"),
    )
    expect(
        'class Store:\n    def __init__(self, path, mode="w"):\n        self.path = path\n        self.mode = mode\n\n'
        "    # ... rest unchanged ...",
        ("__init__(self, path):", '__init__(self, path, mode="w"):'),
        ("        self.path = path\n", "        self.path = path\n        self.mode = mode\n"),
    )


def test_a_new_method_goes_to_the_end_of_its_class_with_a_warning():
    code = "class Store:\n    # ... existing methods ...\n\n    def delete(self):\n        os.remove(self.path)"
    new = "            file.write(text)\n\n    def delete(self):\n        os.remove(self.path)\n"
    expect(code, ("            file.write(text)\n", new), is_sure=False)


def test_a_new_method_in_braces_is_put_before_the_brace_that_is_there():
    code = "class Timer {\n  // ... existing code ...\n\n  stop() {\n    return 0;\n  }\n}"
    placed = applied(code, SCRIPT, "js", "a.js")
    assert placed.text.count("}\n}") <= SCRIPT.count("}\n}") + 1
    assert placed.text.replace("\n", "").replace(" ", "").endswith("run(){return1;}stop(){return0;}}")


def test_a_piece_before_or_after_everything_goes_there_with_a_warning():
    assert applied("from pathlib import Path\n# ... existing code ...").text == "from pathlib import Path\n\n" + FILE
    placed = applied('# ... existing code ...\n\ndef farewell():\n    return "Bye"')
    assert placed.text == FILE + '\n\ndef farewell():\n    return "Bye"\n'
    assert placed.warning


def test_a_piece_that_is_nowhere_in_the_file_is_refused():
    with pytest.raises(CannotPlaceError, match="not clear"):
        applied('import os\n# ... existing code ...\nx = compute()\n# ... existing code ...\n    print(greet("you"))')
    with pytest.raises(CannotPlaceError, match="Nothing"):
        applied("# ...\nx = compute()\n# ...")


def test_a_comment_that_is_in_the_file_is_no_elision():
    before = "# existing users are kept\nusers = load()\n\n\ndef save():\n    pass\n"
    placed = applied("# existing users are kept\nusers = load(1)\n\n\ndef save():\n    pass", before)
    assert placed.text == before.replace("load()", "load(1)")


# --- edits and diffs ----------------------------------------------------------------------------------------------


def test_searches_are_replaced():
    code = (
        '<<<<<<< SEARCH\n    return "Hi " + name\n=======\n    return "Ho " + name\n>>>>>>> REPLACE\n\n'
        "<<<<<<< SEARCH\nTIMEOUT = 10\n=======\n>>>>>>> REPLACE"
    )
    expect(code, ('"Hi "', '"Ho "'), ("TIMEOUT = 10\n", ""))


def test_a_search_that_is_indented_otherwise_is_found_and_said():
    code = "<<<<<<< SEARCH\nwith open(self.path) as file:\n    return file.read()\n=======\nreturn 1\n>>>>>>> REPLACE"
    old = "        with open(self.path) as file:\n            return file.read()\n"
    placed = expect(code, (old, "        return 1\n"), is_sure=False)
    assert "indented" in placed.warning


@pytest.mark.parametrize(
    ("old", "words"), [("nothing like it", "does not contain"), ("        with open(self", "does not"), ("", "no text")]
)
def test_a_search_that_is_not_there_is_refused_in_words(old, words):
    with pytest.raises(CannotPlaceError, match=words):
        applied(f"<<<<<<< SEARCH\n{old}\n=======\nx\n>>>>>>> REPLACE")


def test_a_search_that_is_there_twice_is_refused():
    with pytest.raises(CannotPlaceError, match="2 times"):
        applied("<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE", "x = 1\ny = 1\nx = 1\n")


def test_a_search_without_an_end_is_refused():
    with pytest.raises(CannotPlaceError, match="no end"):
        applied("<<<<<<< SEARCH\nTIMEOUT = 10\n=======\nTIMEOUT = 20")


@pytest.mark.parametrize("head", ["@@ -99,3 +99,3 @@", "@@ -7,3 +7,3 @@ def greet", "@@ ... @@", "@@"])
def test_a_diff_is_applied_whatever_its_line_numbers_say(head):
    lines = [" def greet(name):", '     """Say hello."""', '-    return "Hi " + name', "+    return 1"]
    code = "\n".join(["--- a/a.py", "+++ b/a.py", head, *lines])
    expect(code, ('return "Hi " + name', "return 1"), language="diff")


def test_a_diff_without_any_head_is_applied():
    expect("-TIMEOUT = 10\n+TIMEOUT = 20", ("TIMEOUT = 10", "TIMEOUT = 20"), language="diff")


def test_a_diff_keeps_the_blanks_of_lines_it_does_not_change():
    before = "a  \nb\nc\n"
    assert applied("@@ -1,3 +1,3 @@\n a\n-b\n+B\n c", before, "diff").text == "a  \nB\nc\n"


def test_a_diff_whose_lines_are_there_twice_goes_by_its_numbers():
    before = "x = 1\nend\n" * 3
    placed = applied("@@ -3,2 +3,2 @@\n-x = 1\n+x = 2\n end", before, "diff")
    assert placed.text == "x = 1\nend\nx = 2\nend\nx = 1\nend\n"


def test_of_a_diff_of_two_files_only_the_part_of_this_one_is_taken():
    code = (
        "diff --git a/b.py b/b.py\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-y\n+z\n"
        "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -4 +4 @@\n-TIMEOUT = 10\n+TIMEOUT = 5\n"
    )
    expect(code, ("TIMEOUT = 10", "TIMEOUT = 5"), language="diff", path="b/a.py")


def test_a_diff_that_makes_a_file_gives_its_text():
    code = "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1,2 @@\n+x = 1\n+y = 2"
    assert applied(code, "", "diff", "n.py").text == "x = 1\ny = 2\n"


def test_a_diff_that_deletes_a_file_or_fits_nowhere_is_refused():
    with pytest.raises(CannotPlaceError, match="deletes"):
        applied("--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-import os", FILE, "diff")
    with pytest.raises(CannotPlaceError, match="does not contain"):
        applied("@@ -1 +1 @@\n-nothing like it\n+x", FILE, "diff")


lines = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta", "", "    inner"]), min_size=1, max_size=12)


@given(lines, lines)
def test_a_diff_made_by_difflib_makes_one_text_of_the_other(old, new):
    before, after = "\n".join(["top", *old, "end"]), "\n".join(["top", *new, "end"])
    diff = "\n".join(difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=50))
    if before != after:
        assert applied(diff, before, "diff", "x.txt").text == after


@given(st.text(max_size=200), st.sampled_from(["", FILE, SCRIPT]), st.sampled_from(["python", "diff", "js", ""]))
def test_no_block_is_a_fault(code, before, language):
    try:
        placed = applied(code, before, language, "a.py")
    except CannotPlaceError:
        return
    assert placed.how
    assert placed.text != before
