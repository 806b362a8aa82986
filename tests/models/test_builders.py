"""The test models are what they claim to be, by llama.cpp's own word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.models import gguf, shapes, vocabulary
from tests.models.build import Builder
from tests.models.quantisation import MIXES, quantised

_GENERATE = """
import sys
from llama_cpp import Llama
model = Llama(sys.argv[1], n_ctx=512, verbose=False)
reply = model.create_chat_completion([{"role": "user", "content": "What is the name of the function?"}],
                                     max_tokens=300, temperature=0)
text = model.tokenizer().decode(model.tokenize("Größe: 你好, x += 1;\\n".encode(), add_bos=False))
print(len(set(reply["choices"][0]["message"]["content"].split())), reply["choices"][0]["finish_reason"])
print(text)
"""
_LOAD = """
import sys
import llama_cpp.llama_cpp as c
c.llama_backend_init()
parameters = c.llama_model_default_params()
parameters.use_extra_bufts = False
sys.exit(3 if c.llama_model_load_from_file(sys.argv[1].encode(), parameters) is None else 0)
"""


def _run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=100, check=False)


def test_tiny_replies_with_varied_words_and_ends_by_itself(tiny_model):
    words, reason = _run(_GENERATE, tiny_model).stdout.splitlines()[0].split()
    assert int(words) > 20
    assert reason == "stop"


def test_tiny_vocabulary_gives_any_text_back(tiny_model):
    assert "Größe: 你好, x += 1;" in _run(_GENERATE, tiny_model).stdout


@pytest.mark.parametrize("architecture", sorted(shapes.TINY))
def test_tiny_loads_in_every_architecture(model_builder, architecture):
    assert _run(_LOAD, model_builder.tiny(architecture)).returncode == 0


def test_equal_recipes_make_equal_files(tmp_path):
    first = Builder(tmp_path / "a").tiny("llama")
    second = Builder(tmp_path / "b").tiny("llama")
    assert first.read_bytes() == second.read_bytes()


def test_full_shape_has_the_sizes_of_the_real_model(full_shape_model):
    size = full_shape_model.stat().st_size
    assert size == pytest.approx(48_412_812_288, rel=1e-4)
    if sys.platform == "linux":
        assert full_shape_model.stat().st_blocks * 512 < 20_000_000


@pytest.mark.parametrize(("name", "size_gib"), [("Q4_K_M", 45.08), ("Q6_K", 61.02), ("Q8_0", 78.98), ("F16", 148.5)])
def test_every_quantisation_has_its_published_size(name, size_gib):
    shape = shapes.QWEN3_CODER_NEXT
    tensors = list(quantised(shapes.tensors(shape, 151_936), MIXES[name], shape.layers))
    assert len(tensors) == 843
    assert sum(tensor.size_bytes for tensor in tensors) / 2**30 == pytest.approx(size_gib, abs=0.05)


def test_full_vocabulary_numbers_its_special_tokens_as_qwen_does():
    words = vocabulary.full()
    assert len(words.tokens) == len(set(words.tokens)) == 151_936
    assert words.id("<|im_end|>") == 151_645
    assert words.id("<tool_call>") == 151_657


@pytest.mark.full_shape
@pytest.mark.slow
def test_full_shape_loads_from_its_hole(full_shape_model):
    assert _run(_LOAD, full_shape_model).returncode == 0


def test_llama_cpp_refuses_every_hostile_file_without_crashing(hostile_files):
    named = {name: path for name, path in hostile_files.items() if not name.startswith("truncated_at_")}
    codes = {name: _run(_LOAD, path).returncode for name, path in named.items()}
    assert codes == dict.fromkeys(named, 3)


def test_no_file_is_left_when_writing_fails(tmp_path):
    def fail(_: gguf.Tensor) -> bytes:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        gguf.write(tmp_path / "model.gguf", {}, [gguf.Tensor("a", (32,))], fail)
    assert list(Path(tmp_path).iterdir()) == []
