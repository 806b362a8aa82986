"""One run under way: a reply, its calls, the next reply, until there are no more calls or something stops it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.agent.branch import BranchWriter
from app.agent.limits import limit_reached, spent
from app.agent.live_calls import calls_in, spec_named
from app.agent.loop_guard import LoopGuard, words_only
from app.agent.reply_spans import ReplySpans
from app.agent.run_log import RunLog
from app.agent.tool_turn import ToolTurn, Workshop
from app.agent.trace import RunState
from app.chat.offer import Offer, ParserFactory, PromptTools
from app.chat.replier import Overflow, Replier
from app.conversations.parts import NoticePart, Turn
from app.engine.messages import Finished
from app.tools.tool import Outcome


class RunLoop:
    """Takes a run from a turn to its end.

    Args:
        tools: What every prompt of the run says of the tools.
        on_end: Called once, when nothing is under way any more.
        question: What the person asked for.
    """

    def __init__(
        self,
        log: RunLog,
        workshop: Workshop,
        replier: Replier,
        branch: BranchWriter,
        tools: PromptTools,
        make_parser: ParserFactory,
        on_end: Callable[[], None],
        question: str = "",
    ) -> None:
        self.log = log
        self._question = question
        self._workshop = workshop
        self._replier = replier
        self._branch = branch
        self._tools = tools
        self._make_parser = make_parser
        self._on_end = on_end
        self._guard = LoopGuard(log.run.limits)
        self._turn: Turn | None = None
        self._is_stopping = False
        self._is_over = False
        self.calls: ToolTurn | None = None

    @property
    def leaf_id(self) -> int | None:
        """The last assistant's turn it has to do with."""
        return self._turn.id if self._turn else None

    # --- going on ---------------------------------------------------------------------------------------

    def reply_to(
        self, parent: Turn, policy: Overflow | None = None, *, grammar: str = "", is_told: bool = True
    ) -> Turn | None:
        """Have the model answer ``parent``; None if a limit was reached and the run ended.

        ``is_told`` tells the listener of the new turn; the caller does it otherwise.
        """
        for parts in self.log.take_injections():
            parent = self._branch.add(parent, "user", parts)
        reason = limit_reached(spent(self.log.run.spans), self.log.run.limits)
        if reason:
            self._end("limit", reason, parent)
            return None
        turn = self._branch.add(parent, "assistant", (), "streaming", model=self._replier.model_label, is_told=is_told)
        self.write(turn, policy, grammar=grammar)
        return turn

    def write(self, turn: Turn, policy: Overflow | None = None, *, grammar: str = "") -> None:
        """Have the model write a turn, or go on with it."""
        self._turn = turn
        self.log.set_state("running")
        watcher = ReplySpans(self.log, turn.id, self._on_reply_ended)
        self._replier.begin(turn, policy, Offer(self._tools, self._make_parser, watcher, grammar))

    def do_calls(self, turn: Turn, results: Turn | None = None) -> ToolTurn:
        """Prepare to run the calls of a turn that have no result yet; ``advance`` begins."""
        self._turn = turn
        self.calls = ToolTurn(self._workshop, self.log, turn, results, self)
        return self.calls

    def conclude(self, leaf: Turn) -> None:
        """End a run that had nothing left to do."""
        self._end("complete", "", leaf)

    # --- a person's words -------------------------------------------------------------------------------

    def stop(self) -> None:
        """End what is under way; everything that came so far is kept."""
        self._is_stopping = True
        if self.calls is not None:
            self.calls.stop()
        else:
            self._replier.stop()

    def abandon(self) -> None:
        """End at once, because the turns it writes to are gone."""
        self._break_off("stopped")

    def suspend(self) -> None:
        """Write everything down, because Sawhorse ends; the run can be continued in the next session."""
        self._break_off("interrupted", "Sawhorse was closed.")

    # --- what happens -----------------------------------------------------------------------------------

    def _on_reply_ended(self, turn: Turn, last: Finished | None) -> None:
        if self._is_over:
            return
        if turn.state == "failed":
            self._end("failed", next((part.title for part in turn.parts if isinstance(part, NoticePart)), ""), turn)
        elif turn.state == "stopped":
            self._on_reply_cut(turn, last)
        elif calls_in(turn):
            self.do_calls(turn).advance()
        elif self.log.run.injected:
            self.reply_to(turn)
        else:
            self._end("complete", "", turn)

    def _on_reply_cut(self, turn: Turn, last: Finished | None) -> None:
        """A reply that broke off runs none of its calls: what follows may have been part of them."""
        if self._is_stopping or last is None or last.reason == "cancelled":
            self._end("stopped", "", turn)
        elif last.reason == "max_tokens":
            self._end("limit", "A reply reached its own limit of tokens.", turn)
        else:
            self._end("limit", "The context is full.", turn)

    def call_ended(self, name: str, arguments: dict[str, Any], outcome: Outcome, content: str) -> str:
        """Watch for circles."""
        return self._guard.note(name, arguments, outcome, content, only_looks=self._only_looks(name))

    def calls_ended(self, results: Turn) -> None:
        """Tell the model, or stop to ask."""
        self.calls = None
        if self._is_stopping:
            self._end("stopped", "", results)
        elif self._guard.reason:
            self._end("paused", self._guard.reason, results)
        else:
            self.reply_to(results, grammar=words_only(self._question) if self._reads_in_circles else "")

    @property
    def _reads_in_circles(self) -> bool:
        """Whether the model just read again what it had read.

        Small models go on like that for ever, with the answer before them. A command may be repeated for a reason,
        to wait for something; a reading that brought the same is better followed by words.
        """
        return self._only_looks(self._guard.repeated)

    def _only_looks(self, name: str) -> bool:
        spec = spec_named(name, self._tools.specs)
        return spec is not None and spec.kind == "read"

    def _break_off(self, state: RunState, reason: str = "") -> None:
        """End at once, waiting for nothing that is under way."""
        self._is_over = True
        if self.calls is not None:
            self.calls.abandon()
        else:
            self._replier.abandon()
        self.log.end_all(state)
        self.log.set_state(state, reason)
        self._on_end()

    def _end(self, state: RunState, reason: str, leaf: Turn) -> None:
        for parts in self.log.take_injections():
            leaf = self._branch.add(leaf, "user", parts)
        self._is_over = True
        self.log.end_all()
        if state in {"paused", "limit"}:
            self.log.pause()
        self.log.set_state(state, reason)
        self._on_end()
