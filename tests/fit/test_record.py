"""What loads really took, beside what was predicted."""

import msgspec
import pytest

from app.engine.messages import LoadSettings, Stats
from app.fit.plan import quick_plan
from app.fit.record import (
    MAX_RECORDS,
    FitRecord,
    RecordStore,
    actual_bytes,
    after_load,
    after_reply,
    corrections,
    predicted_bytes,
    summary,
)
from tests.app.chats import echo_model
from tests.fit.machines import cpu, layout_of, machine
from tests.models import shapes

HERE = machine(cpu(60))


@pytest.fixture(scope="module")
def plan():
    return quick_plan(layout_of(shapes.LARGE["llama"]), LoadSettings(n_ctx=8192), HERE)


def record(**fields):
    return FitRecord(**{"at": 1.0, "model": "A model", "placement": "cpu", "n_ctx": 4096, **fields})


def stats(**fields):
    base = {
        "prompt_tokens": 1000, "reused_tokens": 0, "processed_tokens": 1000, "prompt_seconds": 10.0,
        "generated_tokens": 100, "generate_seconds": 20.0, "context_tokens": 1100,
    }  # fmt: skip
    return Stats(**{**base, **fields})


def test_a_load_is_recorded_as_llama_cpp_counts_it(plan):
    memory = {"CPU_Mapped": {"weights": 900}, "CPU": {"kv_cache": 60, "compute": 40}, "CUDA_Host": {"compute": 5}}
    kept = after_load(plan, msgspec.structs.replace(echo_model(), memory=memory))
    assert kept.actual == {"CPU": 1005} == actual_bytes(memory)
    memory_plan = plan.devices[0]
    assert kept.predicted == {"CPU": predicted_bytes(memory_plan)}
    assert predicted_bytes(memory_plan) < memory_plan.needed_bytes  # without what our own caches take later


def test_the_error_is_a_share_of_what_was_taken():
    assert record(predicted={"CPU": 90, "CUDA0": 20}, actual={"CPU": 80, "CUDA0": 20}).error == pytest.approx(0.1)
    assert record().error == 0.0


def test_a_reply_is_recorded_with_both_speeds_where_it_is_long_enough(plan):
    both = after_reply(plan, stats())
    assert both.measured == (100.0, 5.0)
    assert both.estimated == (plan.prompt_speed.estimate, plan.generation_speed.estimate)
    assert after_reply(plan, stats(generated_tokens=3)).measured == (100.0, 0.0)
    assert after_reply(plan, stats(processed_tokens=3)).measured == (0.0, 5.0)
    assert after_reply(plan, stats(processed_tokens=3, generated_tokens=3)) is None


def test_estimates_are_recorded_without_the_corrections_they_had(plan):
    corrected = msgspec.structs.replace(plan, corrected_by=(2.0, 4.0))
    kept = after_reply(corrected, stats())
    assert kept.estimated == (plan.prompt_speed.estimate / 2, plan.generation_speed.estimate / 4)


def test_corrections_are_the_median_of_the_latest_runs_of_a_kind():
    runs = [record(estimated=(10.0, 10.0), measured=(0.0, speed)) for speed in (1.0, 5.0, 30.0)]
    runs += [record(placement="gpu", estimated=(10.0, 10.0), measured=(20.0, 0.0))]
    found = corrections(runs)
    assert (found["cpu"].generation, found["cpu"].prompt, found["cpu"].runs) == (0.5, 1.0, 3)
    assert (found["gpu"].generation, found["gpu"].prompt) == (1.0, 2.0)
    assert corrections([record(actual={"CPU": 1})]) == {}


def test_records_survive_and_a_damaged_line_does_not_cost_the_others(tmp_path):
    store = RecordStore(tmp_path / "records.jsonl")
    store.add(record(n_ctx=1))
    with (tmp_path / "records.jsonl").open("ab") as file:
        file.write(b'{"at": "never"}\n\xff\n')
    store.add(record(n_ctx=2))
    assert [kept.n_ctx for kept in RecordStore(tmp_path / "records.jsonl").read()] == [1, 2]


def test_the_oldest_records_are_forgotten(tmp_path):
    store = RecordStore(tmp_path / "records.jsonl")
    for number in range(MAX_RECORDS + 1):
        store.add(record(n_ctx=number))
    kept = RecordStore(tmp_path / "records.jsonl").read()
    assert len(kept) <= MAX_RECORDS
    assert kept[-1].n_ctx == MAX_RECORDS
    assert [path.name for path in tmp_path.iterdir()] == ["records.jsonl"]


def test_a_disk_that_cannot_be_written_costs_a_record_and_no_more(tmp_path):
    store = RecordStore(tmp_path / "gone" / "records.jsonl")
    store.add(record())
    assert len(store.read()) == 1


def test_the_summary_tells_how_far_off_loads_were():
    loads = [record(predicted={"CPU": 100 + error}, actual={"CPU": 100}) for error in (1, 0, 5)]
    assert summary(loads) == {
        "loads": 3, "median_error": 0.01, "largest_error": 0.05, "last_error": 0.05
    }  # fmt: skip
    assert summary([]) == {"loads": 0}
