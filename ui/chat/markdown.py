"""Markdown to the HTML that Qt's rich text understands, with nothing in it that could fetch, run or mislead."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from ui.theme import Theme

#: The only links that open, and only on a click.
LINK_SCHEMES = frozenset({"http", "https", "mailto"})


def is_safe_link(url: str) -> bool:
    """Tell whether a click may open ``url``."""
    try:
        return urlsplit(url).scheme.lower() in LINK_SCHEMES
    except ValueError:
        return False


class _QtRenderer(RendererHTML):
    """markdown-it's HTML, for QTextDocument: images become text, tables get borders, unsafe links go."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        alt = self.renderInlineAsText(token.children or [], options, env)
        url = str(token.attrs.get("src", ""))
        label = html.escape(f"{alt or 'image'} ({url})")
        return f'<a href="{html.escape(url)}">{label}</a>' if is_safe_link(url) else f"<span>{label}</span>"

    def link_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        url = str(tokens[idx].attrs.get("href", ""))
        if not is_safe_link(url):
            return "<span>"
        return f'<a href="{html.escape(url)}" title="{html.escape(url)}">'

    def link_close(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        depth = 0
        for token in reversed(tokens[:idx]):
            if token.type == "link_close":
                depth += 1
            elif token.type == "link_open" and depth == 0:
                return "</a>" if is_safe_link(str(token.attrs.get("href", ""))) else "</span>"
            elif token.type == "link_open":
                depth -= 1
        return "</span>"

    def table_open(self, *_: Any) -> str:
        return '<table border="1" cellspacing="0" cellpadding="6" style="border-collapse: collapse;">'

    def s_open(self, *_: Any) -> str:
        return "<s>"

    def s_close(self, *_: Any) -> str:
        return "</s>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code inside a list item or quote; top-level code has a widget of its own."""
        return self.code_block(tokens, idx, options, env)

    def code_block(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return f"<pre>{html.escape(tokens[idx].content.rstrip())}</pre>"


# What means nothing to Markdown, wherever it stands in a line.
_PLAIN_CHARACTER = r"[^\W_]|[ ,.'\"?%$/\u2013\u2014\u2018\u2019\u201c\u201d]"
_PLAIN = re.compile(rf"(?:{_PLAIN_CHARACTER})+")
# The same with line breaks inside a paragraph; two spaces before one would keep it.
_PLAIN_LINES = re.compile(rf"(?:{_PLAIN_CHARACTER}|(?<=[^ ])\n(?=[^\W\d_]))+")
# A letter at its start, or two words in a row: whatever marks a heading, a list or a quote comes before them.
_CLEAR = re.compile(r"^[^\W\d_]|[^\W\d_]+ +[^\W_]+ ")

_parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_QtRenderer).enable(["table", "strikethrough"])


def to_html(text: str) -> str:
    """Return ``text`` as HTML for a QTextDocument with ``document_css``."""
    return str(_parser.render(text)).rstrip()  # Qt makes a space of a line break at the end


def plain_addition(before: str, after: str) -> str | None:
    """Return what to write at the end of ``before`` rendered, so that it is ``after`` rendered; None if unsure.

    Sure are letters, digits and plain punctuation that go on a line of which it is clear what kind of block
    it is, after a character that no mark-up ends with; and lines of the same paragraph that begin with a letter.
    """
    if not before or not after.startswith(before):
        return None
    line = before[before.rfind("\n") + 1 :]
    shown = before.rstrip(" ")
    addition = after[len(before) :]
    is_clear = _CLEAR.search(line) and _PLAIN.fullmatch(shown[-1:]) and _PLAIN_LINES.fullmatch(addition)
    if not is_clear or ("\n" in addition and not line[0].isalpha()):
        return None
    return after[len(shown) :].rstrip(" ").replace("\n", " ")


def document_css(theme: Theme) -> str:
    """Return the style sheet of prose in the theme's colours."""
    body = theme.font("body")
    mono = theme.font("mono").family()
    size = body.pixelSize()
    sizes = {"h1": 1.4, "h2": 1.22, "h3": 1.08, "h4": 1.0, "h5": 1.0, "h6": 1.0}
    headings = "".join(
        f"{tag} {{ font-size: {round(size * factor)}px; font-weight: 600;"
        f" margin-top: {theme.space(3)}px; margin-bottom: {theme.space(2)}px; }}"
        for tag, factor in sizes.items()
    )
    background = _name(theme, "code.background")
    code = f"font-family: '{mono}'; font-size: {round(size * 0.92)}px; background-color: {background};"
    return f"""
        p {{ margin-top: 0; margin-bottom: {theme.space(2)}px; line-height: 150%; }}
        li {{ margin-bottom: {theme.space(0.75)}px; line-height: 145%; }}
        ul, ol {{ margin-top: 0; margin-bottom: {theme.space(2)}px; }}
        {headings}
        code {{ {code} }}
        pre {{ {code} margin-bottom: {theme.space(2)}px; }}
        a {{ color: {_name(theme, "accent")}; text-decoration: underline; }}
        blockquote {{ color: {_name(theme, "text.muted")}; margin-left: {theme.space(4)}px; }}
        th {{ font-weight: 600; background-color: {_name(theme, "surface")}; }}
        table {{ border-color: {_name(theme, "border")}; margin-bottom: {theme.space(2)}px; }}
    """


def _name(theme: Theme, token: str) -> str:
    return theme.color(token).name()
