"""``sawhorse chat`` and ``doctor``, as scripts use them: a process of their own, a real model, what comes out."""

import itertools
import json

import pytest

from app.cli.main import FAILED
from tests.app.command_line import LIMIT_S, run, start, turns

SHORT = ("--temp", "0", "-n", "8", "-c", "2048")
ENDLESS = ("--temp", "0", "--ignore-eos", "-c", "32768")


def failed(done, *words):
    assert done.returncode == FAILED, done
    assert done.stderr.startswith("sawhorse: ")
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


# --- turns ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def conversation(tiny_model):
    """Three turns as JSON lines."""
    return run("chat", str(tiny_model), "-p", "One?", "-p", "Two?", "-p", "Three?", "--json", *SHORT)


def test_every_turn_ends_with_one_json_line_that_has_its_whole_text(conversation):
    assert (conversation.returncode, conversation.stderr) == (0, "")
    values = [json.loads(line) for line in conversation.stdout.splitlines()]
    assert [value["type"] for value in values if value["type"] != "delta"] == ["turn_end"] * 3
    assert values[-1]["type"] == "turn_end"
    shown = ""
    for value in values:
        if value["type"] == "delta":
            shown += value["text"]
        else:
            assert (value["text"], bool(shown)) == (shown, True)
            shown = ""


def test_from_the_second_turn_on_only_what_is_new_is_read(conversation):
    stats = [turn["stats"] for turn in turns(conversation.stdout)]
    assert stats[0]["reused_tokens"] == 0
    for before, after in itertools.pairwise(stats):
        assert after["reused_tokens"] == before["context_tokens"]
        assert after["processed_tokens"] == after["prompt_tokens"] - before["context_tokens"]


def test_a_turn_tells_why_it_stopped_and_with_what_seed(conversation):
    assert {turn["stats"]["stop_reason"] for turn in turns(conversation.stdout)} <= {"max_tokens", "eos"}
    assert all(turn["stats"]["generated_tokens"] <= 8 for turn in turns(conversation.stdout))
    assert all(isinstance(turn["stats"]["seed"], int) for turn in turns(conversation.stdout))


def test_in_words_a_reply_is_its_text_and_a_line_break(tiny_model, conversation):
    done = run("chat", str(tiny_model), "-p", "One?", *SHORT)
    (expected, *_rest) = turns(conversation.stdout)
    assert (done.returncode, done.stdout) == (0, expected["text"].rstrip("\n") + "\n")
    if expected["stats"]["stop_reason"] == "max_tokens":
        assert done.stderr == "note: the reply stopped at the limit of tokens\n"


def test_the_system_prompt_is_read_too(tiny_model, conversation):
    done = run("chat", str(tiny_model), "-p", "One?", "--system", "You know numbers.", "--json", *SHORT)
    (turn,) = turns(done.stdout)
    assert turn["stats"]["prompt_tokens"] > turns(conversation.stdout)[0]["stats"]["prompt_tokens"]


def test_a_pipe_is_one_message(tiny_model, conversation):
    done = run("chat", str(tiny_model), "--json", *SHORT, stdin="One?\n")
    assert [turn["text"] for turn in turns(done.stdout)] == [turns(conversation.stdout)[0]["text"]]


def test_an_empty_pipe_is_refused_in_words(tiny_model):
    failed(run("chat", str(tiny_model), *SHORT, stdin=" \n"), "Nothing was said", "-p")


def test_bytes_that_are_no_text_are_answered_all_the_same(tiny_model):
    done = run("chat", str(tiny_model), "-p", b"caf\xe9", "--json", *SHORT)
    assert (done.returncode, len(turns(done.stdout))) == (0, 1)


def test_a_context_that_is_too_small_fails_in_words_after_the_turns_that_fitted(tiny_model):
    done = run(
        "chat", str(tiny_model), "-p", "Hi", "-p", "word " * 600, "--json", "--temp", "0", "-n", "8", "-c", "256"
    )
    failed(done, "does not fit the context", "256")
    assert len(turns(done.stdout)) == 1


def test_a_reader_that_has_had_enough_ends_the_program_quietly(tiny_model):
    with start("chat", str(tiny_model), "-p", "Hi", "--json", *ENDLESS) as program:
        assert program.stdout.readline()
        program.stdout.close()
        assert program.wait(LIMIT_S) == FAILED
        assert program.stderr.read() == ""


# --- models that are none ---------------------------------------------------------------------------------


def test_a_file_that_is_not_there_is_named(tmp_path):
    failed(run("chat", str(tmp_path / "gone.gguf"), "-p", "Hi"), "not there", "gone.gguf", "hint: ")


def test_a_folder_is_no_model(tmp_path):
    failed(run("chat", str(tmp_path), "-p", "Hi"), "not a model file", str(tmp_path))


def test_a_file_of_another_kind_is_named(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Not a model.")
    failed(run("chat", str(path), "-p", "Hi", "--json"), "not a GGUF model", "notes.txt", "12 bytes")


# --- doctor -----------------------------------------------------------------------------------------------


def test_doctor_tells_scripts_what_it_finds(own_home):
    done = run("doctor", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    findings = json.loads(done.stdout)
    assert set(findings) == {"system", "processor", "memory", "engine", "fit", "places", "display", "sandbox"}
    assert [name for name, values in findings.items() if "problem" in values] == []
    assert findings["memory"]["total_bytes"] > 0
    assert findings["engine"]["device_CPU"]["kind"] == "cpu"
    assert findings["places"]["data"] == str(own_home)


def test_doctor_tells_people_the_same_in_words():
    done = run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("System\n", "Processor\n", "Engine\n", "llama.cpp", "GB", "Sandbox\n"):
        assert words in done.stdout
    assert "_bytes" not in done.stdout
