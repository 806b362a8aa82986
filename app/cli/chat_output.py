"""What ``sawhorse chat`` prints: replies as text, or everything as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from app.conversations.parts import ToolCallPart, ToolResultPart
from app.engine.messages import Finished

#: Of a call's arguments, where they are shown to people.
_SHOWN_CHARACTERS = 200


class Writer(Protocol):
    """Prints a conversation as it goes."""

    def delta(self, text: str) -> None:
        """Print what the model has written now."""
        ...

    def tool_call(self, part: ToolCallPart) -> None:
        """Print a call that is written to its end."""
        ...

    def tool_result(self, part: ToolResultPart) -> None:
        """Print what came of a call."""
        ...

    def turn_end(self, text: str, finished: Finished, earlier: Sequence[Finished] = ()) -> None:
        """Print the end of a turn: the text of its last reply and how that ended, and the ``earlier`` replies."""
        ...


class TextWriter:
    """Replies on standard output, all else on standard error."""

    def delta(self, text: str) -> None:
        """See ``Writer``."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def tool_call(self, part: ToolCallPart) -> None:
        """See ``Writer``."""
        sys.stdout.flush()
        arguments = shown(part.arguments)
        if len(arguments) > _SHOWN_CHARACTERS:
            arguments = f"{arguments[:_SHOWN_CHARACTERS]} …"
        print(f"call: {part.name} {arguments}", file=sys.stderr)

    def tool_result(self, part: ToolResultPart) -> None:
        """See ``Writer``."""
        print(f"  {part.outcome.replace('_', ' ')}, {part.seconds:.1f} s", file=sys.stderr)

    def turn_end(self, text: str, finished: Finished, earlier: Sequence[Finished] = ()) -> None:  # noqa: ARG002
        """See ``Writer``."""
        sys.stdout.write("" if text.endswith("\n") else "\n")
        if finished.reason in {"max_tokens", "context_full"}:
            why = "the limit of tokens" if finished.reason == "max_tokens" else "the end of the context"
            print(f"note: the reply stopped at {why}", file=sys.stderr)
        sys.stdout.flush()


class JsonWriter:
    """One JSON object a line."""

    def delta(self, text: str) -> None:
        """See ``Writer``."""
        if text:
            self._print({"type": "delta", "text": text})

    def tool_call(self, part: ToolCallPart) -> None:
        """See ``Writer``."""
        call = {"id": part.call_id, "name": part.name, "arguments": part.arguments, "raw": part.raw}
        self._print({"type": "tool_call", **call, "problems": part.problems})

    def tool_result(self, part: ToolResultPart) -> None:
        """See ``Writer``."""
        result = {"id": part.call_id, "name": part.name, "outcome": part.outcome, "content": part.content}
        self._print({"type": "tool_result", **result, "seconds": part.seconds})

    def turn_end(self, text: str, finished: Finished, earlier: Sequence[Finished] = ()) -> None:
        """See ``Writer``."""
        turn = {"type": "turn_end", "text": text, "stats": _stats(finished)}
        self._print(turn | {"earlier": [_stats(one) for one in earlier]} if earlier else turn)

    def _print(self, value: dict[str, Any]) -> None:
        print(msgspec.json.encode(value).decode(), flush=True)


def shown(arguments: dict[str, Any]) -> str:
    """Return arguments with everything visible that a terminal would hide or obey."""
    text = msgspec.json.encode(arguments).decode()
    return "".join(char if char.isascii() and char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _stats(finished: Finished) -> dict[str, Any]:
    return {**msgspec.to_builtins(finished.stats), "stop_reason": finished.reason, "seed": finished.seed}
