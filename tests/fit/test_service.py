"""The fit check as the application uses it: real children, real headers, answers by callback."""

import subprocess
import sys

import msgspec
import pytest

from app.catalog.service import find_servers
from app.cli.waiting_fit import WaitingFit
from app.engine.messages import LoadSettings
from app.errors import AppError
from app.fit.service import FitService
from app.fit.values import FitPlan, ModelSource
from app.gguf.access import HubAccess
from app.ipc.popen_transport import PopenTransport
from app.paths import find_paths
from tests.app.chats import STATS, echo_model
from tests.engine.harness import Engine
from tests.gguf.test_remote import publish
from tests.hub.server import Hub
from tests.models import gguf

SETTINGS = LoadSettings(n_ctx=4096)


@pytest.fixture
def fit(own_home):
    opened = WaitingFit(find_paths())
    yield opened
    opened.close()


def local(path):
    return ModelSource(paths=(str(path),))


def plan(fit, source, settings=SETTINGS):
    return fit.wait(lambda done: fit.service.plan(source, settings, done))


def test_a_file_is_opened_planned_and_judged(fit, tiny_model):
    source = local(tiny_model)
    outline = fit.wait(lambda done: fit.service.open(source, done))
    assert (outline.architecture, outline.n_layer, outline.n_expert_layer, outline.is_recurrent) == (
        "qwen3next", 4, 4, True
    )  # fmt: skip
    assert outline.fetched_bytes == 0
    found = plan(fit, source)
    assert (found.verdict, found.method, found.n_ctx) == ("fits", "dry_run", 4096)
    assert set(found.devices[0].parts) >= {"weights", "kv_cache", "recurrent_state", "compute", "checkpoints"}
    assert None not in msgspec.structs.astuple(msgspec.structs.replace(found.settings, devices=()))


def test_a_model_on_a_server_is_planned_exactly_before_it_is_downloaded(fit, model_builder, own_home):
    shards = model_builder.full_shape_shards()
    with Hub() as hub:
        source = ModelSource(files=tuple(publish(hub, shards)))
        outline = fit.wait(lambda done: fit.service.open(source, done))
        found = plan(fit, source)
    assert 0 < outline.fetched_bytes < 16_000_000
    assert hub.sent_bytes == outline.fetched_bytes
    assert found.method == "dry_run"
    assert found.devices[0].parts["kv_cache"] == 96 * 1024 * 1024
    whole = plan(fit, local(model_builder.full_shape()))
    assert found.devices[0].parts == pytest.approx(whole.devices[0].parts, rel=1e-4)


def test_headers_once_fetched_are_not_fetched_again(fit, tiny_model, own_home):
    with Hub() as hub:
        source = ModelSource(files=tuple(publish(hub, [tiny_model])))
        fit.wait(lambda done: fit.service.open(source, done))
    later = WaitingFit(find_paths())  # the server is gone
    try:
        again = later.wait(lambda done: later.service.open(source, done))
        assert plan(later, source).verdict == "fits"
    finally:
        later.close()
    assert again.fetched_bytes == 0
    assert again.architecture == "qwen3next"


def test_kept_headers_that_were_damaged_are_fetched_again(fit, tiny_model, own_home):
    with Hub() as hub:
        source = ModelSource(files=tuple(publish(hub, [tiny_model])))
        fit.wait(lambda done: fit.service.open(source, done))
        (head,) = (own_home / "cache").rglob("*.head")
        head.write_bytes(head.read_bytes()[:100])
        later = WaitingFit(find_paths())
        try:
            again = later.wait(lambda done: later.service.open(source, done))
        finally:
            later.close()
    assert again.fetched_bytes > 0


def test_nothing_but_headers_and_speeds_is_left_behind(fit, tiny_model, own_home):
    with Hub() as hub:
        plan(fit, ModelSource(files=tuple(publish(hub, [tiny_model]))))
    left = {path.suffix for path in (own_home / "cache").rglob("*") if path.is_file()}
    assert left == {".head", ".json"}


