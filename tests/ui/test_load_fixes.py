"""What is offered after a load failed for want of memory."""

from __future__ import annotations

from app.engine.messages import LoadSettings
from ui.control.load_fixes import load_fixes


def offered(settings, **how):
    return {fix.words: fix.settings for fix in load_fixes(settings, **how)}


def test_a_repacked_model_can_be_mapped():
    fixes = offered(LoadSettings(use_mmap=False, use_extra_bufts=True, n_gpu_layers=0))
    assert next(iter(fixes)) == "Map from disk"
    assert fixes["Map from disk"].use_mmap
    assert fixes["Map from disk"].use_extra_bufts is False


def test_the_context_is_halved_but_not_below_what_is_of_use():
    assert offered(LoadSettings(n_ctx=32768))["Use 16K context"].n_ctx == 16384
    assert offered(LoadSettings(n_ctx=6000))["Use 4K context"].n_ctx == 4096
    assert not [words for words in offered(LoadSettings(n_ctx=4096)) if "context" in words]


def test_the_models_own_context_is_replaced_by_a_modest_one():
    assert offered(LoadSettings(n_ctx=0))["Use 16K context"].n_ctx == 16384


def test_fewer_layers_go_to_the_gpu():
    assert offered(LoadSettings(n_gpu_layers=40))["Put 30 layers on the GPU"].n_gpu_layers == 30
    assert offered(LoadSettings(n_gpu_layers=-1), n_layer=47)["Put 36 layers on the GPU"].n_gpu_layers == 36
    assert offered(LoadSettings(n_gpu_layers=-1))["Use the CPU alone"].n_gpu_layers == 0


def test_without_a_gpu_no_layers_are_moved():
    assert not [words for words in offered(LoadSettings(n_gpu_layers=0)) if "GPU" in words or "CPU" in words]


def test_a_small_cache_is_not_made_smaller():
    assert "Use q8_0 for the KV cache" in offered(LoadSettings())
    assert "Use q8_0 for the KV cache" not in offered(LoadSettings(type_k="q8_0", type_v="q8_0"))


def test_every_fix_takes_less_and_leaves_the_rest():
    settings = LoadSettings(n_batch=1024)
    assert all(fix.n_batch == 1024 and fix != settings for fix in offered(settings).values())
