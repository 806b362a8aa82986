"""What every engine can do, whatever runs the model: the interface the rest of Sawhorse is written against.

Implementations: the child process with llama.cpp (``process.py``), a scripted one for tests (``echo.py``),
and later a remote server. An engine never blocks its caller: answers come as events to ``on_event``, on
the caller's own thread.
"""

from __future__ import annotations

from typing import Literal, Protocol

from app.engine.messages import LoadSettings, ModelInfo, Prompt
from app.engine.sampling import Sampling

EngineState = Literal["stopped", "starting", "idle", "loading", "ready", "generating", "frozen", "failed"]


class Engine(Protocol):
    """One model at a time. Every verb returns the number of its request at once."""

    @property
    def state(self) -> EngineState:
        """What the engine is doing; every change is followed by an event or caused by a verb.

        A completion in the editor (``InfillPrompt``) does not count: with one under way the engine is "ready".
        """
        ...

    @property
    def model(self) -> ModelInfo | None:
        """The model that is loaded."""
        ...

    def load(self, path: str, settings: LoadSettings) -> int:
        """Load a model, starting the engine if need be; the present one is unloaded first."""
        ...

    def unload(self) -> int:
        """Give back the model's memory."""
        ...

    def generate(self, prompt: Prompt, sampling: Sampling) -> int:
        """Answer a prompt; a completion in the editor that is under way is cancelled, as it is by a load."""
        ...

    def count_tokens(self, prompt: Prompt) -> int:
        """Count a prompt's tokens."""
        ...

    def render(self, prompt: Prompt) -> int:
        """Show a prompt as text and token ids."""
        ...

    def list_devices(self) -> int:
        """Name the devices."""
        ...

    def cancel(self, request: int) -> None:
        """Stop a request; of what it still sends, only its last event is passed on."""
        ...

    def close(self) -> None:
        """End the engine and everything it started; safe to call twice."""
        ...
