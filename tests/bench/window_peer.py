"""The whole program as a contender: the window, off screen but laid out and painted, streaming what its engine makes.

Answers "TOKENS" lines with the number of tokens made, once the window shows them.
"""

from __future__ import annotations

import sys
import tempfile

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

from app.paths import find_paths
from tests.bench.peers import PROMPT, SAMPLING
from ui.application import SawhorseWindow
from ui.start import make_application


class Contender:
    """Sends the prompt in a new conversation for each line on standard input."""

    def __init__(self, application: QApplication, sawhorse: SawhorseWindow) -> None:
        self._application = application
        self._sawhorse = sawhorse
        self._is_asked = False
        self._lines = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, application)
        self._lines.activated.connect(self._on_lines_activated)
        sawhorse.chat.generation_changed.connect(self._on_chat_generation_changed)

    def _on_lines_activated(self) -> None:
        line = sys.stdin.readline()
        if not line:
            self._application.quit()
            return
        sampling = {"temperature": SAMPLING.temperature, "top_k": SAMPLING.top_k, "top_p": SAMPLING.top_p}
        sampling |= {"min_p": SAMPLING.min_p, "seed": SAMPLING.seed, "max_tokens": int(line), "ignore_eos": True}
        self._is_asked = True
        self._sawhorse.chat.show(None)
        self._sawhorse.session.send(PROMPT, sampling=sampling)

    def _on_chat_generation_changed(self) -> None:
        last = self._sawhorse.session.branch[-1] if self._sawhorse.session.branch else None
        if self._is_asked and self._sawhorse.session.generating_turn is None and last and last.stats:
            self._is_asked = False
            print(last.stats.generated_tokens, flush=True)


def main() -> int:
    """Load the starter model, then serve until standard input ends."""
    with tempfile.TemporaryDirectory(prefix="sawhorse-bench-") as home:
        application = make_application()
        sawhorse = SawhorseWindow(find_paths({"SAWHORSE_HOME": home}))
        contenders: list[Contender] = []

        def on_model_changed() -> None:
            if sawhorse.engine.model is not None and not contenders:
                contenders.append(Contender(application, sawhorse))

        sawhorse.model.model_changed.connect(on_model_changed)
        sawhorse.start("starter", new=True)
        code = application.exec()
        sawhorse.close()
        return code


if __name__ == "__main__":
    sys.exit(main())
