"""Sampling: every sampler of llama.cpp, as typed values and as specifications that a panel is made from.

Names, defaults and neutral values are llama.cpp's (``common_params_sampling`` and the flags of its tools).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

SamplerName = Literal[
    "penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature", "adaptive_p"
]

#: llama.cpp's own order. Mirostat replaces everything after the penalties; adaptive-p is last when it is on.
DEFAULT_SAMPLERS: tuple[SamplerName, ...] = (
    "penalties",
    "dry",
    "top_n_sigma",
    "top_k",
    "typ_p",
    "top_p",
    "min_p",
    "xtc",
    "temperature",
)


class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How the next token is chosen. See ``SPECS`` for the meaning and range of each field."""

    temperature: float = 0.8
    dynatemp_range: float = 0.0
    dynatemp_exponent: float = 1.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    typical_p: float = 1.0
    top_n_sigma: float = -1.0
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_penalty_last_n: int = 64
    dry_sequence_breakers: tuple[str, ...] = ("\n", ":", '"', "*")
    adaptive_target: float = -1.0
    adaptive_decay: float = 0.9
    mirostat: int = 0
    mirostat_tau: float = 5.0
    mirostat_eta: float = 0.1
    repeat_penalty: float = 1.0
    repeat_last_n: int = 64
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    seed: int = -1
    max_tokens: int = -1
    stop: tuple[str, ...] = ()
    logit_bias: tuple[tuple[int | str, float], ...] = ()
    ignore_eos: bool = False
    grammar: str = ""
    json_schema: str = ""
    samplers: tuple[SamplerName, ...] = DEFAULT_SAMPLERS
    n_probs: int = 0


#: The bias that forbids a token (or, positive, forces it): as good as infinity, which JSON cannot carry.
MOST_BIAS = 1e9


def parse_bias(text: str) -> float:
    """Return a logit bias from text such as "-5", "0.5" or "-inf", within ±``MOST_BIAS``.

    Raises:
        ValueError: It is not a number.
    """
    bias = float(text)
    if bias != bias:  # noqa: PLR0124 - only NaN differs from itself
        raise ValueError(f"{text!r} is not a bias")
    return max(-MOST_BIAS, min(MOST_BIAS, bias))


def show_bias(bias: float) -> str:
    """Return what ``parse_bias`` reads as ``bias``."""
    return f"{bias:g}" if abs(bias) < MOST_BIAS else "-inf" if bias < 0 else "inf"


Kind = Literal["float", "int", "choice", "bool", "strings", "bias", "text", "order"]
Group = Literal["Sampling", "Penalties", "DRY", "XTC", "Mirostat", "Adaptive", "Constraints", "Output"]


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """What a control for one field of ``Sampling`` needs to know.

    Attributes:
        name: The field's name.
        label: Its name for people, as the field's programs write it.
        flag: llama.cpp's command-line flag, for the tooltip.
        help: One or two sentences on its effect.
        off: The value that switches it off, None where there is none.
        off_text: What that value means, in a word.
        choices: For kind "choice": (value, label) pairs.
        advanced: Shown only when the user asks for all fields.
    """

    name: str
    label: str
    flag: str
    kind: Kind
    group: Group
    help: str
    minimum: float = 0.0
    maximum: float = 1.0
    step: float = 0.01
    off: float | None = None
    off_text: str = "off"
    choices: tuple[tuple[int, str], ...] = ()
    advanced: bool = True

    @property
    def default(self) -> Any:
        """The engine's default value."""
        return getattr(_ENGINE_DEFAULTS, self.name)


_ENGINE_DEFAULTS = Sampling()

