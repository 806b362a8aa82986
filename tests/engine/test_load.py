"""Loading: broken files and settings are refused in words, and the engine is of use afterwards."""

import sys

import psutil
import pytest

from app.engine.llama import bindings, loader
from app.engine.llama.load_errors import explain
from app.engine.messages import (
    ChatMessage,
    ChatPrompt,
    Died,
    Failed,
    Finished,
    Loaded,
    LoadProgress,
    LoadSettings,
    TextPrompt,
    Unloaded,
)
from app.errors import Cancelled
from tests.engine.harness import GREEDY, Engine
from tests.models import gguf, hostile

SETTINGS = LoadSettings(n_ctx=512)
HEADERS = sorted(hostile.headers())


@pytest.fixture(scope="module")
def engine(tiny_model):
    """An engine that lives through all that is done to it."""
    with Engine() as opened:
        opened.load(tiny_model, SETTINGS)  # a first load starts its processes
        yield opened


@pytest.fixture
def lying(model_builder, tmp_path):
    """Write a good model whose header says something else in one place."""
    valid = model_builder.tiny("llama").read_bytes()

    def write(key, true, false):
        entry = gguf.text(key) + gguf.typed(true)
        assert valid.count(entry) == 1
        path = tmp_path / "lying.gguf"
        path.write_bytes(valid.replace(entry, gguf.text(key) + gguf.typed(false)))
        return path

    return write


def load(engine, path, settings=SETTINGS):
    return engine.wait(engine.engine.load(str(path), settings))


def refused(engine, path, settings=SETTINGS):
    """Load what cannot be; return the failure, whose words must be for people."""
    failed = load(engine, path, settings)
    assert isinstance(failed, Failed), failed
    assert failed.title
    assert failed.message
    assert failed.hint
    assert "Traceback" not in failed.detail
    assert engine.engine.model is None
    return failed


def works(engine, tiny_model):
    """Tell whether a model can be loaded and asked in the same process as before."""
    pid = engine.engine.pid
    assert isinstance(load(engine, tiny_model), Loaded)
    assert isinstance(engine.ask(TextPrompt(text="Hi"))[0], Finished)
    return engine.engine.pid == pid


# --- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*HEADERS, "truncated_weights"])
def test_a_file_that_lies_is_refused_and_the_engine_is_of_use(engine, hostile_files, tiny_model, name):
    assert refused(engine, hostile_files[name]).code == "bad_file"
    assert works(engine, tiny_model)


def test_a_header_is_refused_wherever_it_is_cut(engine, hostile_files, tiny_model):
    cut = [path for name, path in hostile_files.items() if name.startswith("truncated_at_")]
    assert len(cut) > 20
    assert {refused(engine, path).code for path in cut} == {"bad_file"}
    assert works(engine, tiny_model)


def test_an_empty_file_is_no_model(engine, hostile_files):
    failed = refused(engine, hostile_files["truncated_at_0"])
    assert "not a GGUF model" in failed.title
    assert "0 bytes" in failed.message


def test_missing_weights_are_named(engine, hostile_files):
    failed = refused(engine, hostile_files["truncated_weights"])
    assert "incomplete" in failed.title
    assert "output.weight" in failed.message


@pytest.mark.parametrize(
    ("key", "true", "false", "said"),
    [
        ("general.architecture", "llama", "fancy", "fancy"),
        ("llama.block_count", 4, 5, "blk.4."),
        ("llama.embedding_length", 256, 2**31, "wrong shape"),
        ("llama.attention.head_count", 4, 0, "wrong shape"),
        ("llama.rope.dimension_count", 64, 7, "n_rot: 7"),
        ("tokenizer.ggml.pre", "qwen2", "nonsense", "nonsense"),
    ],
)
def test_a_header_that_does_not_fit_its_tensors_is_refused_with_the_reason(engine, lying, key, true, false, said):
    failed = refused(engine, lying(key, true, false))
    assert said in f"{failed.title} {failed.message}"


@pytest.mark.skipif(sys.platform == "win32", reason="llama.cpp's last words are read from Unix's standard error")
def test_a_file_that_llama_cpp_dies_of_is_told_with_its_last_words_and_the_next_engine_works(lying, tiny_model):
    path = lying("llama.block_count", 4, 10**6)
    with Engine() as engine:
        ended = []

        def hear(event):
            ended.extend([event] if isinstance(event, Died) else [])

        with pytest.raises(AssertionError, match="gave up"):
            engine.wait(engine.engine.load(str(path), SETTINGS), hear)
        assert "LLAMA_MAX_LAYERS" in ended[0].message
        assert engine.engine.state == "failed"
        assert isinstance(load(engine, tiny_model), Loaded)


