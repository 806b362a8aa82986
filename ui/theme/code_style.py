"""Code colours: Pygments' token types mapped to a theme's code tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pygments.token import STANDARD_TYPES, Token, _TokenType
from PySide6.QtGui import QColor

from ui.theme.tokens import CodeToken


class CodeStyle(NamedTuple):
    """How text of one token type is drawn."""

    color: QColor
    bold: bool
    italic: bool


#: Types not named here take the token of their nearest ancestor.
_TOKEN_NAMES: Mapping[_TokenType, str] = {
    Token: "text",
    Token.Comment: "comment",
    Token.Comment.Preproc: "decorator",
    Token.Comment.PreprocFile: "string",
    Token.Keyword: "keyword",
    Token.Keyword.Constant: "constant",
    Token.Keyword.Type: "type",
    Token.Name.Attribute: "attribute",
    Token.Name.Builtin: "function",
    Token.Name.Builtin.Pseudo: "constant",
    Token.Name.Class: "type",
    Token.Name.Constant: "constant",
    Token.Name.Decorator: "decorator",
    Token.Name.Entity: "escape",
    Token.Name.Exception: "type",
    Token.Name.Function: "function",
    Token.Name.Label: "attribute",
    Token.Name.Property: "attribute",
    Token.Name.Namespace: "type",
    Token.Name.Tag: "tag",
    Token.Name.Variable: "variable",
    Token.Literal: "constant",
    Token.Literal.Number: "number",
    Token.Literal.String: "string",
    Token.Literal.String.Doc: "comment",
    Token.Literal.String.Escape: "escape",
    Token.Literal.String.Interpol: "escape",
    Token.Literal.String.Regex: "escape",
    Token.Operator: "operator",
    Token.Operator.Word: "keyword",
    Token.Punctuation: "punctuation",
    Token.Generic.Deleted: "deleted",
    Token.Generic.Error: "error",
    Token.Generic.Heading: "heading",
    Token.Generic.Subheading: "heading",
    Token.Generic.Inserted: "inserted",
    Token.Generic.Prompt: "comment",
    Token.Generic.Output: "comment",
    Token.Error: "text",
}


class CodeStyles(dict[_TokenType, CodeStyle]):
    """Styles by token type; a type of a lexer's own has the style of its nearest ancestor."""

    def __missing__(self, token_type: _TokenType) -> CodeStyle:
        style = self[token_type.parent] if token_type.parent is not None else self[Token]
        self[token_type] = style
        return style


def make_code_styles(tokens: Mapping[str, CodeToken]) -> CodeStyles:
    """Return the style of every standard token type."""
    styles = CodeStyles()
    for token_type, name in _TOKEN_NAMES.items():
        token = tokens[name]
        styles[token_type] = CodeStyle(QColor(token.color), token.bold, token.italic)
    for token_type in STANDARD_TYPES:
        _ = styles[token_type]
    return styles
