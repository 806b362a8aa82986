"""The scripted engine as a child process that says what a test wrote down for it, also after it was started again.

Run as ``python -m tests.e2e.scripted_child FOLDER``: the replies are files in it, taken in the order of their names.
What it was asked is written into the folder's ``asked``, a file of JSON for each prompt.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.engine.echo import EchoEngine, Script
from app.engine.echo_worker import serve
from app.engine.messages import AnyCommand, AnyEvent, InfillPrompt, Prompt
from app.engine.sampling import Sampling
from app.ipc.child import open_channel

#: What is said when nothing is written down.
DONE = "All done."


class ScriptedEngine(EchoEngine):
    """Takes its next reply from a folder."""

    def __init__(self, on_event: Callable[[AnyEvent], None], folder: Path) -> None:
        super().__init__(on_event, tokens_per_second=20_000, prompt_tokens_per_second=1e9, n_ctx=10**7)
        self._folder = folder

    def generate(self, prompt: Prompt, sampling: Sampling) -> int:
        """Say what is written in the first file, which is used up by it; completion in the editor takes none."""
        if isinstance(prompt, InfillPrompt):
            return super().generate(prompt, sampling)
        self._write_down(prompt)
        names = sorted(self._folder.glob("*.txt"))
        self._scripts.append(Script(text=names[0].read_text("utf-8") if names else DONE))
        for name in names[:1]:
            name.unlink()
        return super().generate(prompt, sampling)

    def _write_down(self, prompt: Prompt) -> None:
        asked = self._folder / "asked"
        asked.mkdir(exist_ok=True)
        (asked / f"{len(list(asked.iterdir())):04d}.json").write_bytes(msgspec.json.encode(prompt))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    serve(open_channel(AnyCommand), lambda send: ScriptedEngine(send, folder))
