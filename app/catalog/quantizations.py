"""Quantizations by name: found in names of files, their bits per weight, what they cost in quality, their order.

Bits per weight are those llama.cpp's quantize tool lists for Llama-3.1-8B (``tools/quantize/README.md``), or follow
from the block layout in ``ggml-common.h`` where it lists none. A file's own figure, ``bits_per_weight``, differs:
makers keep some tensors at a higher precision, and small models have a larger share of those.

What they cost rests on llama.cpp's own measurements, the "+ppl @ Llama-3-8B" figures of ``llama-quantize --help``
(``tools/quantize/quantize.cpp``): how much the perplexity on WikiText-2 rises over that of the full precision.
Larger models lose less, and code is harder than prose, so the words name the order of loss and the figure stands
beside them.
"""

from __future__ import annotations

import re

import msgspec

#: Bits per weight of the names that llama.cpp's quantize tool knows.
_BITS = {
    "TQ1_0": 1.69, "TQ2_0": 2.06, "IQ1_S": 2.00, "IQ1_M": 2.15, "IQ2_XXS": 2.38, "IQ2_XS": 2.59, "IQ2_S": 2.74,
    "IQ2_M": 2.93, "Q2_K_S": 2.97, "Q2_K": 3.16, "Q2_K_L": 3.4, "Q2_K_XL": 3.2, "IQ3_XXS": 3.25, "IQ3_XS": 3.50,
    "IQ3_S": 3.66, "IQ3_M": 3.76, "Q3_K_S": 3.64, "Q3_K_M": 4.00, "Q3_K": 4.00, "Q3_K_L": 4.30, "Q3_K_XL": 4.1,
    "MXFP4": 4.25, "MXFP4_MOE": 4.4, "NVFP4": 4.5, "IQ4_XS": 4.46, "IQ4_NL": 4.68, "Q4_0": 4.66, "Q4_1": 5.13,
    "Q4_K_S": 4.67, "Q4_K_M": 4.89, "Q4_K": 4.89, "Q4_K_L": 5.0, "Q4_K_XL": 4.9, "Q5_0": 5.60, "Q5_1": 6.06,
    "Q5_K_S": 5.57, "Q5_K_M": 5.70, "Q5_K": 5.70, "Q5_K_L": 5.8, "Q5_K_XL": 5.7, "Q6_K": 6.56, "Q6_K_L": 6.7,
    "Q6_K_XL": 6.9, "Q8_0": 8.50, "Q8_K_XL": 9.5, "F16": 16.0, "BF16": 16.0, "F32": 32.0,
}  # fmt: skip
#: Rise in perplexity that llama.cpp measured on Llama-3-8B.
_PERPLEXITY = {
    "Q8_0": 0.0026, "Q6_K": 0.0217, "Q5_K_M": 0.0569, "Q5_K_S": 0.1049, "Q5_1": 0.1062, "Q5_0": 0.1316,
    "Q4_K_M": 0.1754, "Q4_K_S": 0.2689, "Q4_1": 0.4511, "Q4_0": 0.4685, "Q3_K_L": 0.5562, "Q3_K_M": 0.6569,
    "Q3_K_S": 1.6321, "Q2_K_S": 3.1836, "Q2_K": 3.5199,
}  # fmt: skip
_WORDS = r"(?:I?Q[1-8](?:_(?:[0-9]|[A-Z]{1,3}))*|TQ[12]_0|MXFP4(?:_MOE)?|NVFP4|BF16|FP?16|FP?32)"
_NAME = re.compile(rf"(?:^|(?<=[-._/ (]))(?P<prefix>UD-|i1-)?(?P<name>{_WORDS})(?=$|[-._/ )])", re.IGNORECASE)
_FLOAT = re.compile(r"(?:B?F|FP)(?:16|32)$")
_TOKEN = re.compile(r"[^a-z0-9]+")
#: Words in file names of what belongs to a model and is none: projectors, drafts for speculative decoding, adapters.
_NOT_MODELS = frozenset({"mmproj", "mtp", "nextn", "draft", "drafter", "eagle", "eagle3", "lora"})

#: By the bits of their weights, up to and including; after llama.cpp's measurements named above.
_COSTS = (
    (2.2, "Last resort: answers are often wrong or incoherent; only the largest models stay usable."),
    (3.2, "A heavy loss that shows in code: mistakes in syntax and in long answers. A smaller model may do better."),
    (3.7, "A clear loss; worth it when nothing larger fits, better on large models than on small ones."),
    (4.4, "A noticeable loss on code and on long contexts, at about a quarter of the full size."),
    (5.3, "A small loss for a third of the full size; what most people use, and a good default."),
    (6.2, "A very small loss, hard to notice in use."),
    (7.5, "Next to no loss: within measurement noise for most uses."),
    (10.0, "As good as the full precision, at half its size."),
    (17.0, "Full precision, as published: nothing is lost, and nothing is gained over Q8_0 in use."),
    (33.0, "Twice the size of the published weights for no gain; made for conversion, not for use."),
)
#: From where on a model is called large; llama.cpp's figures are of one with 8 billion weights.
_LARGE = 30e9
_TERNARY = "Made for models trained with ternary weights; on any other a last resort."
_UNKNOWN = "Not a quantization of llama.cpp's own list: see its maker's page for what it costs."


