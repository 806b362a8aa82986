"""``sawhorse chat``: a conversation in the terminal, or turn by turn for scripts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.catalog.cards import card_for, load_cards
from app.catalog.variants import LocalModel
from app.cli.catalog import waiting_catalog
from app.cli.flags import add_load_flags, add_sampling_flags, load_settings, sampling_values
from app.cli.interrupts import Interrupts
from app.cli.waiting import WaitingEngine, waiting_engine
from app.engine.messages import ChatMessage, ChatPrompt, Delta, Finished, Loaded, LoadProgress, ModelInfo, Notice
from app.engine.sampling import Sampling, resolve
from app.errors import AppError
from app.models import resolve_model


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    parser = commands.add_parser("chat", help="chat in the terminal, or give turns with -p")
    parser.add_argument("model", metavar="MODEL", help='a GGUF file, "starter", or REPO[:QUANT] that is on disk')
    parser.add_argument("-p", "--prompt", action="append", help="a turn of the conversation; may be repeated")
    parser.add_argument("--system", default="", help="system prompt")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    add_load_flags(parser)
    add_sampling_flags(parser)


def run(arguments: argparse.Namespace) -> int:
    """Hold the conversation that was asked for.

    Raises:
        AppError: The model cannot be loaded, or a reply failed.
    """
    path = resolve_model(arguments.model, _find_models)
    user = sampling_values(arguments)
    settings = load_settings(arguments)
    write: _Writer = _JsonWriter() if arguments.json else _TextWriter()
    with waiting_engine() as engine, Interrupts() as interrupts:
        with interrupts.raising():  # there is no reply yet to be stopped
            model = _load(engine, str(path), settings, show=sys.stderr.isatty() and not arguments.json)
        card = card_for(load_cards(), model.name, path.name)
        sampling, _origins = resolve({**(card.sampling if card else {}), **model.sampling}, user)
        conversation = _Conversation(engine, sampling, arguments.system, write, interrupts.take)
        for text in arguments.prompt if arguments.prompt is not None else _typed(interrupts):
            conversation.say(text)
    return 0


def _find_models() -> Sequence[LocalModel]:
    with waiting_catalog() as catalog:
        return catalog.scan().models


def _load(engine: WaitingEngine, path: str, settings: Any, *, show: bool) -> ModelInfo:
    model: ModelInfo | None = None
    for event in engine.events(engine.engine.load(path, settings)):
        match event:
            case LoadProgress() if show:
                print(f"\rLoading {Path(path).name} {event.fraction:4.0%}", end="", file=sys.stderr, flush=True)
            case Notice():
                print(f"note: {event.text}", file=sys.stderr)
            case Loaded():
                model = event.model
            case _:
                pass
    if show:
        print("\r\033[K", end="", file=sys.stderr)
    if model is None:
        raise AppError("The model was not loaded", "The engine did not say why.", "Try again.")
    return model


class _Conversation:
    """The messages so far, with the model's own ids, so that no turn is read twice."""

    def __init__(
        self,
        engine: WaitingEngine,
        sampling: Sampling,
        system: str,
        write: _Writer,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._engine = engine
        self._sampling = sampling
        self._messages = [ChatMessage(role="system", content=_sendable(system))] if system else []
        self._write = write
        self._is_stopped = is_stopped

    def say(self, text: str) -> None:
        """Add a message of the user and print the reply."""
        self._messages.append(ChatMessage(role="user", content=_sendable(text)))
        request = self._engine.engine.generate(ChatPrompt(messages=tuple(self._messages)), self._sampling)
        reply: list[str] = []
        for event in self._engine.events(request, self._is_stopped):
            match event:
                case Delta():
                    reply.append(event.text)
                    self._write.delta(event.text)
                case Finished():
                    message = ChatMessage(role="assistant", content="".join(reply), token_ids=event.token_ids)
                    self._messages.append(message)
                    self._write.turn_end(message.content, event)
                case Notice():
                    print(f"note: {event.text}", file=sys.stderr)
                case _:
                    pass


def _sendable(text: str) -> str:
    """Return ``text`` with a mark for every byte of an argument that is no character."""
    return text.encode("utf-8", "replace").decode()


class _TextWriter:
    def delta(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def turn_end(self, text: str, finished: Finished) -> None:
        sys.stdout.write("" if text.endswith("\n") else "\n")
        if finished.reason in {"max_tokens", "context_full"}:
            why = "the limit of tokens" if finished.reason == "max_tokens" else "the end of the context"
            print(f"note: the reply stopped at {why}", file=sys.stderr)
        sys.stdout.flush()


class _JsonWriter:
    def delta(self, text: str) -> None:
        if text:
            self._print({"type": "delta", "text": text})

    def turn_end(self, text: str, finished: Finished) -> None:
        stats = {**msgspec.to_builtins(finished.stats), "stop_reason": finished.reason, "seed": finished.seed}
        self._print({"type": "turn_end", "text": text, "stats": stats})

    def _print(self, value: dict[str, Any]) -> None:
        print(msgspec.json.encode(value).decode(), flush=True)


_Writer = _TextWriter | _JsonWriter


def _typed(interrupts: Interrupts) -> Iterator[str]:
    """Yield lines from the terminal, or all of a pipe as one message."""
    if not sys.stdin.isatty():
        text = sys.stdin.read().strip()
        if not text:
            raise AppError("Nothing was said", "Standard input is empty and there is no -p.", "Give a turn with -p.")
        yield text
        return
    print("Ctrl+C stops a reply; Ctrl+D ends.", file=sys.stderr)
    while True:
        try:
            with interrupts.raising():
                text = _line("> ")
        except EOFError:
            print(file=sys.stderr)
            return
        if text.strip():
            yield text


def _line(prompt: str) -> str:
    if sys.stdout.isatty():
        return input(prompt)  # with the line editing of the terminal
    print(prompt, end="", file=sys.stderr, flush=True)  # what is written to a file or a pipe is replies alone
    return input()
