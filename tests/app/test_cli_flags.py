"""The command line before anything runs: what it understands, and what it says to the rest."""

import io
import os

import pytest

from app.cli import chat
from app.cli.flags import load_settings, sampling_values
from app.cli.main import FAILED, INTERRUPTED, _parser, main
from app.engine.messages import LoadSettings
from app.engine.sampling import SPECS, resolve
from app.errors import AppError

WRONG_USE = 2


def parsed(*flags):
    return _parser().parse_args(["chat", "model.gguf", *flags])


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command line; return (exit code, standard output, standard error) and keep what was opened."""
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def run(*argv, end=0):
        def open_window(model, *, new):
            run.opened.append((model, new))
            if isinstance(end, BaseException):
                raise end
            return end

        def run_tour(folder):
            run.opened.append(folder)
            return end

        run.opened = []
        code = main(argv, open_window=open_window, run_tour=run_tour)
        return code, *capsys.readouterr()

    return run


# --- what it runs -----------------------------------------------------------------------------------------


def test_without_a_command_the_window_opens(run):
    assert run() == (0, "", "")
    assert run.opened == [("", False)]
    run("--model", "starter", "--new")
    assert run.opened == [("starter", True)]


def test_a_gguf_file_in_place_of_a_command_is_the_model_to_load(run, tmp_path):
    run("/models/a b.GGUF")
    assert run.opened == [("/models/a b.GGUF", False)]
    other = tmp_path / "another ending"
    other.touch()
    run(str(other), "--new")
    assert run.opened == [(str(other), True)]


def test_the_windows_exit_code_is_the_programs(run):
    assert run(end=3)[0] == 3


def test_the_tour_goes_into_the_folder_that_is_named(run, tmp_path):
    run("tour", "--out", str(tmp_path))
    assert run.opened == [tmp_path]


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["chat", "--help"], ["doctor", "--help"]])
def test_help_and_version_are_no_failures(run, argv):
    code, out, err = run(*argv)
    assert (code, err, run.opened) == (0, "", [])
    assert out


def test_every_sampling_flag_is_explained_in_the_help(run):
    _code, out, _err = run("chat", "--help")
    assert [spec.name for spec in SPECS if f"--{spec.name.replace('_', '-')} " not in out] == []


# --- what it refuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["nonsense"], "nonsense"),
        (["--nonsense"], "--nonsense"),
        (["chat"], "MODEL"),
        (["chat", "m.gguf", "--temp", "warm"], "'warm' is not a number"),
        (["chat", "m.gguf", "--temp", "nan"], "'nan' is not a number"),
        (["chat", "m.gguf", "--top-p", "inf"], "'inf' is not a number"),
        (["chat", "m.gguf", "--mirostat", "7"], "--mirostat"),
        (["chat", "m.gguf", "-c", "many"], "--ctx-size"),
        (["chat", "m.gguf", "--cache-type-k", "q3"], "--cache-type-k"),
        (["chat", "m.gguf", "--flash-attn", "maybe"], "--flash-attn"),
        (["doctor", "--loud"], "--loud"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_said_with_the_word_that_was_wrong(run, argv, said):
    code, out, err = run(*argv)
    assert (code, out, run.opened) == (WRONG_USE, "", [])
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("flags", "title", "said"),
    [
        (["--samplers", "top_k;nonsense"], "Unknown samplers", "nonsense"),
        (["--logit-bias", "151643"], "A logit bias was not understood", "151643"),
        (["--logit-bias", "word=loud"], "A logit bias was not understood", "word=loud"),
        (["--override-tensor", "blk"], "A tensor override was not understood", "blk"),
    ],
)
def test_a_value_that_is_not_understood_fails_in_words_with_a_hint(run, flags, title, said):
    code, out, err = run("chat", "m.gguf", "-p", "hi", *flags)
    assert (code, out) == (FAILED, "")
    first, hint = err.splitlines()
    assert first.startswith(f"sawhorse: {title}. ")
    assert said in first
    assert hint.startswith("hint: ")


def test_a_failure_is_told_without_a_hint_where_there_is_none(run):
    code, _out, err = run(end=AppError("It broke", "Three of four."))
    assert (code, err) == (FAILED, "sawhorse: It broke. Three of four.\n")


def test_an_interrupt_has_the_exit_code_that_shells_know(run):
    assert run(end=KeyboardInterrupt()) == (INTERRUPTED, "", "")
    assert INTERRUPTED == 130


def test_a_bug_is_not_dressed_up_as_a_failure(run):
    with pytest.raises(ZeroDivisionError):
        run(end=ZeroDivisionError())


# --- what it understands ----------------------------------------------------------------------------------


def test_without_flags_the_engine_decides():
    assert load_settings(parsed()) == LoadSettings()
    assert sampling_values(parsed()) == {}


def test_load_flags_reach_the_settings():
    flags = (
        "-c 4096 --batch-size 512 --ubatch-size 64 -t 3 --threads-batch 5 --gpu-layers 7 --cpu-moe 2"
        " --cache-type-k q8_0 --cache-type-v q4_0 --flash-attn on --no-mmap --mlock --no-repack"
        " --rope-scaling yarn --rope-freq-base 10000 --rope-freq-scale 0.5 --yarn-orig-ctx 2048"
        r" --device CUDA0,CUDA1 --override-tensor blk\.3\.=CPU --override-tensor a=b=CPU"
    )
    assert load_settings(parsed(*flags.split())) == LoadSettings(
        n_ctx=4096,
        n_batch=512,
        n_ubatch=64,
        n_threads=3,
        n_threads_batch=5,
        n_gpu_layers=7,
        n_cpu_moe=2,
        type_k="q8_0",
        type_v="q4_0",
        flash_attn="on",
        use_mmap=False,
        use_mlock=True,
        use_extra_bufts=False,
        rope_scaling="yarn",
        rope_freq_base=10000.0,
        rope_freq_scale=0.5,
        yarn_orig_ctx=2048,
        devices=("CUDA0", "CUDA1"),
        tensor_overrides=((r"blk\.3\.", "CPU"), ("a=b", "CPU")),
    )


def test_no_device_is_none_but_the_processor():
    assert load_settings(parsed("--device", "none")).devices == ()


def test_sampling_flags_reach_the_sampling():
    flags = [
        *("--temp", "0", "--top-k", "5", "--seed", "-1", "-n", "9", "--ignore-eos", "--mirostat", "2"),
        *("--stop", "a", "--reverse-prompt", "b,c", "--samplers", "temperature;top_k, min_p"),
        *("--logit-bias", "12=-inf", "--logit-bias", "a=b=1.5"),
    ]
    sampling = resolve({}, sampling_values(parsed(*flags)))[0]
    assert (sampling.temperature, sampling.top_k, sampling.seed, sampling.max_tokens) == (0, 5, -1, 9)
    assert (sampling.ignore_eos, sampling.mirostat, sampling.stop) == (True, 2, ("a", "b,c"))
    assert sampling.samplers == ("temperature", "top_k", "min_p")
    (number, forbidden), (text, bias) = sampling.logit_bias
    assert (number, text, bias) == (12, "a=b", 1.5)
    assert forbidden < -1e8


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.flag.startswith("-")], ids=lambda spec: spec.name)
def test_llama_cpps_own_name_of_a_flag_works_too(spec):
    value = {"bool": [], "bias": ["1=2"], "order": ["top_k"], "choice": ["1"], "int": ["1"], "float": ["1"]}
    flags = [spec.flag, *value.get(spec.kind, ["text"])]
    assert list(sampling_values(parsed(*flags))) == [spec.name]


def test_turns_are_kept_in_the_order_they_are_given():
    assert parsed("-p", "a", "--prompt", "b", "-p", "c").prompt == ["a", "b", "c"]


def test_an_argument_that_is_no_text_is_sent_with_marks():
    assert chat._sendable(os.fsdecode(b"caf\xe9")) == "caf?"
