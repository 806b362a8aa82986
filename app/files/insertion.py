"""Code put at a cursor or in the place of a selection, indented as the lines around it are. Pure."""

from __future__ import annotations

from app.files.editing import Indent, columns_of, indent_of, next_indent
from app.files.placing import indent_of_all, reindent


def at_cursor(code: str, before: str, after: str, indent: Indent, *, is_python: bool = False) -> str:
    """Return what to insert at a cursor.

    Args:
        code: A block's text.
        before: The cursor's line up to the cursor.
        after: The rest of that line.
        indent: How the file is indented.
        is_python: Whether a colon opens a block.
    """
    code = reindent(with_indent(code.strip("\n"), indent), "")
    if "\n" not in code and before.strip():
        return code
    end = "\n" + indent_of(before) if after.strip() else ""
    if not before.strip():  # the blanks before the cursor are there already
        return reindent(code, before)[len(before) :] + end
    blanks, _ = next_indent(before, after, indent, is_python=is_python)
    return "\n" + reindent(code, blanks) + end


def in_place_of(code: str, selected: str, before: str, indent: Indent) -> str:
    """Return what takes the place of a selection.

    Args:
        code: A block's text.
        selected: The text that goes.
        before: The line it begins in, up to its beginning.
        indent: How the file is indented.
    """
    code = reindent(with_indent(code.strip("\n"), indent), "")
    end = "\n" if selected.endswith("\n") else ""
    first = next((line for line in selected.split("\n") if line.strip()), "")
    if before.strip():  # it begins within a line
        return reindent(code, indent_of(before)).lstrip(" \t") + end
    is_first = selected.split("\n", 1)[0].strip() != ""
    blanks = before + indent_of(first) if is_first else indent_of(first) or before
    made = reindent(code, blanks)
    return (made.removeprefix(before)) + end


def with_indent(code: str, indent: Indent) -> str:
    """Return code that is indented by tabs or by spaces, as the file is; spaces keep their width."""
    lines = code.split("\n")
    has_tabs = any(line.startswith("\t") for line in lines)
    if has_tabs and not indent.uses_tabs:
        return "\n".join(_with_blanks(line, indent, indent.width) for line in lines)
    if not has_tabs and indent.uses_tabs:
        return "\n".join(_with_blanks(line, indent, _step_of(lines)) for line in lines)
    return code


def _with_blanks(line: str, indent: Indent, step: int) -> str:
    blanks = indent_of(line)
    columns = columns_of(blanks, step)
    return indent.unit * (columns // step) + " " * (columns % step) + line[len(blanks) :]


def _step_of(lines: list[str]) -> int:
    """Return by how many spaces code is indented."""
    common = len(indent_of_all(lines))
    depths = {len(indent_of(line)) - common for line in lines if line.strip()}
    return min((depth for depth in depths if depth > 1), default=4)