class Quantization(msgspec.Struct, frozen=True):
    """What is known of a quantization by its name.

    Attributes:
        name: As given.
        bits: Nominal bits per weight; None for a name that is not llama.cpp's.
        cost: A sentence on what it costs in quality.
    """

    name: str
    bits: float | None
    cost: str


def parse_quantization(path: str) -> str:
    """Return the quantization that a path names, such as "UD-Q4_K_XL"; empty if it names none.

    The file name is asked before its folders, and a quantized type before a floating one ("Q8_0-f16" keeps some
    tensors at F16). The result is in llama.cpp's spelling: upper case, F16 for "fp16"; the prefixes "UD-" (Unsloth's
    dynamic mixtures) and "i1-" (mradermacher's, made with an importance matrix) are kept.
    """
    for part in reversed(path.split("/")):
        found = list(_NAME.finditer(part))
        quantized = [match for match in found if not _FLOAT.match(match["name"].upper())]
        if quantized or found:
            return _spelled((quantized or found)[-1])
    return ""


def without_quantization(name: str) -> str:
    """Return the name of a model without the quantization at its end: "Qwen3-8B" of "Qwen3-8B.i1-Q4_K_M"."""
    found = [match for match in _NAME.finditer(name) if match.end() == len(name)]
    return name[: found[-1].start()].rstrip("-._/ (") or name if found else name


def is_model_file(path: str) -> bool:
    """Tell whether a file is a model that can be loaded by itself, or a shard of one.

    Left out are files that are no GGUF, projectors for images (mmproj), importance matrices, vocabularies without
    weights, adapters, and drafts for speculative decoding.
    """
    file = path.rpartition("/")[2].lower()
    if not file.endswith(".gguf"):
        return False
    words = set(_TOKEN.split(file.removesuffix(".gguf")))
    if words & _NOT_MODELS or file.startswith(("imatrix", "ggml-vocab")):
        return False
    return not ({"imatrix", "vocab"} & words and not parse_quantization(file))


def describe(name: str, size_bytes: int = 0, n_params: int = 0) -> Quantization:
    """Return what is known of a quantization; with the sizes, its cost follows from its own bits per weight."""
    nominal = _BITS.get(_base(name))
    bits = bits_per_weight(size_bytes, n_params) or nominal
    if name.upper().startswith("TQ"):  # not "UD-TQ1_0", which is a mixture of others
        return Quantization(name, nominal, _TERNARY)
    if bits is None:
        return Quantization(name, None, _UNKNOWN)
    cost = next((words for limit, words in _COSTS if bits <= limit), _COSTS[-1][1])
    measured = _PERPLEXITY.get(_base(name))
    if n_params >= _LARGE and bits <= 4.4:
        cost = f"{cost} Large models, as this one, lose less."
    elif measured is not None:
        cost = f"{cost} On Llama 3 8B, perplexity rises by {measured:.2g}."
    return Quantization(name, nominal, cost)


def bits_per_weight(size_bytes: int, n_params: int) -> float | None:
    """Return what a file spends on each weight: ``8 * size / parameters``; None where the parameters are unknown."""
    return 8 * size_bytes / n_params if size_bytes > 0 and n_params > 0 else None


def sort_key(name: str) -> tuple[float, str]:
    """Order quantizations from the coarsest to the finest; unknown ones last, by name."""
    bits = _BITS.get(_base(name))
    return (bits if bits is not None else float("inf"), name.lower())


def is_same(one: str, other: str) -> bool:
    """Tell whether two spellings mean the same quantization ("q4_k_m", "Q4_K_M"; "fp16", "F16")."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return re.sub(r"^fp(?=16|32)", "f", name.strip().lower())


def base_name(name: str) -> str:
    """Return a quantization without a maker's prefix: "Q4_K_XL" of "UD-Q4_K_XL"."""
    return _base(name)


def _base(name: str) -> str:
    match = _NAME.match(name)
    return _spelled(match).removeprefix("UD-").removeprefix("i1-") if match else name.upper()


def _spelled(match: re.Match[str]) -> str:
    prefix = {"ud-": "UD-", "i1-": "i1-", "": ""}[(match["prefix"] or "").lower()]
    return prefix + re.sub(r"^FP(?=16|32)", "F", match["name"].upper())
