"""What the description of each tool costs in every prompt, counted by the model that is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from app.engine.engine import Engine
from app.engine.messages import AnyEvent, ChatMessage, ChatPrompt, Died, Failed, TokensCounted
from app.tools.tool import ToolSpec

#: Stands beside a tool that is counted, so that the words around all tools do not count as its own.
_PROBE = ToolSpec(name="probe", description="Probe.", parameters={"type": "object", "properties": {}}, kind="read")

#: A model and the schemas of a prompt's tools, as JSON.
_Key = tuple[str, tuple[bytes, ...]]


class ToolCosts(QObject):
    """Asks the engine while somebody looks and it is idle, one prompt at a time; keeps what it was told.

    Signals:
        changed(): More is known.
    """

    changed = Signal()

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._counts: dict[_Key, int | None] = {}
        self._waiting: list[tuple[tuple[ToolSpec, ...], Callable[[tuple[int, ...] | None], None]]] = []
        self._wanted: list[tuple[ToolSpec, ...]] = []
        self._request: int | None = None
        self._asked: _Key = ("", ())

    def want(self, specs: Sequence[ToolSpec], on: Sequence[ToolSpec]) -> None:
        """Find out what each of ``specs`` costs, and all that are ``on`` together; nothing wanted: ask no more."""
        self._wanted = [(), tuple(on), (_PROBE,), *((_PROBE, spec) for spec in specs)] if specs else []
        self._ask_next()

    def tell(self, specs: tuple[ToolSpec, ...], on_done: Callable[[tuple[int, ...] | None], None]) -> None:
        """Find out what each of ``specs`` costs and tell it once, now or later; None without a model."""
        self._waiting.append((specs, on_done))
        self.want([spec for waiting, _ in self._waiting for spec in waiting], ())
        self._tell_known()

    def cost(self, spec: ToolSpec) -> int | None:
        """Return the tokens of one tool; None while they are not known."""
        return self._difference((_PROBE, spec), (_PROBE,))

    def total(self, specs: Sequence[ToolSpec]) -> int | None:
        """Return the tokens of these tools together, and of the words around them."""
        return self._difference(tuple(specs), ())

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine."""
        match event:
            case TokensCounted(request=request, tokens=tokens) if request == self._request:
                self._take(tokens)
            case Failed(request=request) if request == self._request:
                self._take(None)
            case Died():
                self._request = None
                self._tell_known()
        self._ask_next()

    # --- how --------------------------------------------------------------------------------------------

    def _take(self, tokens: int | None) -> None:
        self._counts[self._asked] = tokens
        self._request = None
        self._tell_known()
        self.changed.emit()

    def _tell_known(self) -> None:
        waiting, self._waiting = self._waiting, []
        for specs, on_done in waiting:
            costs = [self.cost(spec) for spec in specs]
            known = tuple(cost for cost in costs if cost is not None)
            if len(known) == len(specs):
                on_done(known)
            elif self._engine.model is None:
                on_done(None)
            else:
                self._waiting.append((specs, on_done))

    def _difference(self, more: tuple[ToolSpec, ...], less: tuple[ToolSpec, ...]) -> int | None:
        counts = [self._counts.get(self._key(specs)) for specs in (more, less)]
        return counts[0] - counts[1] if counts[0] is not None and counts[1] is not None else None

    def _key(self, specs: tuple[ToolSpec, ...]) -> _Key:
        model = self._engine.model
        return model.fingerprint if model else "", tuple(msgspec.json.encode(spec.schema) for spec in specs)

    def _ask_next(self) -> None:
        if self._request is not None or self._engine.model is None or self._engine.state != "ready":
            return
        for specs in self._wanted:
            key = self._key(specs)
            if key not in self._counts:
                self._asked = key
                message = ChatMessage(role="user", content="x")
                tools = tuple(spec.schema for spec in specs)
                self._request = self._engine.count_tokens(ChatPrompt(messages=(message,), tools=tools))
                return