def test_the_token_reaches_the_hub_through_the_command_and_not_the_environment(own_home, tiny_model):
    with Hub() as hub:
        hub.gate("qwen/next-gguf", "secret")
        source = ModelSource(files=tuple(publish(hub, [tiny_model])))
        transports = []

        def make_transport():
            transports.append(PopenTransport({}))
            return transports[-1]

        access = HubAccess("secret", hub.url.removeprefix("http://"))
        service = FitService(make_transport, find_paths(), access)
        answers = []
        service.open(source, answers.append)
        while not answers:
            transports[1].pump(0.1)
        service.close()
        for transport in transports:
            transport.close()
    assert answers[0].architecture == "qwen3next"


def test_a_slider_is_answered_at_once_and_as_the_exact_plan_will_be(fit, tiny_model):
    source = local(tiny_model)
    assert fit.service.quick(source, SETTINGS) is None  # nothing is known yet
    plan(fit, source)
    for n_ctx, kv in ((32_768, "f16"), (8192, "q8_0"), (16_384, "q4_0")):
        settings = LoadSettings(n_ctx=n_ctx, type_k=kv, type_v=kv)
        quick = fit.service.quick(source, settings)
        exact = plan(fit, source, settings)
        assert quick.n_ctx == exact.n_ctx == n_ctx
        assert quick.devices[0].parts == pytest.approx(exact.devices[0].parts, rel=0.02)
        assert fit.service.quick(source, settings) == exact


def test_a_slider_keeps_what_was_chosen_beside_what_it_changes(fit, tiny_model):
    source = local(tiny_model)
    assert fit.service.quick_best(source, {}) is None
    assert fit.service.outline(source) is None
    chosen = fit.wait(lambda done: fit.service.best(source, {"type_k": "q8_0"}, done))
    moved = fit.service.quick_best(source, {"type_k": "q8_0", "n_ctx": 2048})
    assert moved.settings == msgspec.structs.replace(chosen.settings, n_ctx=2048)
    assert moved.n_ctx == 2048
    assert fit.service.outline(source).architecture == "qwen3next"


def test_of_many_questions_the_last_is_answered_first_and_the_forgotten_never(fit, tiny_model):
    source = local(tiny_model)
    plan(fit, source)
    answered = []
    tickets = [
        fit.service.plan(source, LoadSettings(n_ctx=4096 + 256 * step), lambda done, step=step: answered.append(step))
        for step in range(1, 9)
    ]
    for ticket in tickets[1:6]:
        fit.service.forget(ticket)
    fit.wait(lambda done: fit.service.plan(source, LoadSettings(n_ctx=512), done))
    assert set(answered) <= {1, 7, 8}  # the first was under way, the newest came before the older
    fit.wait(lambda done: fit.service.plan(source, LoadSettings(n_ctx=4096 + 256 * 8), done))
    assert not set(answered) & {2, 3, 4, 5, 6}


def test_the_best_settings_keep_what_was_decided(fit, tiny_model):
    found = fit.wait(lambda done: fit.service.best(local(tiny_model), {"n_ctx": 2048, "type_k": "q8_0"}, done))
    assert isinstance(found, FitPlan)
    assert (found.settings.n_ctx, found.settings.type_k, found.method) == (2048, "q8_0", "dry_run")


def test_an_unknown_architecture_is_estimated_and_said_to_be(fit, tmp_path):
    metadata = {"general.architecture": "qwen9", "qwen9.block_count": 2, "qwen9.attention.head_count": 4,
                "qwen9.attention.head_count_kv": 2, "qwen9.embedding_length": 256}  # fmt: skip
    tensors = [gguf.Tensor(f"blk.{layer}.ffn_up.weight", (256, 64)) for layer in range(2)]
    path = gguf.write(tmp_path / "new.gguf", metadata, tensors)
    found = plan(fit, local(path))
    assert found.method == "formula"
    assert "estimate" in found.reason
    assert found.devices[0].parts["kv_cache"] == 4096 * 2 * 2 * 2 * 64 * 2


