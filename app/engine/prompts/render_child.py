"""The process that renders chat templates: ``python -m app.engine.prompts.render_child``.

A template is a program that came with a model file. Jinja's sandbox keeps it from reaching Python's insides, but
not from running or growing for ever, and inside one process neither can be limited. Hence a process of its own:
it can be killed, and it limits its memory and its own life in case nobody is left to kill it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import sys
import traceback
from collections.abc import Callable
from datetime import date
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.engine.prompts.render_messages import (
    MAX_MEMORY_BYTES,
    Problem,
    RenderedText,
    RenderProblem,
    RenderReply,
    RenderRequest,
)
from app.ipc.child import open_channel

#: Far above the longest prompt (262,144 tokens are about 1 MB of text).
MAX_OUTPUT_CHARACTERS = 32 * 1024**2
#: The parent kills a render after 2 s; without a parent the process ends itself.
MAX_SECONDS_ALONE = 3.0
#: Compiled templates kept; one model has one, or a few by name.
MAX_COMPILED = 8


class TemplateRefusal(Exception):  # noqa: N818 - the template's decision, not an error of ours
    """The template called ``raise_exception``."""


class OutputTooLong(Exception):  # noqa: N818 - a limit
    """The text outgrew ``MAX_OUTPUT_CHARACTERS``."""


class GenerationTag(Extension):
    """Accepts ``{% generation %}…{% endgeneration %}``, which training code uses to mark the assistant's tokens."""

    tags = {"generation"}  # noqa: RUF012 - the name and type Jinja's extensions have

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return the tag's body as if the tag were not there."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class TemplateEngine:
    """Renders templates as Hugging Face's ``apply_chat_template`` does."""

    def __init__(self) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[GenerationTag, loopcontrols]
        )
        self._environment.filters["tojson"] = _to_json
        self._environment.globals["raise_exception"] = _raise_exception
        self._compiled: dict[str, jinja2.Template] = {}

    def answer(self, request: RenderRequest) -> RenderReply:
        """Return the text, or why there is none; never raises."""
        try:
            return RenderedText(self._render(request))
        except TemplateRefusal as refusal:
            return RenderProblem("refused", str(refusal))
        except jinja2.TemplateSyntaxError as error:
            return RenderProblem("syntax", error.message or "", error.lineno)
        except SecurityError as error:
            return _problem("forbidden", error)
        except OutputTooLong:
            return RenderProblem("output", f"{MAX_OUTPUT_CHARACTERS:,}")
        except MemoryError:
            return RenderProblem("memory", f"{MAX_MEMORY_BYTES // 1024**2:,}")
        except Exception as error:  # noqa: BLE001 - a template may raise anything; all of it is its failure
            return _problem("error", error)

    def _render(self, request: RenderRequest) -> str:
        template = self._compile(request.template)
        today = date.fromisoformat(request.today)
        parts: list[str] = []
        length = 0
        for part in template.generate(strftime_now=_formatter(today), **request.variables):
            parts.append(part)
            length += len(part)
            if length > MAX_OUTPUT_CHARACTERS:
                raise OutputTooLong
        return "".join(parts)

    def _compile(self, source: str) -> jinja2.Template:
        template = self._compiled.pop(source, None) or self._environment.from_string(source)
        self._compiled[source] = template  # last in, last out
        if len(self._compiled) > MAX_COMPILED:
            del self._compiled[next(iter(self._compiled))]
        return template


def _problem(problem: Problem, error: Exception) -> RenderProblem:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    words = str(error) or type(error).__name__
    line = frames[-1].lineno if frames else 0
    return RenderProblem(problem, words[:2_000], line or 0)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Write JSON as Hugging Face's filter does: letters as they are, and no HTML escapes."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise_exception(message: object) -> None:
    raise TemplateRefusal(str(message))


def _formatter(today: date) -> Callable[[str], str]:
    """Return ``strftime_now``: a whole day gives one text, so that the prompt stays in the cache."""
    return today.strftime


def _limit_memory() -> None:
    """Limit what a render may take from the machine (Linux; elsewhere the parent watches)."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - only there on POSIX

    for limit, value in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_AS, MAX_MEMORY_BYTES)):
        with contextlib.suppress(OSError, ValueError):  # macOS refuses RLIMIT_AS; the parent watches there
            resource.setrlimit(limit, (value, value))


def main() -> None:
    """Answer requests until the parent closes the channel."""
    channel = open_channel(RenderRequest)
    _limit_memory()
    engine = TemplateEngine()
    for request in channel:
        # A thread in C: it works even while one endless multiplication holds the interpreter.
        faulthandler.dump_traceback_later(MAX_SECONDS_ALONE, exit=True)
        reply = engine.answer(request)
        faulthandler.cancel_dump_traceback_later()
        channel.send(reply)


if __name__ == "__main__":
    main()
