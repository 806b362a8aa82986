"""The scripted engine as a child process that speaks the engine's messages, a frame for each token."""

from __future__ import annotations

from collections.abc import Callable

from app.engine.echo import EchoEngine, Script
from app.engine.echo_worker import serve
from app.engine.messages import AnyCommand, AnyEvent
from app.ipc.child import open_channel
from tests.bench.texts import reply

TOKENS_PER_SECOND = 250.0


def make_engine(send: Callable[[AnyEvent], None]) -> EchoEngine:
    """Return an engine with long replies to give."""
    scripts = [Script(text=reply(number, words=20_000)) for number in range(4)]
    return EchoEngine(send, scripts, tokens_per_second=TOKENS_PER_SECOND, prompt_tokens_per_second=1e9, n_ctx=10**7)


if __name__ == "__main__":
    serve(open_channel(AnyCommand), make_engine)
