"""Every way an engine can end has words of its own: what happened, why, what next."""

import signal

import pytest

from app.engine.exit_reasons import explain_exit, kind_of
from app.ipc.transport import ChildExit

GB = 10**9
MEMORY = {"rss_bytes": 20 * GB, "available_bytes": 22 * GB, "total_bytes": 24 * GB}
LITTLE = {"rss_bytes": 2 * GB, "available_bytes": 20 * GB, "total_bytes": 24 * GB}
TRACEBACK = "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'tokens'\n"
ABORT = "load: done\n/src/ggml.c:42: GGML_ASSERT(a->ne[0] == 1) failed\nFatal Python error: Aborted\n"
TERMINATE = "terminate called after throwing an instance of 'std::runtime_error'\n  what():  bad state\n"
CUDA = "CUDA error: out of memory\n  current device: 0\n/src/ggml-cuda.cu:88: CUDA error\n"
SURVIVED = "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9000 MiB: cudaMalloc failed: out of memory\n"

CASES = [
    ("killed for memory", ChildExit(None, 9), MEMORY, "most likely for lack of memory", "20.0 GB", "smaller context"),
    ("killed", ChildExit(None, 9), LITTLE, "stopped from outside", "2.0 GB", "Load the model again"),
    ("killed, nothing known", ChildExit(None, 9), {}, "stopped from outside", "killed", "Load the model again"),
    ("killed after a failed load", ChildExit(None, 9, SURVIVED), LITTLE, "stopped from outside", "", "Load"),
    ("assertion", ChildExit(None, 6, ABORT), {}, "gave up", "GGML_ASSERT(a->ne[0] == 1) failed", "change the load"),
    ("C++ exception", ChildExit(None, 6, TERMINATE), {}, "gave up", "bad state", "change the load"),
    ("abort without a word", ChildExit(None, 6), {}, "gave up", "cannot go on", "change the load"),
    ("segfault", ChildExit(None, 11), {}, "crashed", "memory that is not its own", "Load the model again"),
    ("file changed", ChildExit(None, 7), {}, "model file changed", "while it was in use", "Check the file"),
    ("old processor", ChildExit(None, 4), {}, "instructions this processor does not have", "newer", "Reinstall"),
    ("terminated", ChildExit(None, 15), {}, "ended from outside", "asked it to stop", "Load the model again"),
    ("odd signal", ChildExit(None, 14), {}, "SIGALRM", "", "Load the model again"),
    ("Python error", ChildExit(1, None, TRACEBACK), {}, "ended with an error", "KeyError: 'tokens'", "Load"),
    ("exit without a word", ChildExit(1), {}, "ended with an error", "left no word", "Load the model again"),
    ("clean exit", ChildExit(0), {}, "The engine ended", "without giving a reason", "Load the model again"),
    ("missing library", ChildExit(1, None, "ImportError: libgomp.so.1"), {}, "not complete", "libgomp", "Reinstall"),
    ("GPU memory", ChildExit(None, 6, CUDA), {}, "ran out of GPU memory", "CUDA error", "fewer layers on the GPU"),
    ("memory", ChildExit(None, 6, "what():  std::bad_alloc\n"), {}, "ran out of memory", "bad_alloc", "smaller"),
    ("MemoryError", ChildExit(1, None, "MemoryError\n"), {}, "ran out of memory", "MemoryError", "smaller"),
    ("not started", ChildExit(None, error="No such file or directory"), {}, "not be started", "No such file", "Rein"),
    ("Windows abort", ChildExit(0xC0000409), {}, "gave up", "", "change the load"),
    ("Windows abort, signed", ChildExit(0xC0000409 - 2**32), {}, "gave up", "", "change the load"),
    ("Windows access violation", ChildExit(0xC0000005), {}, "crashed", "", "Load the model again"),
    ("Windows instructions", ChildExit(0xC000001D), {}, "instructions this processor", "", "Reinstall"),
    ("Windows memory", ChildExit(0xC0000017), {}, "ran out of memory", "", "smaller context"),
]


@pytest.mark.parametrize(
    ("end", "memory", "title", "message", "hint"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
@pytest.mark.skipif(not hasattr(signal, "SIGBUS"), reason="signal numbers are of Unix")
def test_an_end_is_put_into_words(end, memory, title, message, hint):
    reason = explain_exit(end, **memory)
    assert title in reason.title
    assert message in reason.message
    assert hint in reason.hint


@pytest.mark.parametrize("code", [*range(256), 0xC0000005, 0xC0000409, 0xDEADBEEF])
def test_no_end_is_a_bare_code(code):
    reason = explain_exit(ChildExit(code))
    assert reason.title
    assert reason.message
    assert reason.hint
    assert str(code) not in reason.title.split()


@pytest.mark.parametrize("number", list(signal.Signals))
def test_a_signal_is_told_by_its_name_or_by_what_it_means(number):
    title = explain_exit(ChildExit(None, signal=number)).title
    assert str(int(number)) not in title.split()


def test_the_last_lines_are_kept_for_the_log_and_only_those():
    reason = explain_exit(ChildExit(1, None, "\n".join(f"line {number}" for number in range(1000))))
    assert reason.detail.splitlines()[-1] == "line 999"
    assert len(reason.detail.splitlines()) == 80


def test_numbers_of_windows_are_understood_with_and_without_a_sign():
    assert kind_of(ChildExit(0xC0000005)) == kind_of(ChildExit(0xC0000005 - 2**32)) == "segv"
