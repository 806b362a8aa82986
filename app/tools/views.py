"""What a tool's result looks like to a person: values a card draws. Pure.

A model reads ``ToolResult.content``; a person sees one of these. They are kept with the conversation, so each
holds a bounded amount (``MAX_VIEW_CHARACTERS``) and says so where it left something out.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

MAX_VIEW_CHARACTERS = 200_000


class View(msgspec.Struct, frozen=True, kw_only=True, tag_field="view"):
    """A result to be looked at."""


class TextView(View, tag="text", frozen=True, kw_only=True):
    """Plain text."""

    text: str


class JsonView(View, tag="json", frozen=True, kw_only=True):
    """A JSON value of unknown meaning."""

    value: Any


class FileView(View, tag="file", frozen=True, kw_only=True):
    """An excerpt of a file.

    Attributes:
        path: Below the workspace.
        first_line: The number of the first line of ``text``, from 1.
        total_lines: Lines of the whole file.
    """

    path: str
    text: str
    first_line: int = 1
    total_lines: int = 0


class DiffView(View, tag="diff", frozen=True, kw_only=True):
    """One file before and after.

    Attributes:
        before: Its text; None: there was no file.
        after: Its text; None: there is no file any more.
        is_cut: The texts are longer than what is kept here.
        first_line: The number of the first line kept of both, from 1.
    """

    path: str
    before: str | None
    after: str | None
    is_cut: bool = False
    first_line: int = 1


class TerminalView(View, tag="terminal", frozen=True, kw_only=True):
    """What a command printed.

    Attributes:
        output: Both streams in the order they came; the only escape sequences in it are colours (SGR).
        exit_code: None while it runs, or when it was ended.
        ended: Why it ended if not by itself: "time limit", "stopped", "memory", "processes"; empty otherwise.
        sandbox: What held it: "bubblewrap", "landlock", "sandbox-exec" or "none".
        omitted_bytes: Bytes left out of the middle of ``output``.
        changed_files: Paths below the workspace it added, changed or deleted; the first of them.
        changed_total: How many there are; 0 where all are listed.
        note: A sentence for the person on this run, such as that it cannot be undone; in our words, never output.
    """

    command: str
    output: str
    exit_code: int | None = None
    ended: str = ""
    sandbox: str = "none"
    omitted_bytes: int = 0
    changed_files: tuple[str, ...] = ()
    changed_total: int = 0
    note: str = ""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """One line that a search found; ``spans`` are (begin, end) characters of ``text``."""

    path: str
    line: int
    text: str
    spans: tuple[tuple[int, int], ...] = ()


class MatchesView(View, tag="matches", frozen=True, kw_only=True):
    """What a search found; ``total`` may be more than is listed."""

    pattern: str
    matches: tuple[Match, ...]
    total: int
    files: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder; ``path`` is below the workspace, ``size_bytes`` -1 for folders."""

    path: str
    kind: Literal["file", "folder", "link", "other"]
    size_bytes: int = -1


class TreeView(View, tag="tree", frozen=True, kw_only=True):
    """Files and folders; ``total`` may be more than is listed."""

    root: str
    entries: tuple[Entry, ...]
    total: int


class Todo(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do."""

    text: str
    state: Literal["pending", "in_progress", "done"] = "pending"


class TodoView(View, tag="todo", frozen=True, kw_only=True):
    """The model's list of things to do, whole."""

    items: tuple[Todo, ...]


class AnswerView(View, tag="answer", frozen=True, kw_only=True):
    """A question the model asked and what the person answered."""

    question: str
    answer: str


AnyView = TextView | JsonView | FileView | DiffView | TerminalView | MatchesView | TreeView | TodoView | AnswerView