SPECS: tuple[Spec, ...] = (
    Spec(name="temperature", label="Temperature", flag="--temp", kind="float", group="Sampling", maximum=2.0,
         step=0.05, off=1.0, advanced=False,
         help="How adventurous the choice is. 0 takes the likeliest token; 1 keeps the model's probabilities."),
    Spec(name="top_k", label="Top K", flag="--top-k", kind="int", group="Sampling", maximum=200, step=1, off=0,
         advanced=False, help="Keep only the K likeliest tokens. 0 keeps all."),
    Spec(name="top_p", label="Top P", flag="--top-p", kind="float", group="Sampling", off=1.0, advanced=False,
         help="Keep the likeliest tokens whose probabilities add up to P. 1 keeps all."),
    Spec(name="min_p", label="Min P", flag="--min-p", kind="float", group="Sampling", off=0.0, advanced=False,
         help="Drop tokens less likely than this share of the likeliest one. 0 keeps all."),
    Spec(name="typical_p", label="Typical P", flag="--typical", kind="float", group="Sampling", off=1.0,
         help="Keep tokens of typical information content up to this probability mass. 1 switches it off."),
    Spec(name="top_n_sigma", label="Top-n-sigma", flag="--top-nsigma", kind="float", group="Sampling", minimum=-1.0,
         maximum=5.0, step=0.1, off=-1.0,
         help="Keep tokens within n standard deviations of the highest logit. -1 switches it off."),
    Spec(name="dynatemp_range", label="Dynamic temperature range", flag="--dynatemp-range", kind="float",
         group="Sampling", maximum=2.0, step=0.05, off=0.0,
         help="Let the temperature move by this much either way, lower where the model is sure. 0 switches it off."),
    Spec(name="dynatemp_exponent", label="Dynamic temperature exponent", flag="--dynatemp-exp", kind="float",
         group="Sampling", minimum=0.1, maximum=5.0, step=0.1,
         help="How the temperature follows the model's uncertainty within the range."),
    Spec(name="seed", label="Seed", flag="--seed", kind="int", group="Sampling", minimum=-1, maximum=4294967294,
         step=1, off=-1, off_text="random", advanced=False,
         help="The same seed and settings give the same reply. -1 picks a new one."),
    Spec(name="repeat_penalty", label="Repeat penalty", flag="--repeat-penalty", kind="float", group="Penalties",
         minimum=0.5, maximum=2.0, step=0.01, off=1.0, advanced=False,
         help="Make tokens that occurred lately less likely. 1 is off, and right for code."),
    Spec(name="repeat_last_n", label="Penalty window", flag="--repeat-last-n", kind="int", group="Penalties",
         minimum=-1, maximum=4096, step=1, off=0,
         help="How many of the latest tokens the penalties look at. -1 is the whole context, 0 none."),
    Spec(name="presence_penalty", label="Presence penalty", flag="--presence-penalty", kind="float",
         group="Penalties", minimum=-2.0, maximum=2.0, step=0.05, off=0.0,
         help="A fixed penalty for every token that has occurred in the window."),
    Spec(name="frequency_penalty", label="Frequency penalty", flag="--frequency-penalty", kind="float",
         group="Penalties", minimum=-2.0, maximum=2.0, step=0.05, off=0.0,
         help="A penalty that grows with each time a token has occurred in the window."),
    Spec(name="dry_multiplier", label="DRY multiplier", flag="--dry-multiplier", kind="float", group="DRY",
         maximum=5.0, step=0.05, off=0.0,
         help="Strength of the penalty on repeating whole sequences (Don't Repeat Yourself). 0 switches it off."),
    Spec(name="dry_base", label="DRY base", flag="--dry-base", kind="float", group="DRY", minimum=1.0, maximum=4.0,
         step=0.05, help="How quickly the penalty grows with the length of the repeated sequence."),
    Spec(name="dry_allowed_length", label="DRY allowed length", flag="--dry-allowed-length", kind="int", group="DRY",
         minimum=1, maximum=20, step=1, help="Longest repetition, in tokens, that goes unpunished."),
    Spec(name="dry_penalty_last_n", label="DRY window", flag="--dry-penalty-last-n", kind="int", group="DRY",
         minimum=-1, maximum=8192, step=1, help="How many of the latest tokens are searched. -1 is the whole context."),
    Spec(name="dry_sequence_breakers", label="DRY sequence breakers", flag="--dry-sequence-breaker", kind="strings",
         group="DRY", help="Texts at which a repeated sequence is cut."),
    Spec(name="xtc_probability", label="XTC probability", flag="--xtc-probability", kind="float", group="XTC",
         off=0.0, help="Chance of leaving out the likeliest tokens (Exclude Top Choices). 0 switches it off."),
    Spec(name="xtc_threshold", label="XTC threshold", flag="--xtc-threshold", kind="float", group="XTC",
         maximum=0.5, help="Only tokens above this probability can be left out."),
    Spec(name="mirostat", label="Mirostat", flag="--mirostat", kind="choice", group="Mirostat", maximum=2, step=1,
         off=0, choices=((0, "Off"), (1, "Mirostat 1"), (2, "Mirostat 2")),
         help="Steer the surprise of the text to a target. Replaces top-k, top-p, typical and min-p."),
    Spec(name="mirostat_tau", label="Mirostat target entropy", flag="--mirostat-ent", kind="float", group="Mirostat",
         maximum=10.0, step=0.1, help="The target surprise, tau."),
    Spec(name="mirostat_eta", label="Mirostat learning rate", flag="--mirostat-lr", kind="float", group="Mirostat",
         maximum=1.0, help="How quickly it adjusts, eta."),
    Spec(name="adaptive_target", label="Adaptive-p target", flag="--adaptive-target", kind="float", group="Adaptive",
         minimum=-1.0, maximum=1.0, off=-1.0,
         help="Prefer tokens near this probability, adapting to what was chosen. -1 switches it off."),
    Spec(name="adaptive_decay", label="Adaptive-p decay", flag="--adaptive-decay", kind="float", group="Adaptive",
         maximum=0.99, help="How slowly it forgets what was chosen."),
    Spec(name="grammar", label="Grammar (GBNF)", flag="--grammar", kind="text", group="Constraints",
         help="Only text that this grammar accepts can be written."),
    Spec(name="json_schema", label="JSON schema", flag="--json-schema", kind="text", group="Constraints",
         help="Only JSON that this schema accepts can be written. Not together with a grammar."),
    Spec(name="logit_bias", label="Logit bias", flag="--logit-bias", kind="bias", group="Constraints",
         help="Add to the logit of single tokens, given as id or text. -inf forbids one."),
    Spec(name="ignore_eos", label="Ignore end of text", flag="--ignore-eos", kind="bool", group="Constraints",
         help="Go on after the model wanted to stop."),
    Spec(name="max_tokens", label="Max tokens", flag="-n", kind="int", group="Output", minimum=-1, maximum=262144,
         step=1, off=-1, off_text="no limit", advanced=False,
         help="Longest reply in tokens. -1 is as far as the context reaches."),
    Spec(name="stop", label="Stop strings", flag="--reverse-prompt", kind="strings", group="Output", advanced=False,
         help="The reply ends before any of these texts."),
    Spec(name="n_probs", label="Token probabilities", flag="n_probs", kind="int", group="Output", maximum=20, step=1,
         off=0, help="Record this many of the likeliest tokens at each place."),
    Spec(name="samplers", label="Sampler order", flag="--samplers", kind="order", group="Sampling",
         help="The samplers, in the order they are applied. Ones left out are off."),
)  # fmt: skip

SPEC_BY_NAME: Mapping[str, Spec] = {spec.name: spec for spec in SPECS}

Origin = Literal["engine", "card", "you"]


def resolve(card: Mapping[str, Any], user: Mapping[str, Any]) -> tuple[Sampling, dict[str, Origin]]:
    """Return the sampling in force and, for each field, who set it: the user over the card over the engine.

    Raises:
        msgspec.ValidationError: A value is of the wrong type.
    """
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for spec in SPECS:
        for origin, source in (("you", user), ("card", card)):
            if spec.name in source:
                values[spec.name] = source[spec.name]
                origins[spec.name] = origin  # type: ignore[assignment]  # literals of the tuple above
                break
        else:
            origins[spec.name] = "engine"
    return msgspec.convert(values, Sampling), origins
