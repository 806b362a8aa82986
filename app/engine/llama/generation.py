"""Answers one prompt: reuse, read, then a token at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import llama_cpp.llama_cpp as llama

from app.engine.llama.cache_plan import Plan
from app.engine.llama.detokenizer import Detokenizer
from app.engine.llama.model import LoadedModel
from app.engine.llama.prefill import DecodeError, PrefillProgress
from app.engine.llama.reader import Reader
from app.engine.llama.sampler import NO_TOKEN, Sampler, probabilities
from app.engine.llama.stop_strings import StopMatcher
from app.engine.messages import Alternative, Delta, Finished, PromptProgress, Stats, StopReason, TokenProbability
from app.engine.sampling import Sampling
from app.errors import Cancelled

#: Text is sent at most this often, as often as a window shows it: every message wakes another process,
#: which on a machine of few cores costs the decode threads their turn.
EMIT_SECONDS = 0.033

Emit = Callable[[PromptProgress | Delta], None]


class Generation:
    """One request's work on the worker thread.

    Args:
        reader: Where the prompt is read, and its reply written.
        ends: Tokens that end the reply beside the vocabulary's own.
    """

    def __init__(
        self,
        request: int,
        model: LoadedModel,
        reader: Reader,
        sampling: Sampling,
        emit: Emit,
        is_cancelled: Callable[[], bool],
        ends: frozenset[int] = frozenset(),
    ) -> None:
        self._request = request
        self._model = model
        self._reader = reader
        self._ends = ends
        self._sampling = sampling
        self._emit = emit
        self._is_cancelled = is_cancelled
        self._ids: list[int] = []
        self._text: list[str] = []
        self._unsent = 0
        self._probabilities: list[TokenProbability] = []
        self._sent_at = 0.0

    def run(self, prompt: Sequence[int], boundaries: Sequence[int]) -> Finished:
        """Return the last event of the request.

        Raises:
            GrammarError: The grammar or schema is not valid; nothing was read.
            DecodeError: llama.cpp failed.
        """
        prompt = list(prompt)
        sampler = Sampler(self._sampling, self._model.vocab, self._model.n_ctx_train, prompt)
        begun = time.monotonic()
        read_at = 0.0
        plan = Plan(0)
        reason: StopReason = "cancelled"
        stop = StopMatcher(self._sampling.stop)
        try:
            plan = self._reader.cache.prepare(prompt)
            self._reader.prefill.run(prompt, boundaries, self._on_progress, self._is_cancelled)
            read_at = time.monotonic()
            reason = self._decode(sampler, stop)
        except Cancelled:
            pass
        finally:
            sampler.close()
        self._send()
        ended = time.monotonic()
        stats = Stats(
            prompt_tokens=len(prompt),
            reused_tokens=plan.keep,
            processed_tokens=(len(prompt) if read_at else max(len(self._reader.cache.tokens), plan.keep)) - plan.keep,
            prompt_seconds=(read_at or ended) - begun,
            generated_tokens=len(self._ids),
            generate_seconds=ended - read_at if read_at else 0.0,
            context_tokens=len(self._reader.cache.tokens),
            reuse_reason=plan.reason,
        )
        return Finished(
            request=self._request,
            reason=reason,
            token_ids=tuple(self._ids),
            stats=stats,
            stop_string=stop.found,
            seed=sampler.seed,
        )

    def _on_progress(self, progress: PrefillProgress) -> None:
        self._emit(
            PromptProgress(
                request=self._request,
                done=progress.done,
                total=progress.total,
                reused=progress.reused,
                tokens_per_second=progress.tokens_per_second,
            )
        )

    def _decode(self, sampler: Sampler, stop: StopMatcher) -> StopReason:
        """Choose and decode tokens until something ends the reply.

        The loop's own work per token is a few list and set operations: at hundreds of tokens a second
        everything else would be felt.
        """
        vocab, cache, context = self._model.vocab, self._reader.cache, self._reader.context
        n_ctx = self._reader.n_ctx
        end_tokens, piece = vocab.end_tokens | self._ends | {NO_TOKEN}, vocab.piece
        detokenizer = Detokenizer()
        array = (llama.llama_token * 1)()
        batch = llama.llama_batch_get_one(array, 1)
        limit = self._sampling.max_tokens if self._sampling.max_tokens >= 0 else n_ctx
        reason: StopReason = "max_tokens"
        while len(self._ids) < limit:
            if self._is_cancelled():
                reason = "cancelled"
                break
            token = sampler.sample(context)
            if token in end_tokens:
                reason = "eos"
                break
            if self._sampling.n_probs:
                self._record(token)
            self._ids.append(token)
            self._add(stop.feed(detokenizer.feed(piece(token))))
            if stop.found:
                reason = "stop_string"
                self._keep_shown(stop.cut)
                break
            if len(cache.tokens) >= n_ctx:
                reason = "context_full"
                break
            array[0] = token
            code = llama.llama_decode(context, batch)
            if code:
                cache.forget_failed_decode()
                raise DecodeError(code)
            cache.extend((token,))
        self._add(stop.feed(detokenizer.finish()) + stop.finish(), counts=0)
        return reason

    def _keep_shown(self, cut: int) -> None:
        """Make the ids say what the text says: without its last ``cut`` characters, the stop string.

        Where a token holds both a last bit of the reply and the beginning of the stop string, that bit
        is tokenised anew.
        """
        vocab = self._model.vocab
        pieces = [vocab.piece(token) for token in self._ids]
        text = b"".join(pieces).decode(errors="replace")
        shown = text[: len(text) - cut].encode()
        count = length = 0
        while count < len(pieces) and length + len(pieces[count]) <= len(shown):
            length += len(pieces[count])
            count += 1
        rest = shown[length:].decode(errors="replace")
        self._ids[count:] = vocab.tokenize(rest, parse_special=False, add_special=False) if rest else []

    def _add(self, text: str, counts: int = 1) -> None:
        if text:
            self._text.append(text)
        self._unsent += counts
        now = time.monotonic()
        if now - self._sent_at >= EMIT_SECONDS:
            self._sent_at = now
            self._send()

    def _send(self) -> None:
        if not (self._text or self._unsent):
            return
        self._emit(
            Delta(
                request=self._request,
                text="".join(self._text),
                tokens=self._unsent,
                probabilities=tuple(self._probabilities),
            )
        )
        self._text.clear()
        self._probabilities.clear()
        self._unsent = 0

    def _record(self, token: int) -> None:
        vocab = self._model.vocab
        own, best = probabilities(self._reader.context, vocab, token, self._sampling.n_probs)
        top = tuple(Alternative(token_id=other, text=vocab.shown(other), logprob=value) for other, value in best)
        self._probabilities.append(TokenProbability(token_id=token, text=vocab.shown(token), logprob=own, top=top))
