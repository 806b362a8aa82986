"""How comments are written, by language."""

from __future__ import annotations

from typing import NamedTuple


class CommentMarks(NamedTuple):
    """What begins a comment, and what ends it where the line end does not."""

    begin: str
    end: str = ""


_HASH = CommentMarks("#")
_SLASHES = CommentMarks("//")
_DASHES = CommentMarks("--")
_SEMICOLON = CommentMarks(";")
_PERCENT = CommentMarks("%")
_ANGLES = CommentMarks("<!--", "-->")
_STARS = CommentMarks("/*", "*/")

#: Names that Pygments gives its lexers -> their comments.
_MARKS: dict[CommentMarks, str] = {
    _HASH: "python python3 python2 cython numpy ruby perl perl6 bash sh zsh fish shell-session console make cmake "
    "docker dockerfile yaml toml r julia elixir crystal nim coffeescript powershell tcl awk sed gdscript terraform hcl "
    "nginx apacheconf graphql starlark bazel meson sparql puppet gherkin ini-hash jsonnet nix text gitignore",
    _SLASHES: "c cpp c++ objective-c objective-c++ java javascript js typescript ts jsx tsx csharp c# go rust swift "
    "kotlin scala groovy dart php php3 zig v d json json5 jsonc protobuf proto glsl hlsl cuda arduino solidity verilog "
    "systemverilog scss less sass qml haxe pascal delphi actionscript vala f# fsharp ceylon systemverilog",
    _DASHES: "sql postgresql plpgsql mysql sqlite3 tsql lua luau haskell elm ada vhdl applescript idris agda eiffel",
    _SEMICOLON: "common-lisp lisp emacs-lisp scheme racket clojure ini cfg nasm ca65 autohotkey llvm fennel hy",
    _PERCENT: "tex latex matlab erlang prolog octave postscript mercury",
    _ANGLES: "html xml xslt svg markdown md html+jinja html+django html+php html+erb vue-angles mxml",
    _STARS: "css",
    CommentMarks("'"): "vb.net vbnet vbscript qbasic basic",
    CommentMarks('"'): "vim",
    CommentMarks("REM "): "bat batch dosbatch winbatch",
    CommentMarks("(*", "*)"): "ocaml sml coq mathematica modula2",
    CommentMarks("!"): "fortran",
    CommentMarks("{#", "#}"): "jinja django twig",
}
_BY_NAME = {name: marks for marks, names in _MARKS.items() for name in names.split()}


def find_comment_marks(names: tuple[str, ...]) -> CommentMarks | None:
    """Return how a language writes comments, given the names Pygments has for it, or None if that is not known."""
    return next((_BY_NAME[name.lower()] for name in names if name.lower() in _BY_NAME), None)
