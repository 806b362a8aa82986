"""The one reply under way: from the engine's events to the store and the listener, room made on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import msgspec

from app.agent.call_events import ArgumentDelta, CallFinished, CallStarted, Text
from app.agent.live import LiveCall
from app.chat import notices, overflow
from app.chat.body import Body
from app.chat.changes import (
    CallChanged,
    CallGrew,
    Change,
    ConversationsChanged,
    GenerationEnded,
    GenerationStarted,
    PromptRead,
    TextAppended,
    TurnChanged,
)
from app.chat.offer import Offer, call_id
from app.chat.prompts import build_prompt
from app.chat.reply import Reply, Said, Thought
from app.conversations.parts import AnyPart, NoticePart, Turn, TurnState
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
        model_name: What people call the model; empty for the name in its file.
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
        self.model_name = ""

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

    @property
    def chat_template(self) -> str:
        """The loaded model's chat template; empty without one."""
        return self._engine.model.chat_template if self._engine.model else ""

    @property
    def model_label(self) -> str:
        """What the model is called in the turns it writes."""
        return self.model_name or (self._engine.model.name if self._engine.model else "")

    def live_calls(self) -> tuple[LiveCall, ...]:
        """Return the calls of the reply under way, the last of them perhaps unfinished."""
        reply = self._reply
        return reply.live_calls() if reply else ()

    def begin(self, turn: Turn, policy: Overflow | None = None, offer: Offer | None = None) -> None:
        """Write the empty turn ``turn``, or go on with one that has text.

        Args:
            turn: An assistant's turn in the store.
            policy: What to do if the prompt does not fit; None for the conversation's own policy.
            offer: The tools it may call; None for none.
        """
        ids = turn.token_ids if turn.parts and turn.fingerprint == self.fingerprint else None
        parser = offer.make_parser(offer.tools.specs, self.chat_template) if offer else None
        reply = Reply(
            turn=turn,
            body=Body(parser, partial(call_id, turn.id)),
            offer=offer,
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
            self._reply.finish(is_truncated=True)
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
            self._store.save_streaming(reply.turn.id, reply.parts(with_held=True))

    def handle(self, event: AnyEvent) -> None:
        """Take an event of the engine; those of other requests are not ours and are ignored."""
        reply = self._reply
        if reply is None or not (event.request == reply.request or isinstance(event, Died)):
            return
        if reply.offer:
            reply.offer.watcher.heard(event)
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
        sampling = self._sampling(reply)
        if reply.offer and reply.offer.grammar:
            sampling = msgspec.structs.replace(sampling, grammar=reply.offer.grammar, json_schema="")
        self._ask(reply, self._prompt(reply), sampling)

    def _ask(self, reply: Reply, prompt: ChatPrompt, sampling: Sampling) -> None:
        reply.saved_at = self._clock()
        reply.request = self._engine.generate(prompt, sampling)
        if reply.offer:
            reply.offer.watcher.asked()
        self._listen(GenerationStarted(reply.turn.conversation_id, reply.turn.id, reply.purpose))

    def _prompt(self, reply: Reply) -> ChatPrompt:
        return build_prompt(
            self._store.conversation(reply.turn.conversation_id).system_prompt,
            [*self._store.branch_to(reply.turn.id)[:-1], self._turn_so_far(reply)],
            self.fingerprint,
            tools=reply.offer.tools if reply.offer else None,
            continue_last=reply.is_continuation,
        )

    def _turn_so_far(self, reply: Reply) -> Turn:
        """Return the turn as it was before this reply, with the cut that was decided since."""
        parts = (*((reply.cut,) if reply.cut else ()), *reply.earlier_parts)
        return msgspec.structs.replace(reply.turn, parts=parts, token_ids=reply.earlier_ids)

    def _sampling(self, reply: Reply) -> Sampling:
        return resolve(self.card_sampling, self._store.conversation(reply.turn.conversation_id).sampling)[0]

    def _grow(self, reply: Reply, event: Delta) -> None:
        if reply.purpose == "summary":
            reply.summary += event.text
            return
        self._tell(reply, reply.feed(event.text, event.tokens), event.tokens)
        self.save()

    def _tell(self, reply: Reply, said: Sequence[Said], tokens: int) -> None:
        """Tell what came; its tokens are counted with the first text, which may be empty."""
        if tokens and not (said and isinstance(said[0], Thought | Text)):
            said = (Text(""), *said)
        turn = reply.turn
        for one in said:
            match one:
                case Thought(text) | Text(text):
                    is_reasoning = isinstance(one, Thought)
                    self._listen(TextAppended(turn.conversation_id, turn.id, text, tokens, is_reasoning))
                    tokens = 0
                case ArgumentDelta(index, key, text):
                    self._listen(CallGrew(turn.id, call_id(turn.id, index), key, text))
                case CallStarted(index) | CallFinished(index):
                    self._listen(CallChanged(reply.live_call(call_id(turn.id, index))))

    def _finish(self, reply: Reply, event: Finished) -> None:
        is_early = reply.is_stopping or event.reason in {"cancelled", "max_tokens", "context_full"}
        self._tell(reply, reply.finish(is_truncated=is_early), 0)
        notice = notices.finished_notice(event, self._engine.model.n_ctx if self._engine.model else 0)
        state: TurnState = "stopped" if is_early else "complete"
        parts = reply.parts((notice,) if notice else ())
        self._end(reply, parts, state, reply.all_ids(event.token_ids), event)

    def _fail(self, reply: Reply, notice: NoticePart) -> None:
        reply.finish(is_truncated=True)
        self._end(reply, reply.parts((notice,)), "failed")

    def _end(
        self,
        reply: Reply,
        parts: tuple[AnyPart, ...],
        state: TurnState,
        ids: tuple[int, ...] | None = None,
        last: Finished | None = None,
    ) -> None:
        self._reply = None
        turn = self._store.finish_turn(
            reply.turn.id,
            parts,
            state,
            token_ids=ids,
            fingerprint=self.fingerprint if ids is not None else "",
            stats=last.stats if last else None,
            sampling=msgspec.to_builtins(self._sampling(reply)),
        )
        self._listen(TurnChanged(turn))
        self._listen(GenerationEnded(turn.conversation_id, turn.id))
        self._listen(ConversationsChanged())
        if reply.offer:
            reply.offer.watcher.ended(turn, last)

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
        branch = [*self._store.branch_to(reply.turn.id)[:-1], self._turn_so_far(reply)]
        plan = overflow.plan_cut(branch, self.fingerprint, event, self._sampling(reply).max_tokens)
        if isinstance(plan, NoticePart):
            self._fail(reply, plan)
            return
        prompt = self._prompt(reply)
        reply.cut, dropped = plan
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
        summary = ChatPrompt(messages=(*head, *said, request), tools=prompt.tools)
        self._ask(reply, summary, Sampling(temperature=0.3, max_tokens=SUMMARY_TOKENS))

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