@pytest.mark.parametrize(
    "name", ["huge_array", "nested_array", "bad_magic", "tensor_beyond_the_end", "truncated_weights"]
)
def test_a_file_that_lies_is_refused_in_words_and_the_next_is_answered(fit, hostile_files, tiny_model, name):
    with pytest.raises(AppError) as refused:
        plan(fit, local(hostile_files[name]))
    assert refused.value.hint
    assert plan(fit, local(tiny_model)).verdict == "fits"


def test_settings_that_cannot_be_loaded_are_refused_in_words(fit, tiny_model):
    with pytest.raises(AppError, match="flash attention"):
        plan(fit, local(tiny_model), LoadSettings(n_ctx=4096, type_v="q8_0", flash_attn="off"))


def test_the_child_with_llama_cpp_in_it_rests_when_told_and_comes_back(fit, tiny_model):
    plan(fit, local(tiny_model))
    fit.service.rest()
    assert plan(fit, local(tiny_model), LoadSettings(n_ctx=512)).n_ctx == 512


def test_access_comes_from_the_hub_s_own_variables():
    assert find_servers({"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}).access == HubAccess("", "huggingface.co")
    assert find_servers({"HF_TOKEN": " hf_x ", "HF_ENDPOINT": "http://127.0.0.1:99/"}).access == HubAccess(
        "hf_x", "127.0.0.1:99"
    )


def test_headers_are_read_with_the_token_and_from_the_mirror_that_listings_use(tmp_path):
    (tmp_path / "token").write_text("hf_kept", "utf-8")
    servers = find_servers({"HF_TOKEN_PATH": str(tmp_path / "token"), "HF_ENDPOINT": "mirror.example"})
    assert servers.access == HubAccess("hf_kept", "mirror.example")


def test_a_file_that_was_replaced_is_read_again(fit, model_builder, tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(model_builder.tiny("llama").read_bytes())
    assert fit.wait(lambda done: fit.service.open(local(path), done)).architecture == "llama"
    path.write_bytes(model_builder.tiny("qwen2").read_bytes())
    assert fit.wait(lambda done: fit.service.open(local(path), done)).architecture == "qwen2"


def test_the_memory_of_the_model_that_is_loaded_is_counted_as_free(fit, tiny_model):
    plan(fit, local(tiny_model))
    before = fit.service.machine.devices[0].free_bytes
    memory = {"CPU_Mapped": {"weights": 5_000_000}, "CPU": {"kv_cache": 1_000_000}}
    fit.service.set_loaded(msgspec.structs.replace(echo_model(), memory=memory))
    assert fit.service.machine.devices[0].free_bytes == before + 1_000_000
    fit.service.set_loaded(None)
    assert fit.service.machine.devices[0].free_bytes == before


def test_a_load_and_its_replies_are_kept_and_correct_what_comes_after(fit, tiny_model):
    source = local(tiny_model)
    planned = plan(fit, source)
    with Engine() as engine:
        model = engine.load(tiny_model, planned.settings).model
    record = fit.service.record_load(planned, model)
    assert record.error < 0.01
    slow = msgspec.structs.replace(
        STATS, generated_tokens=100, generate_seconds=100 / (planned.generation_speed.estimate / 2)
    )
    fit.service.record_reply(planned, slow)
    corrected = plan(fit, source)
    assert corrected.generation_speed.estimate == pytest.approx(planned.generation_speed.estimate / 2)


def test_the_window_s_side_needs_neither_http_nor_drivers_nor_llama_cpp():
    code = "import sys, app.fit.service; print([name for name in sys.argv[1:] if name in sys.modules])"
    command = [sys.executable, "-c", code, "httpx2", "pynvml", "llama_cpp", "numpy"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
