"""A call format small enough to be read at a glance: ``[name {json}]`` on a line of its own."""

from __future__ import annotations

import json
import re

from app.agent.call_events import ArgumentDelta, CallFinished, CallStarted, Text
from app.conversations.parts import CallProblem

_OPEN = re.compile(r"\[([a-z_]+) ")


class TinyParser:
    """A ``CallParser``; ``]`` at the end of a line ends a call."""

    format = "hermes"

    def __init__(self, specs=(), template=""):
        self._names = {spec.name for spec in specs}
        self._held = ""
        self._name = None
        self._count = 0

    def feed(self, text):
        self._held += text
        events = []
        while True:
            if self._name is None:
                match = _OPEN.search(self._held)
                if match is None:
                    keep = self._held.rfind("[") if "[" in self._held else len(self._held)
                    events += [Text(self._held[:keep])] if keep else []
                    self._held = self._held[keep:]
                    return events
                events += [Text(self._held[: match.start()])] if match.start() else []
                self._held, self._name = self._held[match.start() :], match[1]
                events.append(CallStarted(self._count, self._name))
            body, end, rest = self._held.partition("]\n")
            if not end:
                events += [ArgumentDelta(self._count, "", text)] if text else []
                return events
            events.append(self._finished(body + end, body[len(self._name) + 2 :]))
            self._held, text = rest, ""

    def finish(self, *, is_truncated=False):
        if self._name is None:
            held, self._held = self._held, ""
            return [Text(held)] if held else []
        if self._held.endswith("]"):
            return [self._finished(self._held, self._held[len(self._name) + 2 : -1])]
        problem = CallProblem(code="not_closed", message="The call has no end.")
        return [self._end({}, self._held, (problem,))]

    def _finished(self, raw, body):
        problems = ()
        arguments = {}
        try:
            arguments = json.loads(body)
        except json.JSONDecodeError as error:
            problems = (CallProblem(code="bad_json", message=f"This is not JSON: {error}."),)
        if self._name not in self._names:
            problems += (CallProblem(code="unknown_tool", message=f"There is no tool {self._name}."),)
        return self._end(arguments, raw, problems)

    def _end(self, arguments, raw, problems):
        event = CallFinished(self._count, self._name, arguments, raw, problems)
        self._name, self._count = None, self._count + 1
        return event
