"""The chain of llama.cpp's samplers that a ``Sampling`` describes, and grammar on top of it."""

from __future__ import annotations

import ctypes
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np

from app.engine.llama.grammar import init_grammar, no_way_on
from app.engine.llama.vocab import LlamaVocab
from app.engine.sampling import SamplerName, Sampling

_TOKEN_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
#: Samplers that look at what was written so far; only they need to be told of the prompt.
_HISTORIC = frozenset({"penalties", "dry"})
#: What ``sample`` returns where the grammar allows none of the model's tokens any more.
NO_TOKEN = -1
#: Stands for the log-probability of what cannot be.
LEAST_LOGPROB = -1e4


class Sampler:
    """Chooses the next token. Owns C memory: ``close`` it.

    Args:
        sampling: What the user asked for.
        vocab: The loaded model's vocabulary.
        n_ctx_train: The context the model was trained with; a window of -1 reaches as far.
        prompt: The prompt's ids, of which the penalties see the latest.

    Raises:
        GrammarError: The grammar or schema is not valid.
    """

    def __init__(self, sampling: Sampling, vocab: LlamaVocab, n_ctx_train: int, prompt: Sequence[int]) -> None:
        self.seed = sampling.seed if sampling.seed >= 0 else secrets.randbelow(2**32 - 1)  # 2**32 - 1 would mean random
        self._vocab = vocab
        self._n_ctx_train = n_ctx_train
        self._grammar = init_grammar(sampling, vocab)
        self._has_begun = False
        self._chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        for name, make in self._plan(sampling):
            sampler = make()
            if name in _HISTORIC:
                _accept_latest(sampler, prompt, _window(name, sampling))
            llama.llama_sampler_chain_add(self._chain, sampler)
        self._candidates = np.empty(vocab.size, _TOKEN_DATA) if self._grammar else None

    def sample(self, context: Any) -> int:
        """Return the token chosen from the logits of the last decode, and remember it.

        Raises:
            GrammarError: The grammar allows no token as the first one. Later on that is ``NO_TOKEN``.
        """
        if self._grammar is None:
            return int(llama.llama_sampler_sample(self._chain, context, -1))
        return self._sample_with_grammar(context)

    def close(self) -> None:
        """Free the C memory; safe to call twice."""
        for handle in (self._chain, self._grammar):
            if handle:
                llama.llama_sampler_free(handle)
        self._chain = self._grammar = None

    # --- the chain --------------------------------------------------------------------------------------

    def _plan(self, sampling: Sampling) -> list[tuple[str, Callable[[], Any]]]:
        """Return the samplers by name, in order, as functions that make them."""
        plan: list[tuple[str, Callable[[], Any]]] = []
        biases = self._biases(sampling)
        if biases:
            plan.append(("logit_bias", lambda: _init_bias(self._vocab.size, biases)))
        if sampling.temperature <= 0:
            # The likeliest token needs no filters; the penalties still change which one that is.
            plan += [(name, self._make(name, sampling)) for name in sampling.samplers if name in _HISTORIC]
            return [*plan, ("greedy", llama.llama_sampler_init_greedy)]
        if sampling.mirostat:
            plan += [(name, self._make(name, sampling)) for name in sampling.samplers if name in _HISTORIC]
            plan.append(("temperature", lambda: llama.llama_sampler_init_temp(sampling.temperature)))
            return [*plan, ("mirostat", lambda: self._init_mirostat(sampling))]
        plan += [(name, self._make(name, sampling)) for name in sampling.samplers if name != "adaptive_p"]
        if sampling.adaptive_target >= 0:  # it chooses the token itself, so it comes last wherever it stands
            return [*plan, ("adaptive_p", self._make("adaptive_p", sampling))]
        return [*plan, ("dist", lambda: llama.llama_sampler_init_dist(self.seed))]

    def _make(self, name: SamplerName, s: Sampling) -> Callable[[], Any]:
        last_n = s.repeat_last_n if s.repeat_last_n >= 0 else self._n_ctx_train
        penalties = (self._vocab.size, last_n, s.repeat_penalty, s.frequency_penalty, s.presence_penalty)
        makers: dict[SamplerName, Callable[[], Any]] = {
            "penalties": lambda: llama.llama_sampler_init_penalties(*penalties),
            "dry": lambda: self._init_dry(s),
            "top_n_sigma": lambda: llama.llama_sampler_init_top_n_sigma(s.top_n_sigma),
            "top_k": lambda: llama.llama_sampler_init_top_k(s.top_k),
            "typ_p": lambda: llama.llama_sampler_init_typical(s.typical_p, 1),
            "top_p": lambda: llama.llama_sampler_init_top_p(s.top_p, 1),
            "min_p": lambda: llama.llama_sampler_init_min_p(s.min_p, 1),
            "xtc": lambda: llama.llama_sampler_init_xtc(s.xtc_probability, s.xtc_threshold, 1, self.seed),
            "temperature": lambda: llama.llama_sampler_init_temp_ext(
                s.temperature, s.dynatemp_range, s.dynatemp_exponent
            ),
            "adaptive_p": lambda: llama.llama_sampler_init_adaptive_p(s.adaptive_target, s.adaptive_decay, self.seed),
        }
        return makers[name]

    def _init_dry(self, s: Sampling) -> Any:
        breakers = [text.encode() for text in s.dry_sequence_breakers]
        array = (ctypes.c_char_p * len(breakers))(*breakers)
        return llama.llama_sampler_init_dry(
            self._vocab.handle,
            s.dry_multiplier,
            s.dry_base,
            s.dry_allowed_length,
            s.dry_penalty_last_n if s.dry_penalty_last_n >= 0 else self._n_ctx_train,
            array,
            len(breakers),
        )

    def _init_mirostat(self, s: Sampling) -> Any:
        if s.mirostat == 1:
            # m = 100 is the value of the paper and of llama.cpp's own tools.
            return llama.llama_sampler_init_mirostat(self._vocab.size, self.seed, s.mirostat_tau, s.mirostat_eta, 100)
        return llama.llama_sampler_init_mirostat_v2(self.seed, s.mirostat_tau, s.mirostat_eta)

    def _biases(self, sampling: Sampling) -> list[tuple[int, float]]:
        biases = [(token, float("-inf")) for token in self._vocab.end_tokens] if sampling.ignore_eos else []
        for target, bias in sampling.logit_bias:
            if isinstance(target, int):
                tokens = [target] if 0 <= target < self._vocab.size else []
            else:
                tokens = self._vocab.tokenize(target, parse_special=True, add_special=False)
            biases += [(token, bias) for token in tokens]
        return biases

    # --- grammar ----------------------------------------------------------------------------------------

    def _sample_with_grammar(self, context: Any) -> int:
        """Sample freely first; only a token the grammar refuses costs a pass of it over the vocabulary."""
        array = self._logits(context)
        llama.llama_sampler_apply(self._chain, ctypes.byref(array))
        token = int(array.data[array.selected].id)
        if not self._is_allowed(token):
            array = self._logits(context)
            llama.llama_sampler_apply(self._grammar, ctypes.byref(array))
            llama.llama_sampler_apply(self._chain, ctypes.byref(array))
            token = int(array.data[array.selected].id)
            if not self._is_allowed(token):  # accepting it would end the process
                if not self._has_begun:
                    raise no_way_on()
                return NO_TOKEN
        self._has_begun = True
        llama.llama_sampler_accept(self._grammar, token)
        llama.llama_sampler_accept(self._chain, token)
        return token

    def _logits(self, context: Any) -> Any:
        assert self._candidates is not None  # noqa: S101 - made with the grammar
        logits = np.ctypeslib.as_array(llama.llama_get_logits_ith(context, -1), (self._vocab.size,))
        self._candidates["id"] = np.arange(self._vocab.size, dtype=np.int32)
        self._candidates["logit"] = logits
        self._candidates["p"] = 0.0
        data = self._candidates.ctypes.data_as(llama.llama_token_data_p)
        return llama.llama_token_data_array(data=data, size=self._vocab.size, selected=-1, sorted=False)

    def _is_allowed(self, token: int) -> bool:
        single = (llama.llama_token_data * 1)(llama.llama_token_data(id=token, logit=1.0, p=0.0))
        array = llama.llama_token_data_array(data=single, size=1, selected=-1, sorted=False)
        llama.llama_sampler_apply(self._grammar, ctypes.byref(array))
        return bool(single[0].logit != float("-inf"))


