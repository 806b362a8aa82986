"""The real child process with a real model, asked and waited for."""

from __future__ import annotations

from app.engine.messages import AnyEvent, ChatMessage, ChatPrompt, Delta, Finished, ModelInfo, Prompt
from app.engine.sampling import Sampling
from tests.bench.client import EngineClient

GREEDY = Sampling(temperature=0, max_tokens=24)


class Engine(EngineClient):
    """A client that keeps the events of the last reply and can hold a conversation."""

    model: ModelInfo
    events: list[AnyEvent]

    def ask(self, prompt: Prompt, sampling: Sampling = GREEDY) -> tuple[AnyEvent, str]:
        """Return the last event and the text of a reply."""
        self.events = []
        finished = self.wait(self.engine.generate(prompt, sampling), self.events.append)
        return finished, "".join(event.text for event in self.events if isinstance(event, Delta))

    def chat(self, *texts: str, system: str = "Be brief.") -> tuple[list[Finished], list[ChatMessage]]:
        """Hold a conversation; return how its replies ended, and all messages."""
        messages = [ChatMessage(role="system", content=system)]
        ends = []
        for text in texts:
            messages.append(ChatMessage(role="user", content=text))
            finished, reply = self.ask(ChatPrompt(messages=tuple(messages)))
            assert isinstance(finished, Finished), finished
            messages.append(ChatMessage(role="assistant", content=reply, token_ids=finished.token_ids))
            ends.append(finished)
        return ends, messages
