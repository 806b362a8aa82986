"""The engine's child process: its main thread hears commands, its worker thread runs the model.

Run as ``python -m app.engine.llama.worker`` with the command pipe on standard input.
"""

from __future__ import annotations

import os
import queue
import threading
import time
import traceback
from pathlib import Path

import llama_cpp.llama_cpp as llama
import psutil

from app.engine.llama import bindings, loader
from app.engine.llama.detokenizer import spelled
from app.engine.llama.generation import Generation
from app.engine.llama.grammar import GrammarError
from app.engine.llama.infill import NoInfill, NoRoomForInfill
from app.engine.llama.logs import LlamaLog
from app.engine.llama.model import LoadedModel
from app.engine.llama.prefill import DecodeError
from app.engine.messages import (
    AnyCommand,
    AnyEvent,
    Cancel,
    ChatPrompt,
    CountTokens,
    Devices,
    Failed,
    Generate,
    Hello,
    InfillPrompt,
    ListDevices,
    Load,
    Loaded,
    LoadProgress,
    Notice,
    Ping,
    Pong,
    Prompt,
    Render,
    Rendered,
    TextPrompt,
    TokenPrompt,
    TokensCounted,
    Unload,
    Unloaded,
)
from app.engine.prompts.assemble import AssembledPrompt
from app.engine.prompts.renderer import TemplateFailed, TemplateRenderer
from app.errors import AppError, Cancelled
from app.ipc.child import Channel, open_channel

#: When memory runs out the system should take the model, not the desktop.
OOM_SCORE_ADJ = 800
PROGRESS_STEP = 0.005


class ContextOverflow(AppError):  # noqa: N818 - reads as the event it is
    """A prompt that is longer than the context."""

    def __init__(self, prompt_tokens: int, n_ctx: int) -> None:
        super().__init__(
            "The prompt does not fit the context",
            f"It has {prompt_tokens:,} tokens; the context holds {n_ctx:,}, and a reply needs at least one.",
            "Shorten the conversation, or load the model with a larger context size.",
        )
        self.prompt_tokens = prompt_tokens
        self.n_ctx = n_ctx


class Worker:
    """Does commands one after the other. ``cancel`` may come from another thread at any time."""

    def __init__(self, channel: Channel[AnyCommand], renderer: TemplateRenderer) -> None:
        self._channel = channel
        self._renderer = renderer
        self._log = LlamaLog()
        self._model: LoadedModel | None = None
        self._cancelled: set[int] = set()
        bindings.start_backends()

    def cancel(self, request: int) -> None:
        """Have the work of ``request`` end soon, whether it has begun or not."""
        self._cancelled.add(request)

    def do(self, command: AnyCommand) -> None:
        """Do one command, answering with events; nothing it raises ends the process."""
        try:
            self._do(command)
        except Cancelled:
            self._send(Failed(request=command.request, code="cancelled", title="Stopped before it had begun"))
        except Exception as error:  # noqa: BLE001 - reported to the parent, where people can read it
            self._send(_failure(command.request, error))
        finally:
            self._cancelled.discard(command.request)

    def _do(self, command: AnyCommand) -> None:
        match command:
            case Load():
                self._load(command)
            case Unload():
                self._unload()
                self._send(Unloaded(request=command.request))
            case Generate():
                self._generate(command)
            case CountTokens():
                model, prompt = self._assembled(command.prompt)
                count = len(prompt.token_ids)
                offsets = prompt.message_offsets
                self._send(
                    TokensCounted(request=command.request, tokens=count, n_ctx=model.n_ctx, message_offsets=offsets)
                )
            case Render():
                model, prompt = self._assembled(command.prompt)
                text, ends = spelled(model.vocab.spelling(token) for token in prompt.token_ids)
                self._send(Rendered(request=command.request, text=text, token_ids=prompt.token_ids, token_ends=ends))
            case ListDevices():
                self._send(_devices(command.request))
            case _:
                raise TypeError(f"{type(command).__name__} is not work")

    def _send(self, event: AnyEvent) -> None:
        self._channel.send(event)

    # --- the model --------------------------------------------------------------------------------------

    def _load(self, command: Load) -> None:
        self._unload()
        if command.request in self._cancelled:
            raise Cancelled
        begun = time.monotonic()
        told = 0.0

        def on_progress(fraction: float) -> None:
            nonlocal told
            if fraction - told >= PROGRESS_STEP or fraction >= 1:
                told = fraction
                self._send(LoadProgress(request=command.request, fraction=fraction))

        self._renderer.start()  # it is ready by the time the model is
        path = Path(command.path)
        handles = loader.load(
            path, command.settings, self._log, on_progress, lambda: command.request in self._cancelled
        )
        self._model = LoadedModel(path, *handles, self._log, self._renderer)
        if not self._model.has_own_template:
            text = "This model has no chat template of its own; ChatML is used, and may not suit it."
            self._send(Notice(request=command.request, code="no_template", text=text))
        self._send(Loaded(request=command.request, model=self._model.info(time.monotonic() - begun)))

    def _unload(self) -> None:
        if self._model is not None:
            model, self._model = self._model, None
            model.close()

    def _generate(self, command: Generate) -> None:
        model, prompt = self._assembled(command.prompt)
        is_infill = isinstance(command.prompt, InfillPrompt)
        reader = model.infill_reader() if is_infill else model.reader
        if not prompt.token_ids:
            raise AppError("The prompt is empty", "There is nothing for the model to go on from.", "Write something.")
        if len(prompt.token_ids) >= reader.n_ctx:
            raise ContextOverflow(len(prompt.token_ids), reader.n_ctx)
        generation = Generation(
            command.request,
            model,
            reader,
            command.sampling,
            self._send,
            lambda: command.request in self._cancelled,
            model.infill_ends if is_infill else frozenset(),
        )
        self._send(generation.run(prompt.token_ids, prompt.boundaries))

    def _assembled(self, prompt: Prompt) -> tuple[LoadedModel, AssembledPrompt]:
        if self._model is None:
            raise AppError("No model is loaded", "This needs one.", "Load a model first.")
        model = self._model
        _check_tokens(prompt, model)
        if isinstance(prompt, ChatPrompt):
            return model, model.assembler.assemble(prompt)
        if isinstance(prompt, TextPrompt):
            ids = model.vocab.tokenize(prompt.text, parse_special=prompt.parse_special, add_special=prompt.add_special)
            return model, AssembledPrompt(tuple(ids), prompt.text)
        if isinstance(prompt, InfillPrompt):
            return model, model.assemble_infill(prompt)
        text = "".join(model.vocab.shown(token) for token in prompt.token_ids)
        return model, AssembledPrompt(prompt.token_ids, text)


