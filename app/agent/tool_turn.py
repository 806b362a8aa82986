"""The calls of one reply, run one after the other, with a person's word where it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.agent import words
from app.agent.branch import BranchWriter
from app.agent.live import CallState, LiveCall
from app.agent.live_calls import calls_in, results_in, spec_named, stored_state
from app.agent.policy import Decision, decide
from app.agent.run_log import RunLog
from app.agent.trace import SpanKind
from app.chat.changes import CallChanged, Change, ToolPrinted
from app.conversations.parts import ToolCallPart, ToolResultPart, Turn
from app.settings import Settings
from app.tools.tool import Outcome, ToolResult, ToolRun, ToolRunner, ToolSpec
from app.tools.views import MAX_VIEW_CHARACTERS, AnswerView

#: The tool whose result is what a person answers.
ASK_USER = "ask_user"


class ResultListener(Protocol):
    """Whoever has the calls run."""

    def call_ended(self, name: str, arguments: dict[str, Any], outcome: Outcome, content: str) -> str:
        """A call ended; return what the model is told beside its result, mostly nothing."""
        ...

    def calls_ended(self, results: Turn) -> None:
        """Every call has its result; ``results`` is the turn that holds them."""
        ...


@dataclass(frozen=True)
class Workshop:
    """What calls need from outside.

    Attributes:
        settings: The settings in force now.
        specs: The tools offered.
    """

    runner: ToolRunner
    settings: Callable[[], Settings]
    branch: BranchWriter
    listen: Callable[[Change], None]
    specs: tuple[ToolSpec, ...]


@dataclass
class _Current:
    """The call whose turn it is."""

    part: ToolCallPart
    state: CallState
    span: int
    decision: Decision
    name: str
    arguments: dict[str, Any]
    is_changed: bool = False
    request: int = 0
    output: list[str] = field(default_factory=list)
    printed: int = 0


class ToolTurn:
    """Runs the calls of ``turn`` that have no result yet; the results go into a turn of their own, one by one."""

    def __init__(
        self, workshop: Workshop, log: RunLog, turn: Turn, results: Turn | None, listener: ResultListener
    ) -> None:
        self._workshop = workshop
        self._log = log
        self._turn = turn
        self._calls = calls_in(turn)
        self._results_turn = results
        self._results = results_in(results)
        self._listener = listener
        self._current: _Current | None = None
        self._is_stopping = False
        self._is_abandoned = False

    @property
    def turn_id(self) -> int:
        """The turn the calls stand in."""
        return self._turn.id

    def live(self) -> tuple[LiveCall, ...]:
        """Return the calls as they stand."""
        return tuple(self._live(part) for part in self._calls)

    # --- going on ---------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Begin with the first call that has no result, or say that there is none."""
        while part := self._next():
            if self._is_stopping:
                self._settle(part, "not_run", words.NOT_RUN)
            elif not self._begin(part):
                return
        self._log.set_state("running")
        if self._results_turn is None:
            self._results_turn = self._workshop.branch.add(self._turn, "tool", ())
        self._listener.calls_ended(self._results_turn)

    def stop(self) -> None:
        """End the running tool; what has not run yet will not."""
        self._is_stopping = True
        current = self._current
        if current is None:
            return
        if current.state == "running":
            self._workshop.runner.cancel(current.request)
        else:
            self._finish(current, ToolResult(content=words.NOT_RUN, outcome="not_run"), "stopped")

    def abandon(self) -> None:
        """End the running tool and forget everything: its turn is gone."""
        self._is_abandoned = True
        if self._current is not None and self._current.state == "running":
            self._workshop.runner.cancel(self._current.request)

    # --- a person's words -------------------------------------------------------------------------------

    def asking(self, call_id: str, *states: CallState) -> LiveCall | None:
        """Return the call whose turn it is, if it is that one and in one of those states."""
        current = self._current
        if current is None or current.part.call_id != call_id or current.state not in states:
            return None
        return self._live(current.part)

    def approve(self, call_id: str, arguments: dict[str, Any] | None) -> None:
        """Run a call that asks, with other arguments where given."""
        current = self._current
        if current is None or self.asking(call_id, "asking") is None:
            return
        self._log.end(current.span, "approved")
        current.span = self._span("tool", current.part, current.name)
        if arguments is not None and arguments != current.arguments:
            current.arguments, current.is_changed = arguments, True
            current.decision = self._decide(self._spec(current.name), arguments)
        self._run(current)

    def deny(self, call_id: str, reason: str) -> None:
        """Refuse a call that asks, or leave a question without an answer."""
        current = self._current
        if current is not None and self.asking(call_id, "asking", "question"):
            self._finish(current, ToolResult(content=words.denied_words(reason), outcome="denied"), "denied")

    def answer(self, call_id: str, text: str) -> None:
        """Answer a question, or in the place of a tool that asks."""
        current = self._current
        if current is None or self.asking(call_id, "asking", "question") is None:
            return
        content, view = words.answered_words(text), None
        if current.state == "question":
            spec = self._spec(current.name)
            question = str(current.arguments.get(spec.main_argument if spec else "", ""))
            content, view = text, AnswerView(question=question, answer=text)
        self._finish(current, ToolResult(content=content, view=view, outcome="answered"), "answered")

    def cancel(self, call_id: str) -> None:
        """End a running call; its result comes all the same."""
        if self._current is not None and self.asking(call_id, "running"):
            self._workshop.runner.cancel(self._current.request)

    def mend(self, call_id: str, name: str, arguments: dict[str, Any]) -> None:
        """Put a call with a result of its own in the place of one that never ran, and run it."""
        part = next(part for part in self._calls if part.call_id == call_id)
        self._results.pop(call_id, None)
        if name == ASK_USER:
            self._ask(part, name, arguments).is_changed = True
            return
        current = self._take(part, "queued", self._span("tool", part, name), name, arguments)
        current.is_changed = True
        current.decision = self._decide(self._spec(name), arguments)
        self._run(current)

    # --- inside -----------------------------------------------------------------------------------------

    def _next(self) -> ToolCallPart | None:
        return next((part for part in self._calls if part.call_id not in self._results), None)

    def _spec(self, name: str) -> ToolSpec | None:
        return spec_named(name, self._workshop.specs)

    def _decide(self, spec: ToolSpec | None, arguments: dict[str, Any]) -> Decision:
        if spec is None:
            return Decision("deny", "There is no such tool.")
        policies = self._workshop.settings().tool_policies
        return decide(spec, arguments, self._log.run.workspace, policies, self._workshop.runner.sandbox)

    def _begin(self, part: ToolCallPart) -> bool:
        """Begin a call; return whether it is over already."""
        spec = self._spec(part.name)
        if spec is None or not part.can_run:
            self._settle(part, "invalid", words.malformed_words(part, self._workshop.specs))
            return True
        decision = self._decide(spec, part.arguments)
        if decision.verdict == "deny":
            self._settle(part, "denied", words.forbidden_words(decision.reason))
            return True
        if spec.name == ASK_USER:
            self._ask(part, part.name, part.arguments)
            return False
        kind: SpanKind = "approval" if decision.verdict == "ask" else "tool"
        current = self._take(part, "asking", self._span(kind, part, part.name), part.name, part.arguments)
        current.decision = decision
        if decision.verdict == "allow":
            self._run(current)
        else:
            self._log.set_state("waiting", f"{spec.title or spec.name} needs your approval.")
            self._tell(part)
        return False

    def _ask(self, part: ToolCallPart, name: str, arguments: dict[str, Any]) -> _Current:
        current = self._take(part, "question", self._span("question", part, name), name, arguments)
        self._log.set_state("waiting", "The model asks you something.")
        self._tell(part)
        return current

    def _span(self, kind: SpanKind, part: ToolCallPart, name: str) -> int:
        return self._log.begin(kind, turn_id=self._turn.id, call_id=part.call_id, title=name)

    def _take(self, part: ToolCallPart, state: CallState, span: int, name: str, arguments: dict[str, Any]) -> _Current:
        self._current = _Current(part, state, span, Decision("allow"), name, arguments)
        return self._current

    def _run(self, current: _Current) -> None:
        self._log.set_state("running")
        current.state = "running"
        self._tell(current.part)
        run = ToolRun(
            call_id=current.part.call_id,
            name=current.name,
            arguments=current.arguments,
            workspace=self._log.run.workspace,
            run_key=self._log.run.key,
            reach=current.decision.reach,
            time_limit_s=self._workshop.settings().tool_seconds,
        )
        current.request = self._workshop.runner.run(
            run, lambda text: self._printed(current, text), lambda result: self._ran(current, result)
        )

    def _printed(self, current: _Current, text: str) -> None:
        if self._is_abandoned or self._current is not current:
            return
        room = MAX_VIEW_CHARACTERS - current.printed
        if room > 0:
            current.output.append(text[:room])
            current.printed += len(text)
        self._workshop.listen(ToolPrinted(self._turn.id, current.part.call_id, text))

    def _ran(self, current: _Current, result: ToolResult) -> None:
        if not self._is_abandoned and self._current is current:
            self._finish(current, result, result.outcome)

    def _finish(self, current: _Current, result: ToolResult, ended: str) -> None:
        """Keep the result of the call whose turn it was, and go on with the next."""
        self._log.end(current.span, ended)
        self._current = None
        content = words.clipped(result.content)
        content += self._listener.call_ended(current.name, current.arguments, result.outcome, content)
        if current.is_changed:
            content = words.changed_words(current.name, current.arguments, content)
        part = ToolResultPart(
            call_id=current.part.call_id,
            name=current.name,
            content=content,
            is_error=result.is_error,
            view=result.view,
            outcome=result.outcome,
            arguments=current.arguments if current.is_changed else None,
            step=result.step,
            sandbox=result.sandbox,
            seconds=result.seconds,
        )
        self._keep(current.part, part)
        self.advance()

    def _settle(self, part: ToolCallPart, outcome: Outcome, content: str) -> None:
        """Give a call a result without running it."""
        content += self._listener.call_ended(part.name, part.arguments, outcome, content)
        result = ToolResultPart(call_id=part.call_id, name=part.name, content=content, is_error=True, outcome=outcome)
        self._keep(part, result)

    def _keep(self, call: ToolCallPart, result: ToolResultPart) -> None:
        self._results[call.call_id] = result
        known = [self._results[part.call_id] for part in self._calls if part.call_id in self._results]
        branch = self._workshop.branch
        if self._results_turn is None:
            self._results_turn = branch.add(self._turn, "tool", known)
        else:
            self._results_turn = branch.put_results(self._results_turn, known)
        self._tell(call)

    def _tell(self, part: ToolCallPart) -> None:
        self._workshop.listen(CallChanged(self._live(part)))

    def _live(self, part: ToolCallPart) -> LiveCall:
        current = self._current
        if current is None or current.part is not part:
            result = self._results.get(part.call_id)
            state = stored_state(part, result)
            return LiveCall(turn_id=self._turn.id, part=part, state=state, spec=self._spec(part.name), result=result)
        return LiveCall(
            turn_id=self._turn.id,
            part=part,
            state=current.state,
            spec=self._spec(current.name),
            reason=current.decision.reason,
            reach=current.decision.reach,
            can_remember=current.decision.can_remember,
            output="".join(current.output),
        )