@pytest.mark.parametrize("key", ["eos", "padding"])
def test_special_tokens_beyond_the_vocabulary_do_no_harm(engine, lying, key):
    true = {"eos": 608, "padding": 606}[key]
    assert isinstance(load(engine, lying(f"tokenizer.ggml.{key}_token_id", true, 10**9)), Loaded)
    prompt = ChatPrompt(messages=(ChatMessage(role="user", content="Hi"),))
    assert isinstance(engine.ask(prompt)[0], Finished)


# --- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "title", "message"),
    [
        (LoadSettings(n_ctx=-5), "context size must be at least 0", "-5"),
        (LoadSettings(n_ctx=5_000_000_000), "context size must be at most 2,147,483,647", "5,000,000,000"),
        (LoadSettings(n_batch=0), "batch size must be at least 1", "0"),
        (LoadSettings(n_ubatch=-1), "micro-batch size must be at least 0", "-1"),
        (LoadSettings(devices=("CUDA9",)), "CUDA9", "CPU"),
        (LoadSettings(tensor_overrides=(("blk", "nowhere"),)), "nowhere", "CPU"),
        (LoadSettings(tensor_overrides=(("(", "CPU"),)), "not a regular expression", "regular expression"),
        (LoadSettings(type_v="q8_0", flash_attn="off"), "needs flash attention", "off"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_the_reason(engine, tiny_model, settings, title, message):
    failed = refused(engine, tiny_model, settings)
    assert title in failed.title
    assert message in failed.message
    assert works(engine, tiny_model)


@pytest.mark.parametrize(
    "settings",
    [
        LoadSettings(n_ctx=512, n_batch=8),
        LoadSettings(n_ctx=512, n_ubatch=0),
        LoadSettings(n_ctx=512, n_ubatch=4096),
        LoadSettings(n_ctx=512, n_threads=0, n_threads_batch=-1),
        LoadSettings(n_ctx=512, n_cpu_moe=1_000_000),
        LoadSettings(n_ctx=512, use_mmap=False, use_extra_bufts=False),
        LoadSettings(n_ctx=512, devices=()),
    ],
    ids=["small batch", "no micro-batch", "micro-batch over batch", "threads", "all experts", "no mmap", "no device"],
)
def test_a_prompt_is_read_and_answered_with_unusual_settings(engine, tiny_model, settings):
    prompt = TextPrompt(text="a prompt of some more tokens than the smallest batch " * 5)
    load(engine, tiny_model)
    expected = engine.ask(prompt)[0].stats
    loaded = load(engine, tiny_model, settings)
    assert isinstance(loaded, Loaded), loaded
    assert loaded.model.settings.n_threads > 0
    assert loaded.model.settings.n_threads_batch > 0
    finished, text = engine.ask(prompt)
    assert isinstance(finished, Finished), finished
    assert finished.stats.processed_tokens == expected.processed_tokens > 8
    assert text


# --- progress, cancelling, unloading ----------------------------------------------------------------------


def test_loading_tells_how_far_it_is(engine, starter_model):
    events = []
    request = engine.engine.load(str(starter_model), SETTINGS)
    loaded = engine.wait(request, events.append)
    fractions = [event.fraction for event in events if isinstance(event, LoadProgress)]
    assert fractions == sorted(set(fractions))
    assert len(fractions) > 2
    assert (fractions[0] < 1, fractions[-1]) == (True, 1)
    assert loaded.model.load_seconds > 0


def test_loading_stops_where_it_is_cancelled(starter_model, log):
    fractions = []
    with pytest.raises(Cancelled):
        loader.load(starter_model, SETTINGS, log, fractions.append, lambda: len(fractions) == 2)
    assert len(fractions) == 2
    assert fractions[-1] < 1


@pytest.fixture
def log():
    from tests.engine.vocabularies import _LOG  # llama.cpp has one log for a process

    return _LOG


def test_a_load_that_is_cancelled_under_way_leaves_an_engine_that_loads_again(engine, starter_model, tiny_model):
    for _ in range(50):  # the cancel and the load's end cross on the way, at times
        request = engine.engine.load(str(starter_model), LoadSettings(n_ctx=512, use_mmap=False))

        def cancel(event, request=request):
            if isinstance(event, LoadProgress) and event.request == request:
                engine.engine.cancel(request)

        ended = engine.wait(request, cancel)
        if isinstance(ended, Failed):
            break
    assert isinstance(ended, Failed)
    assert ended.code == "cancelled"
    assert (engine.engine.state, engine.engine.model) == ("idle", None)
    assert works(engine, tiny_model)


def test_a_load_that_is_cancelled_before_it_begins_leaves_no_model(engine, starter_model, tiny_model):
    first = engine.engine.load(str(starter_model), SETTINGS)
    second = engine.engine.load(str(tiny_model), SETTINGS)
    engine.engine.cancel(second)
    ended = engine.wait(second)
    assert isinstance(ended, Failed)
    assert (ended.code, ended.title) == ("cancelled", "Stopped before it had begun")
    assert first not in engine.engine._requests
    assert engine.engine.model is None
    failed, _text = engine.ask(TextPrompt(text="Hi"))
    assert failed.code == "not_loaded"


def test_unloading_gives_the_memory_back_every_time(starter_model):
    settings = LoadSettings(n_ctx=512, use_mmap=False, use_extra_bufts=False)
    size = starter_model.stat().st_size
    with Engine() as engine:
        empty = []
        for _ in range(4):
            loaded = load(engine, starter_model, settings)
            assert isinstance(loaded, Loaded)
            engine.ask(TextPrompt(text="Hi"), GREEDY)
            child = psutil.Process(engine.engine.pid)
            full = child.memory_info().rss
            assert isinstance(engine.wait(engine.engine.unload()), Unloaded)
            empty.append(child.memory_info().rss)
            assert full - empty[-1] > 0.8 * size
        assert empty[-1] - empty[0] < 0.2 * size  # a first load leaves libraries and buffers, later ones nothing
        assert engine.engine.state == "idle"


def test_the_memory_that_is_told_is_what_the_parts_take(engine, starter_model):
    loaded = load(engine, starter_model)
    devices = loaded.model.memory.values()
    assert abs(sum(device.get("weights", 0) for device in devices) / loaded.model.size_bytes - 1) < 0.2
    assert sum(device.get("kv_cache", 0) for device in devices) > 0


# --- in words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "title", "said"),
    [
        ("ggml_backend_cpu: failed to allocate CPU buffer of size 48000000000", "Not enough memory", "48.0 GB of CPU"),
        ("cudaMalloc: allocating 1024.00 MiB on device 0: cudaMalloc failed: out of memory", "Not enough", "1.1 GB"),
        ("llama_model_load: error loading model: unable to allocate CUDA0 buffer", "Not enough memory", "CUDA0"),
        ("llama_model_load: error loading model: missing tensor 'blk.1.x'", "lacks a part", "blk.1.x"),
        ("llama_model_load: error loading model: something new\nload: failed", "could not load it", "something new"),
        ("some_function: error: nobody knows", "could not load it", "nobody knows"),
        ("", "could not load it", "no reason"),
    ],
)
def test_what_llama_cpp_says_is_put_into_words(line, title, said):
    problem = explain(line.split("\n"), "load it")
    assert title in problem.title
    assert said in problem.message
    assert problem.hint


# --- repacking --------------------------------------------------------------------------------------------


@pytest.fixture
def memory(monkeypatch):
    """Say how much memory is free."""

    def set_free(size):
        monkeypatch.setattr(loader, "available_bytes", lambda: size)

    return set_free


def test_the_cpu_s_buffer_type_is_the_one_that_llama_cpp_itself_uses():
    (cpu,) = (handle for handle in bindings.device_handles() if bindings.describe_device(handle).name == "CPU")
    assert bindings._device_buffer_type(cpu) == bindings.buffer_types()["CPU"]


def test_weights_are_repacked_only_if_everything_fits_with_room_to_spare(model_builder, memory):
    files = [model_builder.large("llama")]
    weights = files[0].stat().st_size
    for n_ctx, free, expected in (
        (4096, weights + 5 * 1024**3, True),
        (4096, weights + 1 * 1024**3, False),
        (131_072, weights + 5 * 1024**3, False),  # the KV cache of such a context takes what was spare
    ):
        memory(free)
        settings = LoadSettings(n_ctx=n_ctx)
        assert loader.resolve_settings(settings, files).use_extra_bufts is expected


def test_whoever_decides_on_repacking_is_obeyed(tiny_model, memory):
    memory(0)
    assert loader.resolve_settings(LoadSettings(use_extra_bufts=True), [tiny_model]).use_extra_bufts is True


def test_a_file_that_lies_is_not_repacked_and_left_to_llama_cpp(hostile_files, memory):
    memory(2**40)
    assert loader.resolve_settings(LoadSettings(), [hostile_files["nested_array"]]).use_extra_bufts is False