def _check_tokens(prompt: Prompt, model: LoadedModel) -> None:
    """Refuse ids that are not in the vocabulary: llama.cpp ends the process when it looks one up."""
    given: list[tuple[int, ...]] = []
    if isinstance(prompt, TokenPrompt):
        given = [prompt.token_ids]
    elif isinstance(prompt, ChatPrompt):
        given = [message.token_ids for message in prompt.messages if message.token_ids]
    for ids in given:
        for token in (min(ids, default=0), max(ids, default=0)):
            if not 0 <= token < model.vocab.size:
                raise AppError(
                    "The prompt has a token that this model does not have",
                    f"Token {token:,}; the vocabulary has {model.vocab.size:,}.",
                    "The conversation was probably held with another model. Send its text instead.",
                )


def _devices(request: int) -> Devices:
    info: bytes = llama.llama_print_system_info()
    version: bytes = llama.llama_version()
    return Devices(
        request=request,
        devices=tuple(bindings.describe_device(handle) for handle in bindings.device_handles()),
        llama_cpp_version=version.decode(),
        system_info=info.decode().strip(),
    )


def _failure(request: int, error: Exception) -> Failed:
    code = "internal"
    tokens = n_ctx = 0
    match error:
        case ContextOverflow():
            code, tokens, n_ctx = "context_overflow", error.prompt_tokens, error.n_ctx
        case loader.LoadError():
            code = error.code
        case GrammarError():
            code = "grammar"
        case TemplateFailed():
            code = "template"
        case NoInfill():
            code = "no_infill"
        case NoRoomForInfill():
            code = "out_of_memory"
        case AppError():
            code = "not_loaded" if error.title == "No model is loaded" else "bad_file"
        case DecodeError():
            code = "decode"
            error = AppError(
                "The model could not go on",
                f"llama.cpp's decode ended with code {error.code}"
                + (" (no room in the context's memory)." if error.code == 1 else "."),
                "Try again; if it happens again, load the model with other settings.",
            )
        case _:
            error = AppError(
                "Something went wrong inside the engine",
                f"{type(error).__name__}: {error}",
                "Try again. If it happens again, the details help to find the cause.",
                "".join(traceback.format_exception(error)),
            )
    return Failed(
        request=request,
        code=code,
        title=error.title,
        message=error.message,
        hint=error.hint,
        detail=error.detail,
        prompt_tokens=tokens,
        n_ctx=n_ctx,
    )


def main() -> None:
    """Serve the parent until it closes the pipe."""
    channel: Channel[AnyCommand] = open_channel(AnyCommand, oom_score_adj=OOM_SCORE_ADJ)
    process = psutil.Process()
    work: queue.SimpleQueue[AnyCommand] = queue.SimpleQueue()
    renderer = TemplateRenderer()
    worker = Worker(channel, renderer)

    def serve() -> None:
        while True:
            worker.do(work.get())

    threading.Thread(target=serve, name="inference", daemon=True).start()
    channel.send(Hello(pid=os.getpid()))
    for command in channel:
        match command:
            case Ping():
                channel.send(Pong(request=command.request, rss_bytes=process.memory_info().rss))
            case Cancel():
                worker.cancel(command.request)
            case _:
                work.put(command)
    renderer.close()
    os._exit(0)  # the parent is gone, and the worker thread may be deep inside llama.cpp


if __name__ == "__main__":
    main()
