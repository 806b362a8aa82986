"""``sawhorse chat``: a conversation in the terminal, or turn by turn for scripts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from app.catalog.cards import card_for, load_cards
from app.catalog.variants import LocalModel
from app.cli.catalog import waiting_catalog
from app.cli.chat_output import JsonWriter, TextWriter, Writer
from app.cli.chat_tools import Approver, tool_conversation
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
    tools = parser.add_argument_group("tools")
    tools.add_argument("--tools", action="store_true", help="let the model use tools in the folder of --workspace")
    tools.add_argument("--workspace", metavar="DIR", help="the folder that tools act in")
    tools.add_argument(
        "--approve",
        choices=["sandbox"],
        help="where nobody can be asked: allow what changes files, and commands inside the sandbox",
    )
    add_load_flags(parser)
    add_sampling_flags(parser)


def run(arguments: argparse.Namespace) -> int:
    """Hold the conversation that was asked for.

    Raises:
        AppError: The model cannot be loaded, or a reply failed.
    """
    folder = _folder(arguments)
    path = resolve_model(arguments.model, _find_models)
    user = sampling_values(arguments)
    settings = load_settings(arguments)
    write: Writer = JsonWriter() if arguments.json else TextWriter()
    with waiting_engine() as engine, Interrupts() as interrupts:
        with interrupts.raising():  # there is no reply yet to be stopped
            model = _load(engine, str(path), settings, show=sys.stderr.isatty() and not arguments.json)
        card = card_for(load_cards(), model.name, path.name)
        advised = {**(card.sampling if card else {}), **model.sampling}
        asked = arguments.prompt if arguments.prompt is not None else _typed(interrupts)
        if folder:
            approve = Approver(interrupts, may_ask=_may_ask(arguments), in_sandbox=arguments.approve == "sandbox")
            with tool_conversation(engine, folder, advised, user, arguments.system, write, approve, interrupts) as say:
                for text in asked:
                    say(_sendable(text))
            return 0
        sampling, _origins = resolve(advised, user)
        conversation = _Conversation(engine, sampling, arguments.system, write, interrupts.take)
        for text in asked:
            conversation.say(text)
    return 0


def _folder(arguments: argparse.Namespace) -> str:
    """Return the folder tools act in; empty for no tools."""
    if arguments.tools and not arguments.workspace:
        raise AppError("No folder was chosen", "Tools act in one folder only.", "Name it with --workspace DIR.")
    return str(arguments.workspace or "")


def _may_ask(arguments: argparse.Namespace) -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty() and not arguments.json


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
        write: Writer,
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
