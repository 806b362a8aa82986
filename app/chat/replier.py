"""The one reply under way: from the engine's events to the store and the listener, room made on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from app.chat import notices, overflow
from app.chat.changes import (
    Change,
    ConversationsChanged,
    GenerationEnded,
    GenerationStarted,
    PromptRead,
    TextAppended,
    TurnChanged,
)
from app.chat.prompts import build_prompt, has_message
from app.chat.reply import Reply
from app.conversations.parts import AnyPart, ContextCutPart, NoticePart, Turn, TurnState
from app.conversations.store import ConversationStore
from app.engine.engine import Engine
from app.engine.messages import (
    AnyEvent,
    ChatMessage,
    ChatPrompt,
    Delta,
    Died,
    Failed,
    Finished,
    PromptProgress,
    Stats,
    TokensCounted,
)
from app.engine.sampling import Sampling, resolve

#: How often a growing reply is written down; with the commit itself under the second that may be lost.
SAVE_INTERVAL_S = 0.5
SUMMARY_TOKENS = 700

Overflow = Literal["stop", "drop_oldest", "summarise"]


class Replier:
    """Makes one reply at a time.

    A prompt that does not fit is never shortened in silence: the conversation's ``overflow`` policy
    decides, and what was left out is recorded with the turn as a ``ContextCutPart``.

    Attributes:
        card_sampling: Sampling values that the model's card or file recommends, by field name.
    """

    def __init__(
        self,
        engine: Engine,
        store: ConversationStore,
        listen: Callable[[Change], None],
        summary_instruction: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._store = store
        self._listen = listen
        self._summary_instruction = summary_instruction
        self._clock = clock
        self._reply: Reply | None = None
        self.card_sampling: Mapping[str, Any] = {}

    @property
    def turn(self) -> Turn | None:
        """The turn that is being written, as far as it has come."""
        if self._reply is None:
            return None
        return msgspec.structs.replace(self._reply.turn, parts=self._reply.parts(), state="streaming")

    @property
    def fingerprint(self) -> str:
        """Names the loaded model's tokenizer; empty without one."""
        return self._engine.model.fingerprint if self._engine.model else ""

    def begin(self, turn: Turn, policy: Overflow | None = None) -> None:
        """Write the empty turn ``turn``, or go on with one that has text.

        Args:
            turn: An assistant's turn in the store.
            policy: What to do if the prompt does not fit; None for the conversation's own policy.
        """
        ids = turn.token_ids if turn.parts and turn.fingerprint == self.fingerprint else None
        reply = Reply(
            turn=turn,
            earlier_parts=turn.parts,
            earlier_ids=ids if turn.parts else (),
            overflow=policy or self._store.conversation(turn.conversation_id).overflow,
        )
        self._reply = reply
        self._generate(reply)

    def stop(self) -> None:
        """Stop; what has come so far is kept."""
        if self._reply:
            self._reply.is_stopping = True
            self._engine.cancel(self._reply.request)

    def abandon(self) -> None:
        """Stop and end at once, without waiting for the engine's last word."""
        if self._reply:
            self._engine.cancel(self._reply.request)
            self._reply.finish()
            self._end(self._reply, self._reply.parts(), "stopped")

    def save(self) -> None:
        """Write down what has come; called at least every ``SAVE_INTERVAL_S``."""
        if self._reply and self._clock() - self._reply.saved_at >= SAVE_INTERVAL_S:
            self.save_now()

    def save_now(self) -> None:
        """Write down what has come, if a reply is under way."""
        reply = self._reply
        if reply and reply.purpose == "reply":
            reply.saved_at = self._clock()
            self._store.save_streaming(reply.turn.id, reply.parts())

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine; those of other requests are not ours and are ignored."""
        reply = self._reply
        if reply is None or not (event.request == reply.request or isinstance(event, Died)):
            return
        match event:
            case PromptProgress():
                progress = (event.done, event.total, event.reused, event.tokens_per_second)
                self._listen(PromptRead(reply.turn.id, *progress))
            case Delta():
                self._grow(reply, event)
            case Finished() if reply.purpose == "summary":
                self._use_summary(reply, event)
            case Finished():
                self._finish(reply, event)
            case TokensCounted() | Failed(code="context_overflow") if reply.is_stopping:
                self._end(reply, reply.parts(), "stopped")
            case TokensCounted():
                self._make_room(reply, event)
            case Failed(code="context_overflow"):
                self._overflowed(reply, event)
            case Failed():
                self._fail(reply, notices.failed_notice(event))
            case Died():
                self._fail(reply, notices.died_notice(event))
            case _:
                pass

    # --- writing ----------------------------------------------------------------------------------------

    def _generate(self, reply: Reply) -> None:
        reply.saved_at = self._clock()
        reply.request = self._engine.generate(self._prompt(reply), self._sampling(reply))
        self._listen(GenerationStarted(reply.turn.conversation_id, reply.turn.id, reply.purpose))

    def _prompt(self, reply: Reply) -> ChatPrompt:
        conversation = self._store.conversation(reply.turn.conversation_id)
        branch = self._store.branch_to(reply.turn.id)[:-1]
        turn = msgspec.structs.replace(
            reply.turn, parts=(*((reply.cut,) if reply.cut else ()), *reply.earlier_parts), token_ids=reply.earlier_ids
        )
        return build_prompt(
            conversation.system_prompt, [*branch, turn], self.fingerprint, continue_last=reply.is_continuation
        )

    def _sampling(self, reply: Reply) -> Sampling:
        return resolve(self.card_sampling, self._store.conversation(reply.turn.conversation_id).sampling)[0]

    def _grow(self, reply: Reply, event: Delta) -> None:
        if reply.purpose == "summary":
            reply.summary += event.text
            return
        pieces = reply.feed(event.text, event.tokens) or [("", False)]
        for number, (text, is_reasoning) in enumerate(pieces):
            self._append(reply, text, event.tokens if number == 0 else 0, is_reasoning=is_reasoning)
        self.save()

    def _append(self, reply: Reply, text: str, tokens: int, *, is_reasoning: bool) -> None:
        self._listen(TextAppended(reply.turn.conversation_id, reply.turn.id, text, tokens, is_reasoning))

    def _finish(self, reply: Reply, event: Finished) -> None:
        for text, is_reasoning in reply.finish():
            self._append(reply, text, 0, is_reasoning=is_reasoning)
        notice = notices.finished_notice(event, self._engine.model.n_ctx if self._engine.model else 0)
        is_early = reply.is_stopping or event.reason in {"cancelled", "max_tokens", "context_full"}
        state: TurnState = "stopped" if is_early else "complete"
        parts = reply.parts((notice,) if notice else ())
        self._end(reply, parts, state, reply.all_ids(event.token_ids), event.stats)

    def _fail(self, reply: Reply, notice: NoticePart) -> None:
        reply.finish()
        self._end(reply, reply.parts((notice,)), "failed")

    def _end(
        self,
        reply: Reply,
        parts: tuple[AnyPart, ...],
        state: TurnState,
        ids: tuple[int, ...] | None = None,
        stats: Stats | None = None,
    ) -> None:
        self._reply = None
        turn = self._store.finish_turn(
            reply.turn.id,
            parts,
            state,
            token_ids=ids,
            fingerprint=self.fingerprint if ids is not None else "",
            stats=stats,
            sampling=msgspec.to_builtins(self._sampling(reply)),
        )
        self._listen(TurnChanged(turn))
        self._listen(GenerationEnded(turn.conversation_id, turn.id))
        self._listen(ConversationsChanged())

    # --- making room ------------------------------------------------------------------------------------

    def _overflowed(self, reply: Reply, event: Failed) -> None:
        """Nothing was decoded: explain, or find out where the messages begin and cut."""
        if reply.purpose == "summary":
            self._fail(reply, notices.summary_overflow_notice(event.prompt_tokens, event.n_ctx))
        elif reply.cut is not None:
            self._fail(reply, notices.too_long_notice(event.prompt_tokens, event.n_ctx))
        elif reply.overflow == "stop":
            self._fail(reply, notices.overflow_notice(event.prompt_tokens, event.n_ctx))
        else:
            reply.request = self._engine.count_tokens(self._prompt(reply))

    def _make_room(self, reply: Reply, event: TokensCounted) -> None:
        prompt = self._prompt(reply)
        said = [message for message in prompt.messages if message.role != "system"]
        branch = self._store.branch_to(reply.turn.id)
        turns = [turn for turn in branch if has_message(turn, self.fingerprint)][-len(said) :]
        offsets = event.message_offsets[-len(said) :]
        if not len(said) == len(turns) == len(offsets):
            self._fail(reply, notices.overflow_notice(event.tokens, event.n_ctx))
            return
        max_tokens = self._sampling(reply).max_tokens
        first = overflow.first_kept_turn(turns, offsets, event.tokens, event.n_ctx, max_tokens)
        if first is None:
            self._fail(reply, notices.too_long_notice(event.tokens, event.n_ctx))
            return
        dropped = sum(turn.id < first.id for turn in turns)
        reply.cut = ContextCutPart(first_kept_id=first.id, dropped_turns=dropped)
        if reply.overflow == "summarise":
            self._summarise(reply, prompt, dropped)
        else:
            self._retry(reply)

    def _summarise(self, reply: Reply, prompt: ChatPrompt, dropped: int) -> None:
        """Have the model summarise what is cut: the beginning of the prompt, so most of it is cached."""
        head = [message for message in prompt.messages if message.role == "system"]
        said = [message for message in prompt.messages if message.role != "system"][:dropped]
        request = ChatMessage(role="user", content=self._summary_instruction)
        reply.purpose = "summary"
        sampling = Sampling(temperature=0.3, max_tokens=SUMMARY_TOKENS)
        reply.request = self._engine.generate(ChatPrompt(messages=(*head, *said, request)), sampling)
        self._listen(GenerationStarted(reply.turn.conversation_id, reply.turn.id, reply.purpose))

    def _use_summary(self, reply: Reply, event: Finished) -> None:
        if event.reason == "cancelled" or reply.is_stopping or reply.cut is None:
            self._end(reply, reply.parts(), "stopped")
            return
        reply.cut = msgspec.structs.replace(reply.cut, summary=reply.summary.strip())
        self._retry(reply)

    def _retry(self, reply: Reply) -> None:
        reply.purpose = "reply"
        self._generate(reply)
        self._listen(TurnChanged(msgspec.structs.replace(reply.turn, parts=reply.parts(), state="streaming")))