def probabilities(context: Any, vocab: LlamaVocab, token: int, count: int) -> tuple[float, list[tuple[int, float]]]:
    """Return the log-probability of ``token`` and of the ``count`` likeliest tokens, before any sampler."""
    logits = np.ctypeslib.as_array(llama.llama_get_logits_ith(context, -1), (vocab.size,)).astype(np.float64)
    peak = logits.max()
    logprobs = logits - peak - np.log(np.exp(logits - peak).sum())
    # A damaged model gives NaN; what is sent are numbers.
    logprobs = np.nan_to_num(logprobs, nan=LEAST_LOGPROB, neginf=LEAST_LOGPROB)
    count = min(count, vocab.size)
    best = np.argpartition(logprobs, -count)[-count:]
    best = best[np.argsort(logprobs[best])[::-1]]
    return float(logprobs[token]), [(int(index), float(logprobs[index])) for index in best]


def _init_bias(n_vocab: int, biases: Sequence[tuple[int, float]]) -> Any:
    array = (llama.llama_logit_bias * len(biases))(
        *(llama.llama_logit_bias(token=token, bias=bias) for token, bias in biases)
    )
    return llama.llama_sampler_init_logit_bias(n_vocab, len(biases), array)


def _window(name: str, sampling: Sampling) -> int:
    return sampling.repeat_last_n if name == "penalties" else sampling.dry_penalty_last_n


def _accept_latest(sampler: Any, prompt: Sequence[int], window: int) -> None:
    latest = prompt if window < 0 else prompt[len(prompt) - min(window, len(prompt)) :]
    for token in latest:
        llama.llama_sampler_accept(sampler, token)
