"""Grammars and JSON schemas: checked before llama.cpp sees them, refused in its own words.

llama.cpp ends the process where a grammar is too deep for its parser's stack or leaves no token to choose;
what is here keeps both from happening.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable
from typing import Any

import llama_cpp.llama_cpp as llama
from llama_cpp.llama_grammar import json_schema_to_gbnf

from app.engine.llama.vocab import LlamaVocab
from app.engine.sampling import Sampling
from app.errors import AppError

#: llama.cpp's parser calls itself for every open parenthesis; honest grammars stay far below this.
MAX_DEPTH = 200
# What may hold parentheses that open nothing: a comment, a text, a class of characters.
_QUOTED = re.compile(r'#[^\n]*|"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]', re.DOTALL)


class GrammarError(AppError):
    """A grammar or JSON schema that cannot be used."""


def no_way_on() -> GrammarError:
    """Return the error for a grammar that no token of the model can begin."""
    return GrammarError(
        "The grammar allows nothing that this model can write",
        "None of the model's tokens is a valid beginning.",
        "Loosen the grammar, or remove the biases that forbid what it asks for.",
    )


def init_grammar(sampling: Sampling, vocab: LlamaVocab) -> Any:
    """Return a new grammar sampler; None where ``sampling`` asks for none.

    Raises:
        GrammarError: The grammar or schema is not valid.
    """
    is_schema = bool(sampling.json_schema.strip())
    if is_schema and sampling.grammar.strip():
        raise GrammarError(
            "A grammar and a JSON schema are both set", "Only one can be in force.", "Clear one of them."
        )
    grammar = grammar_of_schema(sampling.json_schema) if is_schema else sampling.grammar
    if not grammar.strip():
        return None
    what = "JSON schema" if is_schema else "grammar"
    if depth(grammar) > MAX_DEPTH:
        raise GrammarError(
            f"The {what} is nested too deeply",
            f"More than {MAX_DEPTH} levels of parentheses.",
            "Give the inner parts rules of their own.",
        )
    data = grammar.encode(errors="replace")
    handle, said = _with_words(lambda: llama.llama_sampler_init_grammar(vocab.handle, data, b"root"))
    if not handle:
        reason = next((line.split("grammar: ")[-1].strip() for line in said.splitlines() if line.strip()), "")
        raise GrammarError(
            f"The {what} cannot be used",
            f"llama.cpp says: {reason}." if reason else "llama.cpp does not accept it and gives no reason.",
            f"Correct the {what} in the sampling panel. A GBNF grammar needs a rule named root.",
            said,
        )
    return handle


def depth(grammar: str) -> int:
    """Return how deeply the parentheses of a GBNF grammar are nested."""
    level = deepest = 0
    for mark in re.findall(r"[()]", _QUOTED.sub("", grammar)):
        level += 1 if mark == "(" else -1
        deepest = max(deepest, level)
    return deepest


def grammar_of_schema(schema: str) -> str:
    """Return the GBNF grammar of a JSON schema.

    Raises:
        GrammarError: It is not JSON, not a schema, or uses what llama.cpp's converter does not know.
    """
    hint = "Correct the JSON schema in the sampling panel."
    try:
        value = json.loads(schema)
    except ValueError as error:
        raise GrammarError("The JSON schema is not JSON", f"{error}.", hint) from error
    except RecursionError as error:
        raise GrammarError("The JSON schema is nested too deeply", "It cannot be read.", hint) from error
    if not isinstance(value, dict):
        raise GrammarError(
            "This is not a JSON schema", "A schema is an object in braces, such as {“type”: “object”}.", hint
        )
    try:
        return str(json_schema_to_gbnf(schema))
    except Exception as error:  # the converter speaks in assertions, key errors and whatever else happens
        reason = str(error) if isinstance(error, (AssertionError, ValueError)) else f"{type(error).__name__}: {error}"
        raise GrammarError("The JSON schema cannot be turned into a grammar", f"{reason}.", hint) from error


def _with_words(make: Callable[[], Any]) -> tuple[Any, str]:
    """Return what ``make`` returns and what it wrote to standard error, where the parser's reasons go."""
    with tempfile.TemporaryFile() as said:
        real = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            made = make()
        finally:
            os.dup2(real, 2)
            os.close(real)
        said.seek(0)
        return made, said.read().decode(errors="replace")
